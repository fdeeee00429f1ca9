"""
Kill hoadond at every failpoint of the store that issuing a refused sale again visits, click again, and compare: one new invoice,
one closed task, the refused bytes as they were. HOADON_FULL=1 kills at all of them, otherwise at a sample.
"""
import os
import random
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

FULL = os.environ.get("HOADON_FULL") == "1"
SEED = int(os.environ.get("HOADON_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
SALE = {"till_id": "T01", "bill_no": "HD1", "kind": "sale", "sold_at": "2026-11-22T12:35:00+07:00", "lines": [
    {"name": "Cà phê sữa đá", "unit": "ly", "qty": "2", "unit_price": "29000", "amount": "58000", "vat_rate": "8"}], "total": "58000"}
CORRECTED = {**SALE, "note": "đã sửa"}
REPEATED = ("begin", "commit", "ledger_add", "tip_put", "tally_add")  # also visited before the click: killed at the 1st to 6th visit
VISITS = 6


class Shop:
    """One refused invoice, kept as a folder that every trial begins with. Its key cannot be opened: nothing is sent meanwhile."""

    def __init__(self, lab):
        self.lab = lab
        lab.start()
        lab.control("fault refuse-number 1")
        status, answer, _ = lab.sell(SALE)
        assert status == 201, answer
        lab.wait(lambda: lab.sql("SELECT count(*) FROM task")[0][0] == 1, "a task")
        lab.stop()
        self.bytes = lab.sql("SELECT digest, xml FROM invoice_bytes WHERE invoice_id = 1")
        self.frame = lab.sql("SELECT digest, bytes FROM frame WHERE id = 1")
        with open(f"{lab.dir}/conf/wrong", "w") as f:
            f.write("wrong")
        with open(f"{lab.dir}/conf/conf.d/50-key.conf", "w") as f:
            f.write(f"[key]\npassword_file = {lab.dir}/conf/wrong\n")
        shutil.copytree(f"{lab.dir}/store", f"{lab.dir}/kept")

    def begin(self):
        shutil.rmtree(f"{self.lab.dir}/store")
        shutil.copytree(f"{self.lab.dir}/kept", f"{self.lab.dir}/store")

    def click(self):
        """As a person does: no answer, so again. Returns the answer and how often the agent died."""
        deaths = 0
        end = time.monotonic() + 2 * labs.PATIENCE
        while time.monotonic() < end:
            try:
                status, answer, _ = self.lab.call("POST", "/api/v1/tasks/1/reissue", CORRECTED)
                if status != 503:
                    return status, answer, deaths
            except (OSError, ValueError, labs.http.client.HTTPException):
                pass
            if self.lab.agent.poll() is not None:
                deaths += 1
                self.lab.start()
            time.sleep(0.02)  # one that dies refuses before it is dead
        raise AssertionError("no answer to a click")

    def visited(self):
        """The failpoints that a click reaches first."""
        log = f"{self.lab.dir}/failpoints"
        self.begin()
        self.lab.start(env={"HOADON_FAILPOINT_LOG": log})
        before = open(log).read().split()
        status, answer, _ = self.click()
        assert status == 201, answer
        after = open(log).read().split()
        self.lab.stop()
        new = [n for n in after if n not in before and n.startswith("store.")]
        return [f"{n}:1" for n in new] + [f"store.{n}.{p}:{i}" for n in REPEATED for p in ("before", "after") for i in range(1, VISITS + 1)]

    def trial(self, point):
        lab = self.lab
        self.begin()
        deaths = 0
        lab.start(env={"HOADON_FAILPOINT": f"{point}:kill"}, wait=False)
        while not lab.is_ready():
            if lab.agent.poll() is not None:
                deaths += 1
                lab.start()
            time.sleep(0.02)
        status, answer, died = self.click()
        assert status == 201 and answer["invoice"]["number"] == "2" and answer["reissues"]["number"] == "1", answer
        if lab.agent.poll() is not None:
            died += 1
            lab.start()
        count = self.check(answer)
        lab.agent.terminate()
        lab.agent.wait(labs.PATIENCE)
        return deaths + died + (lab.agent.returncode != 0), count

    def check(self, answer):
        lab = self.lab
        again = lab.call("POST", "/api/v1/tasks/1/reissue", {})
        assert again[0] == 201 and again[1]["replay"] and again[1]["invoice"] == answer["invoice"], again
        assert lab.sql("SELECT number, state FROM invoice ORDER BY 1") == [(1, "refused"), (2, "issued")]
        assert lab.sql("SELECT revision, count(*) FROM sale GROUP BY 1") == [(1, 1), (2, 1)]
        assert lab.sql("SELECT count(*), sum(closed_at = 0) FROM task WHERE kind = 'refused-invoice'") == [(1, 0)], lab.sql('SELECT kind, text, closed_at FROM task')
        assert lab.sql("SELECT later_id, earlier_id FROM invoice_relation") == [(2, 1)]
        assert lab.sql("SELECT count(*) FROM sale_invoice WHERE invoice_id = 2 AND is_issuing = 1") == [(2,)]
        assert lab.sql("SELECT event, count(*) FROM ledger WHERE event IN ('issued', 'reissued') GROUP BY 1") == [("issued", 2), ("reissued", 1)]
        assert lab.sql("SELECT digest, xml FROM invoice_bytes WHERE invoice_id = 1") == self.bytes, "the refused bytes changed"
        assert lab.sql("SELECT digest, bytes FROM frame WHERE id = 1") == self.frame, "what the till said changed"
        assert lab.hoadon("audit", "verify", check=False).returncode == 0, "the ledger, or a forgotten sale"
        return 11


def main():
    report = labs.Report()
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        shop = Shop(lab)
        points = shop.visited()
        own = [p for p in points if p.endswith(":1")]
        chosen = points if FULL else random.Random(SEED).sample(own, 4)
        killed = 0

        def one(point):
            nonlocal killed
            deaths, count = shop.trial(point)
            assert deaths or not point.endswith(":1"), "the failpoint was not reached"
            killed += deaths > 0
            return count

        for point in chosen:
            report.case(f"issued again, killed at {point}", one, point)
            if lab.agent and lab.agent.poll() is None:
                lab.agent.kill()
                lab.agent.wait()
        print(f"failpoints of a click: {len(own)}, killed at: {killed}")
    report.close()


main()
