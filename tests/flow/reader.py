"""hoadon-reader by itself: what it says of every recorded stream, in pieces of any size, and what is left of it when it is shut in."""
import csv
import contextlib
import ctypes
import glob
import io
import json
import os
import platform
import random
import signal
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

LAYOUTS = os.path.join(labs.TOP, "tests/dialects/layouts")
CAPTURES = os.path.join(labs.TOP, "tests/dialects/captures")
HEADER = struct.Struct(">BIQQI")
DIALECT, TILL, PROFILE, CATALOGUE, GLYPHS, START, FEED, END, READY, WRONG, SEEN, CUT, ASKED, RECEIPT, ENDED = range(1, 16)
CLOSED, BROKEN, IDLE = range(3)
FEED_MAX = 65536
VAT_INCLUDED, HAS_RATES = 1, 2
PARTIAL, UNDATED = 1, 4  # of a RECEIPT; 2 is a picture
KINDS = {"sale": "sale", "pre-bill": "pre-bill", "reprint": "reprint", "kitchen": "no-sale", "void": "void", "return": "return", "other": "no-sale"}
PATIENCE = labs.PATIENCE


def default_profile():
    with open(os.path.join(labs.TOP, "drivers/profiles/default.ini"), "rb") as f:
        return f.read()


def catalogue(names):
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(("code", "name", "unit", "vat_rate", "class"))
    rows.writerows(("", name, "", "8", "") for name in sorted(set(names)))
    return out.getvalue().encode()


class Reader:
    """The process, told by a socket that is its descriptor 0."""

    def __init__(self, dialect="escpos", dots=576, flags=VAT_INCLUDED, rows=b"", profile=None, starts=True):
        self.socket, other = socket.socketpair()
        self.socket.settimeout(PATIENCE)
        self.process = subprocess.Popen([f"{labs.BIN}/hoadon-reader"], stdin=other, env={})
        other.close()
        self.came = b""
        with contextlib.nullcontext() if starts else contextlib.suppress(ConnectionError):  # which may end at the first wrong word
            self.put(DIALECT, a=dots, body=dialect.encode())
            self.put(TILL, a=flags, body=b"QUAY1")
            self.put(PROFILE, body=default_profile() if profile is None else profile)
            self.put(CATALOGUE, body=rows)
            self.put(GLYPHS)
            self.put(START)
        if starts:
            assert self.take() == (READY, 0, 0, 0, b"")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.kill()
        self.process.wait()

    def put(self, kind, stream=0, a=0, b=0, body=b""):
        self.socket.sendall(HEADER.pack(kind, stream, a, b, len(body)) + body)

    def take(self):
        while True:
            if len(self.came) >= HEADER.size:
                kind, stream, a, b, length = HEADER.unpack_from(self.came)
                end = HEADER.size + length
                if len(self.came) >= end:
                    body, self.came = self.came[HEADER.size:end], self.came[end:]
                    return kind, stream, a, b, body
            more = self.socket.recv(1 << 16)
            if not more:
                raise EOFError(f"hoadon-reader ended: {self.process.wait(PATIENCE)}")
            self.came += more

    def until(self, kind):
        """What it says up to the next `kind`, which is the last of the list."""
        said = [self.take()]
        while said[-1][0] != kind:
            said.append(self.take())
        return said

    def print(self, stream, data, step=None, end=CLOSED):
        """The whole stream in pieces of `step` bytes; everything that is said of it."""
        said, step = [], step or FEED_MAX
        for at in range(0, len(data), step):
            self.put(FEED, stream, labs.NOON, at, data[at:at + step])
            said += self.until(SEEN)
        self.put(END, stream, labs.NOON, end)
        return said + self.until(ENDED)

    def end(self):
        """Its exit code once hoadond went away."""
        self.socket.close()
        return self.process.wait(PATIENCE)


def receipts(said):
    found = []
    for kind, _, start, end, body in said:
        if kind == RECEIPT:
            code, detail, sale, rest = body[1:].decode().split("\0")
            assert rest == "" and body[0] & ~(PARTIAL | UNDATED) == 0
            found.append({"from": start, "to": end, "problem": code, "detail": detail, "partial": body[0] & PARTIAL > 0, "undated": body[0] & UNDATED > 0,
                          "sale": json.loads(sale)})
    return found


def layouts():
    for path in sorted(glob.glob(f"{LAYOUTS}/*/*.bin")):
        folder = os.path.dirname(path)
        with open(f"{folder}/{os.path.basename(folder)}.json", encoding="utf-8") as f:
            expected = json.load(f)
        with open(path, "rb") as f:
            yield path, f.read(), expected


def check_sale(got, expected, where):
    """What a reading says and the shop's catalogue adds, and nothing else; returns how many comparisons."""
    sale = got["sale"]
    assert (got["problem"], got["detail"], got["partial"], got["undated"]) == ("", "", False, expected["sold_at"] is None), (where, got)
    assert sale["till_id"] == "QUAY1" and sale["kind"] == KINDS[expected["kind"]], (where, sale)
    assert sale["bill_no"] == expected["bill_no"] or expected["bill_no"] is None and sale["bill_no"].startswith("~"), (where, sale)
    assert sale["sold_at"] == (f"{expected['sold_at']}+07:00" if expected["sold_at"] else "2026-11-22T13:00:00+07:00"), (where, sale)
    assert sale["total"] == (expected["total"] or "0"), (where, sale)
    assert [line["name"] for line in sale["lines"]] == [line["name"] for line in expected["lines"]], (where, sale)
    for line, meant in zip(sale["lines"], expected["lines"]):
        if meant["amount"] is None:
            assert line == {"kind": "note", "name": meant["name"]}, (where, line)
            continue
        assert (line["qty"], line["amount"]) == (meant["qty"], meant["amount"]), (where, line)
        assert meant["unit_price"] in (None, line["unit_price"]), (where, line)
        assert line.get("vat_rate") == ("8" if sale["kind"] in ("sale", "return") else None), (where, line)
    assert [entry["amount"] for entry in sale.get("discounts", [])] == [entry["amount"] for entry in expected["discounts"]], (where, sale)
    return 7 + 4 * len(sale["lines"])


def read_layouts(step):
    compared = 0
    for path, data, expected in layouts():
        names = [line["name"] for receipt in expected["receipts"] for line in receipt["lines"]]
        net = any(receipt["taxes"] and not receipt.get("prices_include_vat") for receipt in expected["receipts"])
        dots = 384 if expected["columns"] == 32 else 576
        with Reader(dots=dots, flags=HAS_RATES | (0 if net else VAT_INCLUDED), rows=catalogue(names)) as reader:
            said = reader.print(7, data, step)
            got = receipts(said)
            assert len(got) == len(expected["receipts"]), (path, got)
            for one, meant in zip(got, expected["receipts"]):
                compared += check_sale(one, meant, path)
            cuts = [(a, b) for kind, _, a, b, _ in said if kind == CUT]
            assert [a + b for a, b in cuts] == [one["to"] for one in got], (path, cuts)
            order = [kind for kind, *_ in said if kind in (CUT, RECEIPT)]
            assert order == [CUT, RECEIPT] * len(got), (path, order)
            assert reader.end() == 0
            compared += 4
    assert compared > 900, compared
    return compared


def every_layout_gives_its_sale():
    return read_layouts(None)


def one_byte_at_a_time_gives_the_same():
    return read_layouts(1)


def no_cut_is_let_through():
    """Of every capture, one byte at a time: a byte of a cut is never seen before its cut was told; letters and pictures never wait."""
    compared = 0
    with open(f"{CAPTURES}/expected-tokens.csv", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    for row in rows:
        with open(f"{CAPTURES}/{row['file']}", "rb") as f:
            data = f.read()
        with Reader(dialect=row["dialect"]) as reader:
            seen, cuts = 0, []
            for at in range(len(data)):
                reader.put(FEED, 1, labs.NOON, at, data[at:at + 1])
                for kind, _, a, b, _ in reader.until(SEEN):
                    if kind == CUT:
                        assert a >= seen, (row["file"], a, seen)
                        cuts.append(a)
                    elif kind == SEEN:
                        assert at - 3 <= a <= at + 1 and a >= seen, (row["file"], at, a)
                        seen = a
            assert len(cuts) <= int(row["cuts"]) and (cuts or row["cuts"] == "0"), (row["file"], cuts)
            compared += len(data)
    return compared


def what_cannot_become_a_sale_is_one_without_lines():
    path = f"{LAYOUTS}/S02-noodle-32/utf8.bin"
    with open(path, "rb") as f:
        data = f.read()
    with Reader(dots=384, flags=HAS_RATES | VAT_INCLUDED, rows=catalogue(["Khác"])) as reader:
        unknown, = receipts(reader.print(1, data))
        assert unknown["problem"] == "catalogue.unknown" and unknown["detail"] == "Bún mắm đặc biệt", unknown
        assert unknown["sale"] == {"bill_no": "HD000123", "business_day": "2026-11-22", "kind": "sale", "lines": [], "order_ref": "BAN 1",
                                   "prices_include_vat": True, "sold_at": "2026-11-22T12:35:00+07:00", "till_id": "QUAY1", "total": "140000"}, unknown
        wrong, = receipts(reader.print(2, data.replace(b"140.000", b"150.000")))
        assert wrong["problem"] == "bill.review" and wrong["sale"]["ext"]["review"]["word"] == "total", wrong
        assert wrong["sale"]["lines"] == [] and wrong["sale"]["total"] == "150000", wrong
        part, = receipts(reader.print(3, data[:data.index(b"140.000")], end=BROKEN))
        assert part["problem"] == "paper.partial" and part["partial"] and part["sale"]["lines"] == [], part
        late, = receipts(reader.print(4, data[:data.rindex(b"\x1d")], end=CLOSED))
        assert late["problem"] == "catalogue.unknown" and not late["partial"], late
        unread, = receipts(reader.print(5, data[:-4] + b"\x1b\x00" + data[-4:]))
        assert unread["problem"] == "paper.unread" and unread["sale"]["bill_no"] == "HD000123", unread
        picture, = receipts(reader.print(6, b"\x1b@\x1dv0\x00\x30\x00\x2c\x01" + bytes(48 * 300) + b"\x1dV\x00"))
        assert picture["problem"] == "paper.unread" and picture["detail"] == "a picture" and picture["sale"]["bill_no"].startswith("~"), picture
        assert receipts(reader.print(7, b"\x1b@\x1bp\x00\x19\xfa \n\x1dV\x00")) == []
        lost, = receipts(reader.print(8, b"\x1b@HOA DON\nBANH  " + b"9" * 60 + b"\nTONG CONG  " + b"9" * 30 + b"\n\x1dV\x00"))
        assert lost["problem"] == "bill.review" and lost["sale"]["total"] == "0", lost
        assert reader.end() == 0
    return 12


def a_receipt_ends_when_nothing_comes():
    """The same connection goes on behind it; offsets are those of the stream."""
    with open(f"{LAYOUTS}/S02-noodle-32/tcvn3.bin", "rb") as f:
        data = f.read()
    body = data[:data.rindex(b"\x1dV")]
    with Reader(dots=384) as reader:
        for number in range(3):
            reader.put(FEED, 9, labs.NOON, number * len(body), body)
            said = reader.until(SEEN)
            assert not receipts(said)
            reader.put(END, 9, labs.NOON, IDLE)
            one, = receipts(reader.until(ENDED))
            assert one["problem"] == "" and one["sale"]["total"] == "140000", one
            assert number * len(body) <= one["from"] < one["to"] <= (number + 1) * len(body), one
        assert reader.end() == 0
    return 9


def many_streams_stand_beside_each_other():
    """All that a port may have, mixed byte by byte: each gives its own receipt. One more is no wish of hoadond's: it ends."""
    streams = [data for path, data, expected in layouts() if expected["columns"] != 32][:16]
    with Reader() as reader:
        alone = [receipts(reader.print(1000 + n, data)) for n, data in enumerate(streams)]
        got = {n: [] for n in range(16)}
        for at in range(max(map(len, streams))):
            for n, data in enumerate(streams):
                if at < len(data):
                    reader.put(FEED, n, labs.NOON, at, data[at:at + 1])
                    got[n] += receipts(reader.until(SEEN))
        for one, mixed in zip(alone, got.values()):
            assert one == mixed and one, (one, mixed)
        reader.put(FEED, 99, labs.NOON, 0, b"x")
        assert reader.process.wait(PATIENCE) == 1
    return 17


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return dict(line.split(":\t") for line in f.read().split("\n") if ":\t" in line)


def it_is_shut_in():
    """Behind its first word: one descriptor, a filter that kills, no environment, none of the libraries that it has no business with."""
    with Reader() as reader:
        pid = reader.process.pid
        assert os.listdir(f"/proc/{pid}/fd") == ["0"]
        assert status_of(pid)["Seccomp"].strip() == "2" and status_of(pid)["NoNewPrivs"].strip() == "1"
        with open(f"/proc/{pid}/environ", "rb") as f:
            assert f.read() == b""
        with open(f"/proc/{pid}/limits", encoding="ascii") as f:
            limits = {line[:26].strip(): line[26:].split()[0] for line in f}
        with open(f"/proc/{pid}/maps", encoding="utf-8") as f:
            maps = f.read()
        assert limits["Max open files"] == "1" and limits["Max core file size"] == "0", limits
        assert "libasan" in maps or int(limits["Max data size"]) <= 512 << 20, limits
        for name in ("sqlite", "curl", "microhttpd", "libssl", "libxml", "cjson"):
            assert name not in maps, name
        assert reader.end() == 0
    return 13


REGISTERS = "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs".split()
PTRACE_CONT, PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_ATTACH, PTRACE_DETACH = 7, 12, 13, 16, 17
ERESTARTSYS = 512


def call_in(pid, **wanted):
    """Lets the process, which waits in its read(), do another system call in its place, as whoever took it over would. False: one may not."""
    ptrace = ctypes.CDLL(None, use_errno=True).ptrace
    ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    values = (ctypes.c_ulonglong * len(REGISTERS))()
    registers = {}
    while registers.get("orig_rax") != 0 or registers["rax"] != 2 ** 64 - ERESTARTSYS:  # until it waits there
        if registers:
            assert ptrace(PTRACE_DETACH, pid, None, None) == 0
        if ptrace(PTRACE_ATTACH, pid, None, None) < 0:
            return False
        assert os.WIFSTOPPED(os.waitpid(pid, 0)[1])
        assert ptrace(PTRACE_GETREGS, pid, None, ctypes.addressof(values)) == 0
        registers = dict(zip(REGISTERS, values))
    registers.update(rip=registers["rip"] - 2, rax=0, orig_rax=2 ** 64 - 1)
    registers.update(wanted)
    values[:] = [registers[name] for name in REGISTERS]
    assert ptrace(PTRACE_SETREGS, pid, None, ctypes.addressof(values)) == 0
    assert ptrace(PTRACE_DETACH, pid, None, None) == 0
    return True


def why_nobody_can_be_taken_over():
    if platform.machine() != "x86_64":
        return "the numbers of calls and registers are those of another machine"
    with Reader() as reader:
        return "" if call_in(reader.process.pid) else "a parent may not trace its child here (kernel.yama.ptrace_scope)"


def whoever_takes_it_over_is_killed_at_the_first_call():
    page, nobody = 4096, 2 ** 64 - 1
    calls = {"openat": {"rax": 257}, "open": {"rax": 2}, "socket": {"rax": 41}, "connect": {"rax": 42}, "sendto": {"rax": 44}, "execve": {"rax": 59}, "fork": {"rax": 57},
             "clone": {"rax": 56}, "kill": {"rax": 62}, "ptrace": {"rax": 101}, "unlink": {"rax": 87}, "prctl": {"rax": 157}, "io_uring_setup": {"rax": 425},
             "read of another file": {"rax": 0, "rdi": 3}, "write to another file": {"rax": 1, "rdi": 1},
             "code of its own": {"rax": 9, "rdi": 0, "rsi": page, "rdx": 5, "r10": 0x22, "r8": nobody, "r9": 0},
             "a file in memory": {"rax": 9, "rdi": 0, "rsi": page, "rdx": 1, "r10": 2, "r8": 0, "r9": 0}}
    with Reader() as reader:  # its own call in the place of its own call: it goes on
        assert call_in(reader.process.pid)
        assert reader.print(1, b"x\n")[-1][0] == ENDED
    for name, registers in calls.items():
        with Reader() as reader:
            assert call_in(reader.process.pid, **registers)
            assert reader.process.wait(PATIENCE) == -signal.SIGSYS, name
    return 1 + len(calls)


def nonsense_is_no_wish_of_hoadond():
    """It ends over what hoadond never says, and says nothing: 1; settings that are wrong are told in words: 78."""
    cases = [(FEED, 1, 0, 5, b"x"), (END, 1, 0, 0, b""), (END, 5, 0, 0, b""), (TILL, 0, 0, 0, b"T"), (SEEN, 1, 0, 0, b""), (0, 0, 0, 0, b""), (200, 0, 0, 0, b""),
             (FEED, 2, 0, 0, bytes(FEED_MAX + 1))]
    for kind, stream, a, b, body in cases:
        with Reader() as reader:
            with contextlib.suppress(ConnectionError):
                reader.put(kind, stream, a, b, body)
            assert reader.process.wait(PATIENCE) == 1, (kind, body[:8])
    for profile, rows, words in ((b"[accept]\ntitle = (\n", b"", b"profile:2"), (None, b"name,vat_rate\nPho,99\n", b"catalogue line 1")):
        with Reader(profile=profile, rows=rows, flags=HAS_RATES, starts=False) as reader:
            kind, _, _, _, said = reader.take()
            assert kind == WRONG and words in said, said
            assert reader.process.wait(PATIENCE) == 78
    for dialect, dots in (("none", 576), ("escpos", 0), ("escpos", 1 << 32)):
        with Reader(dialect=dialect, dots=dots, starts=False) as reader:
            assert reader.process.wait(PATIENCE) == 1
    return len(cases) + 7


def hostile_streams_are_outlived():
    """Recorded streams that were twisted, and noise: it goes on, and each receipt has a sale that says no more than it may."""
    random_bytes = random.Random(5)
    streams = [data for _, data, _ in layouts()]
    found = 0
    with Reader(profile=None) as reader:
        for number in range(300):
            data = bytearray(random_bytes.choice(streams))
            for _ in range(random_bytes.randrange(1, 30)):
                at = random_bytes.randrange(len(data))
                data[at:at + random_bytes.randrange(3)] = random_bytes.randbytes(random_bytes.randrange(4))
            if number % 10 == 0:
                data = random_bytes.randbytes(5000)
            got = receipts(reader.print(number, bytes(data), random_bytes.choice((1, 7, 4096)) if number % 25 == 0 else None))
            for one in got:
                assert 0 <= one["from"] < one["to"] <= len(data) and one["sale"]["till_id"] == "QUAY1", one
                assert one["sale"]["lines"] or one["problem"] or one["sale"]["kind"] == "no-sale", one
            found += len(got)
        long = b"HOA DON\n" + b"A" * 70000 + b"\n" * 5000 + b"\x1dV\x00"
        assert receipts(reader.print(9001, long))[0]["detail"] == "too long"
        endless = b"\x1b@X\n" + (b"\x1dv0\x00\x64\x00\xa0\x00" + bytes(100 * 160)) * 1100
        assert receipts(reader.print(9002, endless))[0]["detail"] == "too many bytes"
        assert reader.end() == 0
    assert found > 250, found
    return found + 3


def main():
    report = labs.Report()
    for case in (every_layout_gives_its_sale, one_byte_at_a_time_gives_the_same, no_cut_is_let_through, what_cannot_become_a_sale_is_one_without_lines,
                 a_receipt_ends_when_nothing_comes, many_streams_stand_beside_each_other, it_is_shut_in, nonsense_is_no_wish_of_hoadond,
                 hostile_streams_are_outlived):
        report.case(case.__name__.replace("_", " "), case)
    why, case = why_nobody_can_be_taken_over(), whoever_takes_it_over_is_killed_at_the_first_call
    if why:
        report.skip(case.__name__.replace("_", " "), why)
    else:
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
