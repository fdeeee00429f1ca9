"""Tills that print pictures sell: five bills teach the letters of a till, and what it prints then is issued by them, or waits for a person with the reason.

HOADON_SEED draws other bills; HOADON_FULL=1 takes 30 layouts in three fonts.
"""
import concurrent.futures
import contextlib
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.join(os.path.dirname(__file__), part) for part in ("..", ".", "../generate")]
import lab as labs  # noqa: E402
import learn as letters  # noqa: E402
import pictures  # noqa: E402
import tills  # noqa: E402
from paper import Printer, annexes_of, print_to  # noqa: E402
from raster import LAYOUTS, bills_to_learn, catalogue_rows, learn  # noqa: E402
from tap import Shop  # noqa: E402

TILL, FONT = 0, 2  # letters of different width, numbers to the right
TODAY = {"d": 22, "m": 11, "H": 12}
FIRST = 100  # bill of the first day
RESET, CUT = b"\x1b@", b"\x1dVB\x00"


def bill(n, change=str, drawn=b"", above=b""):
    """(bytes, truth) of a bill of today; change: of its text; drawn: below it; above: it."""
    text, truth = tills.draw(tills.TILLS[TILL], TILL, n, letters.SEED, when=TODAY)
    stream, = pictures.streams([(change(text), FONT, TILL)])
    at = len(stream) - len(CUT)
    return RESET + above + stream[len(RESET):at] + drawn + stream[at:], truth


def number(n):
    return f"BL{n + 1:05d}"


def band(rows):
    """Rows of 576 dots, as a till prints a drawing."""
    return b"\x1dv0\x00\x48\x00" + len(rows).to_bytes(2, "little") + b"".join(rows)


def logo(seed):
    """A large disc, and crumbs that look like letters and are none."""
    r = random.Random(seed)
    rows = [[0] * 576 for _ in range(130)]
    for y in range(120):
        for x in range(120):
            rows[y][x + 200] = (x - 60) ** 2 + (y - 60) ** 2 < 3500
    for at in range(350, 560, 30):
        for y in range(20, 34):
            for x in range(12):
                rows[y][at + x] = r.random() < 0.7
    return band([bytes(sum(row[8 * n + bit] << (7 - bit) for bit in range(8)) for n in range(72)) for row in rows])


def teach(folder, layout=TILL, font=FONT, above=b""):
    """Profile, glyphs and catalogue of a till, learned of five bills and what a person read on them; above: is drawn on each."""
    till = tills.till_of(layout, letters.SEED)
    first = [text for text, _ in bills_to_learn(till, layout)]
    learn(folder, [RESET + above + stream[len(RESET):] for stream in pictures.streams([(text, font, layout) for text in first])], first, args=("--glyphs", f"{folder}/till.glyphs"))
    with open(f"{folder}/goods.csv", "w", encoding="utf-8") as f:
        f.write("code,name,unit,vat_rate,class\n" + catalogue_rows(till, 10 if "10" in (till.tax or "") else 8))
    return till


def settings_of(folder):
    return {"profile": f"{folder}/till.ini", "glyphs": f"{folder}/till.glyphs", "catalogue": f"{folder}/goods.csv"}


class Till(Shop):
    """A shop whose till prints pictures; the first of them is issued by a person, so that a number is known that others follow."""

    def __init__(self, printer, folder, is_begun=True, hold_ms=10000, **how):
        super().__init__((printer, {**settings_of(folder), "hold_ms": hold_ms}), **how)
        self.printer = printer
        if is_begun:
            self.show(FIRST)
            assert self.parked() == [(number(FIRST), "bill.order")], self.parked()
            self.decide("issue", FIRST)

    def show(self, n, change=str, **what):
        """Prints bill n: (annex or None, truth)."""
        stream, truth = bill(n, change, **what)
        annexes = annexes_of(self.print(stream, self.printer), stream)
        assert len(annexes) <= 1, annexes
        return (annexes or [None])[0], truth

    def parked(self):
        return self.sql("SELECT bill_no, reason FROM sale WHERE state = 'parked' ORDER BY id")

    def decide(self, what, n, *args):
        (sale_id,), = self.sql("SELECT id FROM sale WHERE bill_no = ? AND state = 'parked'", number(n))
        self.hoadon("sale", what, str(sale_id), *args)

    def numbers(self):
        return [no for no, in self.sql("SELECT bill_no FROM sale WHERE state = 'issued' ORDER BY id")]


def taught(case):
    """@case with a printer and the folder of a till that was learned."""
    def run():
        with Printer() as printer, tempfile.TemporaryDirectory() as folder:
            teach(folder)
            return case(printer, folder)
    run.__name__ = case.__name__
    return run


@taught
def five_bills_later_pictures_are_issued(printer, folder):
    """Each is one invoice of what was meant, its code before the cut; printed again it is the same one."""
    with Till(printer, folder, authority=True) as shop:
        shown = [shop.show(n) for n in range(FIRST + 1, FIRST + 7)]
        stands = dict(shop.sql("SELECT s.bill_no, i.total FROM sale s JOIN sale_invoice l ON l.sale_id = s.id JOIN invoice i ON i.id = l.invoice_id"))
        assert [stands.get(truth["bill_no"]) for _, truth in shown] == [int(truth["total"]) for _, truth in shown], (stands, shop.parked())
        with_code = [(annex, truth["bill_no"]) for annex, truth in shown if annex]
        assert with_code, f"no code in time: {shop.log()[-800:]}"
        compared = sum(shop.check_annex(annex, bill_no) for annex, bill_no in with_code)
        shop.show(FIRST + 6)
        shop.wait(lambda: shop.papers() == 8, "the bill that is printed again")
        assert shop.invoices() == 7 and shop.parked() == [], shop.parked()
        shop.wait_accepted(7)
        return compared + len(shown) + 2 + shop.check_books()


@taught
def a_letter_that_is_not_known_is_for_a_person(printer, folder):
    """One shape that no bill has shown, wherever it stands, or what is drawn and no letter: the picture is kept, and the next bill goes on."""
    with Till(printer, folder) as shop:
        shop.show(FIRST + 1, lambda text: text.replace("Trần Phú", "Trần Phß"))
        shop.show(FIRST + 2, lambda text: text.replace("Tiền mặt", "Tiền m§t").replace("Thẻ ATM", "Thẻ §TM"))
        shop.show(FIRST + 3, drawn=band([b"\xff" * 30 + bytes(42)] * 20))
        shop.show(FIRST + 4, lambda text: re.sub(r"\d(\.\d{3})\n", r"§\1\n", text, count=1))  # a figure of an amount, which the rest of the bill would tell
        shop.show(FIRST + 5, lambda text: re.sub(r"(?m)^(\w+ \w)\w(.*  +\d.*  +[\d.]+)$", r"\1ß\2", text, count=1))  # a letter of a name, of which one would fit
        shop.show(FIRST + 6)
        assert shop.numbers() == [number(FIRST), number(FIRST + 6)], (shop.numbers(), shop.parked())
        assert shop.parked() == [(number(FIRST + n), "bill.review") for n in range(1, 6)], shop.parked()
        details = [detail for detail, in shop.sql("SELECT detail FROM sale WHERE state = 'parked'")]
        assert all(detail.startswith("letters ") for detail in details), details
        return 4


@taught
def sums_that_do_not_close_are_for_a_person(printer, folder):
    with Till(printer, folder) as shop:
        shop.show(FIRST + 1, lambda text: re.sub(r"( +)(\d+)(  +[\d.]+  +[\d.]+)\n", lambda row: f"{row[1]}{int(row[2]) + 1}{row[3]}\n", text, count=1))
        shop.show(FIRST + 2, lambda text: re.sub(r"(KHÁCH PHẢI TRẢ:? +\d+)", lambda total: f"{total[1][:-1]}{(int(total[1][-1]) + 1) % 10}", text))
        shop.show(FIRST + 3)
        assert shop.numbers() == [number(FIRST), number(FIRST + 3)], (shop.numbers(), shop.parked())
        assert shop.parked() == [(number(FIRST + n), "bill.review") for n in (1, 2)], shop.parked()
        details = [detail.split()[0] for detail, in shop.sql("SELECT detail FROM sale WHERE state = 'parked' ORDER BY id")]
        assert details == ["amount", "total"], details
        return 4


@taught
def a_number_that_jumps_is_for_a_person(printer, folder):
    """As are all behind it, until somebody has looked; on paper of before the till began, and while no number of it is known."""
    with Till(printer, folder, is_begun=False) as shop:
        shop.show(FIRST)
        shop.show(FIRST + 1)
        assert shop.numbers() == [] and shop.parked() == [(number(FIRST + n), "bill.order") for n in (0, 1)], shop.parked()
        shop.decide("issue", FIRST)
        shop.show(FIRST + 2)  # what waits for a person had the number between
        shop.show(FIRST + 12)
        shop.show(FIRST + 13)
        shop.show(FIRST - 50)
        assert shop.numbers() == [number(FIRST), number(FIRST + 2)], shop.numbers()
        assert shop.parked() == [(number(FIRST + n), "bill.order") for n in (1, 12, 13, -50)], shop.parked()
        detail, = shop.sql("SELECT detail FROM sale WHERE bill_no = ?", number(FIRST + 12))[0]
        assert detail.endswith(f"{number(FIRST + 2)}, {number(FIRST + 12)}"), detail
        shop.decide("ignore", FIRST - 50, "--reason", "bill cũ")
        shop.decide("issue", FIRST + 12)
        shop.show(FIRST + 14)
        assert shop.numbers()[-1] == number(FIRST + 14), (shop.numbers(), shop.parked())
        return 6


def a_logo_above_each_bill_is_known():
    """It was on the bills that taught; another one, which may say that the paper is no bill, is for a person."""
    with Printer() as printer, tempfile.TemporaryDirectory() as folder:
        teach(folder, above=logo(1))
        with Till(printer, folder, is_begun=False) as shop:
            shop.show(FIRST, above=logo(1))
            shop.decide("issue", FIRST)
            shop.show(FIRST + 1, above=logo(1))
            shop.show(FIRST + 2, above=logo(2))
            shop.show(FIRST + 3, above=logo(1))
            assert shop.numbers() == [number(FIRST + n) for n in (0, 1, 3)], (shop.numbers(), shop.parked())
            assert shop.parked() == [(number(FIRST + 2), "bill.review")], shop.parked()
            return 2


def a_till_of_few_letters_is_read_like_any_other():
    """Without accents a dictionary is small: whatever reads a picture for the first time then asks the kernel for nothing that is not allowed."""
    with tempfile.TemporaryDirectory() as folder:
        till = teach(folder, 4, 0)
        with Shop((None, settings_of(folder))) as shop:
            text, truth = tills.draw(till, 4, FIRST, letters.SEED, is_full=True, goods=till.goods, when=TODAY)
            print_to(shop.tap, pictures.streams([(text, 0, 4)])[0])
            shop.wait(lambda: shop.sql("SELECT count(*) FROM sale") == [(1,)], "the picture to be read")
            assert shop.sql("SELECT bill_no, total, reason FROM sale") == [(truth["bill_no"], int(truth["total"]), "bill.order")], shop.sql("SELECT bill_no, total, reason, detail FROM sale")
            assert "reader-gone" not in shop.log()
            return 2


@taught
def many_pictures_on_one_line_come_in_order(printer, folder):
    """Each is measured by the one before it, also when all wait for the store."""
    with Till(printer, folder, hold_ms=2000) as shop:
        with contextlib.closing(sqlite3.connect(f"{shop.dir}/store/current.db", isolation_level=None, timeout=60)) as db:
            db.execute("BEGIN IMMEDIATE")  # nobody else can write
            print_to(shop.tap, b"".join(bill(FIRST + n)[0] for n in range(1, 5)))
            db.execute("ROLLBACK")
        shop.wait_sales(5)
        assert shop.numbers() == [number(FIRST + n) for n in range(5)] and shop.parked() == [], (shop.numbers(), shop.parked())
        return 2


@taught
def a_dictionary_that_is_wrong_loses_no_bill(printer, folder):
    """Its line is named, what is printed stays kept, and is issued when the file is right."""
    glyphs = f"{folder}/till.glyphs"
    with Till(printer, folder) as shop:
        shop.stop()
        with open(glyphs, encoding="utf-8") as f:
            good = f.read()
        with open(glyphs, "w", encoding="utf-8") as f:
            f.write(good.replace("glyph ", "glyf ", 1))
        line = good[:good.index("glyph ")].count("\n") + 1
        said = subprocess.run([f"{labs.BIN}/hoadon", "--config", f"{shop.dir}/conf", "doctor", "--lang", "en"], capture_output=True, text=True, env=shop.env).stdout
        assert f"port P1.glyphs: {glyphs}: glyphs, line {line}" in said, said
        shop.open()
        stream, _ = bill(FIRST + 1)
        papers = shop.papers()
        print_to(shop.tap, stream)
        shop.wait(lambda: shop.papers() == papers + 1, "the paper to be kept")
        shop.wait(lambda: f"glyphs, line {line}" in shop.log(), "the line to be named", 60)
        shop.stop()
        with open(glyphs, "w", encoding="utf-8") as f:
            f.write(good)
        shop.open()
        shop.wait_sales(2)
        assert shop.numbers() == [number(FIRST), number(FIRST + 1)], shop.numbers()
        return 4


TEST, OTHERS = 12, 4  # bills of a till, and papers that are none
TO_BEGIN = 3  # bills of a till that are printed at most until one can be read; no more than TEST are counted
ISSUED = 90  # percent, of all together
AT_ONCE = 10  # tills of one shop


class Many(Shop):
    """A shop of many tills, each of its own layout and font."""

    def __init__(self, tills_of, folders):
        self.tills = [f"T{n + 1:02d}" for n in range(len(folders))]
        super().__init__(*((None, {**settings_of(folder), "prices_include_vat": "no" if till.tax and not till.is_inside else "yes"}) for till, folder in zip(tills_of, folders)), tills=self.tills)

    def print_all(self, streams):
        """The papers of each till, one behind the other, and all tills at once."""
        printing = [(till, port, papers) for till, port, papers in zip(self.tills, self.ports, streams) if papers]
        before = dict(self.sql("SELECT till_id, count(*) FROM sale GROUP BY till_id"))
        with concurrent.futures.ThreadPoolExecutor(len(printing)) as pool:
            list(pool.map(lambda job: print_to(job[1], b"".join(job[2])), printing))
        for till, _, papers in printing:
            self.wait(lambda: self.sql("SELECT count(*) FROM sale WHERE till_id = ?", till)[0][0] == before.get(till, 0) + len(papers), f"the papers of {till}", 300)

    def begin(self, streams):
        """Bills are printed until one of a till can be read; a person issues that. How many were printed, and the number of the one that was issued."""
        printed, begun = [0] * len(streams), [None] * len(streams)
        for n in range(TO_BEGIN):
            self.print_all([papers[n:n + 1] if not no else [] for no, papers in zip(begun, streams)])
            for at, till in enumerate(self.tills):
                if begun[at]:
                    continue
                printed[at] = n + 1
                for sale, bill_no in self.sql("SELECT id, bill_no FROM sale WHERE till_id = ? AND reason = 'bill.order'", till):
                    assert self.call("POST", f"/api/v1/parked/{sale}/issue", {})[0] in (200, 201), (till, bill_no)
                    begun[at] = bill_no
            if all(begun):
                break
        return printed, begun

    def stands(self, till):
        return self.sql("SELECT s.bill_no, i.total FROM sale s JOIN sale_invoice l ON l.sale_id = s.id JOIN invoice i ON i.id = l.invoice_id WHERE s.till_id = ?", till)


def sell(pairs, folder, parked):
    """(how many bills were issued without a person, what is wrong) of tills of these layouts and fonts."""
    folders = [f"{folder}/{layout}-{font}" for layout, font in pairs]
    for path in folders:
        os.mkdir(path)
    tills_of = [teach(path, *pair) for path, pair in zip(folders, pairs)]
    bills, streams, wrong, issued = [], [], [], 0
    for till, (layout, font) in zip(tills_of, pairs):
        bills.append([tills.draw(till, layout, FIRST + n, letters.SEED, when=TODAY) for n in range(TEST + 1)])
        others = [tills.draw(till, layout, 2 * FIRST + n, letters.SEED, kind=["pre-bill", "reprint"][n % 2], when=TODAY)[0] for n in range(OTHERS)]
        streams.append(pictures.streams([(text, font, layout) for text in [text for text, _ in bills[-1]] + others]))
    with Many(tills_of, folders) as shop:
        printed, begun = shop.begin(streams)
        shop.print_all([papers[count:] for count, papers in zip(printed, streams)])
        for till, pair, meant, first in zip(shop.tills, pairs, bills, begun):
            stands, truth = shop.stands(till), {bill["bill_no"]: int(bill["total"]) for _, bill in meant}
            wrong += [(pair, row) for row in stands if truth.get(row[0]) != row[1]] + ([(pair, "twice")] if len(dict(stands)) != len(stands) else [])
            issued += len(set(dict(stands)) - {first})
            for reason, count in shop.sql("SELECT reason, count(*) FROM sale WHERE till_id = ? AND state = 'parked' AND kind = 'sale' GROUP BY 1", till):
                parked[(*pair, reason)] = count
    return issued, wrong


def layouts_and_fonts_sell_after_five_bills():
    """0 wrong, and nine bills of ten are invoices without a person; pre-bills and reprints are none."""
    pairs = [(layout, font) for font in range(3) for layout in range(LAYOUTS)]
    pairs = pairs if letters.FULL else sorted(random.Random(letters.SEED).sample(pairs, 4))
    parked, wrong, issued = {}, [], 0
    for at in range(0, len(pairs), AT_ONCE):
        with tempfile.TemporaryDirectory() as folder:
            more, bad = sell(pairs[at:at + AT_ONCE], folder, parked)
        issued, wrong = issued + more, wrong + bad
    share = 100 * issued / (TEST * len(pairs))
    print(f"seed {letters.SEED}: {len(pairs)} layouts and fonts, {issued} of {TEST * len(pairs)} bills issued ({share:.1f} %), {len(wrong)} wrong; parked: {parked}", flush=True)
    assert not wrong, wrong[:5]
    assert share >= ISSUED, f"only {share:.1f} % issued"
    return (TEST + OTHERS) * len(pairs)


def main():
    report = labs.Report()
    why = pictures.missing()
    for case in (five_bills_later_pictures_are_issued, a_letter_that_is_not_known_is_for_a_person, sums_that_do_not_close_are_for_a_person, a_number_that_jumps_is_for_a_person, a_logo_above_each_bill_is_known, a_till_of_few_letters_is_read_like_any_other, many_pictures_on_one_line_come_in_order,
                 a_dictionary_that_is_wrong_loses_no_bill, layouts_and_fonts_sell_after_five_bills):
        name = case.__name__.replace("_", " ")
        report.skip(name, why) if why else report.case(name, case)
    report.close()


if __name__ == "__main__":
    main()
