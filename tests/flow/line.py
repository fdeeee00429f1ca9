"""The whole line with the simulator: doors, replays, parking, sending, and the bad days of a network."""
import contextlib
import copy
import functools
import json
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def sale(bill="HD1", till="T01", **change):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id=till, **change)
    return body


def shop(**kw):
    lab = labs.Lab(clock=labs.clock_at(labs.NOON), **kw)
    lab.start()
    return lab


def issued(answer):
    status, body, _ = answer
    assert status == 201, f"{status} {body}"
    return body


def a_sale_becomes_an_accepted_invoice():
    with shop() as lab:
        body = issued(lab.sell(sale()))
        invoice = body["invoice"]
        assert invoice["symbol"] == "1C26MAA" and invoice["number"] == "1" and invoice["code"] == "M1-26-VD7K2-00100000001", invoice
        assert invoice["total"] == "90000" and len(body["ledger"]["tail"]) == 16 and invoice["code"] in body["print"]["text"]
        lab.wait_accepted(1)
        return 6 + lab.check_books([body])


def a_repeated_sale_gets_the_same_answer_also_after_a_restart():
    with shop() as lab:
        first = issued(lab.sell(sale()))
        lab.kill()
        lab.start()
        second = issued(lab.sell(sale()))
        assert second["replay"] and second["invoice"] == first["invoice"] and second["ledger"] == first["ledger"], (first, second)
        status, other, _ = lab.sell(sale(note="khác"))
        assert status == 409 and other["code"] == "sale.duplicate"
        events = [e for (e,) in lab.sql("SELECT event FROM ledger ORDER BY seq")]
        assert "crash-found" in events
        return 6


def a_sale_can_be_asked_for_and_tried_dry():
    with shop() as lab:
        status, dry, _ = lab.call("POST", "/api/v1/sales?dry_run=true", sale())
        assert status == 200 and dry["would_be"]["total"] == "90000"
        assert lab.sql("SELECT count(*) FROM sale")[0][0] == 0
        assert lab.call("GET", "/api/v1/sales/T01/HD1")[0] == 404
        made = issued(lab.sell(sale()))
        status, got, _ = lab.call("GET", "/api/v1/sales/T01/HD1")
        assert status == 200 and got["invoice"] == made["invoice"], (got, made)
        return 5


def a_parked_sale_is_issued_or_ignored_by_a_person():
    with shop() as lab:
        generic = sale("HD2")
        generic["lines"] = [dict(name="Tiền ăn", unit="suất", qty="1", unit_price="90000", amount="90000", vat_rate="8")]
        generic["discounts"] = []
        status, parked, _ = lab.sell(generic)
        assert status == 202 and parked["problem"]["rule"] == "R-CON-4" and parked["invoice"] is None, parked
        void = lab.sell(sale("HD3", kind="void", reason="nhập nhầm bàn"))
        assert void[0] == 202, void
        result = lab.hoadon("sale", "list", "--state", "parked", "--json")
        assert len(json.loads(result.stdout)["sales"]) == 2
        assert lab.hoadon("sale", "ignore", void[1]["sale"]["id"], check=False).returncode != 0, "ignored without a reason"
        lab.hoadon("sale", "ignore", void[1]["sale"]["id"], "--reason", "đã hủy trên máy")
        lab.hoadon("sale", "issue", parked["sale"]["id"])
        states = dict(lab.sql("SELECT bill_no, state FROM sale"))
        assert states == {"HD2": "issued", "HD3": "ignored"}, states
        lab.wait_accepted(1)
        return 6


def a_pre_bill_is_kept_and_linked_to_its_bill():
    with shop() as lab:
        status, kept, _ = lab.sell(sale(kind="pre-bill"))
        assert status == 202 and kept["sale"]["state"] == "ignored", kept
        issued(lab.sell(sale()))
        links = lab.sql("SELECT count(*) FROM sale_link")[0][0]
        assert links == 1, links
        return 3


def the_folder_takes_sales_and_moves_them_aside():
    with shop() as lab:
        for name, text in (("good", json.dumps(sale())), ("broken", "{"), ("wrong", json.dumps(sale("HD9", total="1"))),
                           ("large", json.dumps(sale("HD8")) + " " * (4 << 20) + "behind what is read")):
            with open(f"{lab.dir}/spool/{name}.tmp", "w") as f:
                f.write(text)
            os.rename(f"{lab.dir}/spool/{name}.tmp", f"{lab.dir}/spool/{name}.json")
        lab.wait(lambda: not [n for n in os.listdir(f"{lab.dir}/spool") if n.endswith(".json")], "the folder to be empty")
        good = json.load(open(f"{lab.dir}/spool/done/good.json.answer.json"))
        assert good["invoice"]["number"] == "1", good
        broken = json.load(open(f"{lab.dir}/spool/refused/broken.json.reason.json"))
        assert broken["code"] == "json.syntax", broken
        large = json.load(open(f"{lab.dir}/spool/refused/large.json.reason.json"))
        assert large["code"] == "body.size", large
        wrong = json.load(open(f"{lab.dir}/spool/done/wrong.json.answer.json"))
        assert wrong["sale"]["state"] == "parked" and wrong["problem"]["code"] == "sum.total", wrong
        return 4


def the_folder_takes_every_name_and_loses_nothing():
    def put(lab, name, bill):
        with open(f"{lab.dir}/spool/{bill}.tmp", "w") as f:
            json.dump(sale(bill), f)
        os.rename(f"{lab.dir}/spool/{bill}.tmp", f"{lab.dir}/spool/{name}")
        lab.wait(lambda: not os.path.exists(f"{lab.dir}/spool/{name}"), f"{name} to be taken")

    def bill(lab, name):
        return json.load(open(f"{lab.dir}/spool/done/{name}"))

    with shop() as lab:
        long = "x" * 250 + ".json"
        for i, name in enumerate(("a.json.answer.json", "a.json", "b.reason.json", "b.reason.json", long), 1):
            put(lab, name, f"HD{i}")
        answers = ["a.json.answer.json.1.answer.json", "a.json.answer.json", "b.reason.json.1.answer.json", "b.reason.json.2.answer.json", long[:180] + ".answer.json"]
        numbers = [bill(lab, name)["invoice"]["number"] for name in answers]
        assert numbers == ["1", "2", "3", "4", "5"], numbers
        sales = ["a.json.answer.json.1", "a.json", "b.reason.json.1", "b.reason.json.2", long[:180]]
        assert [bill(lab, name)["bill_no"] for name in sales] == ["HD1", "HD2", "HD3", "HD4", "HD5"]
        return 10


def a_file_that_cannot_be_read_is_told():
    with shop() as lab:
        assert "files" not in json.loads(lab.hoadon("status", "--json", check=False).stdout)["reasons"]
        path = f"{lab.dir}/spool/of another.json"
        os.symlink("/etc/hostname", path)
        lab.wait(lambda: "event=file-left" in lab.log(), "the warning")
        with open(f"{lab.dir}/spool/good.tmp", "w") as f:
            json.dump(sale(), f)
        os.rename(f"{lab.dir}/spool/good.tmp", f"{lab.dir}/spool/good.json")
        lab.wait(lambda: os.path.exists(f"{lab.dir}/spool/done/good.json"), "the next file")
        assert lab.log().count("event=file-left") == 1 and 'file="of another.json"' in lab.log(), lab.log()
        os.utime(path, (time.time() - 61, time.time() - 61), follow_symlinks=False)
        result = lab.hoadon("status", "--json", check=False)
        assert result.returncode == 3 and "files" in json.loads(result.stdout)["reasons"], result.stdout
        assert os.path.islink(path), "it is gone"
        return 5


def a_body_without_end_is_not_read_for_ever():
    with shop() as lab:
        connection = labs.UnixConnection(f"{lab.dir}/api.sock")
        connection.putrequest("POST", "/api/v1/sales")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        part, sent = b"100000\r\n" + b" " * (1 << 20) + b"\r\n", 0
        try:
            while sent < 100:
                connection.sock.sendall(part)
                sent += 1
        except OSError:
            pass
        connection.close()
        assert 60 < sent < 80, f"{sent} MiB were taken"
        issued(lab.sell(sale()))
        return 2


def doors_without_a_right_stay_closed():
    with shop() as lab:
        assert not os.path.exists(f"{lab.dir}/api.port"), "the TCP door is open without a token"
        status, body, _ = lab.call("POST", "/api/v1/tokens", {"name": "kasse", "tills": ["T01"], "scopes": ["sale:write"]})
        assert status == 201
        lab.wait(lambda: os.path.exists(f"{lab.dir}/api.port"), "the TCP door")
        port = int(open(f"{lab.dir}/api.port").read())

        def tcp(method, path, data, token):
            connection = labs.http.client.HTTPConnection("127.0.0.1", port, timeout=labs.PATIENCE)
            connection.request(method, path, json.dumps(data), {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
            connection.close()
            return response.status, json.loads(text) if text else None

        assert tcp("POST", "/api/v1/sales", sale(), body["token"])[0] == 201
        assert tcp("POST", "/api/v1/sales", sale(till="T02"), body["token"])[1]["code"] == "auth.till"
        assert tcp("POST", "/api/v1/tokens", {"name": "x", "tills": ["T01"]}, body["token"])[1]["code"] == "auth.scope"
        assert lab.call("DELETE", f"/api/v1/tokens/{body['id']}")[0] == 204
        assert tcp("POST", "/api/v1/sales", sale("HD7"), body["token"])[0] == 401
        raw = lab.sql("SELECT count(*) FROM token WHERE hex(hash) LIKE ?", "%" + body["token"] + "%")[0][0]
        assert raw == 0
        return 7


def sixteen_tills_at_once_leave_no_gap():
    with shop(tills=tuple(f"T{i:02d}" for i in range(1, 17)), sign_each=True) as lab:
        lab.wait_key()
        answers, errors = [], []

        def till(name):
            try:
                for i in range(12):
                    answers.append(issued(lab.sell(sale(f"{name}-{i}", name))))
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=till, args=(f"T{i:02d}",)) for i in range(1, 17)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors, errors[0]
        lab.wait_accepted(192)
        assert lab.books("SELECT count(*) FROM invoice WHERE state = 'accepted' AND signed = 1")[0][0] == 192
        return 1 + lab.check_books(answers)


def with_fault(*lines, count=5, knobs=()):
    """Sell, with the simulator misbehaving, until everything is accepted once."""
    with shop(knobs=knobs) as lab:
        lab.control(*lines)
        answers = [issued(lab.sell(sale(f"HD{i}"))) for i in range(count)]
        lab.wait_accepted(count)
        return lab.check_books(answers)


def one_refused_invoice_leaves_the_others_accepted():
    with shop(extra="max_wait_ms = 800") as lab:
        lab.control("fault refuse-number 3")
        answers = [issued(lab.sell(sale(f"HD{i}"))) for i in range(6)]
        lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE state <> 'issued'")[0][0] == 6, "six verdicts")
        assert lab.sql("SELECT number FROM invoice WHERE state = 'refused'") == [(3,)]
        assert lab.sql("SELECT count(*) FROM task WHERE kind = 'refused-invoice'")[0][0] == 1
        assert lab.hoadon("status", check=False).returncode == 3
        return 3 + lab.check_books(answers)


def a_message_is_not_believed_from_a_stranger(kind):
    with shop() as lab:
        lab.control(f"fault {kind} times 1")
        answers = [issued(lab.sell(sale()))]
        lab.wait(lambda: lab.sql("SELECT count(*) FROM verdict WHERE is_believed = 0")[0][0] >= 1, "a doubtful answer to be kept")
        lab.control("clear")
        lab.wait_accepted(1)
        return lab.check_books(answers)


def key_password(lab, text):
    with open(f"{lab.dir}/conf/key-password", "w") as f:
        f.write(text)


def shop_without_key(**kw):
    """A shop whose key cannot be opened: it sells on (law R-CON-1), and nothing is packed."""
    lab = labs.Lab(clock=labs.clock_at(labs.NOON), **kw)
    lab.write_config()
    config = f"{lab.dir}/conf/hoadon.conf"
    text = open(config).read().replace(f"password_file = {lab.dir}/conf/password", f"password_file = {lab.dir}/conf/key-password", 1)
    open(config, "w").write(text)
    key_password(lab, "wrong")
    lab.start()
    return lab


def a_whole_message_refused_for_its_content_is_halved(fault):
    with shop_without_key() as lab:
        answers = [issued(lab.sell(sale(f"HD{i}"))) for i in range(5)]
        assert lab.sql("SELECT count(*) FROM message")[0][0] == 0, "packed without a key"
        lab.stop()
        key_password(lab, "sandbox")
        lab.control(fault)
        lab.start()
        lab.wait_accepted(5)
        assert lab.sql("SELECT count(*) FROM message WHERE state = 'refused'")[0][0] == 1
        assert lab.sql("SELECT count(*) FROM message WHERE state = 'answered'")[0][0] == 2
        return 3 + lab.check_books(answers)


def selling_goes_on_without_an_authority():
    with shop() as lab:
        lab.stop_authority()
        answers = [issued(lab.sell(sale(f"HD{i}"))) for i in range(20)]
        lab.kill()
        lab.start()
        lab.start_authority()
        lab.wait_accepted(20)
        return lab.check_books(answers)


def a_till_hears_nothing_that_is_not_committed():
    """The answer comes after COMMIT: whoever got a number finds it after a SIGKILL in the very next moment."""
    compared = 0
    with shop(authority=True) as lab:
        answers = []
        for i in range(8):
            answers.append(issued(lab.sell(sale(f"HD{i}"))))
            lab.kill()
            lab.start()
            compared += 1
        lab.wait_accepted(8)
        return compared + lab.check_books(answers)


def households_sell_on_form_2():
    with shop(form=2) as lab:
        body = sale()
        for line in body["lines"]:
            del line["vat_rate"]
        made = issued(lab.sell(body))
        assert made["invoice"]["symbol"] == "2C26MAA" and made["invoice"]["code"].startswith("M2-26-")
        lab.wait_accepted(1)
        return 2 + lab.check_books([made])


def another_seller_cannot_take_the_store():
    with shop() as lab:
        lab.stop()
        with open(f"{lab.dir}/conf/conf.d/50-other.conf", "w") as f:
            f.write("[seller]\ntax_code = 9900000048\n")
        result = lab.run("hoadond", "--config", f"{lab.dir}/conf", "--test-clock", lab.clock_file, check=False)
        assert result.returncode != 0 and b"9900000016" in result.stderr, result.stderr
        return 2


def start_with_key(lab):
    """What a shop's blobs repeat is learned when hoadond starts, of a key that is open within half a second; a slow machine takes some starts."""
    for _ in range(10):
        said = len(lab.log())
        lab.start()
        if "event=key-open" in lab.log()[said:].partition("event=ready")[0]:
            return
        lab.stop()
    raise AssertionError("the key is never open in time")


def taken_again(case):
    """A key that opened behind that half second and before `event=ready` looks as if in time: a slow machine takes some tries."""
    @functools.wraps(case)
    def tries():
        for _ in range(2):
            with contextlib.suppress(AssertionError):
                return case()
        return case()
    return tries


@taken_again
def invoices_signed_with_former_certificates_stay_readable():
    """The certificate stands in each of them, but in the store only once, with the dictionary they were packed with."""
    with shop(sign_each=True) as lab:
        answers, key, xmls = [], f"{lab.dir}/authority/seller-9900000016.p12", {}
        lab.run("hoadon-sandbox", "init", "--dir", f"{lab.dir}/other", *lab._clock("--clock"))
        keys = {"A": open(key, "rb").read(), "B": open(f"{lab.dir}/other/seller-9900000016.p12", "rb").read()}
        lab.stop_authority()  # it would not know certificate B
        for i, name in enumerate("ABA"):
            lab.stop()
            with open(key, "wb") as f:
                f.write(keys[name])
            start_with_key(lab)
            answers.append(issued(lab.sell(sale(f"HD{i}"))))
            assert lab.sql("SELECT count(*) FROM dictionary")[0][0] == (2, 3, 3)[i], "one dictionary of the program, one for each certificate"
        for i, answer in enumerate(answers):
            xmls[i] = lab.hoadon("invoice", "xml", answer["invoice"]["code"]).stdout.decode()
            packed = lab.sql("SELECT length(xml) FROM invoice_bytes ORDER BY invoice_id")[i][0]
            assert len(xmls[i].encode()) > 3500 and packed < 800, f"{len(xmls[i])} bytes are packed into {packed}"
        first, second, third = (re.search("<X509Certificate>(.+)</X509Certificate>", xmls[i]).group(1) for i in range(3))
        assert first == third != second, "signed with another certificate than the one at hand"
        return 3 + 6 + 2


@taken_again
def signers_are_stored_once():
    """The seller's certificate from the first message on, the authority's from the next start on."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        start_with_key(lab)
        for bill in ("HD1", "HD2"):
            issued(lab.sell(sale(bill)))
            lab.wait(lambda: lab.sql("SELECT count(*) FROM message WHERE state = 'answered'")[0][0] == int(bill[2:]), "the verdict")
            lab.stop()
            start_with_key(lab)
        lab.wait_accepted(2)
        for size, in lab.sql("SELECT length(signature) FROM message_bytes"):
            assert size < 700, f"a signature of {size} bytes"
        first, second = (size for size, in lab.sql("SELECT length(raw) FROM verdict WHERE type = 204 ORDER BY id"))
        assert first > 1300 and second < 1000, f"answers of {first} and {second} bytes"
        # of the program, of the seller, of the seller and its authority; the third start learned nothing new
        assert lab.sql("SELECT count(*) FROM dictionary")[0][0] == 3
        return 5 + lab.check_books()


def every_invoice_is_exported_as_it_was_signed():
    with shop(sign_each=True) as lab:
        answers = lab.sell_bills("HD1", "HD2", "HD3")
        there = f"{lab.dir}/out/of/the/shop"

        def export(kept):
            said = json.loads(lab.hoadon("--json", "invoice", "export", there).stdout)
            assert (said["invoices"], said["kept"]) == (len(answers), kept), said
            for answer in answers:
                invoice = answer["invoice"]
                with open(f"{there}/{invoice['form']}{invoice['serial']}-{int(invoice['number']):08}.xml", "rb") as f:
                    assert f.read() == lab.hoadon("invoice", "xml", invoice["code"]).stdout
            assert len(os.listdir(there)) == len(answers), os.listdir(there)
            return 2 + len(answers)

        compared = export(0)
        answers += lab.sell_bills("HD4")
        compared += export(3)
        name = f"{there}/{sorted(os.listdir(there))[1]}"
        with open(name, "r+b") as f:
            f.write(b"x")
        compared += export(3)  # the changed file is written again
        looks = lab.sql("SELECT count(*) FROM ledger WHERE event = 'export'")[0][0]
        assert looks == 3, f"{looks} exports in the ledger"
        return compared + 1


def a_second_agent_on_the_same_store_is_refused():
    with shop() as lab:
        result = lab.run("hoadond", "--config", f"{lab.dir}/conf", "--test-clock", lab.clock_file, check=False)
        assert result.returncode != 0, "two agents on one store"
        assert lab.is_ready(), "the first agent lost its door"
        return 2


def main():
    report = labs.Report()
    for case in (a_sale_becomes_an_accepted_invoice, a_repeated_sale_gets_the_same_answer_also_after_a_restart,
                 a_sale_can_be_asked_for_and_tried_dry, a_parked_sale_is_issued_or_ignored_by_a_person, a_pre_bill_is_kept_and_linked_to_its_bill,
                 the_folder_takes_sales_and_moves_them_aside, the_folder_takes_every_name_and_loses_nothing, a_file_that_cannot_be_read_is_told,
                 a_body_without_end_is_not_read_for_ever, doors_without_a_right_stay_closed, sixteen_tills_at_once_leave_no_gap,
                 one_refused_invoice_leaves_the_others_accepted, selling_goes_on_without_an_authority, a_till_hears_nothing_that_is_not_committed,
                 households_sell_on_form_2, another_seller_cannot_take_the_store, a_second_agent_on_the_same_store_is_refused,
                 invoices_signed_with_former_certificates_stay_readable, signers_are_stored_once, every_invoice_is_exported_as_it_was_signed):
        report.case(case.__name__.replace("_", " "), case)
    for name, lines, knobs in (
            ("lost before it was taken", ["fault drop-before"], ()), ("lost after it was taken", ["fault drop-after"], ()),
            ("503 with Retry-After", ["fault status 503 times 2"], ()), ("429", ["fault status 429"], ()),
            ("stored, then 500", ["fault status-after 500"], ()), ("garbage", ["fault garbage"], ()), ("garbage, not stored", ["fault garbage-before"], ()),
            ("the verdict at once", ["fault 204-at-once times 0"], ()), ("query dropped", ["fault query-drop times 2"], ()),
            ("query 500", ["fault query-status 500 times 2"], ()), ("not found", ["fault drop-before", "fault query-not-found"], ()),
            ("cannot ask", ["fault drop-after", "fault query-cannot-ask"], ()), ("query garbage", ["fault query-garbage"], ()),
            ("two different verdicts", ["fault twice"], ()), ("slow verdicts", ["set answer_delay_ms 300..900"], ())):
        report.case(f"bad day: {name}", lambda lines=lines, knobs=knobs: with_fault(*lines, knobs=knobs))
    for fault in ("fault refuse-message S999", "fault refuse-999 S999"):
        report.case(f"halved: {fault}", a_whole_message_refused_for_its_content_is_halved, fault)
    for kind in ("other-message", "unsigned-answer", "forged-answer"):
        report.case(f"not believed: {kind}", a_message_is_not_believed_from_a_stranger, kind)
    report.close()


main()
