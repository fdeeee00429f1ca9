"""The same sale seen twice is one invoice, two sales that look alike are two: generated pairs (tests/generate/twice.py) by paper, file and API.

HOADON_SEED takes other pairs; HOADON_FULL=1 takes 5,000 of them.
"""
import collections
import os
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), ".."), os.path.join(os.path.dirname(__file__), "../generate")]
import lab as labs  # noqa: E402
import twice  # noqa: E402
from paper import CATALOGUE, print_to  # noqa: E402

FULL = os.environ.get("HOADON_FULL") == "1"
SEED = os.environ.get("HOADON_SEED", "5")
COUNT = 5000 if FULL else 6 * len(twice.KINDS)
AT_ONCE = 50  # papers or bills of a file that are on their way


class Shop(labs.Lab):
    """Ports of T01 and T02 without a printer, a folder and the API."""

    def __init__(self):
        super().__init__(clock=labs.clock_at(labs.NOON), authority=False)
        with open(f"{self.dir}/catalogue.csv", "w", encoding="utf-8") as f:
            f.write(CATALOGUE)
        self.ports = dict(zip(("T01", "T02"), labs.free_ports(2)))
        for till, port in self.ports.items():
            self.shape["extra"] += (f"[port {till}]\ntill = {till}\nlisten = 127.0.0.1:{port}\ncatalogue = {self.dir}/catalogue.csv\n"
                                    f"profile = {labs.TOP}/drivers/profiles/default.ini\n")
        self.write_config()
        self.start()
        self.wait(lambda: self.log().count("event=port-open") >= 2, "the ports to be open")

    def papers(self):
        return self.sql("SELECT count(*) FROM frame WHERE dialect = 'escpos'")[0][0]

    def print(self, bills):
        """Papers one after the other; all of them are read when it returns."""
        for at in range(0, len(bills), AT_ONCE):
            part, before = bills[at:at + AT_ONCE], self.papers()
            for till, port in self.ports.items():
                mine = [twice.paper(bill, way == "again") for way, bill in part if bill["till"] == till]
                if mine:
                    print_to(port, b"".join(mine))
            self.wait(lambda: self.papers() == before + len(part) and self.sql("SELECT count(*) FROM frame WHERE state = 'kept'") == [(0,)],  # noqa: B023
                      "the papers to be read")

    def put(self, bills, phase):
        for at in range(0, len(bills), AT_ONCE):
            path = f"{self.dir}/spool/{phase}-{at}.csv"
            with open(f"{path}.tmp", "w", encoding="utf-8") as f:
                f.write(twice.FILE_HEADER + "".join(twice.rows(bill) for _, bill in bills[at:at + AT_ONCE]))
            os.rename(f"{path}.tmp", path)
            self.wait(lambda: not os.path.exists(path), "the file to be done")  # noqa: B023

    def post(self, bills):
        return {bill["total"]: self.sell(twice.api(bill))[0] for _, bill in bills}


def the_same_sale_is_one_invoice_and_two_that_look_alike_are_two():
    pairs = [twice.pair(n, SEED) for n in range(COUNT)]
    told = {}
    with Shop() as shop:
        for phase in range(2):
            said = [events[phase] for _, _, events in pairs]
            shop.print([each for each in said if each[0] in ("paper", "again")])
            shop.put([each for each in said if each[0] == "file"], phase)
            told.update(shop.post([each for each in said if each[0] == "api"]))
        invoices = collections.Counter(dict(shop.sql("SELECT total, count(*) FROM invoice GROUP BY total")))
        parked = collections.Counter(dict(shop.sql("SELECT total, count(*) FROM sale WHERE state = 'parked' GROUP BY total")))
        merges, splits, asked = [], [], []
        for name, is_one, events in pairs:
            totals = {bill["total"] for _, bill in events}
            made, waits = (sum(count[total] for total in totals) for count in (invoices, parked))
            hears = events[1][0] == "api" and told[events[1][1]["total"]] == 409
            merges += [(name, events)] if is_one is False and made < 2 or is_one is None and not waits and not hears else []
            splits += [(name, events)] if is_one is not False and made > 1 else []
            asked += [(name, events, told.get(events[1][1]["total"]))] if is_one and (made != 1 or waits or hears) else []
        print(f"seed {SEED}: {COUNT} pairs: {len(merges)} false merges, {len(splits)} false splits, {len(asked)} of one sale that a person is asked about")
        assert not merges and not splits, (merges[:1], splits[:1])
        assert not asked, (collections.Counter(name for name, *_ in asked), asked[:1])
    return COUNT


def pairs_of_a_seed_are_the_same_each_time():
    one, two = ([twice.pair(n, "5") for n in range(200)] for _ in range(2))
    assert one == two and len({event[1]["total"] for _, _, events in one for event in events}) >= 200
    return 200


if __name__ == "__main__":
    labs.run_cases([
        pairs_of_a_seed_are_the_same_each_time,
        the_same_sale_is_one_invoice_and_two_that_look_alike_are_two,
    ])
