"""The box as the USB printer of a till. A pseudo terminal answers as the kernel's printer function does (gadget.c);
tests/deb/kernel.py has the kernel itself."""
import contextlib
import mmap
import os
import subprocess
import sys
import tty

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))
import lab as labs  # noqa: E402
from paper import annexes_of, bill  # noqa: E402
from serial import CUT, Line, print_bill  # noqa: E402
from tap import TRIES, Shop  # noqa: E402

IS_AWAY, STATUS, BYTES = range(3)
GOOD, OFFLINE = 0x18, 0x08  # selected and no error, no error


class Gadget(Line):
    """Its far end is the till's."""

    def __enter__(self):
        tty.setraw(self.ends[1])
        library, path = f"{self.dir.name}/gadget.so", f"{self.dir.name}/gadget"
        source = os.path.join(os.path.dirname(__file__), "gadget.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        with open(path, "wb") as f:
            f.write(bytes(BYTES))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), BYTES)
        self.device = os.ttyname(self.ends[1])
        self.env = {"LD_PRELOAD": library, "GADGET": path, "GADGET_DEVICE": self.device,
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:detect_leaks=0"}
        return self

    def status(self):
        """What the till is told when it asks (GET_PORT_STATUS)."""
        return self.map[STATUS]


@contextlib.contextmanager
def shop_of(till, printer, **settings):
    settings = {"hold_ms": 10000, "idle_ms": 60000, "listen": f"gadget:{till.device}", "printer": f"serial:{printer.path}", **settings}
    with Shop((None, settings), authority=True, env=till.env) as shop:
        yield shop


def ports(shop):
    return shop.call("GET", "/health/ready")[1]["ports"]


def a_till_prints_to_the_box_as_to_its_usb_printer():
    """A code comes before the cut, what the printer says reaches the till, and a receipt without a cut ends by an idle while."""
    with Gadget() as till, Line() as printer, shop_of(till, printer, idle_ms=6000) as shop:
        for n in range(TRIES):
            sent = bill(f"HD{n}")
            annexes = annexes_of(print_bill(shop, till, printer, sent, n + 1), sent)
            if annexes:
                break
        else:
            raise AssertionError(f"no code in time: {shop.log()[-800:]}")
        shop.check_annex(annexes[0], f"HD{n}")
        before = len(printer.take())
        till.send(b"\x10\x04\x01")
        shop.wait(lambda: printer.take()[before:].endswith(b"\x10\x04\x01"), "the question")
        printer.send(b"\x12")
        shop.wait(lambda: till.take() == b"\x12", "the answer")
        till.send(bill("HE1", cut=b""))
        shop.wait_sales(n + 2)
        shop.wait(lambda: shop.invoice("HE1")[2].encode() in printer.take(), "the slip")
        assert shop.sql("SELECT DISTINCT source FROM frame WHERE dialect <> 'json'") == [("gadget P1",)] and till.status() == GOOD
        return 8


def a_cable_that_is_pulled_in_mid_receipt():
    """The kernel wakes nobody up: half a bill is a case for a person even so, and all goes on when the cable is back."""
    with Gadget() as till, Line() as printer, shop_of(till, printer) as shop:
        half = bill("HD1")[:300]
        till.send(half)
        shop.wait(lambda: printer.take() == half, "half a bill on paper")
        till.map[IS_AWAY] = 1
        shop.wait(lambda: shop.sql("SELECT state, reason FROM sale") == [("parked", "paper.partial")], "half a bill")
        shop.wait(lambda: ports(shop) == "closed", "the port to be closed")
        till.map[IS_AWAY] = 0
        shop.wait(lambda: ports(shop) == "ok", "the port to be open again")
        annexes_of(print_bill(shop, till, printer, bill("HD2"), 1), bill("HD2"))
        till.map[IS_AWAY] = 1  # nothing is printed now
        shop.wait(lambda: ports(shop) == "closed", "the port to be closed")
        till.map[IS_AWAY] = 0
        shop.wait(lambda: ports(shop) == "ok", "the port to be open again")
        annexes_of(print_bill(shop, till, printer, bill("HD3"), 2), bill("HD3"))
        assert shop.invoices() == 2 and shop.log().count("event=port-gone") == 2
        return 9


def a_till_that_asks_is_told_how_the_printer_stands():
    """Off while what it prints waits for the printer; else a till that asks first would never print again, and nobody would look for the printer."""
    with Gadget() as till, Line() as printer, shop_of(till, printer) as shop:
        shop.wait(lambda: till.status() == GOOD, "the printer to stand well")
        printer.unplug()
        sent = bill("HD1")
        till.send(sent)
        shop.wait(lambda: till.status() == OFFLINE, "the printer to be off")
        assert ports(shop) == "printer-away" and shop.sql("SELECT count(*) FROM frame") == [(0,)]
        printer.plug()
        shop.wait(lambda: printer.take().endswith(CUT), "the bill on paper")
        annexes_of(printer.take(), sent)
        shop.wait(lambda: till.status() == GOOD, "the printer to stand well")
        shop.wait_sales(1)
        till.send(bill("HD2")[:300])
        shop.wait(lambda: printer.take().endswith(bill("HD2")[:300]), "half a bill on paper")
        printer.unplug()
        till.send(bill("HD2")[300:])
        shop.wait_sales(2)
        shop.wait(lambda: ports(shop) == "printer-away", "the printer to be missed")
        till.map[STATUS] = 0
        shop.wait(till.status, "the till to be told")
        assert till.status() == GOOD
        return 9


if __name__ == "__main__":
    labs.run_cases([
        a_till_prints_to_the_box_as_to_its_usb_printer,
        a_cable_that_is_pulled_in_mid_receipt,
        a_till_that_asks_is_told_how_the_printer_stands,
    ])
