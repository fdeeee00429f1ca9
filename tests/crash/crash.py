"""
Kill hoadond at generated failpoints, start it again, and compare the tills' answers, the store, the ledger and the simulator's books.
The failpoints are those that the wrappers of store, files and network generate; the first run records which ones a busy day visits.
HOADON_FULL=1 kills at all of them, otherwise at a sample.
"""
import copy
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

ALWAYS = "store.invoice_add.after"  # in every sample: the invoice is written and not yet committed
FULL = os.environ.get("HOADON_FULL") == "1"
SEED = int(os.environ.get("HOADON_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
DAYS_MOST = 3  # that are played until one reaches the failpoint
SALE = {"till_id": "T01", "bill_no": "", "kind": "sale", "sold_at": "2026-11-22T12:35:00+07:00", "lines": [
    {"name": "Cà phê sữa đá", "unit": "ly", "qty": "2", "unit_price": "29000", "amount": "58000", "vat_rate": "8"}], "total": "58000"}


def sale(till, bill, **change):
    body = copy.deepcopy(SALE)
    body.update(till_id=till, bill_no=bill, **change)
    return body


class Day:
    """A short busy day that goes on through one death of the agent."""

    def __init__(self, lab):
        self.lab = lab
        self.answers = []
        self.lock = threading.Lock()
        self.first = None  # the process that was given the failpoint
        self.is_over = False
        self.errors = []

    def insist(self, method, path, body):
        """As a till does: no answer, so the same again."""
        end = time.monotonic() + 2 * labs.PATIENCE
        while time.monotonic() < end:
            try:
                status, answer, _ = self.lab.call(method, path, body)
                if status not in (503, 507):
                    return status, answer
            except (OSError, ValueError, labs.http.client.HTTPException):
                pass
            time.sleep(0.02)
        raise AssertionError(f"no answer for {path}")

    def till(self, name, count):
        try:
            for i in range(count):
                status, answer = self.insist("POST", "/api/v1/sales", sale(name, f"{name}-{i}"))
                assert status == 201, f"{status} {answer}"
                with self.lock:
                    self.answers.append(answer)
        except Exception as error:
            self.errors.append(error)

    def oddities(self):
        """What is not a plain sale: a refused body, a pre-bill, a parked sale that a person ignores, a token, an officer's look."""
        try:
            assert self.insist("POST", "/api/v1/sales", sale("T01", "bad", total="1"))[0] == 422
            assert self.insist("POST", "/api/v1/sales", sale("T02", "T02-0", kind="pre-bill"))[0] == 202
            status, parked = self.insist("POST", "/api/v1/sales", sale("T03", "void-1", kind="void", reason="nhầm bàn"))
            assert status == 202, parked
            status, answer = self.insist("POST", f"/api/v1/parked/{parked['sale']['id']}/ignore", {"reason": "đã hủy"})
            assert status in (202, 409), answer
            assert self.insist("POST", "/api/v1/tokens", {"name": "x", "tills": ["T01"], "scopes": ["sale:write"]})[0] == 201
            assert self.insist("POST", "/api/v1/audit/records", {"event": "look", "detail": "officer"})[0] == 201
        except Exception as error:
            self.errors.append(error)

    def folder(self):
        for i in range(2):
            path = f"{self.lab.dir}/spool/bill{i}"
            with open(path + ".tmp", "w", encoding="utf-8") as f:
                json.dump(sale("T04", f"T04-{i}"), f)
            os.rename(path + ".tmp", path + ".json")
        with open(f"{self.lab.dir}/spool/broken.json", "w") as f:
            f.write("{")

    def guard(self):
        """Restart what died, as systemd would."""
        while not self.is_over:
            if self.lab.agent and self.lab.agent.poll() is not None:
                try:
                    self.lab.start()
                except AssertionError as error:
                    self.errors.append(error)
                    return
            time.sleep(0.01)

    def play(self, failpoint=None, log=None):
        lab = self.lab
        lab.control("fault drop-after", "fault status 503 after 1", "fault refuse-invoice 1 after 2", "fault query-not-found after 1")
        env = {}
        if failpoint:
            env["HOADON_FAILPOINT"] = failpoint
        if log:
            env["HOADON_FAILPOINT_LOG"] = log
        lab.start(env=env, wait=False)
        self.first = lab.agent
        guard = threading.Thread(target=self.guard)
        guard.start()
        self.folder()
        work = [threading.Thread(target=self.till, args=(f"T0{t}", 4)) for t in (1, 2, 3)] + [threading.Thread(target=self.oddities)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        try:
            lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0 and len(lab.sql("SELECT 1 FROM invoice")) == 14,
                     "every invoice concluded")
            lab.wait(lambda: not [n for n in os.listdir(f"{lab.dir}/spool") if n.endswith(".json")], "the folder to be empty")
            if failpoint and self.first.poll() is None:  # it may lie on the way out
                self.first.terminate()
                self.first.wait(labs.PATIENCE)
        finally:
            self.is_over = True
            guard.join()
        if lab.agent.poll() is not None:
            lab.start()
        lab.stop()
        if self.errors:
            raise self.errors[0]

    def is_killed(self):
        """Whether the failpoint was reached; an orderly end is none."""
        return self.first.returncode == -signal.SIGKILL

    def check(self):
        lab = self.lab
        compared = lab.check_books(self.answers)
        refused = lab.sql("SELECT count(*) FROM invoice WHERE state = 'refused'")[0][0]
        tasks = lab.sql("SELECT count(*) FROM task WHERE closed_at = 0 OR closed_at IS NULL")[0][0]
        assert refused <= 1 and tasks >= refused, f"{refused} refused invoices, {tasks} tasks"
        counts = lab.sql("SELECT sum(state = 'issued'), sum(state = 'parked') FROM sale")[0]
        assert counts == (14, 0), f"issued, parked = {counts}"
        done = [n for n in os.listdir(f"{lab.dir}/spool/done") if n.endswith(".json") and ".answer" not in n]
        assert len(done) == 2 and os.path.exists(f"{lab.dir}/spool/refused/broken.json"), os.listdir(f"{lab.dir}/spool")
        return compared + 5


def one(failpoint):
    """What runs once a minute, or only when two threads meet, need not be reached by every day."""
    for _ in range(DAYS_MOST):
        with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
            day = Day(lab)
            day.play(failpoint=failpoint)
            compared = day.check()
            if day.is_killed():
                return compared
    raise AssertionError(f"the failpoint was not reached in {DAYS_MOST} days")


def record(visited):
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        log = f"{lab.dir}/failpoints"
        day = Day(lab)
        day.play(log=log)
        names = sorted({line.split()[0] for line in open(log)})
        visited.extend(names)
        assert len(names) >= 60, f"only {len(names)} failpoints"
        return day.check()


def main():
    report = labs.Report()
    visited = []
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    report.case("a busy day without a death visits the failpoints", record, visited)
    rng = random.Random(SEED)
    chosen = list(visited)
    if not FULL:
        rng.shuffle(chosen)
        chosen = chosen[:int(os.environ.get("HOADON_SAMPLE", "12"))]
    if ALWAYS not in chosen:
        chosen.append(ALWAYS)
    two = threading.Semaphore(2)

    def work(name):
        with two:
            point = f"{name}:1:kill"
            report.case(f"killed at {point}", one, point)

    threads = [threading.Thread(target=work, args=(name,)) for name in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"failpoints visited: {len(visited)}, killed at: {len(chosen)}")
    report.close()


if __name__ == "__main__":
    main()
