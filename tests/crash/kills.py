"""
SIGKILL at random moments under 16 tills, while the simulated authority loses, delays, doubles and garbles answers: every sale that a till
was told is safe is one invoice, and the tills' answers, the store, the ledger and the authority's books agree.
HOADON_FULL=1: 200 kills, else a sample. HOADON_SEED repeats the moments and the faults (threads still differ).
"""
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))
import lab as labs  # noqa: E402

FULL = os.environ.get("HOADON_FULL") == "1"
SEED = int(os.environ.get("HOADON_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
TILLS = [f"T{n:02d}" for n in range(1, 17)]
KILLS = int(os.environ.get("HOADON_KILLS", "200" if FULL else "12"))
FAULTS = ["drop-before", "drop-after", "delay 300", "status 503", "status-after 502", "garbage", "garbage-before", "other-message 1", "lose-204 1", "twice",
          "query-drop", "query-status 500", "query-not-found", "unsigned-answer 1", "forged-answer 1"]


def sale(till, bill):
    return {"till_id": till, "bill_no": bill, "kind": "sale", "sold_at": "2026-11-22T12:35:00+07:00", "total": "58000",
            "lines": [{"name": "Cà phê sữa đá", "unit": "ly", "qty": "2", "unit_price": "29000", "amount": "58000", "vat_rate": "8"}]}


class Storm:
    def __init__(self, lab, rng):
        self.lab, self.rng = lab, rng
        self.answers, self.errors = [], []
        self.lock = threading.Lock()
        self.is_over = False

    def insist(self, body):
        """As a till does: no answer, so the same again."""
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                status, answer, _ = self.lab.sell(body)
                if status not in (503, 507):
                    return status, answer
            except (OSError, ValueError, labs.http.client.HTTPException):
                pass
            time.sleep(0.05)
        raise AssertionError(f"no answer for {body['bill_no']}")

    def till(self, name):
        n = 0
        try:
            while not self.is_over:
                n += 1
                status, answer = self.insist(sale(name, f"{name}-{n}"))
                assert status == 201, f"{status} {answer}"
                with self.lock:
                    self.answers.append(answer)
                time.sleep(0.02)
        except Exception as error:
            self.errors.append(error)

    def misbehave(self):
        kinds = self.rng.sample(FAULTS, 4)
        self.lab.control("clear", *(f"fault {kind} after {n}" for n, kind in enumerate(kinds)))

    def blow(self):
        """One life of the agent: killed while it starts, or at work, however long the start took."""
        is_early = self.rng.random() < 0.3
        self.lab.start(wait=not is_early)
        self.misbehave()
        time.sleep(self.rng.uniform(0.05, 1.0) if is_early else self.rng.uniform(0, 0.9))
        assert self.lab.agent.poll() is None, f"it ended by itself: {self.lab.log()[-800:]}"
        self.lab.kill()

    def play(self):
        tills = [threading.Thread(target=self.till, args=(name,)) for name in TILLS]
        for thread in tills:
            thread.start()
        try:
            for _ in range(KILLS):
                self.blow()
            self.lab.control("clear")
            self.lab.start(wait=False)
        finally:
            self.is_over = True
            for thread in tills:
                thread.join()
        if self.errors:
            raise self.errors[0]
        self.lab.wait(lambda: self.lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0, "every invoice concluded")
        self.lab.stop()


def storm():
    with labs.Lab(clock=labs.clock_at(labs.NOON), tills=TILLS) as lab:
        blown = Storm(lab, random.Random(SEED))
        blown.play()
        compared = lab.check_books(blown.answers)
        issued = lab.sql("SELECT count(*) FROM invoice")[0][0]
        assert issued == len({(a["sale"]["till_id"], a["sale"]["bill_no"]) for a in blown.answers}), "an invoice that no till was told of"
        assert lab.sql("SELECT count(*) FROM invoice WHERE state = 'refused'")[0][0] == 0, "a sound invoice was given up"
        crashes = lab.sql("SELECT count(*) FROM ledger WHERE event = 'crash-found'")[0][0]
        print(f"kills: {KILLS}, found at the next start: {crashes}, invoices: {issued}")
        assert crashes >= KILLS // 2, f"the ledger knows of {crashes} crashes of {KILLS}"
        return compared + 3


def main():
    report = labs.Report()
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    report.case(f"{KILLS} kills under {len(TILLS)} tills", storm)
    report.close()


main()
