"""Tills that print pictures sell: five bills teach the letters of a till, and what it prints then is issued by them, or waits for a person with the reason."""
import os
import re
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.join(os.path.dirname(__file__), ".."), os.path.join(os.path.dirname(__file__), "../generate")]
import lab as labs  # noqa: E402
import learn as letters  # noqa: E402
import pictures  # noqa: E402
import tills  # noqa: E402
from paper import Printer, annexes_of, print_to  # noqa: E402
from raster import bills_to_learn, learn  # noqa: E402
from tap import Shop  # noqa: E402

TILL, FONT = 0, 2  # letters of different width, numbers to the right
TODAY = {"d": 22, "m": 11, "H": 12}
FIRST = 100  # bill of the first day


def bill(n, change=str):
    """(bytes, truth) of a bill of today; change: of its text."""
    text, truth = tills.draw(tills.TILLS[TILL], TILL, n, letters.SEED, when=TODAY)
    stream, = pictures.streams([(change(text), FONT, TILL)])
    return stream, truth


def number(n):
    return f"BL{n + 1:05d}"


def write_catalogue(path):
    """What the till sells, as it prints the names: cut behind 18 letters."""
    with open(path, "w", encoding="utf-8") as f:
        f.write("code,name,unit,vat_rate,class\n" + "".join(f'"","{name[:18].strip()}",cái,8,reduced\n' for name in tills.GOODS))


def teach(folder):
    """Profile, glyphs and catalogue of the till, learned of five bills and what a person read on them."""
    first = [text for text, _ in bills_to_learn(tills.TILLS[TILL], TILL)]
    learn(folder, pictures.streams([(text, FONT, TILL) for text in first]), first, args=("--glyphs", f"{folder}/till.glyphs"))
    write_catalogue(f"{folder}/goods.csv")


class Till(Shop):
    """A shop whose till prints pictures; the first of them is issued by a person, so that a number is known that others follow."""

    def __init__(self, printer, folder, is_begun=True, **how):
        super().__init__((printer, {"profile": f"{folder}/till.ini", "glyphs": f"{folder}/till.glyphs", "catalogue": f"{folder}/goods.csv", "hold_ms": 10000}), **how)
        self.printer = printer
        if is_begun:
            self.show(FIRST)
            assert self.parked() == [(number(FIRST), "bill.order")], self.parked()
            self.decide("issue", FIRST)

    def show(self, n, change=str):
        """Prints bill n: (annex or None, truth)."""
        stream, truth = bill(n, change)
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
    """One shape that no bill has shown, wherever it stands: the picture is kept, and the next bill goes on."""
    with Till(printer, folder) as shop:
        shop.show(FIRST + 1, lambda text: text.replace("Trần Phú", "Trần Phß"))
        shop.show(FIRST + 2, lambda text: text.replace("Tiền mặt", "Tiền m§t").replace("Thẻ ATM", "Thẻ §TM"))
        shop.show(FIRST + 3)
        assert shop.numbers() == [number(FIRST), number(FIRST + 3)], (shop.numbers(), shop.parked())
        assert shop.parked() == [(number(FIRST + n), "bill.review") for n in (1, 2)], shop.parked()
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


@taught
def many_pictures_on_one_line_come_in_order(printer, folder):
    """Each is measured by the one before it, however fast they come."""
    with Till(printer, folder) as shop:
        shop.print(b"".join(bill(FIRST + n)[0] for n in range(1, 5)), printer)
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


def main():
    report = labs.Report()
    why = pictures.missing()
    for case in (five_bills_later_pictures_are_issued, a_letter_that_is_not_known_is_for_a_person, sums_that_do_not_close_are_for_a_person, a_number_that_jumps_is_for_a_person, many_pictures_on_one_line_come_in_order,
                 a_dictionary_that_is_wrong_loses_no_bill):
        name = case.__name__.replace("_", " ")
        report.skip(name, why) if why else report.case(name, case)
    report.close()


if __name__ == "__main__":
    main()
