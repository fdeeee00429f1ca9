"""hoadon backup while tills sell, and what becomes of it elsewhere: checked, restored, adopted, sold on with. Nothing is given twice."""
import copy
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
TILLS = ("T01", "T02", "T03", "T04")
WORDS = "cá lúa nắng mưa gió biển"


def shop():
    lab = labs.Lab(clock=labs.clock_at(labs.NOON))
    lab.set_machine("sys-1", "board-1", "disk-1")
    for name, words in (("words", WORDS), ("wrong", WORDS + " xa")):
        with open(f"{lab.dir}/{name}", "w", encoding="utf-8") as f:
            f.write(words + "\n")
    lab.start()
    return lab


def sell(lab, bill, till="T01"):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id=till)
    return lab.sell(body)


def issued(lab, bill, till="T01"):
    status, body, _ = sell(lab, bill, till)
    assert status == 201, f"{status} {body}"
    return body


class Load:
    """Four tills that sell until they are told to stop."""

    def __init__(self, lab):
        self.lab, self.is_over, self.answers, self.errors = lab, False, [], []
        self.threads = [threading.Thread(target=self.till, args=(t,)) for t in TILLS]

    def till(self, till):
        n = 0
        try:
            while not self.is_over:
                n += 1
                self.answers.append(issued(self.lab, f"{till}-{n}", till))
        except Exception as error:
            self.errors.append(error)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


def backup(lab, name="b.bak", check=True, key="words", lang="en"):
    return lab.hoadon("--lang", lang, "backup", f"{lab.dir}/{name}", "--passphrase", f"{lab.dir}/{key}", "--json", check=check)


def restore(lab, *args, name="b.bak", check=True, key="words", lang="en"):
    return lab.hoadon("--lang", lang, "restore", f"{lab.dir}/{name}", *args, "--passphrase", f"{lab.dir}/{key}", "--json", check=check)


def held(lab):
    return json.loads(lab.hoadon("status", "--json", check=False).stdout).get("held")


def a_backup_under_load_is_sold_on_with_elsewhere():
    with shop() as lab:
        with Load(lab) as load:
            lab.wait(lambda: len(load.answers) >= 40, "tills to sell")
            lab.stop_authority()  # so that the copy holds invoices that the original will send
            before = len(load.answers)
            lab.wait(lambda: len(load.answers) >= before + 20, "sales that wait")
            made = json.loads(backup(lab).stdout)
            lab.start_authority()
            lab.wait(lambda: len(load.answers) >= before + 60, "tills to go on")
        lab.wait_accepted(len(load.answers))
        lab.kill()
        numbers = lab.sql("SELECT max(number) FROM invoice")[0][0]
        shutil.rmtree(f"{lab.dir}/store")  # the disk died
        lab.set_machine("sys-2", "board-2", "disk-2")
        service = 65534 if os.geteuid() == 0 else os.geteuid()
        os.chown(lab.dir, service, -1)  # as below /var/lib, where root restores what the service will use
        drill = json.loads(restore(lab, "--verify").stdout)
        assert drill["dir"] is None and drill["findings"] == 0 and drill["head"] == made["head"], drill
        assert not os.path.exists(f"{lab.dir}/store") and not os.path.exists(f"{lab.dir}/store.restoring")
        done = json.loads(restore(lab).stdout)
        assert done["dir"] == f"{lab.dir}/store" and done["records"] == made["records"], done
        assert sorted(os.listdir(f"{lab.dir}/store")) == ["current.db", "current.lock", "ledger.key"]
        assert {os.stat(f"{lab.dir}/store/{n}").st_mode & 0o77 for n in ("current.db", "ledger.key", ".")} == {0}
        assert {os.stat(f"{lab.dir}/store/{n}").st_uid for n in ("current.db", "ledger.key", ".")} == {service}
        assert lab.sql("SELECT count(*) FROM ledger WHERE seq = ? AND hex(hash) = ?", made["records"], made["head"].upper())[0][0] == 1
        kept = lab.sql("SELECT max(number) FROM invoice")[0][0]
        assert before + 20 <= kept < numbers, (before, kept, numbers)
        assert lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] >= 20
        lab.start()
        status, parked, _ = sell(lab, "later-1")
        assert status == 202 and parked["problem"]["code"] == "store.copy" and held(lab) == "restored", (status, parked)
        lab.stop()
        lab.shape.update(suffix="AB", prefix=2)
        lab.write_config()
        lab.hoadon("adopt", "--reason", "ổ đĩa hỏng")
        lab.start()
        lab.hoadon("sale", "issue", parked["sale"]["id"])
        for n in range(2, 6):
            issued(lab, f"later-{n}", TILLS[n % 4])
        lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE serial = 'C26MAB' AND state = 'accepted'")[0][0] == 5, "five invoices of the new serial")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM message WHERE state IN ('made', 'sent', 'unknown')")[0][0] == 0, "all to be answered")
        assert lab.sql("SELECT number, code FROM invoice WHERE serial = 'C26MAB' ORDER BY id") == [(n, f"M1-26-VD7K2-{200000000 + n:011d}") for n in range(1, 6)]
        assert held(lab) is None
        first = load.answers[0]
        again = issued(lab, first["sale"]["bill_no"], first["sale"]["till_id"])
        assert again["invoice"] == first["invoice"], "a bill from before the backup has another invoice"
        for what in ("code", "serial || number"):
            assert not lab.books(f"SELECT 1 FROM invoice WHERE state = 'accepted' GROUP BY {what} HAVING count(*) > 1"), f"{what} twice"
        accepted = lab.books("SELECT count(*) FROM invoice WHERE state = 'accepted'")[0][0]
        assert accepted == len(load.answers) + 5, (accepted, len(load.answers))
        assert lab.hoadon("audit", "verify", check=False).returncode == 0
        events = [e for (e,) in lab.sql("SELECT event FROM ledger WHERE event IN ('export', 'restore', 'hold', 'adopt') ORDER BY seq")]
        assert events == ["export", "restore", "hold", "adopt", "hold"], events
        return 21 + accepted


def what_is_in_the_way_stays():
    with shop() as lab:
        issued(lab, "HD1")
        with open(f"{lab.dir}/b.bak", "w") as f:
            f.write("mine")
        refused = backup(lab, check=False)
        assert refused.returncode == 1 and b"not written over" in refused.stderr and open(f"{lab.dir}/b.bak").read() == "mine", refused
        assert "không bị ghi đè" in backup(lab, check=False, lang="vi").stderr.decode()
        with open(f"{lab.dir}/short", "w") as f:
            f.write("mật khẩu")
        assert "ít nhất năm từ" in backup(lab, "c.bak", check=False, key="short", lang="vi").stderr.decode()
        backup(lab, "c.bak")
        before = lab.sql("SELECT * FROM sale")
        refused = restore(lab, name="c.bak", check=False)
        assert refused.returncode == 1 and b"not empty" in refused.stderr, refused
        os.makedirs(f"{lab.dir}/full/empty")
        assert restore(lab, f"{lab.dir}/full", name="c.bak", check=False).returncode == 1 and os.listdir(f"{lab.dir}/full") == ["empty"]
        restore(lab, f"{lab.dir}/full/empty/", name="c.bak")
        assert lab.sql("SELECT * FROM sale") == before and len(os.listdir(f"{lab.dir}/full/empty")) == 3
        assert sorted(n for n in os.listdir(lab.dir) if "part" in n or "restoring" in n) == []
        assert sorted(os.listdir(f"{lab.dir}/full")) == ["empty"]
        return 9


def a_damaged_backup_is_refused():
    with shop() as lab:
        with Load(lab) as load:
            lab.wait(lambda: len(load.answers) >= 400, "more than two chunks")
        backup(lab)
        kept = sorted(os.listdir(f"{lab.dir}/store"))
        whole = open(f"{lab.dir}/b.bak", "rb").read()
        head = whole.index(b"\n\n") + 2
        first, second = whole[head:head + 65552], whole[head + 65552:head + 131104]
        assert len(whole) > head + 131104, len(whole)
        assert whole.startswith(b"hoadon-backup 1\nstore ") and b"SQLite" not in whole and "Cà phê".encode() not in whole
        wrong = restore(lab, "--verify", check=False, key="wrong")
        assert wrong.returncode == 1 and b"passphrase" in wrong.stderr, wrong
        assert "cụm mật khẩu" in restore(lab, "--verify", check=False, key="wrong", lang="vi").stderr.decode()
        with open(f"{lab.dir}/typed", "w", encoding="utf-8") as f:  # on another keyboard: letters and accents apart, in two lines
            f.write("\r\n".join(unicodedata.normalize("NFD", word) for word in WORDS.split()))
        assert restore(lab, "--verify", key="typed").returncode == 0
        harms = {"cut in the head": whole[:100], "cut at a chunk": whole[:head + 65552], "cut by one": whole[:-1], "longer": whole + b"\0",
                 "flipped": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:], "its records": whole.replace(b"\nrecords ", b"\nrecords 1", 1), "empty": b"",
                 "two chunks swapped": whole[:head] + second + first + whole[head + 131104:]}
        for name, data in harms.items():
            with open(f"{lab.dir}/harmed.bak", "wb") as f:
                f.write(data)
            result = restore(lab, f"{lab.dir}/elsewhere", name="harmed.bak", check=False)
            assert result.returncode == 6 and b"not a whole backup" in result.stderr, f"{name}: {result}"
            assert not os.path.exists(f"{lab.dir}/elsewhere") and not os.path.exists(f"{lab.dir}/elsewhere.restoring"), name
        drill = restore(lab, "--verify", name="harmed.bak", check=False, lang="vi")
        assert drill.returncode == 6 and "nguyên vẹn" in drill.stderr.decode() and sorted(os.listdir(f"{lab.dir}/store")) == kept, drill
        newer = whole.replace(b"backup 1", b"backup 2", 1)
        with open(f"{lab.dir}/newer.bak", "wb") as f:
            f.write(newer)
        assert b"newer program" in restore(lab, "--verify", name="newer.bak", check=False).stderr
        return 8 + 2 * len(harms)


def a_store_that_was_broken_is_not_restored():
    with shop() as lab:
        issued(lab, "HD1")
        lab.wait_accepted(1)
        lab.stop()
        with labs.sqlite3.connect(f"{lab.dir}/store/current.db") as db:
            for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            db.execute("UPDATE tally SET n = n + 1 WHERE name = 'sale.issued'")
        db.close()
        backup(lab)
        told = restore(lab, "--verify", check=False)
        assert told.returncode == 6 and json.loads(told.stdout)["findings"] == 1 and b"tally" in told.stderr, told
        assert restore(lab, f"{lab.dir}/counts", check=False).returncode == 0, "a wrong count is no reason to have no store"
        with labs.sqlite3.connect(f"{lab.dir}/store/current.db") as db:
            db.execute("UPDATE ledger SET wall = wall + 1 WHERE seq = 4")
        db.close()
        backup(lab, "c.bak")
        broken = restore(lab, f"{lab.dir}/elsewhere", name="c.bak", check=False)
        assert broken.returncode == 6 and b"ledger" in broken.stderr and not os.path.exists(f"{lab.dir}/elsewhere"), broken
        return 5


def full_disk(lab, args, limit):
    """The command with at most `limit` bytes in any file it writes; Python's children ignore SIGXFSZ only when they are told to."""
    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return subprocess.run([f"{labs.BIN}/hoadon", "--config", f"{lab.dir}/conf", *args, "--passphrase", f"{lab.dir}/words"], capture_output=True,
                          preexec_fn=limited, restore_signals=False, timeout=labs.PATIENCE)


def a_full_disk_leaves_no_half_file():
    with shop() as lab:
        issued(lab, "HD1")
        n = 0
        for limit in (0, 100, 70000, 200000):
            result = full_disk(lab, ["backup", f"{lab.dir}/full.bak"], limit)
            assert result.returncode == 1, (limit, result)
            assert not [f for f in os.listdir(lab.dir) if f.startswith("full")], limit
            assert [f for f in os.listdir(f"{lab.dir}/store") if f.startswith("current.db.")] == []
            n += 3
        backup(lab)
        for limit in (0, 100, 70000, 200000):
            result = full_disk(lab, ["restore", f"{lab.dir}/b.bak", f"{lab.dir}/elsewhere"], limit)
            assert result.returncode == 1, (limit, result)
            assert not [f for f in os.listdir(lab.dir) if f.startswith("elsewhere")], limit
            n += 2
        return n


CASES = [a_backup_under_load_is_sold_on_with_elsewhere, what_is_in_the_way_stays, a_damaged_backup_is_refused, a_store_that_was_broken_is_not_restored,
         a_full_disk_leaves_no_half_file]


labs.run_cases(CASES)
