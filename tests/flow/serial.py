"""Tills and printers at serial lines (pseudo terminals here): every byte both ways, a plug that is pulled and put in again, and one till at a printer at a time."""
import functools
import operator
import os
import select
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))
import lab as labs  # noqa: E402
from paper import Printer, Till, annexes_of, bill  # noqa: E402
from tap import TRIES, Shop, is_slip  # noqa: E402

CUT = b"\x1dVB\x00"
ACK, NAK = b"\x06", b"\x15"
LONG = {"hold_ms": 10000}


class Line:
    """A serial line whose near end, `path`, hoadond opens, and whose far end is ours."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = f"{self.dir.name}/ttyS0"
        self.got = bytearray()
        self.ends = ()
        self.plug()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unplug()
        self.dir.cleanup()

    def plug(self):
        self.ends = os.openpty()
        os.set_blocking(self.ends[0], False)
        os.symlink(os.ttyname(self.ends[1]), self.path)

    def unplug(self):
        """The device goes, as that of a USB adapter does."""
        if self.ends:
            os.unlink(self.path)
            for end in self.ends:
                os.close(end)
        self.ends = ()

    def send(self, data, hears=()):
        """Without waiting for longer than the line takes; `hears`: lines that are listened to meanwhile."""
        while data:
            for line in hears:
                line.take()
            if select.select([], self.ends[:1], [], 0.05)[1]:
                data = data[os.write(self.ends[0], data[:1024]):]

    def take(self):
        """What came until now."""
        while self.ends and select.select(self.ends[:1], [], [], 0)[0]:
            self.got += os.read(self.ends[0], 65536)
        return bytes(self.got)


def of(*lines, **settings):
    """A port whose till is at the first line, and the printer at the second."""
    return None, {**LONG, **dict(zip(("listen", "printer"), (f"serial:{line.path},115200,8N1,none" for line in lines))), **settings}


def framed(till, printer, **settings):
    """The till sends blocks."""
    return of(till, printer, **{"listen": f"serial:{till.path},9600,8N1,none,stx", **settings})


def bill_of(paper, sent):
    """From the first letters of `sent` to its cut, empty before it is there; in front of it stands nothing but the slip of a code that came too late."""
    at = paper.find(sent[:40])
    end = paper.find(CUT, at)
    if at < 0 or end < 0:
        return b""
    assert not at or is_slip(paper[:at]), paper[:at]
    return paper[at:end + len(CUT)]


def print_bill(shop, till, printer, sent, sales):
    """The paper of a bill that was sent, when it is a sale."""
    before = len(printer.take())
    till.send(sent, [printer])
    shop.wait(lambda: bill_of(printer.take()[before:], sent), "the bill on paper")
    shop.wait_sales(sales)
    return bill_of(printer.take()[before:], sent)


def a_code_comes_before_the_cut_on_serial_lines():
    with Line() as till, Line() as printer, Shop(of(till, printer)) as shop:
        for n in range(TRIES):
            sent = bill(f"HD{n}")
            annexes = annexes_of(print_bill(shop, till, printer, sent, n + 1), sent)
            if annexes:
                return shop.check_annex(annexes[0], f"HD{n}") + 2
        raise AssertionError(f"no code in time: {shop.log()[-800:]}")


def every_byte_goes_both_ways():
    """Nothing is echoed, changed or taken for a command of the line; what the printer says reaches the till."""
    every = bytes(range(256)) * 40
    with Line() as till, Line() as printer, Shop(of(till, printer, annex="none")) as shop:
        till.send(b"\x10\x04\x01")
        shop.wait(lambda: printer.take() == b"\x10\x04\x01", "the question")
        printer.send(b"\x12")
        shop.wait(lambda: till.take() == b"\x12", "the answer")
        till.send(every, [printer])
        shop.wait(lambda: len(printer.take()) >= 3 + len(every), "every byte on paper")
        printer.send(every[:2048])
        shop.wait(lambda: len(till.take()) >= 1 + 2048, "every byte at the till")
        assert printer.take() == b"\x10\x04\x01" + every and till.take() == b"\x12" + every[:2048]
        return 5


def serial_and_network_go_together():
    """A till at a serial line with a network printer, and a till of the network with a serial printer."""
    with Line() as till, Line() as serial, Printer() as printer, Shop((printer, of(till)[1]), (None, {**LONG, "printer": f"serial:{serial.path}"})) as shop:
        till.send(bill("HD1"))
        shop.wait_sales(1)
        shop.wait(lambda: printer.jobs and bytes(printer.jobs[0]).endswith(CUT), "the bill on paper")
        annexes_of(bytes(printer.jobs[0]), bill("HD1"))
        other = Till(shop.ports[1])
        other.send(bill("HD2") + b"\x10\x04\x01")
        shop.wait(lambda: serial.take().endswith(b"\x10\x04\x01"), "the second bill on paper")
        paper = serial.take()
        serial.send(b"\x12")
        assert other.end() == b"\x12", "the till has to hear when all is printed"
        annexes_of(paper, bill("HD2") + b"\x10\x04\x01")
        shop.wait_sales(2)
        assert shop.sql("SELECT DISTINCT source FROM frame WHERE dialect <> 'json' ORDER BY 1") == [("serial P1",), ("tcp P2",)]
        return 6


def without_a_cut_the_code_comes_on_a_slip():
    with Line() as till, Line() as printer, Shop(of(till, printer, idle_ms=1000)) as shop:
        sent = bill("HD1", cut=b"")
        till.send(sent, [printer])
        shop.wait(lambda: len(printer.take()) > len(sent) and printer.take().endswith(CUT), "the slip")
        assert printer.take().startswith(sent)
        shop.check_annex(printer.take()[len(sent):], "HD1")
        return 4


def a_till_whose_plug_is_pulled_in_mid_receipt():
    """Half a bill is a case for a person; the line is opened again by itself, and selling goes on."""
    with Line() as till, Line() as printer, Shop(of(till, printer), authority=True) as shop:
        half = bill("HD1")[:300]
        till.send(half)
        shop.wait(lambda: printer.take() == half, "half a bill on paper")
        till.unplug()
        shop.wait(lambda: shop.sql("SELECT state, reason FROM sale") == [("parked", "paper.partial")], "half a bill")
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "closed", "the port to be closed")
        opened = shop.log().count("event=port-open")
        till.plug()
        shop.wait(lambda: shop.log().count("event=port-open") > opened, "the line to be opened again")
        annexes_of(print_bill(shop, till, printer, bill("HD2"), 1), bill("HD2"))
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "ok", "the port to be well")
        assert shop.invoices() == 1 and shop.invoice("HD2") and shop.log().count("event=port-gone") == 1
        return 7


def a_printer_whose_plug_is_pulled_in_mid_receipt():
    """The till cannot be told: its bill is issued, nothing of it is printed again, and its code comes on one slip when the printer is back."""
    with Line() as till, Line() as printer, Shop(of(till, printer, idle_ms=6000), authority=True) as shop:
        sent = bill("HD1")
        till.send(sent[:300])
        shop.wait(lambda: printer.take() == sent[:300], "half a bill on paper")
        printer.unplug()
        till.send(sent[300:])
        shop.wait_sales(1)
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "printer-away", "the printer to be missed")
        printer.plug()
        shop.wait(lambda: printer.take()[300:].endswith(CUT), "the slip")
        slip = printer.take()[300:]
        assert is_slip(slip), slip
        shop.check_annex(slip, "HD1")
        annexes_of(print_bill(shop, till, printer, bill("HD2"), 2), bill("HD2"))
        assert shop.invoices() == 2 and shop.count("late_slips") == 1
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "ok", "the port to be well")
        return 9


def what_is_printed_while_the_printer_is_away_waits_in_the_line():
    """It is read when it can be printed: one invoice, and its paper whole."""
    with Line() as till, Line() as printer, Shop(of(till, printer), authority=True) as shop:
        printer.unplug()
        sent = bill("HD1")
        till.send(sent)
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "printer-away", "the printer to be missed")
        assert shop.sql("SELECT count(*) FROM frame") == [(0,)]
        printer.plug()
        shop.wait(lambda: bill_of(printer.take(), sent), "the bill on paper")
        annexes_of(bill_of(printer.take(), sent), sent)
        shop.wait_sales(1)
        return 4


def two_tills_take_turns_at_a_serial_printer():
    with Line() as printer, Shop((None, {**LONG, "printer": f"serial:{printer.path}"}), (None, {**LONG, "printer": f"serial:{printer.path}"})) as shop:
        one, two = Till(shop.ports[0]), Till(shop.ports[1])
        one.send(bill("HD1")[:300])
        shop.wait(lambda: printer.take() == bill("HD1")[:300], "half a bill on paper")
        two.send(bill("HD2"))
        one.send(bill("HD1")[300:])
        one.end()
        two.end()
        shop.wait_sales(2)
        shop.wait(lambda: printer.take().count(CUT) >= 2, "both bills on paper")
        first = bill_of(printer.take(), bill("HD1"))
        annexes_of(first, bill("HD1"))
        shop.wait(lambda: bill_of(printer.take()[len(first):], bill("HD2")), "the second bill on paper")
        annexes_of(bill_of(printer.take()[len(first):], bill("HD2")), bill("HD2"))
        return 4


def packed(data, size=200):
    """As tills send it that frame: STX, length in decimal, data, ETX, LRC."""
    for at in range(0, len(data), size):
        part = data[at:at + size]
        body = bytes.fromhex(f"{len(part):04d}") + part + b"\x03"
        yield b"\x02" + body + bytes([functools.reduce(operator.xor, body)])


def say(shop, till, block):
    """A block, and what the till is answered."""
    before = len(till.take())
    till.send(block)
    shop.wait(lambda: len(till.take()) > before, "an answer to the block")
    return till.take()[before:]


def a_till_that_frames_what_it_prints():
    """Each right block is acknowledged and printed; one that changed on the wire is asked for again, and one that broke off when the till is silent."""
    with Line() as till, Line() as printer, Shop(framed(till, printer)) as shop:
        sent = bill("HD1")
        assert say(shop, till, b"\x05") == ACK
        for n, block in enumerate(packed(sent)):
            if n == 2:
                assert say(shop, till, block[:50] + bytes([block[50] ^ 1]) + block[51:]) == NAK
                assert say(shop, till, block[:50]) == NAK
            assert say(shop, till, block) == ACK
        till.send(b"\x04")
        shop.wait(lambda: bill_of(printer.take(), sent), "the bill on paper")
        annexes_of(bill_of(printer.take(), sent), sent)
        shop.wait_sales(1)
        return 9


def a_block_that_never_comes_right_makes_no_sale():
    """Given up three times, its line is missing on the paper, and what is there is for a person."""
    with Line() as till, Line() as printer, Shop(framed(till, printer, idle_ms=1000)) as shop:
        blocks = list(packed(bill("HD1"), 100))
        for block in blocks[:3]:
            assert say(shop, till, block) == ACK
        for _ in range(3):
            assert say(shop, till, blocks[3][:-1] + bytes([blocks[3][-1] ^ 1])) == NAK
        for block in blocks[4:]:
            assert say(shop, till, block) == ACK
        shop.wait(lambda: shop.sql("SELECT state, reason FROM sale ORDER BY id")[:1] == [("parked", "paper.partial")], "a part of a bill")
        for block in packed(bill("HD2")):
            assert say(shop, till, block) == ACK
        shop.wait_sales(1)
        assert shop.invoice("HD2") and shop.invoices() == 1
        return 12


if __name__ == "__main__":
    labs.run_cases([
        a_code_comes_before_the_cut_on_serial_lines,
        every_byte_goes_both_ways,
        serial_and_network_go_together,
        without_a_cut_the_code_comes_on_a_slip,
        a_till_whose_plug_is_pulled_in_mid_receipt,
        a_printer_whose_plug_is_pulled_in_mid_receipt,
        what_is_printed_while_the_printer_is_away_waits_in_the_line,
        two_tills_take_turns_at_a_serial_printer,
        a_till_that_frames_what_it_prints,
        a_block_that_never_comes_right_makes_no_sale,
    ])
