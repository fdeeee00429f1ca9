"""Tills print to ports of hoadond: the paper is what they sent, every paid bill becomes one invoice, and its code comes out before the cut or on a late slip."""
import concurrent.futures
import contextlib
import glob
import json
import os
import re
import signal
import socket
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from annex import START, Epson  # noqa: E402
from paper import CATALOGUE, LAYOUTS, Printer, Till, annexes_of, bill, layout, layouts, print_to, qr_of, text_of  # noqa: E402

PROFILE = os.path.join(labs.TOP, "drivers/profiles/default.ini")
KINDS = {"S01": 1, "S02": 1, "S03": 0, "S04": 1, "S05": 0, "S06": 0, "S07": 0, "S08": 1, "S09": 1}  # invoices of a layout
TRIES = 6  # where the machine is so busy that a code comes too late: the paper is right even so, and the next bill is tried


def expected(case):
    """The first receipt of a recorded layout, as it is meant."""
    path, = glob.glob(f"{LAYOUTS}/{case}*/*.json")
    with open(path, encoding="utf-8") as f:
        return json.load(f)["receipts"][0]


def can_reach(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_slip(job):
    return re.search(rb"Cho phi\S+u s", job) and b"Don gia" not in job and "Đơn giá".encode() not in job


class Shop(labs.Lab):
    """A shop with ports P1, P2 … of tills T01, T02 …; each is (printer or None, settings)."""

    def __init__(self, *ports, authority=False, env=None, tills=("T01", "T02", "T03", "T04")):
        super().__init__(clock=labs.clock_at(labs.NOON), authority=authority, tills=tills)
        with open(f"{self.dir}/catalogue.csv", "w", encoding="utf-8") as f:
            f.write(CATALOGUE)
        self.ports = labs.free_ports(len(ports))
        for n, (printer, settings) in enumerate(ports):
            settings = {"till": f"T{n + 1:02d}", "listen": f"127.0.0.1:{self.ports[n]}", "catalogue": f"{self.dir}/catalogue.csv", "profile": PROFILE, **settings}
            if printer:
                settings.setdefault("printer", f"127.0.0.1:{printer.port}")
            self.shape["extra"] += f"[port P{n + 1}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
        self.write_config()
        self.open(env)
        self.tap = self.ports[0]

    def open(self, env=None):
        """Ready, and its readers are."""
        said = self.log().count("event=port-open")
        self.start(env=env)
        self.wait(lambda: self.log().count("event=port-open") >= said + len(self.ports), "the ports to be open")

    def count(self, name):
        return int(([*self.sql("SELECT CAST(value AS TEXT) FROM meta WHERE key = ?", name), ("0",)])[0][0])

    def bills_of(self, case):
        """Bill numbers of a layout that have an invoice."""
        bill_no = expected(case)["bill_no"]
        return [bill_no] if self.sql("SELECT 1 FROM sale WHERE bill_no = ? AND state = 'issued'", bill_no) else []

    def sales(self, state="issued"):
        return self.sql("SELECT count(*) FROM sale WHERE state = ? AND kind = 'sale'", state)[0][0]

    def invoices(self):
        return self.sql("SELECT count(*) FROM invoice")[0][0]

    def wait_sales(self, count, state="issued"):
        self.wait(lambda: self.sales(state) >= count, f"{count} sales {state}")
        assert self.sales(state) == count, (state, self.sales(state), count)

    def papers(self):
        return self.sql("SELECT count(*) FROM frame WHERE source LIKE 'tcp P_' AND dialect <> 'json'")[0][0]

    def print(self, data, printer, **how):
        """The paper of one job, which was kept and read; slips are others."""
        before, papers = len(printer.jobs), self.papers()
        print_to(self.tap, data, **how)

        def mine():
            return [job for job in printer.jobs[before:] if job and not is_slip(job)]
        self.wait(lambda: mine() and not printer.open, "the printer to have all")
        self.wait(lambda: self.papers() > papers, "the paper to be kept")
        self.wait(lambda: self.sql("SELECT count(*) FROM frame WHERE state = 'kept'") == [(0,)], "the paper to be read")
        return bytes(mine()[0])

    def wait_slips(self, printer, count=1):
        self.wait(lambda: len(self.slips(printer)) == count and not printer.open, f"{count} slips")

    def slips(self, printer):
        return [bytes(job) for job in printer.jobs if is_slip(job)]

    def qr(self, bill_no):
        """What the QR code of the bill's invoice says."""
        answer = self.hoadon("invoice", "xml", str(self.invoice(bill_no)[0])).stdout.decode()
        return answer.split("<DLQRCode>")[1].split("<")[0]

    def invoice(self, bill_no):
        rows = self.sql("SELECT i.id, i.number, i.code FROM sale s JOIN sale_invoice l ON l.sale_id = s.id JOIN invoice i ON i.id = l.invoice_id "
                        "WHERE s.bill_no = ?", bill_no)
        assert len(rows) == 1, (bill_no, rows)
        return rows[0]

    def check_annex(self, annex, bill_no):
        """Number, code and QR on paper are those of the store."""
        number, code = self.invoice(bill_no)[1:]
        text = text_of(annex)
        assert code in text and str(number) in text, (bill_no, number, code, text)
        assert qr_of(annex) == [self.qr(bill_no)], (bill_no, qr_of(annex))
        return 3

    def reader_pids(self):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat") as f:
                    parent = int(f.read().rsplit(")", 1)[1].split()[1])
                with open(f"/proc/{name}/cmdline") as f:
                    command = f.read()
            except OSError:
                continue
            if parent == self.agent.pid and "hoadon-reader" in command:
                found.append(int(name))
        return found


def kill_readers(shop):
    for pid in shop.reader_pids():
        os.kill(pid, signal.SIGKILL)


def with_annex(shop, printer, make, **how):
    """Print `make(n)` (its bytes and bill number) until a code comes in time: (paper, bill number, annexes, how many were printed)."""
    for n in range(TRIES):
        sent, bill_no = make(n)
        paper = shop.print(sent, printer, **how)
        annexes = annexes_of(paper, sent)
        shop.wait(lambda: shop.sql("SELECT count(*) FROM sale WHERE bill_no = ?", bill_no)[0][0] > 0, f"sale {bill_no}")
        if annexes:
            return paper, bill_no, annexes, n + 1
    raise AssertionError(f"no code in time on {TRIES} bills: {shop.log()[-800:]}")


def a_code_comes_before_the_cut():
    with Printer() as printer, Shop((printer, {})) as shop:
        paper, bill_no, annexes, count = with_annex(shop, printer, lambda n: (bill(f"HD{n}"), f"HD{n}"))
        assert len(annexes) == 1
        compared = shop.check_annex(annexes[0], bill_no)
        shop.wait_sales(count)
        return compared + 2


def read_drawn(shop, annex, bill_no):
    """`annex` is run as a printer runs it that knows no codes: letters and one picture, which another program reads, and all is as the till had set it."""
    number, code = shop.invoice(bill_no)[1:]
    done = Epson({**START, "country": 15}).run(annex)
    text = [line for line, _ in done.lines]
    assert any(code in line for line in text) and any(f"So: {number}" in line for line in text), text
    read, side = done.read_picture()
    assert read == shop.qr(bill_no) and side <= 384 and done.codes == [] and done.state == {**START, "country": 15}, (read, side, done.state)
    return done


def a_code_is_drawn_where_the_printer_knows_none():
    """`qr = picture`: number and code before the cut, or on a slip, and the QR code in dots; no command of a code goes to the printer."""
    with Printer() as before, Printer() as beside, Shop((before, {"qr": "picture"}), (beside, {"qr": "picture", "annex": "slip"})) as shop:
        paper, bill_no, annexes, _ = with_annex(shop, before, lambda n: (bill(f"HD{n}"), f"HD{n}"))
        done = read_drawn(shop, annexes[0], bill_no)
        assert done.fed >= 4 and done.cuts == 0 and not qr_of(paper), done.fed
        shop.tap = shop.ports[1]
        assert shop.print(bill("HD98"), beside) == bill("HD98")
        shop.wait_slips(beside)
        slip, = shop.slips(beside)
        assert read_drawn(shop, slip, "HD98").cuts == 1 and not qr_of(slip)
        assert 4000 < len(annexes[0]) < 8192 and len(slip) < 8192, (len(annexes[0]), len(slip))
        return 14


def a_code_has_its_marks_where_the_printer_has_them():
    """`encoding` and `page`: the words of an annex and of a slip in the printer's own Vietnamese, or drawn, whatever the till had said of its letters, which holds again behind them."""
    def of(encoding, page=None, capitals=None, **more):
        return {"encoding": encoding, **({"page": page} if page else {}), **({"page_capitals": capitals} if capitals else {}), **more}
    heads = ((b"", {}), (b"\x1bt\x1e\x1c&", {"page": 30, "kanji": 1}), (b"\x1bt\x34\x1c(C\x02\x0002", {"page": 52, "utf8": 1}), (b"\x1bt\x1e\x1c.", {"page": 30}))
    ways = (of("utf8"), of("cp1258", 52), of("tcvn", 30, 31), of("viscii", 51, annex="slip"), of("picture"))
    compared = 0
    with contextlib.ExitStack() as stack:
        printers = [stack.enter_context(Printer()) for _ in ways]
        shop = stack.enter_context(Shop(*zip(printers, ways), tills=("T01", "T02", "T03", "T04", "T05")))
        for n, (printer, way) in enumerate(zip(printers, ways)):
            for m, (head, said) in enumerate(heads):
                def make(again, head=head, n=n, m=m):
                    number = f"HD{n}{m}{again}"
                    return bill(number).replace(b"\x1b@", b"\x1b@" + head, 1), number
                shop.tap = shop.ports[n]
                if way.get("annex") == "slip":
                    sent, number = make(0)
                    before = len(shop.slips(printer))
                    assert shop.print(sent, printer) == sent
                    shop.wait(lambda before=before, printer=printer: len(shop.slips(printer)) > before and not printer.open, "the slip")
                    annex = shop.slips(printer)[-1]
                else:
                    _, number, (annex,), _ = with_annex(shop, printer, make)
                state = {**START, "country": 15, **said}
                done = Epson(state).run(annex)
                invoice = shop.invoice(number)
                lines = [*done.take_lines(), *(line for line, _ in done.lines if line)]
                assert {"HÓA ĐƠN ĐIỆN TỬ", f"Mã CQT: {invoice[2]}"} < set(lines) and lines[-1].startswith("Sổ đối soát: "), (way, head, lines)
                assert any(line.startswith("Ký hiệu: ") and line.endswith(f"  Số: {invoice[1]}") for line in lines), (way, lines)
                left = {**state, "page": 0 if state["page"] < 0 and way["encoding"] not in ("utf8", "picture") else state["page"]}
                assert done.state == left and done.codes == [shop.qr(number)], (way, head, left, done.state)
                compared += 6
    return compared


def every_layout_comes_out_as_it_was_sent():
    """Each recorded stream: the paper is it but for one annex before a cut, number, code and QR are the store's; what is no bill gives no invoice."""
    compared, wrong = 0, 0
    with Printer() as printer, Shop((printer, {"columns": 44}), (printer, {"prices_include_vat": "no"}), authority=True) as shop:
        for case, variant, sent in layouts():
            shop.tap = shop.ports[case.startswith("S01")]
            annexes = annexes_of(shop.print(sent, printer), sent)
            numbers = shop.bills_of(case)
            assert len(annexes) <= len(numbers) == KINDS[case[:3]], (case, variant, annexes, numbers)
            compared += sum(shop.check_annex(annex, numbers[0]) for annex in annexes) + 2
        truth = {expected(case)["bill_no"]: expected(case)["total"] for case in KINDS if KINDS[case]}
        stands = dict(shop.sql("SELECT s.bill_no, i.total FROM sale s JOIN sale_invoice l ON l.sale_id = s.id JOIN invoice i ON i.id = l.invoice_id"))
        wrong = sum(str(stands.get(bill_no)) != total for bill_no, total in truth.items()) + len(set(stands) - set(truth))
        assert wrong == 0 and len(stands) == sum(KINDS.values()), (stands, truth)
        shop.wait_accepted(len(stands))
        return compared + len(truth) + shop.check_books()


def what_never_becomes_an_invoice_needs_nobody():
    """A bill before it is paid, a kitchen slip and a bill that is printed again; but such a one whose bill nobody saw is for a person."""
    def again(number):
        return bill(number).replace("HÓA ĐƠN BÁN HÀNG".encode(), "HÓA ĐƠN (IN LẠI)".encode())
    with Printer() as printer, Shop((printer, {})) as shop:
        annexes_of(shop.print(bill("HD1"), printer), bill("HD1"))
        shop.wait_sales(1)
        for sent in (layout("S05"), layout("S07"), again("HD1"), again("HD2")):
            assert shop.print(sent, printer) == sent
        kept = shop.sql("SELECT kind, state FROM sale ORDER BY id")
        assert kept == [("sale", "issued"), ("pre-bill", "ignored"), ("no-sale", "ignored"), ("reprint", "ignored"), ("reprint", "parked")], kept
        return 9


def each_picture_is_shown_to_a_person():
    """Nobody reads a picture, so nobody says that one is another printed again."""
    with Printer() as printer, Shop((printer, {})) as shop:
        sent = b"".join(b"\x1dv0\x00\x48\x00\x00\x01" + bytes([dots]) * (72 * 256) + b"\x1dVB\x00" for dots in (0x55, 0xAA, 0x55))
        assert shop.print(sent, printer) == sent
        assert shop.sql("SELECT reason, state FROM sale") == [("paper.unread", "parked")] * 3, shop.sql("SELECT bill_no, reason, state FROM sale")
        return 4


def many_receipts_on_one_line():
    with Printer() as printer, Shop((printer, {})) as shop:
        sent = b"".join(bill(f"HD{n}") for n in range(4)) + layout("S07") + bill("HD9", name="Bánh mì ốp la", qty=1)
        for annex in annexes_of(shop.print(sent, printer), sent):
            assert len(qr_of(annex)) == 1, annex
        shop.wait_sales(5)
        assert shop.invoices() == 5 and shop.sql("SELECT count(*) FROM sale WHERE state = 'ignored'") == [(1,)]
        return 4


def one_byte_at_a_time():
    with Printer() as printer, Shop((printer, {})) as shop:
        paper, bill_no, annexes, count = with_annex(shop, printer, lambda n: (bill(f"HD{n}"), f"HD{n}"), piece=1)
        shop.check_annex(annexes[0], bill_no)
        shop.wait_sales(count)
        return 4


def a_receipt_by_several_connections_is_one():
    """Where the port says so; the next connection of another till goes on with nothing, and what nobody goes on with waits for a person."""
    settings = {"joined": "yes", "idle_ms": 60000, "peers": "127.0.0.1, 127.0.0.2"}
    with Printer() as printer, Shop((printer, settings), (printer, {**settings, "idle_ms": 300}), (printer, {})) as shop:
        sent = bill("HD1")
        for part in (sent[:100], sent[100:200], sent[200:]):
            print_to(shop.tap, part)
        shop.wait_sales(1)
        shop.wait(lambda: not printer.open, "the printer to have all")
        paper, = [bytes(job) for job in printer.jobs if not is_slip(job)]
        annexes_of(paper, sent)
        print_to(shop.tap, bill("HD2")[:200])
        print_to(shop.tap, bill("HD3"), source="127.0.0.2")
        shop.wait_sales(2)
        print_to(shop.tap, bill("HD2")[200:])
        shop.wait_sales(3)
        assert shop.invoice("HD2") and shop.invoice("HD3")
        for part in (bill("HD4", cut=b"")[:200], bill("HD4", cut=b"")[200:]):
            print_to(shop.ports[1], part)
        shop.wait(lambda: shop.sql("SELECT count(*) FROM sale WHERE bill_no = 'HD4'") == [(1,)], "the receipt to be over")
        def in_vain():
            return shop.sql("SELECT count(*) FROM sale WHERE state <> 'issued'")[0][0]
        print_to(shop.ports[1], bill("HD5")[:200])
        shop.wait(lambda: in_vain() == 1, "a part to be kept")
        for part in (bill("HD6")[:200], bill("HD6")[200:]):
            print_to(shop.ports[2], part)
        shop.wait(lambda: in_vain() == 3, "two parts to be kept")
        assert shop.invoices() == 4
        return 10


def without_a_cut_the_code_comes_on_a_slip():
    """A receipt that ends by an idle while or with its connection has its code on one slip, when no till is at the port."""
    with Printer() as printer, Shop((printer, {"idle_ms": 300})) as shop:
        till = Till(shop.tap)
        till.send(bill("HD1", cut=b""))
        shop.wait_sales(1)
        time.sleep(0.5)
        assert shop.slips(printer) == [], "between two jobs, never inside one"
        till.end()
        shop.wait_slips(printer)
        assert shop.check_annex(shop.slips(printer)[0], "HD1")
        sent = bill("HD2", cut=b"")
        assert shop.print(sent, printer) == sent
        shop.wait_slips(printer, 2)
        shop.check_annex(shop.slips(printer)[1], "HD2")
        assert shop.count("late_slips") == 2 and any(cut in shop.slips(printer)[1] for cut in (b"\x1dV",)), shop.slips(printer)[1][-20:]
        assert shop.print(sent, printer) == sent  # printed again: the slip is there already
        time.sleep(1.5)
        assert len(shop.slips(printer)) == 2 and shop.invoices() == 2 and shop.count("late_slips") == 2
        return 12


def a_cut_that_waits_for_nothing_has_its_code_on_a_slip():
    with Printer() as printer, Shop((printer, {"hold_ms": 0})) as shop:
        sent = bill("HD1")
        assert shop.print(sent, printer) == sent
        shop.wait_slips(printer)
        shop.check_annex(shop.slips(printer)[0], "HD1")
        shop.wait(lambda: shop.count("receipts_without_code") == 1 and shop.count("late_slips") == 1, "both to be counted")
        return 6


def who_is_not_known_prints_and_sells_nothing():
    with Printer() as printer, Shop((printer, {"peers": "127.0.0.9"}), (printer, {"peers": "127.0.0.9", "forward_unknown": "no"})) as shop:
        sent = bill("HD1")
        assert shop.print(sent, printer) == sent
        shop.wait_sales(1, "parked")
        assert shop.sql("SELECT reason, detail FROM sale") == [("peer.unknown", "127.0.0.1")], shop.sql("SELECT reason, detail FROM sale")
        assert shop.sql("SELECT till_id FROM frame WHERE dialect = 'escpos'") == [("",)]
        shop.wait(lambda: shop.sql("SELECT kind, text FROM task WHERE closed_at = 0") == [("peer-unknown", "1")], "somebody to be told")
        print_to(shop.ports[1], bill("HD2"))
        shop.wait_sales(2, "parked")
        assert len(printer.jobs) == 1 and shop.invoices() == 0
        sent = bill("HD1")  # the number that a stranger took is the till's all the same
        annexes_of(shop.print(sent, printer, source="127.0.0.9"), sent)
        shop.wait_sales(1)
        shop.wait(lambda: not printer.open, "the printer to have all")
        assert len(printer.paper()) - len(shop.slips(printer)) == 2 and shop.invoices() == 1 and shop.invoice("HD1")
        shop.wait(lambda: shop.sql("SELECT text FROM task WHERE closed_at = 0") == [("2",)], "the second to be told")
        stranger, known = (row[0] for row in shop.sql("SELECT id FROM sale WHERE state = 'parked' ORDER BY id"))
        shop.hoadon("sale", "issue", str(known))  # a till of the shop, as it turned out; the other one was printed by the till itself
        assert shop.invoices() == 2
        shop.hoadon("sale", "ignore", str(stranger), "--reason", "x")
        shop.wait(lambda: shop.sql("SELECT count(*) FROM task WHERE closed_at = 0") == [(0,)], "the task to be over")
        return 13


def strangers_fill_neither_port_nor_store():
    """Two at a time, and twenty papers an hour: what they print comes out, and the shop's till finds room."""
    with Printer() as printer, Shop((printer, {"peers": "127.0.0.9"})) as shop:
        strangers = []
        for _ in range(5):
            with contextlib.suppress(ConnectionError):  # who is one too many may hear of it at once
                strangers.append(Till(shop.tap))
        print_to(shop.tap, bill("HD1"), source="127.0.0.9")
        shop.wait_sales(1)
        for stranger in strangers:
            stranger.socket.close()
        shop.wait(lambda: not printer.open, "the strangers to be gone")

        def is_let_in(number):
            try:
                print_to(shop.tap, bill(number))
                return True
            except ConnectionError:
                return False
        for n in range(25):  # who comes before the one ahead is known to be gone is sent away
            shop.wait(lambda number=f"Y{n}": is_let_in(number), "a stranger to be let in again")
        assert len([job for job in printer.jobs if b"Y24" in job]) == 1, "a stranger's paper did not come out"
        shop.wait(lambda: shop.log().count("within an hour") == 1, "the limit to be told")
        shop.wait_sales(20, "parked")
        assert shop.invoices() == 1
        return 5


def a_reader_that_dies_stops_nothing():
    """Killed in the middle of a receipt: the paper is complete, and what nobody read is read by the next one: one invoice, one slip."""
    with Printer() as printer, Shop((printer, {})) as shop:
        sent = bill("HD1")
        till = Till(shop.tap)
        till.send(sent[:200])
        shop.wait(lambda: len(printer.jobs) == 1 and len(printer.jobs[0]) == 200, "the first half on paper")
        kill_readers(shop)
        till.send(sent[200:])
        till.end()
        assert bytes(printer.jobs[0]) == sent
        shop.wait_sales(1)
        shop.wait_slips(printer)
        shop.check_annex(shop.slips(printer)[0], "HD1")
        assert shop.invoices() == 1 and shop.sql("SELECT count(*) FROM frame WHERE state = 'kept'") == [(0,)]
        paper, bill_no, annexes, count = with_annex(shop, printer, lambda n: (bill(f"HE{n}"), f"HE{n}"))
        shop.check_annex(annexes[0], bill_no)
        return 9


def a_power_cut_behind_the_kept_paper_loses_no_bill():
    """Killed when the paper was kept and the sale was not: the next start reads it again: one invoice, one slip."""
    with Printer() as printer, Shop((printer, {}), env={"HOADON_FAILPOINT": "store.sale_add.before:1:kill"}) as shop:
        sent = bill("HD1")
        try:
            print_to(shop.tap, sent)
        except OSError:
            pass  # the till may hear of it
        shop.agent.wait(labs.PATIENCE)
        assert shop.sql("SELECT state FROM frame") == [("kept",)] and shop.sales() == 0
        shop.open()
        shop.wait_sales(1)
        shop.wait_slips(printer)
        shop.check_annex(shop.slips(printer)[0], "HD1")
        annexes_of(shop.print(sent, printer), sent)  # the till prints again what it could not print to the end
        assert shop.invoices() == 1 and len(shop.slips(printer)) == 1
        return 8


def a_power_cut_between_the_bills_of_one_paper_loses_none():
    """Nobody read three bills, so their bytes are one paper; killed when the first of them is a sale: the next start makes the other two."""
    with Printer() as printer, Shop((printer, {}), env={"HOADON_FAILPOINT": "store.sale_add.before:2:kill"}) as shop:
        sent = b"".join(bill(f"HD{n}", name=name) for n, name in enumerate(("Cà phê sữa đá", "Bánh mì ốp la", "Nước dừa")))
        till = Till(shop.tap)
        till.send(sent[:200])
        shop.wait(lambda: len(printer.jobs) == 1 and len(printer.jobs[0]) == 200, "the first part on paper")
        kill_readers(shop)
        till.send(sent[200:])
        till.end()
        shop.agent.wait(labs.PATIENCE)
        assert shop.sql("SELECT state FROM frame WHERE dialect = 'escpos'") == [("kept",)] and shop.sales() == 1
        shop.open()
        shop.wait_sales(3)
        assert [row[0] for row in shop.sql("SELECT bill_no FROM sale ORDER BY id")] == ["HD0", "HD1", "HD2"] and shop.invoices() == 3
        shop.wait(lambda: shop.sql("SELECT state FROM frame WHERE dialect = 'escpos'") == [("decoded",)], "the paper to be read")
        shop.hoadon("fsck")
        return 6


def a_torn_paper_is_never_a_bill():
    """The line breaks behind the total while nobody reads: a case for a person, and the bill that is printed again is the sale."""
    with Printer() as printer, Shop((printer, {})) as shop:
        whole, torn = bill("HD1"), bill("HD1", cut=b"")
        till = Till(shop.tap)
        till.send(torn[:200])
        shop.wait(lambda: len(printer.jobs) == 1 and len(printer.jobs[0]) == 200, "the first part on paper")
        kill_readers(shop)
        till.send(torn[200:])
        shop.wait(lambda: len(printer.jobs[0]) == len(torn), "the rest on paper")
        till.reset()
        shop.wait(lambda: shop.sql("SELECT state, reason FROM sale") == [("parked", "paper.partial")], "half a bill")
        assert shop.invoices() == 0
        annexes_of(shop.print(whole, printer), whole)
        shop.wait_sales(1)
        assert shop.invoice("HD1") and shop.invoices() == 1
        return 4


def settings_that_are_wrong_lose_no_bill():
    """The reader does not start: what is printed stays kept, and is issued when the settings are right."""
    with Printer() as printer, Shop((printer, {})) as shop:
        catalogue = f"{shop.dir}/catalogue.csv"
        shop.stop()
        with open(catalogue, "w", encoding="utf-8") as f:
            f.write("this is no catalogue\n1,2\n")
        shop.open()
        print_to(shop.tap, bill("HD1"))
        shop.wait(lambda: shop.papers() == 1, "the paper to be kept")
        gone = shop.log().count("event=reader-gone")
        shop.wait(lambda: shop.log().count("event=reader-gone") >= gone + 3, "the reader to give up again and again")
        assert shop.sql("SELECT state FROM frame") == [("kept",)] and shop.sql("SELECT count(*) FROM sale") == [(0,)]
        shop.stop()
        with open(catalogue, "w", encoding="utf-8") as f:
            f.write(CATALOGUE)
        shop.open()
        shop.wait_sales(1)
        assert shop.invoice("HD1") and shop.invoices() == 1
        return 6


def a_reader_that_dies_at_an_idle_while_is_followed_by_another():
    """The line stays open: what nobody read is kept after the next idle while, and the next bill has its code before the cut again."""
    with Printer() as printer, Shop((printer, {"idle_ms": 400})) as shop:
        till = Till(shop.tap)
        for pid in shop.reader_pids():
            os.kill(pid, signal.SIGSTOP)
        till.send(bill("HD1", cut=b""))
        time.sleep(1)  # the idle while is told to a reader that does not answer
        kill_readers(shop)
        shop.wait_sales(1)
        for n in range(TRIES):
            till.send(bill(f"HE{n}"))
            shop.wait_sales(n + 2)
            shop.wait(lambda: printer.jobs[0].endswith(b"\x1dVB\x00"), "the cut")
            if shop.invoice(f"HE{n}")[2].encode() in printer.jobs[0]:
                break
            time.sleep(1)
        else:
            raise AssertionError("nothing is held for a code on this line any more")
        till.end()
        return 4


def a_printer_without_paper_ends_no_receipt():
    """It takes nothing for longer than an idle while, in the middle of a bill: one paper, one invoice."""
    with Printer(is_narrow=True) as printer, Shop((printer, {"idle_ms": 3000})) as shop:
        printer.hang_after = 1000
        till = Till(shop.tap)
        rows = bytes(n * 7 % 251 for n in range(72 * 256))
        sent = b"\x1dv0\x00\x48\x00\x00\x01" + rows + b"\x1dv0\x00\x48\x00\x00\x10" + rows * 16 + bill("HD1")
        sender = threading.Thread(target=till.send, args=(sent,))
        sender.start()
        shop.wait(lambda: printer.jobs and len(printer.jobs[0]) >= 1000, "the first bytes")
        time.sleep(4)
        printer.go_on.set()
        sender.join()
        till.end()
        annexes_of(bytes(printer.jobs[0]), sent)
        shop.wait_sales(1)
        assert shop.papers() == 1 and shop.sql("SELECT count(*) FROM sale") == [(1,)]
        return 4


def a_printer_that_takes_nothing_is_named():
    """Its till waits, /health/ready and `hoadon status` say why, and both are well again when it goes on."""
    with Printer(is_narrow=True) as printer, Shop((printer, {}), authority=True) as shop:
        def stands(word, is_said):
            shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == word, f"ports {word}")
            text = shop.hoadon("--lang", "vi", "status", check=False).stdout.decode()
            assert ("Máy in không in tiếp" in text) == is_said, text

        printer.hang_after = 1000
        till = Till(shop.tap)
        sent = b"\x1dv0\x00\x48\x00\x00\x10" + bytes(n * 7 % 251 for n in range(72 * 4096)) + bill("HD1")
        sender = threading.Thread(target=till.send, args=(sent,))
        sender.start()
        stands("printer-waits", True)
        shop.wait(lambda: "event=printer-standing port=P1 state=waits" in shop.log(), "the log to say so")
        printer.go_on.set()
        sender.join()
        till.end()
        annexes_of(bytes(printer.jobs[0]), sent)
        stands("ok", False)
        return 6


def a_printer_that_is_not_plugged_in_is_named():
    """A port whose USB printer is not there is a printer that is away: the till hears it, the log names the printer and what to do."""
    with Shop((None, {"printer": "usb:04b8:0e15:X4CF001"}), authority=True) as shop:
        try:
            print_to(shop.tap, bill("HD1"))
            raise AssertionError("the till was told that all was printed")
        except OSError:
            pass
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "printer-away", "ports printer-away")
        shop.wait(lambda: "no printer usb:04b8:0e15:X4CF001 is plugged in" in shop.log() and "hoadon print list" in shop.log(), "the log to say so")
        done = shop.hoadon("print", "test", "P1", "--lang", "vi", check=False)
        assert done.returncode == 1 and b"usb:04b8:0e15:X4CF001" in done.stderr, done.stderr
        return 4


def a_printer_that_dies_with_a_bill_on_the_way():
    """The bill is an invoice, and its last bytes are not on paper: the till hears it. Number and code come on one slip, also for its second copy."""
    with Printer(is_narrow=True) as printer, Shop((printer, {})) as shop:
        printer.hang_after = printer.close_after = 1000
        till = Till(shop.tap)
        picture = b"\x1dv0\x00\x48\x00\x64\x05" + bytes(n * 7 % 251 for n in range(72 * 1380))
        till.send(picture + bill("HD1") + bill("HD1"))
        shop.wait_sales(1)
        shop.wait(lambda: shop.sql("SELECT count(*) FROM frame WHERE dialect = 'escpos' AND state = 'decoded'") == [(2,)], "both copies to be read")
        printer.go_on.set()
        try:
            till.end()
            raise AssertionError("the till was told that all was printed")
        except OSError:
            pass
        printer.hang_after = printer.close_after = None
        shop.wait_slips(printer)
        sent = bill("HD2")
        annexes_of(shop.print(sent, printer), sent)
        shop.wait_sales(2)
        assert len([slip for slip in shop.slips(printer) if shop.invoice("HD1")[2].encode() in slip]) == 1
        return 4


def a_printer_that_dies_with_bytes_in_its_line():
    """The till said all, the box gave all to the line, and the printer never took it: the till hears it."""
    with Printer(is_narrow=True) as printer, Shop((printer, {})) as shop:
        printer.hang_after = printer.close_after = 1000
        till = Till(shop.tap)
        till.send(b"\x1dv0\x00\x48\x00\x00\x01" + bytes(n * 7 % 251 for n in range(72 * 256)) + bill("HD1"))
        shop.wait_sales(1)
        till.socket.shutdown(socket.SHUT_WR)
        time.sleep(1)
        printer.go_on.set()
        try:
            till.socket.recv(1)
            raise AssertionError("the till was told that all was printed")
        except OSError:
            return 2


def a_slip_waits_for_whoever_is_at_its_printer():
    """Two ports have one printer: a slip of the one is not printed into a job of the other."""
    with Printer() as printer, Shop((printer, {"hold_ms": 0}), (printer, {})) as shop:
        other = Till(shop.ports[1])
        other.send(bill("HD2")[:100])
        shop.wait(lambda: printer.jobs and len(printer.jobs[0]) == 100, "the other's first line")
        print_to(shop.tap, bill("HD1"))
        shop.wait_sales(1)
        time.sleep(2.5)
        assert shop.slips(printer) == []
        other.send(bill("HD2")[100:])
        other.end()
        shop.wait_slips(printer)
        shop.check_annex(shop.slips(printer)[0], "HD1")
        return 5


def status_says_how_the_ports_stand():
    """Each state of a port is what /health/ready calls it, makes `hoadon status` say what to do, and goes when it is over."""
    said = {"printer-away": "không tới được máy in", "closed": "Không mở được cổng in", "reader-away": "chưa đọc được", "receipts-wait": "chờ lập hóa đơn"}

    def stands(shop, word):
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == word, f"ports {word}")
        text = shop.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert all((sentence in text) == (state == word) for state, sentence in said.items()), (word, text)
        health = shop.call("GET", "/health/ready")[1]
        assert (word == "ok") == (health["status"] == "ready") and health["not_well"] == ({} if word == "ok" else {"P1": word}), health
        assert json.loads(shop.hoadon("status", "--json", check=False).stdout)["ports"] == health["not_well"] and ("[P1]" in text) == (word != "ok"), text

    with Printer() as printer, Shop((printer, {}), authority=True) as shop:
        stands(shop, "ok")
        printer.stop()
        try:
            print_to(shop.tap, bill("HD1"))
        except OSError:
            pass  # the till hears it
        stands(shop, "printer-away")
        printer.start()
        shop.print(bill("HD2"), printer)
        stands(shop, "ok")
        with contextlib.closing(sqlite3.connect(f"{shop.dir}/store/current.db", isolation_level=None, timeout=labs.PATIENCE)) as db:
            db.execute("BEGIN IMMEDIATE")  # nobody else can write
            print_to(shop.tap, bill("HD3"))
            stands(shop, "receipts-wait")
            db.execute("ROLLBACK")
        shop.wait_sales(2)
        stands(shop, "ok")
        shop.stop()
        os.rename(f"{shop.dir}/catalogue.csv", f"{shop.dir}/away")
        with socket.create_server(("127.0.0.1", shop.tap)):
            shop.start()
            stands(shop, "closed")
        shop.wait(lambda: can_reach(shop.tap), "the port to be open")
        stands(shop, "reader-away")
        os.rename(f"{shop.dir}/away", f"{shop.dir}/catalogue.csv")
        shop.stop()
        shop.open()
        stands(shop, "ok")
        return 33


SAMPLE = re.compile(r'(hoadon_[a-z_]+)(?:\{([a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*)\})? (-?\d+)')


def metrics(shop):
    """What GET /metrics says, {(name, labels): value}; each family is described before its first sample, once, and only counters end with _total."""
    connection = labs.UnixConnection(f"{shop.dir}/api.sock")
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200 and answer.getheader("Content-Type").startswith("text/plain; version=0.0.4"), (answer.status, answer.getheaders())
    found, described, family = {}, set(), None
    assert text.endswith("\n")
    for line in text.splitlines():
        words = line.split(" ")
        if words[:2] == ["#", "HELP"]:
            family, kind = words[2], None
            assert family not in described and len(words) > 3, line
            described.add(family)
        elif words[:2] == ["#", "TYPE"]:
            assert words[2] == family and kind is None, line
            kind = words[3]
            assert kind == ("counter" if family.endswith("_total") else "gauge"), line
        else:
            name, labels, value = SAMPLE.fullmatch(line).groups()
            assert name == family and kind and (name, labels) not in found, line
            found[name, labels] = int(value)
    assert {name for name, _ in found} == described
    return found


def the_counters_are_those_that_status_says():
    """Of each port what came of it since the start, of the store what `hoadon status` counts over its life, as Prometheus reads it."""
    till, states = "127.0.0.9", ("issued", "parked", "ignored")

    def is_up(shop):
        said = metrics(shop)
        return [said["hoadon_port_up", f'port="{port}"'] for port in ("P1", "P2")]

    with Printer() as printer, Shop((printer, {"peers": till, "annex": "none"}), (None, {"peers": till})) as shop:
        for sent, source in ((bill("HD1"), till), (bill("HD1"), till), (bill("HD2", name="Món lạ"), till), (bill("HD3"), "127.0.0.1")):
            shop.print(sent, printer, source=source)
        assert shop.sql("SELECT state, count(*) FROM sale GROUP BY state ORDER BY state") == [("issued", 1), ("parked", 2)]
        shop.wait(lambda: metrics(shop)["hoadon_port_sales_total", 'port="P1",state="parked"'] == 2, "them to be counted")
        kill_readers(shop)
        shop.wait(lambda: shop.log().count("event=reader-gone") == 2, "the readers to be gone")
        said, status = metrics(shop), json.loads(shop.hoadon("status", "--json", check=False).stdout)
        ports = {"receipts_total": [4, 0], "stranger_receipts_total": [1, 0], "readers_gone_total": [1, 1]}
        assert {name: [said[f"hoadon_port_{name}", f'port="{port}"'] for port in ("P1", "P2")] for name in ports} == ports, said
        for name, labels in (("hoadon_port_sales_total", 'port="P1",'), ("hoadon_sales", "")):
            assert [said[name, f'{labels}state="{state}"'] for state in states] == [status["sales"][state] for state in states] == [1, 2, 0], said
        assert said["hoadon_invoices", 'state="issued"'] == status["invoices"]["under_way"] == 1 and said["hoadon_tasks", None] == status["tasks"]
        for name in ("receipts_without_code", "late_slips", "receipts_not_kept"):
            assert said[f"hoadon_{name}_total", None] == status["sales"][name]
        shop.wait(lambda: is_up(shop) == [1, 1], "the ports to be up")
        printer.stop()
        with contextlib.suppress(OSError):
            print_to(shop.tap, bill("HD4"), source=till)
        shop.wait(lambda: is_up(shop) == [0, 1], "one of them to be down")
        assert shop.call("GET", "/health/ready")[1]["not_well"] == {"P1": "printer-away"}
        return 19


def killed_in_the_middle_of_a_receipt():
    """The till hears that it failed and prints again: one invoice."""
    with Printer() as printer, Shop((printer, {})) as shop:
        sent = bill("HD1")
        till = Till(shop.tap)
        till.send(sent[:250])
        shop.wait(lambda: printer.jobs and len(printer.jobs[0]) == 250, "the first half on paper")
        shop.kill()
        try:
            till.send(sent[250:])
            till.end()
            raise AssertionError("the till heard nothing")
        except OSError:
            pass
        shop.open()
        annexes_of(shop.print(sent, printer), sent)
        shop.wait_sales(1)
        assert shop.invoices() == 1
        return 4


def a_printer_that_is_away_is_away_for_the_till():
    with Printer() as printer, Shop((printer, {})) as shop:
        printer.stop()
        try:
            till = Till(shop.tap)
            till.send(bill("HD1"))
            till.end()
            raise AssertionError("the till was told that it printed")
        except ConnectionError:
            pass
        shop.wait(lambda: "event=printer-away" in shop.log(), "the log to say so")
        assert shop.sql("SELECT count(*) FROM frame") == [(0,)]
        printer.start()
        sent = bill("HD1")
        annexes_of(shop.print(sent, printer), sent)
        shop.wait_sales(1)
        return 4


def a_printer_that_goes_in_the_middle_of_a_job():
    """The till hears it, and half a bill is nothing but a case for a person."""
    with Printer() as printer, Shop((printer, {})) as shop:
        printer.close_after = 200
        till = Till(shop.tap)
        try:
            till.send(bill("HD1")[:300])
            till.send(bill("HD1")[300:], piece=20, pause=0.05)
            till.end()
            raise AssertionError("the till was told that it printed")
        except OSError:
            pass
        printer.close_after = None
        shop.wait(lambda: shop.sql("SELECT count(*) FROM sale") == [(1,)], "half a bill")
        sent = bill("HD2")
        annexes_of(shop.print(sent, printer), sent)
        shop.wait_sales(1)
        states = shop.sql("SELECT bill_no, state FROM sale ORDER BY id")
        assert states[1] == ("HD2", "issued") and states[0][1] == "parked", states
        return 4


def a_slow_printer_slows_the_till_and_loses_nothing():
    """300 kB at 100 kB/s: never more than what a port may hold waits in hoadond, and nothing is dropped."""
    with Printer(slow=1000) as printer, Shop((printer, {})) as shop:
        picture = b"\x1dv0\x00\x48\x00\x00\x08" + bytes(n * 7 % 251 for n in range(72 * 2048))
        sent = picture + picture[:8] + bytes(72 * 2048) + bill("HD1")
        annexes_of(shop.print(sent, printer), sent)
        shop.wait_sales(1)
        assert shop.invoices() == 1
        return 3


def what_the_printer_answers_reaches_the_till():
    with Printer() as printer, Shop((printer, {})) as shop:
        till = Till(shop.tap)
        for _ in range(5):
            till.send(b"\x10\x04\x01")
            assert till.replies(1) == b"\x12"
        till.send(bill("HD1") + b"\x10\x04\x01")
        assert till.end() == b"\x12"
        assert shop.wait_sales(1) is None
        return 7


def two_tills_at_once():
    with Printer() as one, Printer() as two, Shop((one, {}), (two, {}), authority=True) as shop:
        def sell(port, name):
            for n in range(4):
                print_to(port, bill(f"{name}{n}"))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in [pool.submit(sell, shop.ports[0], "A"), pool.submit(sell, shop.ports[1], "B")]:
                done.result()
        shop.wait_sales(8)
        shop.wait(lambda: not one.open and not two.open, "the printers to have all")
        for printer, name in ((one, "A"), (two, "B")):
            jobs = [job for job in printer.paper() if not is_slip(job)]
            assert len(jobs) == 4
            for n, job in enumerate(jobs):
                for annex in annexes_of(job, bill(f"{name}{n}")):
                    shop.check_annex(annex, f"{name}{n}")
        shop.wait_accepted(8)
        return 8 + shop.check_books()


def a_port_without_a_printer_only_listens():
    with Shop((None, {})) as shop:
        print_to(shop.tap, bill("HD1"))
        shop.wait_sales(1)
        assert shop.invoices() == 1
        return 2


def where_no_printer_answers_the_box_does():
    """A till that asks how its printer stands before it prints waits for the answer; inside a code or a picture nobody asked."""
    questions = {"escpos": [(b"\x10\x04\x01", b"\x12"), (b"\x10\x04\x04", b"\x12"), (b"\x1dr\x01", b"\0"), (b"\x1dI\x42", b"_hoadon-agent\0"), (b"\x1da\xff", b"\x14\0\0\x0f")],
                 "star": [(b"\x1b\x06\x01", b"\x23\x86" + bytes(7)), (b"\x1b\x1ea\x01", b"\x23\x86" + bytes(7))]}
    with Shop(*((None, {"dialect": dialect}) for dialect in questions)) as shop:
        for port, asked in zip(shop.ports, questions.values()):
            till = Till(port)
            for question, answer in asked:
                till.send(question)
                assert till.replies(len(answer)) == answer, question
            if port == shop.tap:
                till.send(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01" + bill("HD1", cut=b"") + b"\x10\x04\x02\x1dVB\x00")
                assert till.replies(1) == b"\x12"
            assert till.end() == b""
        shop.wait_sales(1)
        assert shop.invoice("HD1")
        return sum(map(len, questions.values())) + 4


def an_orderly_end_lets_a_job_come_out():
    """The end waits three seconds for a till in the middle of its job; one that the machine let sleep meanwhile prints another."""
    with Printer() as printer, Shop((printer, {})) as shop:
        for n in range(TRIES):
            sent, before, till = bill(f"HD{n}"), len(printer.jobs), Till(shop.tap)
            till.send(sent[:200])
            shop.wait(lambda: any(len(job) == 200 for job in printer.jobs[before:]), "the first half on paper")  # noqa: B023
            began = time.monotonic()
            shop.agent.terminate()
            shop.wait(lambda: not can_reach(shop.tap), "the door to close")
            slept = time.monotonic() - began
            with contextlib.suppress(OSError):
                till.send(sent[200:])
                till.end()
            assert shop.agent.wait(labs.PATIENCE) == 0
            if shop.sql("SELECT 1 FROM sale WHERE bill_no = ? AND state = 'issued'", f"HD{n}") or slept < 1.5:
                break
            shop.open()
        annexes_of(next(bytes(job) for job in printer.jobs[before:] if not is_slip(job)), sent)
        assert shop.invoice(f"HD{n}")
        return 3


def thirty_two_ports():
    printers = [Printer() for _ in range(32)]
    try:
        with Shop(*((printer, {"till": "T01"}) for printer in printers)) as shop:
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                for done in [pool.submit(print_to, port, bill(f"HD{n}")) for n, port in enumerate(shop.ports)]:
                    done.result()
            shop.wait_sales(32)
            for n, printer in enumerate(printers):
                annexes_of(next(job for job in printer.paper() if not is_slip(job)), bill(f"HD{n}"))
            return 64
    finally:
        for printer in printers:
            printer.stop()


if __name__ == "__main__":
    labs.run_cases([
        a_code_comes_before_the_cut,
        a_code_is_drawn_where_the_printer_knows_none,
        a_code_has_its_marks_where_the_printer_has_them,
        every_layout_comes_out_as_it_was_sent,
        what_never_becomes_an_invoice_needs_nobody,
        each_picture_is_shown_to_a_person,
        many_receipts_on_one_line,
        one_byte_at_a_time,
        a_receipt_by_several_connections_is_one,
        without_a_cut_the_code_comes_on_a_slip,
        a_cut_that_waits_for_nothing_has_its_code_on_a_slip,
        who_is_not_known_prints_and_sells_nothing,
        strangers_fill_neither_port_nor_store,
        a_reader_that_dies_stops_nothing,
        a_power_cut_behind_the_kept_paper_loses_no_bill,
        a_power_cut_between_the_bills_of_one_paper_loses_none,
        a_torn_paper_is_never_a_bill,
        settings_that_are_wrong_lose_no_bill,
        a_reader_that_dies_at_an_idle_while_is_followed_by_another,
        a_printer_without_paper_ends_no_receipt,
        a_printer_that_takes_nothing_is_named,
        a_printer_that_is_not_plugged_in_is_named,
        a_printer_that_dies_with_a_bill_on_the_way,
        a_printer_that_dies_with_bytes_in_its_line,
        a_slip_waits_for_whoever_is_at_its_printer,
        status_says_how_the_ports_stand,
        the_counters_are_those_that_status_says,
        killed_in_the_middle_of_a_receipt,
        a_printer_that_is_away_is_away_for_the_till,
        a_printer_that_goes_in_the_middle_of_a_job,
        a_slow_printer_slows_the_till_and_loses_nothing,
        what_the_printer_answers_reaches_the_till,
        two_tills_at_once,
        a_port_without_a_printer_only_listens,
        where_no_printer_answers_the_box_does,
        an_orderly_end_lets_a_job_come_out,
        thirty_two_ports,
    ])
