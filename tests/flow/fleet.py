"""Many shops without a head office: each writes one signed file about itself; who looks at the folder sees the worst first, the silent one on top."""
import base64
import contextlib
import copy
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

HOUR, DAY = 3600000, 86400000
AUGUST = 1786510800000  # 2026-08-12T12:00:00+07:00
BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


class Shop(labs.Lab):
    """A shop with a name that tells of itself into a folder."""

    def __init__(self, folder, name, extra=""):
        super().__init__(clock=labs.clock_at(AUGUST), tills=("T01",), extra=f"[fleet]\nname = {name}\nfolder = {folder}\n{extra}")
        self.folder = folder

    def sell_at(self, bill, status=201, **change):
        answer = self.sell({**BASE, "till_id": "T01", "bill_no": bill, "sold_at": "2026-08-12T11:50:00+07:00", "business_day": "2026-08-12", **change})
        assert answer[0] == status, answer

    def set_day(self, ms):
        self.set_clock(labs.clock_at(ms))

    @property
    def path(self):
        return f"{self.folder}/{self.sql('SELECT store FROM identity')[0][0]}.json" if os.path.exists(f"{self.dir}/store/current.db") else ""

    def file(self):
        with contextlib.suppress(OSError, ValueError):
            with open(self.path, encoding="utf-8") as f:
                return json.load(f)
        return {}

    def tells(self, what, **expected):
        self.wait(lambda: all(self.file().get(key) == value for key, value in expected.items()), what)
        return self.file()


def folder():
    return tempfile.TemporaryDirectory(prefix="hoadon-fleet.")


def show(where, clock=AUGUST, *args, code=None, lang="vi"):
    """(exit code, lines); with --json in args (exit code, shops)."""
    with tempfile.NamedTemporaryFile("w", suffix=".clock") as f:
        f.write(f"={clock}\n")
        f.flush()
        result = subprocess.run([f"{labs.BIN}/hoadon", "fleet", "show", where, "--lang", lang, "--test-clock", f.name, *args], capture_output=True, text=True, timeout=labs.PATIENCE)
    assert code is None or result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return json.loads(result.stdout)["shops"] if "--json" in args else result.stdout.splitlines()


def a_shop_tells_of_itself():
    """At the start, when its state turns, and each evening; what it tells is bounded and holds no name but the shop's."""
    with folder() as where, Shop(where, "Quán 12") as shop:
        shop.start()
        first = shop.tells("the first file", issued=0)
        assert first["state"] == "good" and first["name"] == "Quán 12" and first["seller"] == "9900000016" and first["reasons"] == [], first
        assert os.path.basename(shop.path) == first["store"] + ".json" and os.listdir(where) == [os.path.basename(shop.path)]
        shop.sell_at("A1")
        shop.wait_accepted(1)
        shop.stop_authority()
        shop.sell_at("A2")
        shop.set_day(AUGUST + 20 * 60000)
        looked = shop.tells("that it is not good", state="look")
        assert "late" in looked["reasons"] and (looked["issued"], looked["accepted"], looked["unsent"]) == (2, 1, 1), looked
        assert looked["oldest_unsent_at"].startswith("2026-08-12T12:0") and looked["deadline"] == "2026-08-12T23:59:59+07:00", looked
        shop.start_authority()
        shop.wait_accepted(2)
        shop.wait(lambda: shop.sql("SELECT count(*) FROM outage WHERE ended_at = 0")[0][0] == 0, "the outage to end")
        made = shop.file()["made_at"]
        shop.set_day(AUGUST + 25 * 60000)  # ten minutes have not gone by
        line = show(where, AUGUST + 25 * 60000, code=3)
        assert len(line) == 1 and line[0].startswith("CẦN XEM") and "Quán 12: 2 hóa đơn, 1 đã chấp nhận; 1 chưa xong" in line[0], line
        assert shop.file()["made_at"] == made
        shop.set_day(AUGUST + 31 * 60000)
        shop.tells("that it is good again", state="good", unsent=0, accepted=2)
        shop.set_day(AUGUST + 11 * HOUR + 5 * 60000)  # 23:05
        shop.wait(lambda: shop.file().get("made_at", "") > "2026-08-12T23", "the file of the evening")
        evening = shop.file()
        assert (evening["day"], evening["issued"], evening["accepted"]) == ("2026-08-12", 2, 2), evening
        shop.set_day(AUGUST + 19 * HOUR)  # the next morning: nothing new
        shop.sell_at("A3", sold_at="2026-08-13T06:30:00+07:00", business_day="2026-08-13")
        shop.wait_accepted(3)
        assert shop.file() == evening
        shop.set_day(AUGUST + DAY + 11 * HOUR + 5 * 60000)
        shop.wait(lambda: shop.file().get("day") == "2026-08-13", "the file of the second evening")
        assert shop.file()["issued"] == 1, shop.file()
        schema = json.load(open(os.path.join(labs.TOP, "schemas/fleet/status.schema.json"), encoding="utf-8"))
        kinds = {"string": str, "integer": int, "array": list, "null": type(None)}
        assert set(evening) == set(schema["properties"]) == set(schema["required"]), set(evening) ^ set(schema["properties"])
        for key, rule in schema["properties"].items():
            allowed = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
            assert isinstance(evening[key], tuple(kinds[kind] for kind in allowed)), (key, evening[key])
        text = json.dumps(shop.file(), ensure_ascii=False)
        assert "Phố Ví Dụ" not in text and "90000" not in text.replace("9900000016", ""), text
        return 18 + len(schema["properties"])


def who_is_silent_comes_first():
    """Four shops: one is good, one is held by its clock, one has lost its line, and one went silent."""
    with folder() as where, contextlib.ExitStack() as stack:
        good, stopped, look, silent = (stack.enter_context(Shop(where, name)) for name in ("Quán A", "Quán B", "Quán C", "Quán D"))
        known = f"{good.dir}/known.txt"
        for shop in (good, stopped, look, silent):
            shop.start()
            shop.tells("its first file", state="good")
            shop.sell_at("A1")
            shop.wait_accepted(1)
        assert [line.split()[0] for line in show(where, AUGUST, "--known", known, "--learn", code=0)] == ["TỐT"] * 4
        assert len(open(known, encoding="utf-8").read().splitlines()) == 4
        assert silent.stop() == 0
        look.stop_authority()
        look.sell_at("A2")
        stopped.stop_authority()
        stopped.sell_at("A2")
        look.set_day(AUGUST + 2 * HOUR)
        look.tells("that it must be looked at", state="look")
        stopped.set_day(AUGUST + 13 * HOUR)  # the deadline is over
        stopped.tells("that it is overdue", state="stopped")
        for shop in (good, look):
            shop.set_day(AUGUST + DAY)
            shop.wait(lambda: shop.file().get("made_at", "") > "2026-08-13", "its second day")
        lines = show(where, AUGUST + DAY + 3 * HOUR, "--known", known, code=3)
        assert "IM LẶNG" in lines[0] and "Quán D: tệp cuối lúc 12/08/2026 12:" in lines[0], lines
        states = {s["name"]: s["state"] for s in show(where, AUGUST + DAY + 3 * HOUR, "--known", known, "--json", code=3)}
        assert states == {"Quán A": "good", "Quán B": "stopped", "Quán C": "stopped", "Quán D": "silent"}, states
        assert "quá hạn gửi" in lines[1] and lines[3].startswith("TỐT"), lines
        os.unlink(silent.path)  # and one whose file is gone is missed, because it is known
        lines = show(where, AUGUST + DAY + 3 * HOUR, "--known", known, code=3)
        assert "IM LẶNG" in lines[0] and "Quán D: không có tệp" in lines[0] and len(lines) == 4, lines
        assert len(show(where, AUGUST + DAY + 3 * HOUR, code=3)) == 3  # without a list nobody misses it
        assert show(where, AUGUST + 40 * DAY, "--known", known, "--json", code=3)[0]["name"] == "Quán D"
        return 16


def a_forged_file_is_refused():
    with folder() as where, Shop(where, "Quán A") as shop, folder() as elsewhere, Shop(elsewhere, "Kẻ gian") as other:
        known = f"{shop.dir}/known.txt"
        for one in (shop, other):
            one.start()
            one.tells("its first file", state="good")
        show(where, AUGUST, "--known", known, "--learn", code=0)
        path, whole = shop.path, open(shop.path, "rb").read()
        shop.stop()
        checks = 0
        store, stranger = json.loads(whole)["store"], json.loads(open(other.path, "rb").read())["store"]
        for number in range(0, len(whole), 43):  # any byte that is changed
            changed = bytearray(whole)
            changed[number] ^= 1
            open(path, "wb").write(changed)
            shops = show(where, AUGUST, "--known", known, "--json", code=6)
            assert shops[0]["refused"] and shops[0]["state"] == "silent" and shops[0]["file"] is None, (number, shops)
            checks += 1
        other.stop()
        shutil.copy(other.path, path)  # signed well, but of another shop
        assert "cửa hàng khác" in show(where, AUGUST, "--known", known, code=6)[0]
        open(path, "wb").write(open(other.path, "rb").read().replace(stranger.encode(), store.encode()))
        assert "chữ ký sai" in show(where, AUGUST, "--known", known, code=6)[0]
        forged = signed(other, json.loads(whole))
        open(path, "wb").write(forged)  # signed well, by a key that is not the shop's
        assert "khóa khác" in show(where, AUGUST, "--known", known, code=6)[0]
        assert show(where, AUGUST, code=0)[0].startswith("TỐT")  # only the list knows whose key it is
        open(path, "wb").write(whole)
        assert show(where, AUGUST, "--known", known, code=0)[0].startswith("TỐT")
        escape = json.loads(whole)
        escape["name"] = "Quán \x1b[2J A"
        open(path, "wb").write(signed(other, escape))
        assert "Quán ?[2J A" in show(where, AUGUST, code=0)[0]
        return checks + 7


def signed(shop, status):
    """What the key of `shop` signs; as schemas/fleet/README.md says, with openssl."""
    key = f"{shop.dir}/store/ledger.key"
    spki = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
    status = copy.deepcopy(status)
    del status["key"], status["signature"]
    text = json.dumps(status, ensure_ascii=False, separators=(",", ":"))[:-1].encode() + b',"key":"' + spki.hex().encode() + b'"'
    der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=b"hoadon-fleet/1\n" + text, capture_output=True, check=True).stdout
    length = der[3]
    r, s = der[4:4 + length], der[4 + length + 2:]
    raw = b"".join(part.lstrip(b"\0").rjust(32, b"\0") for part in (r, s))
    return text + b',"signature":"' + raw.hex().encode() + b'"}\n'


class Server:
    """Takes files by PUT, once it stopped failing."""

    def __init__(self, lab, failures=0):
        self.files, self.asked, self.failures = [], 0, failures
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked += 1
                is_refused = outer.asked <= outer.failures
                if not is_refused:
                    outer.files.append((self.path, self.headers["Authorization"], body))
                self.send_response(503 if is_refused else 201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{lab.dir}/authority/tls.crt.pem", f"{lab.dir}/authority/tls.key.pem")
        self.server = http.server.HTTPServer(("localhost", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{self.server.server_port}/quan"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def by_https():
    """The server fails at first: nothing is held back, and what arrives in the end are the counts of then, once."""
    with folder() as where, Shop(where, "Quán A") as shop:
        server = Server(shop, failures=2)
        try:
            with open(f"{shop.dir}/conf/fleet-password", "w", encoding="utf-8") as f:
                f.write("mat-khau")
            shop.shape["extra"] += f"url = {server.url}\nca_file = {shop.dir}/authority/ca.crt.pem\nuser = quan\npassword_file = {shop.dir}/conf/fleet-password\n"
            shop.write_config()
            shop.start()
            shop.wait(lambda: server.asked == 1, "the first attempt")
            shop.sell_at("A1")
            shop.wait_accepted(1)
            for minutes, asked in ((2, 2), (6, 3)):
                shop.set_day(AUGUST + minutes * 60000)
                shop.wait(lambda: server.asked == asked, f"attempt {asked}")
            shop.wait(lambda: server.files, "the file")
            (path, authorization, body), store = server.files[0], shop.file()["store"]
            assert path == f"/quan/{store}.json" and authorization == "Basic " + base64.b64encode(b"quan:mat-khau").decode(), (path, authorization)
            assert json.loads(body)["accepted"] == 1 and shop.file()["accepted"] == 0  # the folder had the one of the start
            with folder() as received:
                open(f"{received}/{store}.json", "wb").write(body)
                assert show(received, AUGUST, code=0)[0].startswith("TỐT")
            shop.set_day(AUGUST + HOUR)
            shop.sell_at("A2")
            shop.wait_accepted(2)
            assert server.asked == 3 and shop.log().count("channel=fleet-url") == 2, shop.log()
            return 8
        finally:
            server.close()


def what_stands_in_its_way():
    """A folder that is away or a wrong setting stops no sale."""
    with folder() as where, Shop(f"{where}/away", "Quán A") as shop:
        shop.start()
        shop.sell_at("A1")
        shop.wait_accepted(1)
        shop.wait(lambda: "channel=fleet-folder attempt=1" in shop.log(), "the failure to be told")
        os.mkdir(f"{where}/away")
        shop.set_day(AUGUST + 3 * 60000)
        shop.tells("the file", accepted=1)
        shop.shape["extra"] += "url = http://localhost/\n"
        shop.write_config()
        said = shop.hoadon("config", "check", "--lang", "en", check=False)
        assert said.returncode == 78 and b"[fleet] url" in said.stderr + said.stdout, said
        shop.shape["extra"] = shop.shape["extra"].replace("http://", "https://") + f"password_file = {shop.dir}/none\n"
        shop.write_config()
        said = shop.hoadon("config", "check", "--lang", "en", check=False)
        assert said.returncode == 78 and b"fleet.password_file" in said.stderr + said.stdout, said
        with open(f"{shop.dir}/list", "w", encoding="utf-8") as f:
            f.write("khong phai danh sach\n")
        show(f"{where}/away", AUGUST, "--known", f"{shop.dir}/list", code=1)
        show(f"{where}/none", AUGUST, code=1)
        show(where, AUGUST, "--learn", code=2)
        return 8


def main():
    report = labs.Report()
    for case in (a_shop_tells_of_itself, who_is_silent_comes_first, a_forged_file_is_refused, by_https, what_stands_in_its_way):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
