"""hoadon data destroy: nothing before ten years are over and all is settled (law R-STO-3, R-STO-4), then everything but the last proof."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
SELLER = "9900000016"
NEW_YEAR_2037 = 2114355600000  # 2037-01-01T00:00:00+07:00: invoices of 2026 are kept until then
WORDS = "cá lúa nắng mưa gió biển"


class Shop(labs.Lab):
    """A shop of 2026 with a second medium and a folder of backups."""

    def __init__(self):
        super().__init__(clock=labs.clock_at(labs.NOON), authority_clock=labs.clock_at(labs.NOON))
        self.medium, self.backups = f"{self.dir}/medium", f"{self.dir}/backups"
        os.mkdir(self.medium)
        os.mkdir(self.backups)
        self.shape["extra"] = f"[mirror]\ndir = {self.medium}\nsame_disk = yes\n"
        self.write_config()
        with open(f"{self.dir}/words", "w", encoding="utf-8") as f:
            f.write(WORDS)
        self.start()

    def at(self, ms, vouched=True):
        self.set_clock(("" if vouched else "?") + labs.clock_at(ms))

    def back_up(self, name, folder=None):
        self.hoadon("backup", f"{folder or self.backups}/{name}", "--passphrase", f"{self.dir}/words")

    def destroy(self, *args, typed=None, lang="en", env=None, name="last.jsonl"):
        args = ["--lang", lang, "data", "destroy", f"{self.dir}/{name}", *args]
        self.env = {**os.environ, **(env or {})}
        try:
            return self.hoadon(*args, check=False, stdin=typed.encode() if typed else b"")
        finally:
            self.env = dict(os.environ)

    def refused(self, sentence, *args, code=1, **kw):
        """Nothing may be gone after a refusal."""
        before = self.everything()
        result = self.destroy(*(args or ("--tax-code", SELLER)), **kw)
        told = result.stderr.decode()
        assert result.returncode == code and sentence in told and not result.stdout, (result.returncode, told)
        assert self.everything() == before, "a refusal changed which files there are"
        return 3

    def everything(self):
        return sorted(os.path.join(root, name) for part in ("store", "medium", "backups") for root, _, names in os.walk(f"{self.dir}/{part}") for name in names
                      if not name.startswith("current.db-"))

    def wait_whole(self):
        self.wait(lambda: self.call("GET", "/api/v1/mirror")[1]["is_whole"], "the first base")


def nothing_is_destroyed_before_its_time():
    with Shop() as lab:
        lab.sell_bills("HD1")
        lab.wait_accepted(1)
        lab.wait_whole()
        n = lab.refused("stop it first")  # hoadond runs
        lab.stop()
        n += lab.refused("01/01/2037") + lab.refused("trước ngày 01/01/2037 (R-STO-3, R-STO-4)", lang="vi")
        lab.at(NEW_YEAR_2037 - 60000)
        n += lab.refused("01/01/2037")
        lab.at(NEW_YEAR_2037, vouched=False)
        n += lab.refused("01/01/2037")  # a clock that was set ahead is not believed
        with labs.sqlite3.connect(f"{lab.dir}/store/current.db") as db:
            db.execute("UPDATE believed_time SET boot = 'another'")
        db.close()
        n += lab.refused("nobody vouches for the time") + lab.refused("chưa có nguồn xác nhận giờ", lang="vi")
        lab.at(NEW_YEAR_2037)
        n += lab.refused("not the seller's tax code", "--tax-code", "9900000023") + lab.refused("not the seller's tax code", "--json", typed="yes\n")
        n += lab.refused("not the seller's tax code", "--json") + lab.refused("không phải mã số thuế", "--json", lang="vi")  # nothing was typed
        n += lab.refused("where all is destroyed", name="store/last.jsonl") + lab.refused("where all is destroyed", name="medium/last.jsonl")
        n += lab.refused("not written over", name="clock")
        os.rename(lab.medium, lab.medium + ".away")
        n += lab.refused("is the medium there")
        os.rename(lab.medium + ".away", lab.medium)
        assert not os.path.exists(f"{lab.dir}/last.jsonl") and lab.hoadon("audit", "verify", check=False).returncode == 0
        assert lab.sql("SELECT count(*) FROM ledger WHERE event = 'destroy'")[0][0] == 0
        return n + 3


def what_is_not_settled_is_not_destroyed():
    with Shop() as lab:
        lab.control("fault refuse-number 1")
        lab.sell_bills("HD1")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM task WHERE closed_at = 0")[0][0] == 1, "a task")
        lab.stop()
        lab.at(NEW_YEAR_2037)
        n = lab.refused("1 tasks are open")
        lab.at(labs.NOON + 60000)
        lab.start()
        assert lab.call("POST", "/api/v1/tasks/1/reissue", {})[0] == 201
        lab.wait_accepted(1)
        status, parked, _ = lab.sell({**BASE, "bill_no": "huy", "kind": "void", "reason": "nhầm bàn"})
        assert status == 202, parked
        lab.stop()
        lab.at(NEW_YEAR_2037)
        n += lab.refused("1 sales wait for a decision")
        lab.at(labs.NOON + 120000)
        lab.start()
        lab.hoadon("sale", "ignore", parked["sale"]["id"], "--reason", "nhầm")
        lab.stop_authority()
        lab.sell_bills("HD2")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM message WHERE state IN ('made', 'sent', 'unknown')")[0][0] == 1, "a message")
        lab.stop()
        lab.at(NEW_YEAR_2037)
        n += lab.refused("2 invoices or messages have no answer") + lab.refused("chưa có trả lời của cơ quan thuế", lang="vi")
        with labs.sqlite3.connect(f"{lab.dir}/store/current.db") as db:
            db.executescript("DROP TRIGGER ledger_keep; UPDATE ledger SET wall = wall + 1 WHERE seq = 3; UPDATE invoice SET state = 'accepted'; "
                             "UPDATE message SET state = 'answered'; UPDATE tally SET n = 0 WHERE name IN ('invoice.issued', 'message.made', 'message.unknown', 'message.sent')")
        db.close()
        return n + lab.refused("the ledger is broken at record", code=6)


def after_ten_years_only_the_proof_is_left():
    with Shop() as lab, Shop() as other:
        told = lab.sell_bills("HD1", "HD2", "HD3")
        lab.wait_accepted(3)
        lab.wait_whole()
        lab.back_up("first.bak")
        lab.back_up("second.bak")
        other.back_up("other.bak", lab.backups)
        lab.stop()
        for path in ("store/notes.txt", "medium/notes.txt", "backups/notes.txt"):
            with open(f"{lab.dir}/{path}", "w") as f:
                f.write("mine")
        lab.at(NEW_YEAR_2037)
        files = [path for path in lab.everything() if not path.endswith(("notes.txt", "other.bak"))]
        result = lab.destroy("--backups", lab.backups, "--json", typed=SELLER + "\n")
        assert result.returncode == 0, result.stderr.decode()
        shown, done = result.stderr.decode(), json.loads(result.stdout)
        assert "3 invoices (total 270.000 đ" in shown and all(path in shown for path in files), shown
        assert set(files) <= set(done["destroyed"]) and done["invoices"] == 3, done
        left = [os.path.relpath(path, lab.dir) for path in lab.everything()]
        assert left == ["backups/notes.txt", "backups/other.bak", "medium/notes.txt", "store/notes.txt"], left
        data = open(f"{lab.dir}/last.jsonl", "rb").read()
        assert hashlib.sha256(data).hexdigest() == done["sha256"]
        lines = [json.loads(line) for line in data.decode().splitlines()]
        assert "checkpoint" in lines[-1] and lines[-1]["checkpoint"]["size"] == done["records"], "the proof ends without a signature"
        assert lines[-2]["record"]["event"] == "destroy" and lines[-2]["payload"]["invoices"] == 3, lines[-2]
        assert lab.run("hoadon-verify", f"{lab.dir}/last.jsonl").returncode == 0
        assert subprocess.run([sys.executable, f"{labs.TOP}/tests/verify.py", f"{lab.dir}/last.jsonl"], capture_output=True).returncode == 0
        issued = [line["payload"]["number"] for line in lines if line.get("record", {}).get("event") == "issued"]
        assert sorted(map(int, issued)) == [int(answer["invoice"]["number"]) for answer in told], issued
        assert b"there is no store" in lab.destroy("--tax-code", SELLER, name="again.jsonl").stderr
        return 12 + len(files)


def cut_off_it_can_be_given_again():
    with Shop() as lab:
        lab.sell_bills("HD1")
        lab.wait_accepted(1)
        lab.wait_whole()
        lab.stop()
        lab.at(NEW_YEAR_2037)
        kept, n = {part: f"{lab.dir}/{part}.kept" for part in ("store", "medium")}, 0
        for part, copy in kept.items():
            shutil.copytree(f"{lab.dir}/{part}", copy)
        for step in ["store.commit.before", "store.commit.after", "file.rename.before"] + [f"file.remove.after:{i}" for i in range(1, 20)]:
            for part, copy in kept.items():
                shutil.rmtree(f"{lab.dir}/{part}")
                shutil.copytree(copy, f"{lab.dir}/{part}")
            order = (step if ":" in step else step + ":1") + ":kill"
            result = lab.destroy("--tax-code", SELLER, env={"HOADON_FAILPOINT": order}, name=f"{n}.jsonl")
            if result.returncode == 0:
                break
            assert result.returncode == -signal.SIGKILL, f"{step}: {result}"
            if "remove" in step:
                assert lab.run("hoadon-verify", f"{lab.dir}/{n}.jsonl").returncode == 0, f"{step}: something was removed before the proof was there"
            if os.path.exists(f"{lab.dir}/store/current.db"):
                again = lab.destroy("--tax-code", SELLER, name=f"{n}-again.jsonl")
                assert again.returncode == 0, f"{step}: {again.stderr.decode()}"
                assert lab.everything() == [], f"{step}: {lab.everything()}"
            assert [p for p in lab.everything() if not p.endswith("current.lock")] == [], f"{step}: {lab.everything()}"
            n += 3
        assert step.startswith("file.remove.after") and n >= 24, (step, n)
        return n


CASES = [nothing_is_destroyed_before_its_time, what_is_not_settled_is_not_destroyed, after_ten_years_only_the_proof_is_left, cut_off_it_can_be_given_again]


labs.run_cases(CASES)
