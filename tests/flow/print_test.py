"""`hoadon print test`: a page on the printer of a port, as numbers and codes are printed, and what the printer says of itself."""
import contextlib
import json
import os
import re
import subprocess
import sys
import types

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from annex import START, Epson  # noqa: E402
from paper import Printer  # noqa: E402

TRIES = 5  # a printer that answers a second and a half later says nothing
ASK = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"


class Talking(Printer):
    """Answers what is asked in real time, one byte each, out of `stands`."""

    def __init__(self, stands=b"\x12\x12\x12\x12"):
        self.stands = stands
        super().__init__()

    def print(self, peer, job):
        asked = 0
        while part := peer.recv(4096):
            job += part
            for n in re.findall(rb"\x10\x04([\x01-\x04])", bytes(job))[asked:]:
                asked += 1
                if self.stands:
                    peer.send(self.stands[n[0] - 1:n[0]])
        peer.close()
        with self.lock:
            self.open -= 1


@contextlib.contextmanager
def shop(printer=None, dialect="escpos"):
    with labs.Lab(authority=False) as lab:
        door, = labs.free_ports(1)
        lab.shape["extra"] += f"[port bar]\ntill = T01\nlisten = 127.0.0.1:{door}\ndialect = {dialect}\ncatalogue = {lab.dir}/catalogue.csv\n"
        lab.shape["extra"] += f"printer = 127.0.0.1:{printer}\n" if printer else ""
        lab.write_config()
        yield lab


def print_test(lab, *args, lang="en", port="bar", code=0, says=""):
    for _ in range(TRIES):
        done = lab.hoadon("print", "test", port, "--lang", lang, *args, check=False)
        if says in done.stdout.decode():
            break
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return types.SimpleNamespace(stdout=done.stdout.decode(), stderr=done.stderr.decode())


def a_page_as_codes_are_printed():
    """What comes out has the shop, port and till in letters that every printer has, a code and a cut; nothing else goes to it."""
    with Talking() as printer, shop(printer.port) as lab:
        done = print_test(lab, says="all is well")
        assert "took the test page" in done.stdout and "all is well" in done.stdout, done.stdout
        lab.wait(lambda: printer.paper() and not printer.open, "the page")
        job = printer.paper()[-1]
        assert job.startswith(ASK), job
        page = job[len(ASK):]
        texts = (b"PHIEU IN THU", b"Cong bar, may T01", b"Phieu nay khong phai hoa don.", b"hoadon print test", b"\x1d(k")
        for text in texts:
            assert text in page, (text, page)
        assert re.search(rb"\x1dV.", page[-4:], re.S), page[-4:]
        assert max(page) < 0x80, "a letter that another code page changes"
    return len(texts) + 4


def a_code_is_drawn_as_the_port_says():
    """A printer that knows no codes prints letters instead: the page says which setting helps, and with it nothing but dots comes out."""
    with Talking() as printer, shop(printer.port) as lab:
        assert "[port NAME] qr = picture" in print_test(lab).stdout
        assert "[port TÊN] qr = picture" in print_test(lab, lang="vi").stdout
        lab.shape["extra"] += "qr = picture\n"
        lab.write_config()
        before = len(printer.jobs)
        assert "qr = picture" not in print_test(lab).stdout
        lab.wait(lambda: len(printer.paper()) > before and not printer.open, "the page")
        page = printer.paper()[-1]
        assert b"\x1dv0\x00\x11\x00\x84\x00" in page and b"\x1d(k" not in page, page
    return 5


def letters_come_out_as_the_port_says():
    """With an encoding the page has a line that tells whoever reads it that the code page is right, and behind it no page is left selected."""
    ways = (("utf8", "", {}), ("tcvn", "page = 30\npage_capitals = 31\n", {"page": 0}), ("cp1258", "page = 52\n", {"page": 0}), ("viscii", "page = 51\n", {"page": 0}), ("picture", "qr = picture\n", {}))
    for encoding, pages, left in ways:
        with Talking() as printer, shop(printer.port) as lab:
            lab.shape["extra"] += f"encoding = {encoding}\n{pages}"
            lab.write_config()
            assert ("[port NAME] encoding and page" in print_test(lab).stdout) == (encoding != "picture")
            assert ("[port TÊN] encoding và page" in print_test(lab, lang="vi").stdout) == (encoding != "picture")
            lab.wait(lambda: len(printer.paper()) > 1 and not printer.open, "the page")
            done = Epson(START).run(printer.paper()[-1].removeprefix(ASK))
            lines = [*done.take_lines(), *(line for line, _ in done.lines if line)]
            rows = ("Đọc được dòng này là in đúng:", "ă â đ ê ô ơ ư ắ ằ ẳ ẵ ặ ễ ợ ữ ỷ", "Ă Â Đ Ê Ô Ơ Ư", "PHIẾU IN THỬ", "Phiếu này không phải hóa đơn.")
            assert done.codes == ["hoadon print test"] or done.read_picture()[0] == "hoadon print test"
            assert set(rows) < set(lines) and done.state == {**START, **left}, (encoding, lines, done.state)
    wrong = (("encoding = tcvn3", "must be one of ascii|utf8|tcvn|cp1258|viscii|picture"), ("encoding = cp1258\npage = 256", "0 to 255"), ("encoding = viscii", "FEED held down"))
    with Talking() as printer, shop(printer.port) as lab:
        assert "encoding" not in print_test(lab).stdout
        extra = lab.shape["extra"]
        for text, says in wrong:
            lab.shape["extra"] = f"{extra}{text}\n"
            lab.write_config()
            assert says in print_test(lab, code=78).stderr, text
    return (len(rows) + 4) * len(ways) + 1 + len(wrong)


def what_a_printer_says_of_itself():
    """Each condition that a printer tells is a sentence for staff and a word of the JSON; the exit code says that a person is needed."""
    rows = ((b"\x1a\x16\x12\x12", ["offline", "cover-open"], "nắp máy in đang mở"), (b"\x12\x32\x12\x12", ["no-paper"], "máy in hết giấy"), (b"\x12\x12\x12\x72", ["no-paper"], "máy in hết giấy"),
            (b"\x12\x12\x12\x1e", ["low-paper"], "sắp hết giấy"), (b"\x12\x12\x1a\x12", ["error"], "máy in báo lỗi"), (b"\xff\xff\xff\xff", [], "mọi thứ đều tốt"))
    for stands, words, text in rows:
        with Talking(stands) as printer, shop(printer.port) as lab:
            said = json.loads(print_test(lab, "--json", code=3 if words else 0, says=stands.hex()).stdout)
            assert (said["says"], said["is_printed"], said["answer"]) == (words, True, stands.hex()), said
            done = print_test(lab, lang="vi", code=3 if words else 0, says=text)
            assert text in done.stdout, done.stdout
    return 5 * len(rows)


def a_printer_that_says_nothing():
    """One that answers nothing, or that nobody can ask, has the page even so."""
    for stands, dialect, text in ((b"", "escpos", "did not say how it stands"), (b"\x12" * 4, "plain", "cannot be asked")):
        with Talking(stands) as printer, shop(printer.port, dialect) as lab:
            done = print_test(lab)
            assert text in done.stdout, done.stdout
            lab.wait(lambda: printer.paper() and not printer.open, "the page")
            assert b"PHIEU IN THU" in printer.paper()[0], printer.paper()
    return 4


def a_printer_that_is_not_there():
    """Without a printer, with one that is away, one that closes the line and with a port that is none, a sentence says what to do."""
    away, = labs.free_ports(1)
    with shop(away) as lab:
        done = print_test(lab, code=1)
        assert "cannot be reached" in done.stderr and "switched on" in done.stderr, done.stderr
        said = json.loads(print_test(lab, "--json", code=1).stdout)
        assert (said["is_printed"], said["bytes"]) == (False, 0), said
        assert "[port NAME]" in print_test(lab, port="quay", code=2).stderr
    with shop() as lab:
        assert "has no printer" in print_test(lab, code=1).stderr
    with Printer() as printer, shop(printer.port) as lab:
        printer.close_after = 1
        assert "did not print all of it" in print_test(lab, code=1).stderr
    return 6


def plugged(place, serial, number):
    """One printer as umockdev takes it: its descriptors, then what the kernel says of it and its interface."""
    lines = [f"P: /devices/usb1/{place}", f"N: bus/usb/001/{number:03}=120100020000004034127856000101020301" "09022000010100C0010904000002070102000705010200020007058202000200", "E: SUBSYSTEM=usb",
             "E: DEVTYPE=usb_device", "A: busnum=1", f"A: devnum={number}", "A: idVendor=0fe6", "A: idProduct=811e", "A: manufacturer=ICS", "A: product=POS\x0780", *([f"A: serial={serial}"] if serial else []),
             "", f"P: /devices/usb1/{place}/{place}:1.0", "E: SUBSYSTEM=usb", "E: DEVTYPE=usb_interface", "A: bInterfaceClass=07", "A: bInterfaceNumber=00", "", ""]
    return "\n".join(lines)


def usb_printers_are_listed():
    """Each has the setting that names it alone: by its serial, by its model, or, of two that are alike, by its place; and the port that prints to it."""
    rows = (([("1-2", None)], ["usb:0fe6:811e"]), ([("1-2", "A1"), ("1-10", None)], ["usb:0fe6:811e:A1", "usb:port=1-10"]),
            ([("1-2", None), ("1-3.1", None)], ["usb:port=1-2", "usb:port=1-3.1"]), ([], []))
    for printers, settings in rows:
        with labs.Lab(authority=False) as lab:
            for n, setting in enumerate(settings[-1:]):
                lab.shape["extra"] += f"[port bar{n}]\ntill = T01\nlisten = 127.0.0.1:9100\ncatalogue = {lab.dir}/c.csv\nprinter = {setting}\n"
            lab.write_config()
            machine = f"{lab.dir}/machine"
            with open(machine, "w", encoding="utf-8") as f:
                f.write("".join(plugged(place, serial, n + 2) for n, (place, serial) in enumerate(printers)))
            env = {**os.environ, "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
            run = [*(["umockdev-run", "-d", machine, "--"] if printers else []), f"{labs.BIN}/hoadon", "print", "list", "--config", f"{lab.dir}/conf"]
            done = subprocess.run([*run, "--json"], capture_output=True, env=env, timeout=labs.PATIENCE, check=True)
            said = json.loads(done.stdout)["printers"]
            assert [row["printer"] for row in said] == settings, said
            assert [row.get("port") for row in said] == [None] * (len(said) - 1) + ["bar0"] * bool(said), said
            text = subprocess.run([*run, "--lang", "vi"], capture_output=True, env=env, timeout=labs.PATIENCE, check=True)
            assert all(setting in text.stdout.decode() for setting in settings) and b"\x07" not in text.stdout, text.stdout
            assert printers or "không có máy in USB nào" in text.stderr.decode(), text.stderr
    return 3 * len(rows) + 1


if __name__ == "__main__":
    labs.run_cases([
        a_page_as_codes_are_printed,
        a_code_is_drawn_as_the_port_says,
        letters_come_out_as_the_port_says,
        what_a_printer_says_of_itself,
        a_printer_that_says_nothing,
        a_printer_that_is_not_there,
        usb_printers_are_listed,
    ])
