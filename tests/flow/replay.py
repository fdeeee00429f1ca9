"""`hoadon capture record` and `replay`: what a till printed goes into a file, teaches a profile, and is printed again as the till did, without a second invoice."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from paper import CATALOGUE, Printer, annexes_of, bill, free_port, print_to  # noqa: E402

PROFILE = os.path.join(labs.TOP, "drivers/profiles/default.ini")
BILLS = [bill(f"R{n}", name, price, qty) for n, (name, price, qty) in enumerate((("Cà phê sữa đá", 29000, 2), ("Bánh mì ốp la", 35000, 1), ("Nước dừa", 15000, 3)))]


class Shop(labs.Lab):
    """A shop with one port, bar, of till T01."""

    def __init__(self, printer):
        super().__init__(clock=labs.clock_at(labs.NOON), authority=False)
        with open(f"{self.dir}/catalogue.csv", "w", encoding="utf-8") as f:
            f.write(CATALOGUE)
        self.port = free_port()
        self.shape["extra"] += (f"[port bar]\ntill = T01\nlisten = 127.0.0.1:{self.port}\nprinter = 127.0.0.1:{printer.port}\n"
                                f"catalogue = {self.dir}/catalogue.csv\nprofile = {PROFILE}\n")
        self.write_config()
        self.start()
        self.wait(lambda: "event=port-open" in self.log(), "the port to be open")

    def papers(self):
        return self.sql("SELECT count(*) FROM frame WHERE source = 'tcp' AND dialect <> 'json'")[0][0]

    def sales(self):
        return [row[0] for row in self.sql("SELECT bill_no FROM sale WHERE state = 'issued' ORDER BY id")]

    def capture(self, *args, code=0):
        done = self.hoadon("--lang", "en", "capture", *args, check=False)
        assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
        return (done.stdout + done.stderr).decode()


def what_a_till_printed_is_recorded_and_learned():
    with Printer() as printer, Shop(printer) as shop:
        assert "printed nothing" in shop.capture("record", "T01", f"{shop.dir}/none.bin", code=1)
        for n, paper in enumerate(BILLS):
            print_to(shop.port, paper)
            shop.wait(lambda n=n: len(shop.sales()) > n, "the sale")
        said = json.loads(shop.hoadon("capture", "record", "T01", f"{shop.dir}/two.bin", "--count", "2", "--json").stdout)
        assert (said["papers"], said["dialect"], said["bytes"]) == (2, "escpos", len(b"".join(BILLS[1:]))), said
        with open(f"{shop.dir}/two.bin", "rb") as f:
            assert f.read() == b"".join(BILLS[1:]) and os.stat(f.name).st_mode & 0o777 == 0o600
        path = f"{shop.dir}/all.bin"
        assert f"hoadon capture learn {path} --dialect escpos" in shop.capture("record", "T01", path)
        with open(path, "rb") as f:
            assert f.read() == b"".join(BILLS)
        learned = json.loads(shop.hoadon("capture", "learn", path, "--dialect", "escpos", "--base", PROFILE, "--json").stdout)
        assert [read["reading"]["bill_no"] for read in learned["bills"]] == ["R0", "R1", "R2"] and learned["bills_open"] == 0, learned["doubts"]
        assert "already" in shop.capture("record", "T01", path, code=1) and "1 to 30" in shop.capture("record", "T01", f"{path}2", "--count", "31", code=2)
        assert "T09" in shop.capture("record", "T09", f"{path}2", code=1) and not os.path.exists(f"{path}2")
    return 11


def a_recording_is_printed_as_the_till_did():
    """The paper is the recording, byte for byte; a bill that was sold gets no second invoice, a new one does."""
    with Printer() as printer, Shop(printer) as shop:
        print_to(shop.port, BILLS[0])
        shop.wait(lambda: shop.sales() == ["R0"], "the first sale")
        paths = [f"{shop.dir}/{n}.bin" for n in range(2)]
        for path, paper in zip(paths, BILLS):
            with open(path, "wb") as f:
                f.write(paper)
        before = len(printer.paper())
        assert f"{len(BILLS[0] + BILLS[1])} bytes were printed to port bar" in shop.capture("replay", *paths, "--port", "bar")
        shop.wait(lambda: len(shop.sales()) == 2, "the second sale")
        shop.wait(lambda: shop.papers() == 3, "all papers")
        assert shop.sales() == ["R0", "R1"], shop.sales()
        invoices = shop.sql("SELECT count(*) FROM invoice")
        assert invoices == [(2,)], invoices
        jobs = [job for job in printer.paper()[before:] if BILLS[0][:60] in job]  # a slip of the first sale is another
        assert len(jobs) == 1, [job[:80] for job in printer.jobs]
        annexes = annexes_of(jobs[0], BILLS[0] + BILLS[1])
        assert len(annexes) <= 2, annexes
        assert "hoadon config show" in shop.capture("replay", paths[0], "--port", "kitchen", code=2)
        assert "/none.bin" in shop.capture("replay", "/none.bin", "--port", "bar", code=1)
        shop.stop()
        assert "hoadon status" in shop.capture("replay", paths[0], "--port", "bar", code=1)
    return 8


if __name__ == "__main__":
    report = labs.Report()
    for case in (what_a_till_printed_is_recorded_and_learned, a_recording_is_printed_as_the_till_did):
        report.case(case.__name__.replace("_", " "), case)
    report.close()
