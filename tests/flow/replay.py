"""`hoadon capture record` and `replay`: what a till printed goes into a file, teaches a profile, and is printed again as the till did, without a second invoice."""
import json
import os
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), ".."), os.path.join(os.path.dirname(__file__), "../generate")]
import lab as labs  # noqa: E402
import tills  # noqa: E402
from paper import CATALOGUE, Printer, annexes_of, bill, print_to  # noqa: E402

PROFILE = os.path.join(labs.TOP, "drivers/profiles/default.ini")
BILLS = [bill(f"R{n}", name, price, qty) for n, (name, price, qty) in enumerate((("Cà phê sữa đá", 29000, 2), ("Bánh mì ốp la", 35000, 1), ("Nước dừa", 15000, 3)))]


class Shop(labs.Lab):
    """A shop with one port, bar, of till T01."""

    def __init__(self, printer):
        super().__init__(clock=labs.clock_at(labs.NOON), authority=False)
        with open(f"{self.dir}/catalogue.csv", "w", encoding="utf-8") as f:
            f.write(CATALOGUE)
        self.tap, = labs.free_ports(1)
        self.shape["extra"] += (f"[port bar]\ntill = T01\nlisten = 127.0.0.1:{self.tap}\nprinter = 127.0.0.1:{printer.port}\n"
                                f"catalogue = {self.dir}/catalogue.csv\nprofile = {PROFILE}\n")
        self.write_config()
        self.start()
        self.wait(lambda: "event=port-open" in self.log(), "the port to be open")

    def put(self, name, data):
        with open(f"{self.dir}/{name}", "wb") as f:
            f.write(data)
        return f.name

    def papers(self):
        return self.sql("SELECT count(*) FROM frame WHERE source LIKE 'tcp%' AND dialect <> 'json'")[0][0]

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
            print_to(shop.tap, paper)
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
        said = json.loads(shop.hoadon("capture", "learn", path, "--dialect", "escpos", "--base", PROFILE, "--encoding", "utf-8", "--json").stdout)
        assert said["profile"].endswith("[profile]\nencoding = utf-8\n") and "encoding =" not in learned["profile"] and said["bills"] == learned["bills"], said["profile"]
        assert "already" in shop.capture("record", "T01", path, code=1) and "1 to 30" in shop.capture("record", "T01", f"{path}2", "--count", "31", code=2)
        assert "T09" in shop.capture("record", "T09", f"{path}2", code=1) and not os.path.exists(f"{path}2")
    return 14


def a_masked_recording_reads_as_before_without_persons():
    """In each encoding: same bytes long, same columns, same sale; of customers, staff, phones and wishes nothing is left."""
    secrets = ("Nguyễn Thị Lành", "0901 234 567", "Trần Văn Kín", "không hành", "78 Phố Kín")
    text = ("         QUÁN VÍ DỤ\n      HÓA ĐƠN BÁN HÀNG\nSố HĐ: M%d\nNgày: 22/11/2026 12:3%d\nKhách hàng: Nguyễn Thị Lành\nĐT: 0901 234 567\nThu ngân: Trần Văn Kín\nĐịa chỉ giao: 78 Phố Kín\n"
            "----------------------------------------\nNước dừa\n   2 x 15.000                     30.000\n  + không hành\n----------------------------------------\nTổng cộng                         30.000\nKhách đưa:                        50.000\nTiền thừa:                        20.000\nXin cảm ơn quý khách, hẹn gặp lại!\nĐổi trả hàng trong bảy ngày với phiếu này.\n")
    compared = 0
    with Printer() as printer, Shop(printer) as shop:
        for n, encoding in enumerate(("utf-8", "tcvn", "cp1258", "viscii")):
            paper = tills.stream([text % (n, n)], encoding)
            print_to(shop.tap, paper)
            shop.wait(lambda n=n: shop.papers() > n, "the paper")
            path = f"{shop.dir}/{encoding}.bin"
            said = json.loads(shop.hoadon("capture", "record", "T01", path, "--count", "1", "--mask", "--json").stdout)
            with open(path, "rb") as f:
                masked = f.read()
            assert said["masked_lines"] == 5 and len(masked) == len(paper) and masked != paper, said
            shown = [json.loads(shop.hoadon("capture", "show", file, "--json").stdout)["receipts"][0] for file in (path, shop.put("plain.bin", paper))]
            assert shown[0]["encoding"] == shown[1]["encoding"], (encoding, shown[0]["encoding"], shown[1]["encoding"])
            assert [len(line) for line in shown[0]["text"]] == [len(line) for line in shown[1]["text"]], (encoding, shown[0]["text"], shown[1]["text"])
            whole = "\n".join(shown[0]["text"])
            assert all(secret in "\n".join(shown[1]["text"]) and secret not in whole and not any(word in whole for word in secret.split() if len(word) > 2 and word != "Phố") for secret in secrets), whole
            before, after = (json.loads(shop.hoadon("capture", "learn", file, "--base", PROFILE, "--json", check=False).stdout)["bills"][0]["reading"] for file in (f"{shop.dir}/plain.bin", path))
            for reading in (before, after):
                reading.pop("buyer", None)
                reading["lines"][0].pop("notes", None)
            assert before == after and before["total"] == "30000" and before["bill_no"] == f"M{n}" and "review" not in before, (before, after)
            compared += 6 + len(secrets)
    return compared


def a_recording_is_printed_as_the_till_did():
    """The paper is the recording, byte for byte; a bill that was sold gets no second invoice, a new one does."""
    with Printer() as printer, Shop(printer) as shop:
        print_to(shop.tap, BILLS[0])
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
        assert "hoadond, which must be running" in shop.hoadon("--lang", "en", "help", "capture", "replay").stdout.decode()
        assert "hoadon config show" in shop.capture("replay", paths[0], "--port", "kitchen", code=2)
        assert "/none.bin" in shop.capture("replay", "/none.bin", "--port", "bar", code=1)
        shop.stop()
        assert "hoadon status" in shop.capture("replay", paths[0], "--port", "bar", code=5)
    return 9


if __name__ == "__main__":
    report = labs.Report()
    for case in (what_a_till_printed_is_recorded_and_learned, a_masked_recording_reads_as_before_without_persons, a_recording_is_printed_as_the_till_did):
        report.case(case.__name__.replace("_", " "), case)
    report.close()
