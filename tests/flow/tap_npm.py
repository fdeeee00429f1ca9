"""Programs of other people print Vietnamese papers to ports of hoadond, as in shops: npm node-thermal-printer, receiptline, receipt-printer-encoder."""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from paper import CUTS, STAR_CUTS, Printer, annexes_of, symbols_of  # noqa: E402
from tap import PROFILE, TRIES, Shop, is_slip  # noqa: E402

TILLS = os.path.join(labs.TOP, "tests/tills")
NPM = os.path.join(labs.TOP, "build/tills")

# (client, how it is set up, settings of its port): each reads as it was meant.
SELLING = [  # wrap: the shop's own profile, where a long name goes on
    ("node_thermal_printer", "TCVN_VIETNAMESE", {}),
    ("node_thermal_printer", "WPC1258_VIETNAMESE", {}),
    ("node_thermal_printer", "VISCII", {}),
    ("receipt_printer_encoder", "epson/auto", {"columns": 42}),
    ("receipt_printer_encoder", "bixolon/viscii", {"columns": 32, "wrap": "below"}),
    ("receiptline", "utf8", {}),
    ("receiptline", "cp437", {}),
    ("receiptline", "star", {"dialect": "star"}),
]
# Letters that the page lacks are lost ("?"), or there are none: a person decides.
PARKED = [
    ("receipt_printer_encoder", "epson/windows1258", {"columns": 42}),
    ("receiptline", "cp437/tones", {}),
    ("node_thermal_printer", "picture", {}),
]


def papers(begin):
    """Those of papers.json, with bill numbers of their own."""
    with open(f"{TILLS}/papers.json", encoding="utf-8") as f:
        return [{**paper, "number": begin + paper["number"]} for paper in json.load(f)]


def total(paper):
    return sum(item["qty"] * item["price"] - item.get("discount", 0) for item in paper["items"]) - paper.get("discount", 0)


def plain(name):
    letters = unicodedata.normalize("NFD", name).replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in letters if not unicodedata.combining(c))


class Client:
    """A program of other people at a port, and its printer."""

    def __init__(self, shop, port, printer, name, way, settings):
        self.shop, self.port, self.printer, self.name, self.way = shop, port, printer, name, way
        self.width = settings.get("columns", 48)
        self.cuts = STAR_CUTS if settings.get("dialect") == "star" else CUTS
        self.own = f"{chr(ord('A') + shop.ports.index(port))}-"  # of its bill numbers
        self.sent = {}  # paper -> what it sends of it

    def run(self, port, what):
        """It prints all of `what` and ends."""
        done = subprocess.run(["node", f"{TILLS}/{self.name}.mjs", NPM, "127.0.0.1", str(port), self.way, str(self.width)], input=json.dumps(what),
                              text=True, capture_output=True, timeout=2 * labs.PATIENCE)
        assert done.returncode == 0 and not done.stderr, f"{self.name} {self.way}: {done.stderr[-800:]}"

    def straight(self, what):
        """What it sends to a printer with nothing between: the bytes of each paper, which is printed so once."""
        new = [paper for paper in what if json.dumps(paper) not in self.sent]
        if new:
            with Printer() as printer:
                self.run(printer.port, new)
                self.shop.wait(lambda: len(printer.jobs) == len(new) and not printer.open, "the printer to have all")
                self.sent.update(zip(map(json.dumps, new), printer.paper(), strict=True))
        return [self.sent[json.dumps(paper)] for paper in what]

    def print(self, what):
        """By the port of hoadond: the annexes of each paper, which is else what it sends."""
        sent, before = self.straight(what), len(self.printer.jobs)
        self.run(self.port, what)

        def mine():
            return [bytes(job) for job in self.printer.jobs[before:] if not is_slip(job)]
        self.shop.wait(lambda: len(mine()) == len(what) and not self.printer.open, "all papers")
        return [annexes_of(job, of, self.cuts) for job, of in zip(mine(), sent)]

    def wait_for(self, count, state, kind):
        self.shop.wait(lambda: len(self.sales(state, kind)) == count, f"{count} of {kind} {state}, not {self.sales()}")

    def sales(self, state="%", kind="%"):
        return self.shop.sql("SELECT s.bill_no, s.kind, s.state, s.reason FROM sale s JOIN frame f ON f.id = s.frame_id "
                             "WHERE s.bill_no LIKE ? AND s.state LIKE ? AND s.kind LIKE ?", self.own + "%", state, kind)


def check_invoice(shop, paper, is_plain):
    """It says what the till meant: names with their tones where the till has them, quantities and the total."""
    number = paper["number"]
    (stands,), = shop.sql("SELECT i.total FROM sale s JOIN sale_invoice l ON l.sale_id = s.id JOIN invoice i ON i.id = l.invoice_id WHERE s.bill_no = ?", number)
    assert stands == total(paper), f"{number}: {stands} and not {total(paper)}"
    xml = shop.hoadon("invoice", "xml", str(shop.invoice(number)[0])).stdout.decode()
    lines = list(zip(re.findall("<THHDVu>(.*?)</THHDVu>", xml), map(float, re.findall("<SLuong>(.*?)</SLuong>", xml))))
    assert lines == [(plain(item["name"]) if is_plain else item["name"], item["qty"]) for item in paper["items"]], (number, lines)
    return 1 + 2 * len(lines), xml.split("<DLQRCode>")[1].split("<")[0]


def check_codes(shop, annexes, texts):
    """Each QR code has the size that fits any paper, and a reader that is not ours finds in it, drawn by a program that is not ours, what the invoice says."""
    found = [symbols_of(annex) for annex in annexes]
    assert [[symbol["data"] for symbol in symbols] for symbols in found] == [[text] for text in texts], (found, texts)
    symbols = [symbol for each in found for symbol in each]
    with tempfile.TemporaryDirectory(prefix="hoadon-qr.") as folder:
        widths = subprocess.run(["node", f"{TILLS}/qr.mjs", NPM, folder], input=json.dumps(symbols), text=True, capture_output=True, check=True).stdout.split()
        assert len(widths) == len(texts) and all(int(width) <= 384 for width in widths), f"wider than paper of 58 mm: {widths}"
        pictures = [f"{folder}/{n}.pbm" for n in range(len(symbols))]
        read = subprocess.run(["zbarimg", "-q", "--raw", *pictures], text=True, capture_output=True, check=True).stdout.splitlines()
    assert read == texts, (read, texts)
    return 3 * len(texts)


def a_day(client, begin):
    """Bills, then what is none: how many codes came before a cut, bills, comparisons."""
    shop, what = client.shop, papers(begin)
    bills, rest = [paper for paper in what if paper["kind"] == "bill"], [paper for paper in what if paper["kind"] != "bill"]
    client.straight(what)
    slips, sold = len(shop.slips(client.printer)), len(client.sales("issued"))
    found = client.print(bills)
    assert all(len(annexes) <= 1 for annexes in found), found
    client.wait_for(sold + len(bills), "issued", "sale")
    late = sum(not annexes for annexes in found)
    shop.wait(lambda: len(shop.slips(client.printer)) == slips + late and not client.printer.open, f"{late} slips")
    later = iter(shop.slips(client.printer)[slips:])
    annexes = [annexes[0] if annexes else next(later) for annexes in found]
    compared, texts = 3 * len(what), []
    for paper, annex in zip(bills, annexes):
        count, text = check_invoice(shop, paper, client.way in ("cp437", "star"))
        compared += count + shop.check_annex(annex, paper["number"])
        texts.append(text)
    assert client.print(rest) == [[] for _ in rest], "a code on what is no bill"
    return len(bills) - late, len(bills), compared + check_codes(shop, annexes, texts)


def sells(client):
    """Each bill is one invoice of what was meant; kitchen slips, bills before they are paid and printed again need nobody; a bill sent twice is one."""
    bills = 0
    for n in range(TRIES):
        in_time, count, compared = a_day(client, f"{client.own}{n}-")
        bills += count
        if in_time:
            break
    assert in_time, f"no code in time on {bills} bills"
    others = [paper["kind"] for paper in papers("") if paper["kind"] != "bill"]
    client.wait_for(len(others) * (n + 1), "ignored", "%")
    client.print([papers(f"{client.own}0-")[0]])
    client.shop.wait(lambda: client.shop.sql("SELECT count(*) FROM frame WHERE state = 'kept'") == [(0,)], "the paper to be read")
    assert len(client.sales("issued")) == bills and not client.sales("parked"), client.sales()
    return compared + 2


def is_for_a_person(client):
    """Nothing wrong becomes of what cannot be read: it is printed as it came, kept, and shown."""
    shop, what = client.shop, [paper for paper in papers(client.own) if paper["kind"] == "bill"]

    def count():
        return shop.sql("SELECT count(*) FROM sale WHERE state = 'parked'")[0][0]
    parked, invoices = count(), shop.invoices()
    assert client.print(what) == [[] for _ in what]
    shop.wait(lambda: count() >= parked + len(what), "each for a person")
    assert count() == parked + len(what) and shop.invoices() == invoices
    return 2 * len(what) + 2


def port_of(own, settings):
    """Settings of a port; the profile of a shop is a copy of the default one, changed."""
    wrap = settings.pop("wrap", None)
    if wrap:
        with open(PROFILE, encoding="utf-8") as f:
            own.write(f"{f.read()}[items]\nwrap = {wrap}\n")
        own.flush()
    return {"till": "T01", "catalogue": f"{TILLS}/catalogue.csv", "hold_ms": 10000, **settings, **({"profile": own.name} if wrap else {})}


def main():
    report = labs.Report()
    ways = SELLING + PARKED
    ready = subprocess.run(["sh", f"{TILLS}/install.sh", NPM], capture_output=True, text=True)
    if ready.returncode:
        for client, way, _ in ways:
            report.skip(f"{client} {way}", ready.stderr.strip())
        report.close()
    with contextlib.ExitStack() as stack:
        printers = [stack.enter_context(Printer()) for _ in ways]
        own = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".ini", encoding="utf-8"))
        shop = stack.enter_context(Shop(*((printer, port_of(own, settings)) for printer, (_, _, settings) in zip(printers, ways)), authority=True))
        clients = [Client(shop, port, printer, *way) for port, printer, way in zip(shop.ports, printers, ways)]
        for client in clients[:len(SELLING)]:
            report.case(f"{client.name} sells, {client.way}", sells, client)
        for client in clients[len(SELLING):]:
            report.case(f"what is lost is for a person: {client.name} {client.way}", is_for_a_person, client)
        report.case("no invoice is wrong, and the authority has each once", lambda: shop.wait_accepted(shop.invoices()) or shop.check_books())
    report.close()


if __name__ == "__main__":
    main()
