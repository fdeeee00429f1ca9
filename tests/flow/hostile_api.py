"""Every case of tests/data/hostile-api against a running hoadond, each on an empty store, over TCP with a token."""
import json
import os
import shutil
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

CASES = os.path.join(labs.DATA, "hostile-api")
sys.path.insert(0, CASES)
import gen  # noqa: E402

CLOCK = "=1795327200000"  # 2026-11-22T13:00:00+07:00


class Shop:
    def __init__(self, form):
        self.lab = labs.Lab(clock=CLOCK, tills=("T01", "T02"), form=form, authority=False)
        self.is_fresh = False
        self.refresh()

    def refresh(self):
        """An empty store, and tokens on it."""
        if self.lab.agent:
            self.lab.stop()
        shutil.rmtree(f"{self.lab.dir}/store", ignore_errors=True)
        self.lab.start()
        self.tokens = {}
        for name, tills, scopes in (("default", ["T01"], ["sale:write"]), ("bulk", ["T01"], ["sale:write", "bulk"]), ("other-till", ["T02"], ["sale:write"])):
            status, body, _ = self.lab.call("POST", "/api/v1/tokens", {"name": name, "tills": tills, "scopes": scopes})
            assert status == 201, body
            self.tokens[name] = body["token"]
        self.lab.wait(lambda: os.path.exists(f"{self.lab.dir}/api.port"), "the TCP door")
        self.port = int(open(f"{self.lab.dir}/api.port").read())

    def is_used(self):
        return self.lab.sql("SELECT (SELECT count(*) FROM sale) + (SELECT count(*) FROM frame)")[0][0] > 0

    def send(self, request, body, key):
        headers = {"Host": f"127.0.0.1:{self.port}", "Content-Type": "application/json", "Content-Length": str(len(body)),
                   "Authorization": f"Bearer {self.tokens[request.get('token', 'default')]}", "Idempotency-Key": key, "Connection": "close"}
        for name, value in request.get("headers", {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        head = f"{request['method']} {request['path']} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=labs.PATIENCE) as s:
            answer = b""
            try:
                s.sendall(head.encode() + body)
            except (BrokenPipeError, ConnectionResetError):
                pass
            try:
                while part := s.recv(65536):
                    answer += part
            except ConnectionResetError:
                pass
        return parse(answer)


def parse(answer):
    if not answer:
        return 0, {}, None
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    return int(lines[0].split()[1]), headers, value


def check_store(shop, case, before_status):
    """A refusal takes no number and makes no sale; a 202 takes no number."""
    sales, invoices = shop.lab.sql("SELECT (SELECT count(*) FROM sale), (SELECT count(*) FROM invoice)")[0]
    if case["expect"]["verdict"] == "refuse" and "sequence" not in case["request"]:
        assert sales == 0 and invoices == 0, f"a refused request left {sales} sales and {invoices} invoices"
    if case["expect"].get("issued") is False:
        assert invoices == 0, "an invoice was made"
    if before_status == 400:
        assert shop.lab.sql("SELECT count(*) FROM frame")[0][0] == 0, "a malformed body left a frame"
    return 3


def check_values(shop, case):
    """`normalised`: the sale as stored, by pointer, read back by the dry door of the frame."""
    wanted = case["expect"].get("normalised")
    if not wanted:
        return 0
    xml = shop.lab.hoadon("invoice", "xml", "1", check=False).stdout.decode()
    for pointer, value in wanted.items():
        parts = pointer.strip("/").split("/")
        if parts[-1] == "name" and parts[0] == "lines" and xml:
            text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            assert f"<THHDVu>{text}</THHDVu>" in xml, f"{pointer} is not stored as {value!r}"
        elif parts[-1] == "bill_no":
            assert shop.lab.sql("SELECT bill_no FROM sale")[0][0] == value
        elif parts[-1] == "business_day":
            assert shop.lab.sql("SELECT business_day FROM sale")[0][0] == int(value.replace("-", ""))
    return len(wanted)


def run_case(shop, case, base):
    request, expect = case["request"], case["expect"]
    answers = []
    if "sequence" in request:
        for body, key, _ in gen.steps(case, base):
            answers.append(shop.send(request, body, key or case["id"]))
    else:
        answers.append(shop.send(request, gen.build(case, base), case["id"]))
    status, headers, body = answers[-1]
    wanted = expect["status"] if isinstance(expect["status"], list) else [expect["status"]]
    assert status in wanted, f"status {status}, expected {wanted}: {body}"
    codes = expect.get("code_any") or ([expect["code"]] if "code" in expect else [])
    compared = 1
    if codes:
        assert headers.get("content-type") == "application/problem+json", headers
        assert body["code"] in codes, f"code {body['code']}, expected {codes}"
        compared += 2
        for name in ("detail", "detail_vi", "retryable", "field"):
            assert name in body, f"no {name}"
            compared += 1
    if "field" in expect:
        assert body["field"] == expect["field"], f"field {body['field']}, expected {expect['field']}"
        compared += 1
    if expect.get("replay"):
        first = answers[0][2]
        assert headers.get("idempotent-replayed") == "true" and body["replay"] is True
        for name in ("sale", "invoice", "ledger"):
            assert body[name] == first[name], f"{name}: {body[name]} after {first[name]}"
        sales, invoices = shop.lab.sql("SELECT (SELECT count(*) FROM sale), (SELECT count(*) FROM invoice)")[0]
        assert (sales, invoices) == (1, 1)
        compared += 6
    return compared + check_store(shop, case, status) + check_values(shop, case)


def main():
    report = labs.Report()
    base = json.load(open(os.path.join(CASES, "base.json"), encoding="utf-8"))
    cases = [json.loads(line) for line in open(os.path.join(CASES, "cases.jsonl"), encoding="utf-8")]
    shops = {}
    try:
        for case in cases:
            form = case["request"].get("form", 1)
            if form not in shops:
                shops[form] = Shop(form)
            elif shops[form].is_used():
                shops[form].refresh()
            report.case(f"{case['id']} {case['group']}: {case.get('note', case['expect'].get('code', ''))}", run_case, shops[form], case, base)
    finally:
        for shop in shops.values():
            shop.lab.close()
    report.close()


main()
