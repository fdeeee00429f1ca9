"""
Kill or fail `hoadon backup` and `hoadon restore` at each failpoint they visit: what stands under the name is nothing or the whole, the next
try succeeds, and hoadond sells on. HOADON_FULL=1 takes all of them, otherwise a sample.
"""
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

FULL = os.environ.get("HOADON_FULL") == "1"
SEED = int(os.environ.get("HOADON_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
SALE = {"till_id": "T01", "bill_no": "HD1", "kind": "sale", "sold_at": "2026-11-22T12:35:00+07:00", "lines": [
    {"name": "Cà phê sữa đá", "unit": "ly", "qty": "2", "unit_price": "29000", "amount": "58000", "vat_rate": "8"}], "total": "58000"}
VISITS = 4  # of what is visited for each piece
SAMPLE = 4


class Shop:
    def __init__(self, lab):
        self.lab = lab
        self.file, self.dir = f"{lab.dir}/b.bak", f"{lab.dir}/elsewhere"
        with open(f"{lab.dir}/words", "w") as f:
            f.write("one two three four five")
        lab.start()
        for n in range(1, 4):
            self.sell(f"HD{n}")
        self.hoadon("backup", f"{lab.dir}/good.bak")

    def sell(self, bill):
        status, answer, _ = self.lab.sell({**SALE, "bill_no": bill})
        assert status == 201, answer

    def hoadon(self, *args, env=None, check=True):
        command = [f"{labs.BIN}/hoadon", "--config", f"{self.lab.dir}/conf", *args, "--passphrase", f"{self.lab.dir}/words"]
        result = subprocess.run(command, capture_output=True, env={**self.lab.env, **(env or {})}, timeout=labs.PATIENCE)
        assert not check or result.returncode == 0, result
        return result

    def clean(self):
        for path in (self.file, self.dir):
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif os.path.exists(path):
                os.unlink(path)

    def command(self, what):
        return ("backup", self.file) if what == "backup" else ("restore", f"{self.lab.dir}/good.bak", self.dir)

    def visited(self, what):
        log = f"{self.lab.dir}/failpoints"
        if os.path.exists(log):
            os.unlink(log)
        self.hoadon(*self.command(what), env={"HOADON_FAILPOINT_LOG": log})
        self.clean()
        names = sorted(set(open(log).read().split()))
        return [f"{n}:{i}" for n in names for i in range(1, VISITS + 1 if n.startswith("file.") else 2)]

    def is_whole(self, what):
        """Whether the name names the whole; never anything else."""
        if what == "backup":
            if not os.path.exists(self.file):
                return False
            self.hoadon("restore", self.file, "--verify")
            return True
        if not os.path.exists(self.dir):
            return False
        assert {"current.db", "current.lock", "ledger.key"} == set(os.listdir(self.dir)), os.listdir(self.dir)
        with labs.sqlite3.connect(f"file:{self.dir}/current.db?mode=ro", uri=True) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("SELECT count(*) FROM invoice").fetchone() == (3,)
            assert db.execute("SELECT event FROM ledger ORDER BY seq DESC LIMIT 2").fetchall() == [("hold",), ("restore",)]
            assert db.execute("SELECT value FROM meta WHERE key = 'hold'").fetchone()[0].startswith(b"restored\n")
        db.close()
        return True

    def trial(self, what, point, action):
        result = self.hoadon(*self.command(what), env={"HOADON_FAILPOINT": f"{point}:{action}"}, check=False)
        was_whole = self.is_whole(what)
        if action == "fail":
            assert result.returncode in (0, 1, 6, 78), result  # 78: it was the configuration that could not be read
            assert was_whole if result.returncode == 0 else result.stderr, "told as done, and is not; or no sentence"
        else:
            assert result.returncode in (-9, 0), result
        if was_whole:
            assert self.hoadon(*self.command(what), check=False).returncode == 1, "written over"
        else:
            self.hoadon(*self.command(what))
            assert self.is_whole(what)
        left = [n for n in os.listdir(self.lab.dir) if n.endswith((".part", ".restoring"))]
        assert was_whole or not left, left
        self.clean()
        for name in left:  # of what was killed when all was done but the end
            shutil.rmtree(f"{self.lab.dir}/{name}", ignore_errors=True)
        return result.returncode != 0, 4


def main():
    report = labs.Report()
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        shop = Shop(lab)
        hit = 0

        def one(what, point, action):
            nonlocal hit
            is_hit, count = shop.trial(what, point, action)
            assert is_hit or action == "fail" or not point.endswith(":1"), "the failpoint was not reached"
            hit += is_hit
            return count

        for what in ("backup", "restore"):
            points = [(p, a) for p in shop.visited(what) for a in ("kill", "fail")]
            chosen = points if FULL else random.Random(SEED).sample(points, SAMPLE)
            for point, action in chosen:
                report.case(f"{what}, {action} at {point}", one, what, point, action)
                shop.clean()
            print(f"{what}: {len(points)} ways to end it, {len(chosen)} tried, {hit} so far took effect")
        shop.sell("HD9")
        lab.stop()
    report.close()


main()
