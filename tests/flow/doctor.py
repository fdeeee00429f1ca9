"""hoadon doctor: each check is broken in turn, is the one that is named, and is healed by the command that stands beside it."""
import contextlib
import datetime
import glob
import http.server
import json
import os
import re
import shutil
import socket
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import faulty as faults  # noqa: E402
import lab as labs  # noqa: E402
from paper import CATALOGUE, Printer, bill, print_to  # noqa: E402

AUGUST = 1786510800000  # 2026-08-12T12:00:00+07:00: no rate ends soon
DAY, MINUTE = 86400000, 60000
BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
CHECKS = ["config", "settings", "permissions", "service", "version", "database", "ledger", "copy", "clock", "disk", "key", "certificate", "seal", "mirror", "network", "authority", "ports",
          "tills", "law", "work"]


class Shop(labs.Lab):
    """A shop with a second medium, and the words of a shell that the remedies need."""

    def __init__(self, extra="", clock=AUGUST, **kw):
        self.medium = tempfile.mkdtemp(prefix="hoadon-medium.", dir="/dev/shm")
        os.mkdir(f"{self.medium}/hoadon")
        super().__init__(clock=labs.clock_at(clock), tills=("T01", "T02"), extra=f"[mirror]\ndir = {self.medium}/hoadon\n{extra}", **kw)
        self.set_machine("sys-1", "board-1", "disk-1")
        os.chmod(f"{self.dir}/conf/password", 0o600)
        os.mkdir(f"{self.dir}/words")
        for word in ("hoadon", "systemctl", "timedatectl", "lsblk", "df", "journalctl", "dmesg"):
            self.word(word, f'echo "{word} $*" >>{self.dir}/said')
        self.set_machine("sys-1", "board-1", "disk-1")

    def word(self, name, script):
        with open(f"{self.dir}/words/{name}", "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\n{script}\n")
        os.chmod(f.name, 0o755)

    def set_machine(self, *facts):
        super().set_machine(*facts)
        if os.path.exists(f"{self.dir}/words"):
            self.word("hoadon", f'exec {labs.BIN}/hoadon --config {self.dir}/conf --test-root {self.root} --test-clock {self.clock_file} "$@"')

    def close(self):
        super().close()
        shutil.rmtree(self.medium, ignore_errors=True)

    def shell(self, command):
        env = {**self.env, "PATH": f"{self.dir}/words:{os.environ['PATH']}"}
        return subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=env, timeout=2 * labs.PATIENCE)

    def said(self):
        """What was asked of the machine since the last look."""
        path = f"{self.dir}/said"
        text = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
        open(path, "w").close()
        return text

    def write_secret(self, path, text):
        with open(path + ".new", "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as f:
            f.write(text)
        os.rename(path + ".new", path)

    def set_day(self, ms, doubted=False):
        self.set_clock(labs.clock_at(ms) + ("?" if doubted else ""))

    def sell_at(self, bill, sold_at, till="T01", status=201, **change):
        answer = self.sell({**BASE, "till_id": till, "bill_no": bill, "sold_at": sold_at, "business_day": sold_at[:10], **change})
        assert answer[0] == status, answer
        return answer[1]

    def doctor(self, *args):
        result = self.shell(f"hoadon doctor --lang en --json {' '.join(args)}")
        report = json.loads(result.stdout)
        assert result.returncode == {"ok": 0, "advice": 0, "fixed": 0, "warning": 3, "wrong": 4}[report["state"]], (result.returncode, report["state"])
        assert [c for c in CHECKS if not any(f["check"] == c for f in report["findings"])] == [], report
        return report["findings"]

    def expect(self, checks, *args, level=None):
        """Exactly these checks have something to say, and each says what to do; returns their findings. What hoadond has not seen yet it may see soon."""
        findings, found = [], set()

        def are_these():
            findings[:] = [f for f in self.doctor(*args) if f["level"] in ("warning", "wrong")]
            found.clear()
            found.update(f["check"] for f in findings)
            return found == set(checks) or "--fix" in args

        with contextlib.suppress(AssertionError):
            self.wait(are_these, "these findings", labs.PATIENCE / 4)
        assert found == set(checks), (checks, findings)
        for finding in findings:
            assert finding["remedy"] and finding["command"], finding
            assert level is None or finding["level"] == level, finding
        return findings

    def is_well(self):
        bad = []

        def is_ok():
            bad[:] = [f for f in self.doctor() if f["level"] != "ok"]
            return not bad

        with contextlib.suppress(AssertionError):
            self.wait(is_ok, "all to be well", labs.PATIENCE / 4)
        assert bad == [], bad

    def set_file(self, text):
        with open(f"{self.dir}/conf/conf.d/90-doctor.conf", "w", encoding="utf-8") as f:
            f.write(text)

    def start(self, has_medium=True, **kw):
        super().start(**kw)
        if has_medium:
            self.wait(lambda: self.call("GET", "/api/v1/mirror")[1].get("is_whole"), "the second medium to be whole")


def started():
    shop = Shop()
    shop.start()
    shop.sell_at("A1", "2026-08-12T11:50:00+07:00")
    shop.sell_at("A2", "2026-08-12T11:50:00+07:00", till="T02")
    shop.wait_accepted(2)
    return shop


def one(findings, check):
    found = [f for f in findings if f["check"] == check]
    assert len(found) == 1, findings
    return found[0]


def a_shop_that_is_well_and_one_that_never_began():
    with Shop() as shop:
        findings = shop.expect(["service", "database"], "--fix")
        assert not os.path.exists(f"{shop.dir}/store"), "doctor made a store"
        assert one(findings, "database")["command"] == "systemctl start hoadond"
        unchecked = {f["check"] for f in shop.doctor() if f["level"] == "unchecked"}
        assert unchecked == {"version", "ledger", "copy", "disk", "seal", "authority", "tills", "law", "work"}, unchecked
        shop.start()
        shop.is_well()
        for lang, word in (("vi", "Mọi thứ đều tốt."), ("en", "All is well.")):
            text = shop.shell(f"hoadon doctor --lang {lang}").stdout
            assert word in text and len(text.splitlines()) == len(CHECKS) + 1, text
        return 6 + len(CHECKS)


def the_configuration_and_what_it_names():
    with started() as shop:
        shop.set_file("[seller]\ntax_cod = 1\n")
        found = one(shop.expect(["config"], level="wrong"), "config")
        assert "90-doctor.conf:2" in found["found"], found
        assert {f["level"] for f in shop.doctor() if f["check"] != "config"} == {"unchecked"}
        assert shop.shell(found["command"]).returncode == 78
        shop.set_file(f"[alarm]\nmail_password_file = {shop.dir}/none\n")
        found = one(shop.expect(["settings"], level="wrong"), "settings")
        assert "alarm.mail_password_file" in found["found"] and shop.shell(found["command"]).returncode == 78, found
        shop.set_file("")
        shop.is_well()
        return 8


def what_reads_the_paper_of_a_port():
    """Profile and catalogue are read as hoadond will read them; the file and the line that are wrong are named."""
    with started() as shop:
        profile, catalogue = f"{shop.dir}/shop.ini", f"{shop.dir}/catalogue.csv"
        port = f"[port quay-1]\ntill = T01\nlisten = 127.0.0.1:{labs.free_ports(1)[0]}\nprofile = {profile}\ncatalogue = {catalogue}\n"
        shutil.copy(f"{labs.TOP}/drivers/profiles/default.ini", profile)
        with open(catalogue, "w", encoding="utf-8") as f:
            f.write("code,name,unit,vat_rate,class\n,Cà phê,ly,8,\n")
        shop.stop()
        shop.set_file(port)
        shop.start()
        shop.is_well()
        with open(catalogue, "a", encoding="utf-8") as f:
            f.write(",Trà,ly,9,\n")
        found = one(shop.expect(["settings"], level="wrong"), "settings")
        assert f"port quay-1.catalogue: {catalogue}: catalogue line 3" in found["found"], found
        assert shop.shell(found["command"]).returncode == 78
        os.unlink(catalogue)
        found = one(shop.expect(["settings"], level="wrong"), "settings")
        assert found["found"].startswith("port quay-1.catalogue: ") and found["found"].count(catalogue) == 1, found
        with open(catalogue, "w", encoding="utf-8") as f:
            f.write("code,name,unit,vat_rate,class\n,Cà phê,ly,8,\n")
        with open(profile, "a", encoding="utf-8") as f:
            f.write("\n[items]\nrow9 = (\n")
        lines = open(profile, encoding="utf-8").read().count("\n")
        found = one(shop.expect(["settings"], level="wrong"), "settings")
        assert f"port quay-1.profile: {profile}:" in found["found"] and found["found"].split(":")[2] in (str(lines), str(lines + 1)), found
        shop.set_file(port.replace("127.0.0.1", "0.0.0.0"))
        found = one(shop.expect(["config"], level="wrong"), "config")
        assert "90-doctor.conf:2: [port quay-1] peers: " in found["found"], found
        shop.set_file("")
        shop.is_well()
        return 14


def permissions():
    """By the command that is shown, and by --fix; never through a link."""
    with started() as shop:
        password, key = f"{shop.dir}/conf/password", f"{shop.dir}/authority/seller-9900000016.p12"
        for path, mode, owner in ((password, 0o644, 0), (key, 0o640, 0), (f"{shop.dir}/store/ledger.key", 0o600, 1), (f"{shop.dir}/store", 0o705, 0)):
            for way in ("command", "--fix"):
                os.chmod(path, mode)
                os.chown(path, owner, 0)
                if path.endswith("store"):  # whose it is says who hoadond is
                    os.chown(path, 0, 0)
                found = one(shop.expect(["permissions"], level="wrong"), "permissions")
                assert found["found"].startswith(path + " "), found
                if way == "--fix":
                    fixed = [f for f in shop.doctor("--fix") if f["level"] == "fixed"]
                    assert len(fixed) == 1 and path in fixed[0]["found"], fixed
                else:
                    assert shop.shell(found["command"]).returncode == 0
                info = os.stat(path)
                assert (info.st_mode & 0o077, info.st_uid) == (0, 0), (path, oct(info.st_mode), info.st_uid)
                shop.is_well()
        victim = f"{shop.dir}/victim"
        open(victim, "w").close()
        os.chmod(victim, 0o644)
        os.rename(f"{shop.dir}/store/reserve", f"{shop.dir}/reserve")
        for make in (os.symlink, os.link):
            make(victim, f"{shop.dir}/store/reserve")
            os.chown(victim, 1, 1)
            assert "permissions" in {f["check"] for f in shop.doctor("--fix") if f["level"] == "wrong"}
            assert os.stat(victim).st_uid == 1, "changed through a link"
            os.unlink(f"{shop.dir}/store/reserve")
        return 42


class Impostor(http.server.BaseHTTPRequestHandler):
    """A daemon of another version that is well otherwise, as far as `says` does not say."""
    says = {}

    def do_GET(self):
        body = json.dumps({"status": "live", "version": "0.0.9", "disk": "ok", "is_configured": True, "is_there": True, "is_whole": True, "behind_ms": 0, **self.says}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "doctor"

    def log_message(self, *_):
        pass


def a_daemon_that_is_stopped_or_of_another_version():
    with started() as shop:
        shop.stop()
        found = one(shop.expect(["service"], level="wrong"), "service")
        shop.shell(found["command"])
        assert shop.said() == "systemctl start hoadond\n"
        with socketserver.ThreadingUnixStreamServer(f"{shop.dir}/api.sock", Impostor) as server:
            threading.Thread(target=server.serve_forever).start()
            found = one(shop.expect(["version"], level="warning"), "version")
            assert "0.0.9" in found["found"] and found["command"] == "systemctl restart hoadond", found
            server.shutdown()
        shop.start()
        shop.is_well()
        return 5


def a_store_that_is_damaged():
    """Pages, and the end of the ledger; what stands on it is not looked at."""
    with started() as shop:
        shop.stop()
        path = f"{shop.dir}/store/current.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'sale_frame'").fetchone()[0]
        whole = open(path, "rb").read()
        with open(path, "r+b") as f:
            f.seek((page - 1) * 4096)
            f.write(b"\xff" * 4096)
        found = one(shop.expect(["service", "database"], level="wrong"), "database")
        assert found["command"] == "hoadon fsck" and shop.shell(found["command"]).returncode == 6, found
        assert {f["check"] for f in shop.doctor() if f["level"] == "unchecked"} == {"version", "ledger", "copy", "seal", "authority", "tills", "law", "work"}
        open(path, "wb").write(whole)
        with contextlib.closing(sqlite3.connect(path)) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.execute("UPDATE ledger SET wall = wall + 1 WHERE seq = (SELECT max(seq) FROM ledger)")
            db.commit()
        found = one(shop.expect(["service", "ledger"], level="wrong"), "ledger")
        assert "record" in found["found"] and shop.shell(found["command"]).returncode == 6, found
        for name in glob.glob(path + "-*"):
            os.unlink(name)
        open(path, "wb").write(whole)
        shop.start()
        shop.is_well()
        return 6


def a_large_store():
    """Reading each page would take too long: the newest part is read, and that it was no more is said."""
    with started() as shop:
        shop.stop()
        path = f"{shop.dir}/store/current.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("INSERT INTO frame SELECT id - 1000, source, dialect, till_id, received_at, state, reason, digest, zeroblob(40 << 20) FROM frame WHERE id = 1")
            db.commit()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'invoice_bytes'").fetchone()[0]
        assert "only its newest part" in one([f for f in shop.doctor() if f["check"] == "database"], "database")["found"]
        with open(path, "r+b") as f:
            f.seek((page - 1) * 4096)
            f.write(b"\xff" * 4096)
        found = one(shop.expect(["service", "database"], level="wrong"), "database")
        assert found["command"] == "hoadon fsck" and shop.shell(found["command"]).returncode == 6, found
        return 4


def a_store_on_another_machine():
    """Named before hoadond was started on it, and healed as it says."""
    with started() as shop:
        shop.stop()
        shop.set_machine("sys-1", "board-2", "disk-2")
        found = one(shop.expect(["service", "copy"], level="wrong"), "copy")
        shop.shape.update(suffix="AB", prefix=2)
        shop.write_config()
        result = shop.shell(found["command"])
        assert result.returncode == 0 and shop.said() == "systemctl stop hoadond\nsystemctl start hoadond\n", result
        shop.start()
        shop.is_well()
        return 3


def the_clock():
    with started() as shop:
        for ms, level in ((AUGUST, "warning"), (AUGUST + DAY, "warning"), (AUGUST - DAY, "wrong")):
            shop.set_day(ms, doubted=True)
            found = one(shop.expect(["clock"], level=level), "clock")
            assert shop.shell(found["command"]).returncode == 0 and shop.said() == "timedatectl set-ntp true\n", found
            shop.set_day(AUGUST)
            shop.is_well()
        return 9


def the_reserve_is_taken_again():
    with started() as shop:
        shop.stop()
        os.chown(f"{shop.dir}/store", 1, 1)
        shop.shell(f"chown -R 1:1 {shop.dir}/store {shop.dir}/conf/password {shop.dir}/authority/*.p12")
        reserve = f"{shop.dir}/store/reserve"
        os.truncate(reserve, 1 << 20)
        found = one(shop.expect(["service", "disk"], level="wrong"), "disk")
        assert os.stat(reserve).st_size == 1 << 20
        assert shop.shell(found["command"]).returncode == 4  # hoadond is stopped all the while
        assert os.stat(reserve).st_size == 32 << 20 and os.stat(reserve).st_uid == 1
        shop.expect(["service"])
        assert all(os.stat(path).st_uid == 1 for path in glob.glob(f"{shop.dir}/store/*")), "a look as root left files of root"
        return 6


def mounted(*args):
    return subprocess.run(["mount", *args], capture_output=True).returncode == 0


def the_disk_fills():
    with Shop(extra="[store]\nreserve_mb = 4") as shop:
        store = f"{shop.dir}/store"
        os.mkdir(store)
        assert mounted("-t", "tmpfs", "-o", "size=64m,mode=700", "none", store), "no tmpfs"
        try:
            shop.start()
            shop.is_well()
            with open(f"{store}/ballast", "wb") as f:
                os.posix_fallocate(f.fileno(), 0, 40 << 20)
                found = one(shop.expect(["disk"], level="warning"), "disk")
                assert "MB" in found["found"] and found["command"] == f"df -h {store}", found
                while os.statvfs(store).f_bavail:  # hoadond writes meanwhile
                    with contextlib.suppress(OSError):
                        os.posix_fallocate(f.fileno(), 0, os.statvfs(store).f_bavail * 4096 + os.fstat(f.fileno()).st_size)
            shop.wait(lambda: shop.call("GET", "/health/ready")[1]["disk"] == "full", "the disk to be full")
            shop.wait(lambda: shop.sql("SELECT count(*) FROM task WHERE closed_at = 0")[0][0] == 1, "a task")
            assert one(shop.expect(["disk", "work"]), "disk")["level"] == "wrong"
            os.unlink(f"{store}/ballast")
            shop.wait(lambda: shop.call("GET", "/health/ready")[1]["disk"] == "ok", "the disk to have room")
            shop.wait(lambda: shop.sql("SELECT count(*) FROM task WHERE closed_at = 0")[0][0] == 0, "the task to be settled")
            shop.is_well()
            return 6
        finally:
            if shop.agent:
                shop.kill()
            subprocess.run(["umount", store], capture_output=True)


def the_second_medium():
    with started() as shop:
        folder = f"{shop.medium}/hoadon"
        os.rename(folder, folder + ".away")
        shop.wait(lambda: not shop.call("GET", "/api/v1/mirror")[1]["is_there"], "the medium to be missed")
        found = one(shop.expect(["mirror"], level="warning"), "mirror")
        assert folder in found["found"]
        os.rename(folder + ".away", folder)
        shop.wait(lambda: shop.call("GET", "/api/v1/mirror")[1]["is_there"], "the medium to be back")
        shop.is_well()
        shop.stop()
        shutil.rmtree(folder)
        shop.expect(["service", "mirror"])
        assert [f["check"] for f in shop.doctor("--fix") if f["level"] == "fixed"] == ["mirror"] and os.path.isdir(folder)
        shop.shape["extra"] = f"[mirror]\ndir = {shop.dir}/stick\n"  # nothing is mounted there: no folder hides that
        shop.write_config()
        shop.expect(["service", "mirror"], "--fix")
        assert not os.path.exists(f"{shop.dir}/stick")
        shop.shape["extra"] = ""
        shop.write_config()
        shop.start(has_medium=False)
        found = one([f for f in shop.doctor() if f["level"] != "ok"], "mirror")
        assert found["level"] == "advice" and "is lost" in found["found"] and found["command"] == "hoadon help backup", found
        assert shop.shell("hoadon doctor").returncode == 0, "what the shop chose fails every look"
        return 11


def the_key():
    """While hoadond runs it says how the key stands, and nobody tries the password; while it is stopped the look tries it once."""
    with Shop() as shop:
        fault = faults.Faulty(shop)
        password = f"{shop.dir}/conf/key-password"
        key = f"{shop.dir}/authority/seller-9900000016.p12"
        shop.env.update(fault.env)
        shop.set_file(f"[key]\npassword_file = {password}\n")
        shop.write_secret(password, "sai")
        shop.start()
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["key"] == "password", "the password to be tried")
        tries = fault[faults.KEY_TRIES]
        for _ in range(3):
            found = one([f for f in shop.doctor() if f["check"] == "key"], "key")
            assert found["level"] == "wrong" and "password of the key is wrong" in found["found"], found
            assert shop.shell(found["command"]).returncode == 0
        assert one([f for f in shop.doctor() if f["check"] == "certificate"], "certificate")["level"] == "unchecked"
        assert fault[faults.KEY_TRIES] == tries == 1, "a look tried the password"
        shop.wait(lambda: shop.sql("SELECT count(*) FROM task")[0][0] == 1, "the task")
        shop.stop()
        found = one(shop.expect(["service", "key", "work"]), "key")
        assert found["level"] == "wrong" and "does not open" in found["found"] and shop.shell(found["command"]).returncode == 78, found
        shop.write_secret(password, "sandbox")
        shop.expect(["service", "work"])
        assert "opens" in one([f for f in shop.doctor() if f["check"] == "key"], "key")["found"]
        os.rename(key, key + ".away")
        shop.start()
        found = one(shop.expect(["settings", "key", "work"]), "key")
        assert found["level"] == "wrong" and "not at hand" in found["found"], found
        os.rename(key + ".away", key)
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["key"] == "open", "the key")
        shop.wait(lambda: shop.sql("SELECT count(*) FROM task WHERE closed_at = 0")[0][0] == 0, "the task to close")
        shop.is_well()
        return 14


def the_key_of_the_store():
    with Shop() as shop:
        key, p12 = f"{shop.dir}/store.key", f"{shop.dir}/authority/seller-9900000016.p12"
        shop.write_secret(key, "1f" * 32 + "\n")
        shop.set_file(f"[store]\nseal = yes\nkey_file = {key}\n")
        shop.start()
        shop.is_well()
        serial = shop.call("GET", "/api/v1/key")[1]["serial"]
        assert serial in one(shop.doctor(), "seal")["found"] and json.loads(shop.shell("hoadon status --json").stdout)["key_wrapped_to"] == serial
        assert f"certificate {serial}, too" in shop.shell("hoadon status --lang en").stdout
        shop.stop()
        with contextlib.closing(sqlite3.connect(f"{shop.dir}/store/current.db")) as db:
            db.execute("DELETE FROM meta WHERE key = 'seal_wrapped'")
            db.commit()
        found = one(shop.expect(["service", "seal"]), "seal")
        assert found["level"] == "warning" and found["command"] == f"sudo cp {key} /media/usb/store.key" and "not wrapped" in found["found"], found
        assert "HAS NO COPY" in shop.shell("hoadon status --lang en").stdout
        shop.start()
        shop.is_well()
        shop.stop()
        shop.run("hoadon-sandbox", "init", "--dir", f"{shop.dir}/renewed", "--clock", shop.clock_file)
        shutil.copy(f"{shop.dir}/renewed/seller-9900000016.p12", p12)
        found = one(shop.expect(["service", "seal"]), "seal")
        assert found["level"] == "warning" and f"wrapped to certificate {serial} " in found["found"], found
        shop.start()  # which wraps it again
        shop.is_well()
        assert serial not in one(shop.doctor(), "seal")["found"]
        shop.write_secret(key, "2e" * 32 + "\n")
        found = one(shop.expect(["seal"]), "seal")
        assert found["level"] == "wrong" and found["command"] == "sudo hoadon setup" and "not the one" in found["found"], found
        return 10


def the_certificate():
    """Its end and whose it is: as hoadond says, and as the file says while hoadond is stopped."""
    with started() as shop:
        end = shop.call("GET", "/api/v1/key")[1]["valid_until"]
        end = int(datetime.datetime.fromisoformat(end).timestamp() * 1000)
        other = "[seller]\ntax_code = 9900000023\n"
        checks = 0

        def found(level):
            row = one([f for f in shop.doctor() if f["check"] == "certificate"], "certificate")
            assert row["level"] == level, row
            return row["found"]

        for is_running in (True, False):
            if not is_running:
                shop.stop()
            for setting, at, level, words in (("", end - 61 * DAY - MINUTE, "ok", "ends in 61 days"), ("", end - 59 * DAY - MINUTE, "warning", "in 59 days"),
                                              ("", end + MINUTE, "wrong", "not today"), (other, AUGUST, "wrong", "belongs to tax code 9900000016"),
                                              ("", AUGUST, "ok", "9900000016")):
                shop.set_file(setting)
                shop.set_day(at)
                assert words in found(level), (is_running, at, found(level))
                checks += 2
        return checks


def the_network_layer_by_layer():
    with started() as shop:
        checks = 0
        layers = (
            ("url = https://khong-co.invalid/tvan/v1", "name of the server", "resolvectl status" if labs.has_way_out() else "ip -br addr"),
            ("url = https://localhost:1/tvan/v1", "connection", f"curl -v --cacert {shop.dir}/authority/ca.crt.pem https://localhost:1/tvan/v1"),
            (f"ca_file = {shop.dir}/authority/seller-9900000016.crt.pem", "TLS", f"curl -v --cacert {shop.dir}/authority/seller-9900000016.crt.pem https://localhost:{shop.port}/tvan/v1"),
            (f"url = https://localhost:{shop.port}/elsewhere", "T-VAN", "hoadon config show --origin"),
            ("user = nobody", "T-VAN", "hoadon config show --origin"),
        )
        for setting, layer, command in layers:
            shop.set_file(f"[authority tvan]\n{setting}\n")
            found = one(shop.expect(["network"], level="wrong"), "network")
            assert f"route tvan ends at {layer}" in found["found"].replace("secure connection (TLS)", "TLS").replace("provider (T-VAN)", "T-VAN"), found
            assert found["command"] == command, found
            checks += 4
        shop.set_file(f"[authority second]\nurl = https://localhost:1/tvan/v1\nca_file = {shop.dir}/authority/ca.crt.pem\n"
                      f"anchors_file = {shop.dir}/authority/ca.crt.pem\nuser = tvan\npassword_file = {shop.dir}/conf/password\n")
        assert "route second" in one(shop.expect(["network"], level="warning"), "network")["found"]  # the other one carries
        shop.set_file("")
        shop.control("set offline 1")
        assert "busy" in one(shop.expect(["network"], level="wrong"), "network")["remedy"]
        shop.control("set offline 0")
        shop.is_well()
        assert shop.books("SELECT count(*) FROM message")[0][0] == shop.sql("SELECT count(*) FROM message")[0][0], "a look sent something"
        return checks + 4


def a_clock_that_the_provider_contradicts():
    with Shop(authority_clock=labs.clock_at(AUGUST - 10 * MINUTE)) as shop:
        shop.start()
        found = one(shop.expect(["network"], level="warning"), "network")
        assert 500 < int(re.search(r"is (\d+) s ahead", found["found"])[1]) < 700, found
        assert found["command"] == "timedatectl set-ntp true"
        with open(shop.clock_file, encoding="utf-8") as f:
            shop.set_clock(f.read().strip(), shop.authority_clock_file)
        shop.is_well()
        return 3


def the_authority_gives_no_verdict():
    with started() as shop:
        shop.control("fault lose-204 1000 times 1000")
        shop.sell_at("C1", "2026-08-12T11:50:00+07:00")
        shop.wait(lambda: shop.sql("SELECT count(*) FROM message WHERE state = 'sent'")[0][0] == 1, "the message to be taken")
        shop.set_day(AUGUST + 20 * MINUTE)
        going = "SELECT count(*) FROM outage WHERE cause = 'authority' AND ended_at = 0"
        shop.wait(lambda: shop.sql(going)[0][0] == 1, "the outage")
        findings = shop.expect(["authority", "work"], level="warning")  # the invoice is late, too
        found = one(findings, "authority")
        assert "gives no verdict since 12/08/2026 12:" in found["found"] and shop.shell(f"cd {shop.dir} && {found['command']}").returncode == 0, found
        assert os.path.exists(f"{shop.dir}/gian-doan-1.txt")
        shop.control("clear")
        shop.wait_accepted(3)
        shop.set_day(AUGUST + 25 * MINUTE)
        shop.wait(lambda: shop.sql(going)[0][0] == 0, "the outage to end")
        shop.is_well()
        return 5


def the_ports_that_tills_print_to():
    """What the machine says of a port, with hoadond or without, and what hoadond says of all; the printer that is away is named while the rest is well."""
    with Printer() as printer, Shop(clock=labs.NOON) as shop:
        number, = labs.free_ports(1)
        with open(f"{shop.dir}/catalogue.csv", "w", encoding="utf-8") as f:
            f.write(CATALOGUE)

        def set_port(listen, **more):
            settings = {"till": "T01", "listen": listen, "profile": f"{labs.TOP}/drivers/profiles/default.ini", "catalogue": f"{shop.dir}/catalogue.csv", **more}
            shop.set_file("[port quay-1]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))

        def found(words, command, others=(), level="wrong"):
            row = one(shop.expect(["ports", *others], level=None if others else level), "ports")
            assert (row["level"], row["command"]) == (level, command) and words in row["found"], row
            return command

        shop.start()
        set_port(f"127.0.0.1:{number}", printer=f"127.0.0.1:{printer.port}")
        shop.shell(found(f"port quay-1: nobody listens at 127.0.0.1:{number}", "systemctl restart hoadond"))
        assert shop.said() == "systemctl restart hoadond\n"
        shop.stop()
        shop.expect(["service"])
        assert "1; how their printers stand" in one(shop.doctor(), "ports")["found"]
        with socket.create_server(("127.0.0.1", number)):
            found(f"another program listens at 127.0.0.1:{number}", f"ss -ltnp 'sport = :{number}'", ["service"])
            shop.start()
            found("cannot be opened", "journalctl -u hoadond -g port-not-open -n 5")
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "ok", "the port to be open")
        shop.is_well()
        printer.stop()
        with contextlib.suppress(OSError):  # the till hears it
            print_to(number, bill("HD1"))
        assert shop.shell(found("could not be reached", "hoadon print list", level="warning")).returncode == 0
        printer.start()
        print_to(number, bill("HD2"))
        shop.wait_accepted(1)
        shop.is_well()
        set_port("192.0.2.1:9100", peers="192.0.2.7")
        found("port quay-1: this machine does not have the address of 192.0.2.1:9100", "ip -br addr")
        set_port(f"serial:{shop.dir}/ttyUSB0,9600,8N1,none")
        found(f"port quay-1: {shop.dir}/ttyUSB0 is not there", "ls -l /dev/serial/by-id")
        set_port(f"fifo:{shop.dir}/bar.prn", printer=f"serial:{shop.dir}/ttyUSB1,9600,8N1,none")
        found(f"port quay-1: {shop.dir}/ttyUSB1 is not there", "ls -l /dev/serial/by-id")
        set_port(f"gadget:{shop.dir}/g_printer0")
        assert shop.shell(found("port quay-1: this box has no USB device port", "hoadon help drivers")).returncode == 0
        os.makedirs(f"{shop.root}/sys/class/udc/fe980000.usb")
        shop.shell(found(f"port quay-1: {shop.dir}/g_printer0 is not there", "systemctl enable --now hoadon-gadget"))
        assert shop.said() == "systemctl enable --now hoadon-gadget\n"
        open(f"{shop.dir}/g_printer0", "w").close()
        shop.is_well()
        return 40


def what_hoadond_says_of_its_ports():
    """Each standing of /health/ready has its line; paper that cannot be read because of the settings is said there."""
    with started() as shop:
        shop.stop()
        with open(f"{shop.dir}/catalogue.csv", "w", encoding="utf-8") as f:
            f.write(CATALOGUE)
        port = f"[port quay-1]\ntill = T01\nlisten = fifo:{shop.dir}/bar.prn\ncatalogue = {shop.dir}/catalogue.csv\nprofile = "
        shop.set_file(f"{port}{labs.TOP}/drivers/profiles/default.ini\n")
        said = {"ok": None, "closed": ("wrong", "port-not-open"), "receipts-wait": ("warning", "receipt-waits"), "reader-away": ("wrong", "event=reader"),
                "printer-away": ("warning", "hoadon print list"), "printer-waits": ("warning", "printer-standing")}
        with socketserver.ThreadingUnixStreamServer(f"{shop.dir}/api.sock", Impostor) as server:
            threading.Thread(target=server.serve_forever).start()
            try:
                for word, expected in said.items():
                    Impostor.says = {"ports": word}
                    if not expected:
                        shop.expect(["version"])
                        assert one(shop.doctor(), "ports")["found"] == "1, and nothing stands still"
                        continue
                    row = one(shop.expect(["version", "ports"]), "ports")
                    assert row["level"] == expected[0] and expected[1] in row["command"], (word, row)
                Impostor.says = {"ports": "reader-away"}
                shop.set_file(f"{port}{shop.dir}/none.ini\n")
                shop.expect(["version", "settings"])
                row = one(shop.doctor(), "ports")
                assert row["level"] == "unchecked" and "Settings" in row["found"], row
            finally:
                Impostor.says = {}
                server.shutdown()
        return 15


def a_till_goes_silent():
    with started() as shop:
        shop.set_day(AUGUST + 3 * DAY)
        shop.sell_at("A3", "2026-08-15T11:50:00+07:00")
        found = one(shop.expect(["tills"], level="warning"), "tills")
        assert "T02" in found["found"] and "12/08/2026" in found["found"], found
        shop.sell_at("A4", "2026-08-15T11:50:00+07:00", till="T02")
        shop.wait_accepted(4)
        shop.is_well()
        shop.set_day(AUGUST + 12 * DAY)
        found = one(shop.expect(["tills"], level="warning"), "tills")
        assert "no till has sold since 15/08/2026" in found["found"], found
        return 4


def a_rate_that_ends():
    with Shop(clock=1797300000000 - 20 * DAY) as shop:
        shop.start()
        shop.is_well()
        shop.set_day(1797300000000)  # 2026-12-15
        found = one(shop.expect(["law"], level="warning"), "law")
        assert "8%" in found["found"] and "2026-12-31" in found["found"], found
        return 3


def work_that_waits():
    with started() as shop:
        shop.stop_authority()
        shop.sell_at("B1", "2026-08-12T11:50:00+07:00")
        shop.set_day(AUGUST + 20 * MINUTE)
        found = [f for f in shop.expect(["network", "work"]) if f["check"] == "work"][0]
        assert "1 invoices under way" in found["found"] and "15 minutes" in found["remedy"] and found["command"] == "hoadon queue list", found
        assert shop.shell(found["command"]).returncode == 0
        shop.set_day(AUGUST + DAY)
        shop.wait(lambda: [f for f in shop.doctor() if f["check"] == "work" and f["level"] == "wrong"], "it to be overdue")
        shop.start_authority()
        shop.wait_accepted(3)
        shop.wait(lambda: shop.sql("SELECT count(*) FROM task WHERE closed_at = 0")[0][0] == 0, "the tasks to close")
        shop.is_well()
        shop.sell_at("B2", "2026-08-13T11:50:00+07:00", status=202, lines=[{**line, "class": "unheard-of"} for line in BASE["lines"]])
        found = one(shop.expect(["work"], level="warning"), "work")
        assert shop.shell(found["command"]).returncode == 0 and "state parked" in found["command"], found
        return 7


def the_user_of_the_service_and_others():
    """Run by the service's own user it sees the same; by somebody else it says who may look."""
    with started() as shop:
        shop.stop()
        os.chmod(shop.dir, 0o755)
        subprocess.run(["chown", "-R", "65534:65534", shop.dir, shop.medium], check=True)
        alone = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
        other = ("setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups")
        agent = [*alone, f"{labs.BIN}/hoadond", "--config", f"{shop.dir}/conf", "--test-clock", shop.clock_file, "--test-root", shop.root]
        shop.agent = subprocess.Popen(agent, stderr=open(f"{shop.dir}/agent.log", "ab"))
        shop.wait(shop.is_ready, "hoadond to be ready", process=shop.agent)
        shop.wait(lambda: shop.call("GET", "/api/v1/mirror")[1].get("is_whole"), "the second medium to be whole")
        shop.is_well()
        command = f"{shop.dir}/words/hoadon doctor --json --lang en"
        own = subprocess.run([*alone, "sh", "-c", command], capture_output=True, text=True, timeout=labs.PATIENCE)
        assert own.returncode == 0, own.stdout
        stranger = subprocess.run([*other, "sh", "-c", command], capture_output=True, text=True, timeout=labs.PATIENCE)
        found = one([f for f in json.loads(stranger.stdout)["findings"] if f["check"] == "database"], "database")
        assert stranger.returncode == 4 and found["command"] == "sudo hoadon doctor", found
        assert shop.stop() == 0
        return 5


def main():
    report = labs.Report()
    for case in (a_shop_that_is_well_and_one_that_never_began, the_configuration_and_what_it_names, what_reads_the_paper_of_a_port,
                 permissions, a_daemon_that_is_stopped_or_of_another_version,
                 a_store_that_is_damaged, a_large_store, a_store_on_another_machine, the_clock, the_reserve_is_taken_again, the_disk_fills, the_second_medium, the_key, the_key_of_the_store, the_certificate,
                 the_network_layer_by_layer, a_clock_that_the_provider_contradicts, the_authority_gives_no_verdict, the_ports_that_tills_print_to,
                 what_hoadond_says_of_its_ports, a_till_goes_silent,
                 a_rate_that_ends, work_that_waits, the_user_of_the_service_and_others):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
