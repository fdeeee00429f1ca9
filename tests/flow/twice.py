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

    def __init__(self, settings=""):
        super().__init__(clock=labs.clock_at(labs.NOON), authority=False)
        with open(f"{self.dir}/catalogue.csv", "w", encoding="utf-8") as f:
            f.write(CATALOGUE)
        self.ports = dict(zip(("T01", "T02"), labs.free_ports(2)))
        for till, port in self.ports.items():
            self.shape["extra"] += (f"[port {till}]\ntill = {till}\nlisten = 127.0.0.1:{port}\ncatalogue = {self.dir}/catalogue.csv\n"
                                    f"profile = {labs.TOP}/drivers/profiles/default.ini\n{settings}")
        self.write_config()
        self.start()
        self.wait(lambda: self.log().count("event=port-open") >= 2, "the ports to be open")

    def papers(self):
        return self.sql("SELECT count(*) FROM frame WHERE dialect = 'escpos'")[0][0]

    def print(self, bills, source="127.0.0.1"):
        """Papers one after the other; all of them are read when it returns."""
        for at in range(0, len(bills), AT_ONCE):
            part, before = bills[at:at + AT_ONCE], self.papers()
            for till, port in self.ports.items():
                mine = [twice.paper(bill, way == "again") for way, bill in part if bill["till"] == till]
                if mine:
                    print_to(port, b"".join(mine), source=source)
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


WAYS = ("api", "file", "paper", "again")
TILL = "127.0.0.9"  # who is enrolled; anybody else is a stranger


def say(shop, way, bill):
    """By the till itself; what the API answers."""
    if way == "api":
        return shop.sell(twice.api(bill))[0]
    return shop.put([(way, bill)], bill["total"]) if way == "file" else shop.print([(way, bill)], TILL)


def decide(shop, bill, verb="issue", *words):
    """What a person does with the paper of @bill that waits: the exit status and what is said."""
    (sale,), = shop.sql("SELECT id FROM sale WHERE state = 'parked' AND total = ? ORDER BY id LIMIT 1", bill["total"])
    done = shop.hoadon("sale", verb, str(sale), *words, check=False)
    return done.returncode, done.stderr.decode()


def at(shop, hour, minute):
    """The clock of the shop on its day; hours from 24 on are of the next one."""
    shop.set_clock(labs.clock_at(labs.NOON + ((hour - 13) * 60 + minute) * 60000))


def sold(shop, bill):
    """Numbers and states of what was told of @bill, and how many invoices it has."""
    return shop.sql("SELECT bill_no, state FROM sale WHERE total = ? AND kind = 'sale' ORDER BY id", bill["total"]), shop.sql("SELECT count(*) FROM invoice WHERE total = ?", bill["total"])[0][0]


def invoice_of(shop, bill):
    (form, serial, number), = shop.sql("SELECT form, serial, number FROM invoice WHERE total = ?", bill["total"])
    return f"{form}{serial}/{number}"


def a_paper_that_a_person_issues_is_the_bill_of_its_number():
    """A stranger's, that waits: once it is issued the till's own word of it is the same sale, and once the till has said it it is not issued."""
    pairs = iter(twice.pair(n * len(twice.KINDS), SEED)[2] for n in range(100))
    with Shop(f"peers = {TILL}\n") as shop:
        for way in WAYS:
            (_, first), (_, second) = next(pairs)
            shop.print([("paper", first)])
            assert decide(shop, first)[0] == 0
            assert sold(shop, first) == ([(first["number"], "issued")], 1), (way, sold(shop, first))
            told = say(shop, way, second if way in ("api", "file") else first)
            assert told in (None, 201) and sold(shop, first) == ([(first["number"], "issued")], 1), (way, told, sold(shop, first))
        for way in WAYS[:3]:
            (_, first), (_, second) = next(pairs)
            shop.print([("paper", first)])
            say(shop, way, second)
            code, why = decide(shop, first)
            rows, invoices = sold(shop, first)
            assert code == 1 and invoice_of(shop, first) in why and "bill.taken" in why and invoices == 1, (way, code, why, invoices)
            assert decide(shop, first, "ignore", "--reason", "the till said it")[0] == 0 and [row[1] for row in rows] == ["parked", "issued"]
        return 3 * len(WAYS) + 3 * 4


def a_paper_that_waits_beside_another_of_its_number():
    """Which of both is the sale is decided once: the other one is looked at first, and what was dismissed gives its number free."""
    with Shop(f"peers = {TILL}\n") as shop:
        bill = twice.pair(0, SEED)[2][0][1]
        unknown = dict(bill, lines=[("Món lạ", *bill["lines"][0][1:])] + bill["lines"][1:])
        say(shop, "paper", unknown)  # nobody knows the rate of its first item
        shop.print([("paper", bill)])
        (own, stranger) = (row[0] for row in shop.sql("SELECT id FROM sale WHERE state = 'parked' ORDER BY id"))
        refused = shop.hoadon("sale", "issue", str(stranger), check=False)
        assert refused.returncode == 1 and f"sale {own}" in refused.stderr.decode(), refused.stderr
        shop.hoadon("sale", "ignore", str(own), "--reason", "the other one is whole")
        shop.hoadon("sale", "issue", str(stranger))
        assert sold(shop, bill) == ([(bill["number"], "ignored"), (bill["number"], "issued")], 1), sold(shop, bill)
        say(shop, "paper", bill)
        assert sold(shop, bill)[1] == 1 and say(shop, "api", bill) == 409
        night = dict(twice.pair(1, SEED)[2][0][1], number="N1", day=None)
        at(shop, 23, 58)
        shop.print([("paper", night)])
        at(shop, 24, 1)
        say(shop, "paper", night)
        assert decide(shop, night)[0] == 1 and sold(shop, night)[1] == 1, sold(shop, night)
        shop.hoadon("fsck")
        return 8


def what_looks_like_a_paper_that_was_issued_is_another_sale():
    """The number on the next day, two equal bowls a minute apart; of two that nothing tells apart the second needs a person again."""
    with Shop(f"peers = {TILL}\n") as shop:
        bill = twice.pair(0, SEED)[2][0][1]
        early = dict(bill, day=twice.DAYS[0])
        shop.print([("paper", early)])
        assert decide(shop, early)[0] == 0 and say(shop, "api", bill) == 201
        assert sold(shop, bill) == ([(bill["number"], "issued")] * 2, 2), sold(shop, bill)
        bowl = dict(twice.pair(1, SEED)[2][0][1], number=None)
        shop.print([("paper", bowl)])
        assert decide(shop, bowl)[0] == 0
        say(shop, "paper", dict(bowl, minute=bowl["minute"] + 1))
        assert sold(shop, bowl)[1] == 2, sold(shop, bowl)
        say(shop, "paper", bowl)
        assert sold(shop, bowl)[1] == 2 and sold(shop, bowl)[0][-1][1] == "parked", sold(shop, bowl)
        return 6


def a_bill_without_a_date_that_is_printed_again_behind_midnight():
    """Nobody can tell it from a bill of a counter that begins anew each day: a person is asked, whose word for it makes it the bill of its number on that day."""
    with Shop() as shop:
        bills = [dict(twice.pair(n, SEED)[2][0][1], number=f"A{n}", day=None) for n in range(4)]
        other = dict(twice.pair(4, SEED)[2][0][1], number="A2", day=None)
        dated = dict(bills[3], day=twice.DAYS[1], minute=23 * 60 + 49)
        at(shop, 16, 0)
        shop.print([("paper", bills[0])])
        at(shop, 23, 50)
        shop.print([("paper", bill) for bill in (bills[1], bills[2], dated)])
        assert shop.sql("SELECT count(*) FROM invoice") == [(4,)]
        at(shop, 24, 20)
        shop.print([("paper", bill) for bill in (*bills[:2], other, dict(dated, day="2026-11-23", minute=19))])
        assert [sold(shop, bill)[1] for bill in (*bills, other)] == [2, 1, 1, 2, 1], [sold(shop, bill) for bill in (*bills, other)]
        waits, = shop.sql("SELECT reason, total, detail FROM sale WHERE state = 'parked'")
        assert waits[:2] == ("bill.midnight", bills[1]["total"]) and invoice_of(shop, bills[1]) in waits[2], waits
        shop.print([("paper", bills[1])])
        assert [row[1] for row in sold(shop, bills[1])[0]] == ["issued", "parked", "parked"]
        assert decide(shop, bills[1])[0] == 0 and sold(shop, bills[1])[1] == 2
        assert shop.sql("SELECT bill_no, business_day FROM sale WHERE total = ? AND state = 'issued' ORDER BY id", bills[1]["total"]) == [("A1", 20261122), ("A1", 20261123)]
        code, why = decide(shop, bills[1])
        assert code == 1 and "bill.taken" in why and sold(shop, bills[1])[1] == 2
        assert say(shop, "api", dict(bills[1], day="2026-11-23", minute=20, second=0)) == 201 and sold(shop, bills[1])[1] == 2
        return 14


def clocks_on_both_sides_of_midnight():
    """Paper of the last minute, the API's word of the first one behind it, and the other way round; a till whose day ends later counts its bills to the day before."""
    with Shop() as shop:
        bills = [dict(twice.pair(n, SEED)[2][0][1], number=f"A{n}") for n in range(4)]
        late, early = dict(day=twice.DAYS[1], minute=24 * 60 - 1, second=30), dict(day="2026-11-23", minute=0, second=30)
        at(shop, 24, 2)
        shop.print([("paper", dict(bills[0], **late))])
        assert say(shop, "api", dict(bills[0], **early)) == 201
        assert say(shop, "api", dict(bills[1], **early)) == 201
        shop.print([("paper", dict(bills[1], **late))])
        shop.print([("paper", dict(bills[2], **early))])
        assert shop.sell({**twice.api(dict(bills[2], **early)), "business_day": twice.DAYS[1]})[0] == 201
        shop.print([("paper", dict(bills[3], **late))])
        assert say(shop, "api", dict(bills[3], **dict(early, minute=7))) == 201  # minutes apart it is the next day's
        assert [sold(shop, bill)[1] for bill in bills] == [1, 1, 1, 2], [sold(shop, bill) for bill in bills]
        return 8


def pairs_of_a_seed_are_the_same_each_time():
    one, two = ([twice.pair(n, "5") for n in range(200)] for _ in range(2))
    assert one == two and len({event[1]["total"] for _, _, events in one for event in events}) >= 200
    return 200


if __name__ == "__main__":
    labs.run_cases([
        pairs_of_a_seed_are_the_same_each_time,
        the_same_sale_is_one_invoice_and_two_that_look_alike_are_two,
        a_paper_that_a_person_issues_is_the_bill_of_its_number,
        a_paper_that_waits_beside_another_of_its_number,
        what_looks_like_a_paper_that_was_issued_is_another_sale,
        a_bill_without_a_date_that_is_printed_again_behind_midnight,
        clocks_on_both_sides_of_midnight,
    ])
