"""A shop whose till prints to a port of hoadond: a printer to play with, and what stands on its paper. Standard library only."""
import glob
import os
import re
import select
import socket
import struct
import threading
import time

import lab as labs

LAYOUTS = os.path.join(labs.TOP, "tests/dialects/layouts")
CATALOGUE = """code,name,unit,vat_rate,class
,Gạo ST25 túi 5kg,túi,5,essential5
,Cà chua,kg,5,essential5
,Bún mắm đặc biệt,phan,8,reduced
,Tra da,phan,8,reduced
8930000000017,Mì khoai tây sườn ngũ quả 80g,T,8,reduced
,Cà phê sữa đá,ly,8,reduced
,Bánh mì ốp la,cái,8,reduced
,Mực nướng,phần,8,reduced
,Nước dừa,ly,8,reduced
,Phin Sữa Đá (L),ly,8,reduced
,Bánh Mì Que,cái,8,reduced
,Trà sữa trân châu đường đen (L),ly,8,reduced
,Thêm thạch,phần,8,reduced
,Trà đào cam sả,ly,8,reduced
"""
CUTS = (b"\x1dVB\x00", b"\x1dVA\x03", b"\x1dV\x00", b"\x1bi", b"\x1bm")
STAR_CUTS = tuple(b"\x1bd" + bytes([n]) for n in (0, 1, 2, 3, *b"0123"))


class Printer:
    """Takes print jobs at a port of its own: one connection after the other, each a list of what came."""

    def __init__(self, pause=0, slow=0, is_narrow=False):
        self.port, = labs.free_ports(1)
        self.pause = pause  # seconds before it reads at all
        self.slow = slow  # bytes that it takes each hundredth of a second; 0: all
        self.is_narrow = is_narrow  # few bytes are on the way to it
        self.close_after = None  # bytes of a job after which it closes the line
        self.hang_after = None  # bytes of a job after which it takes nothing, until go_on is set
        self.go_on = threading.Event()
        self.jobs = []
        self.open = 0
        self.listener = None
        self.lock = threading.Lock()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.is_narrow:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(8)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """Nobody answers at its port any more."""
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            job = bytearray()
            with self.lock:
                self.jobs.append(job)
                self.open += 1
            threading.Thread(target=self.print, args=(peer, job), daemon=True).start()

    def print(self, peer, job):
        time.sleep(self.pause)
        if self.slow:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            most = self.slow or (1024 if self.is_narrow else 65536)
            while part := peer.recv(most if self.close_after is None else min(most, max(1, self.close_after - len(job)))):
                job += part
                for _ in range(part.count(b"\x10\x04\x01")):
                    peer.send(b"\x12")
                if self.slow:
                    time.sleep(0.01)
                if self.hang_after is not None and len(job) >= self.hang_after:
                    self.go_on.wait(2 * labs.PATIENCE)
                if self.close_after is not None and len(job) >= self.close_after:
                    break
        except OSError:
            pass
        peer.close()
        with self.lock:
            self.open -= 1

    def paper(self):
        """All jobs that printed anything, in order."""
        return [bytes(job) for job in self.jobs if job]


class Till:
    """A connection of the POS."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=labs.PATIENCE, source_address=(source, 0))

    def reset(self):
        """The line breaks."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data, piece=None, pause=0):
        for at in range(0, len(data), piece or len(data)):
            self.socket.sendall(data[at:at + (piece or len(data))])
            if pause:
                time.sleep(pause)

    def replies(self, count):
        got = b""
        while len(got) < count:
            part = self.socket.recv(count - len(got))
            assert part, f"the line ended behind {got}"
            got += part
        return got

    def end(self):
        """Nothing more comes; waits until the printer has all. What it said meanwhile."""
        self.socket.shutdown(socket.SHUT_WR)
        got = b""
        while part := self.socket.recv(4096):
            got += part
        self.socket.close()
        return got


def print_to(port, data, piece=None, pause=0, source="127.0.0.1"):
    till = Till(port, source)
    till.send(data, piece, pause)
    return till.end()


def layouts():
    """(case, variant, bytes) of every recorded layout."""
    for path in sorted(glob.glob(f"{LAYOUTS}/*/*.bin")):
        with open(path, "rb") as f:
            yield os.path.basename(os.path.dirname(path)), os.path.basename(path)[:-4], f.read()


def layout(case, variant="tcvn3"):
    return next(data for name, kind, data in layouts() if name.startswith(case) and kind == variant)


def on_paper(lines, cut=b"\x1dVB\x00"):
    """In UTF-8, as the heads that take it are told."""
    return b"\x1b@\x1b\x52\x0f" + "".join(line + "\n" for line in lines).encode() + b"\n\n" + cut


def kitchen(table, dish, qty=1):
    """What the kitchen is told to make."""
    return on_paper(["*** PHIẾU BẾP ***".center(48), f"Vị trí: TẠI BÀN: {table}", "Thời gian: 12:31:02", "=" * 48, f"{'TÊN MÓN':<30}SỐ LƯỢNG", "-" * 48, f"{dish}  x{qty}"])


def bill(number, name="Cà phê sữa đá", price=29000, qty=2, cut=b"\x1dVB\x00", title="HÓA ĐƠN BÁN HÀNG", table=None):
    """A bill of our own, 48 columns; one that is not paid has another title."""
    def money(value):
        return f"{value:,}".replace(",", ".")
    total = money(price * qty)
    lines = [title.center(48), f"Số HĐ: {number}", "Ngày: 22/11/2026 12:35", *([f"Phòng bàn: {table}"] if table else []), "-" * 48, f"{'Mặt hàng':<18}{'SL':<8}{'Đơn giá':<12}{'Thành tiền':>10}",
             "-" * 48, f"{name:<18}{qty:<8}{money(price):<12}{total:>10}", "-" * 48, f"{'Tổng cộng':<30}{total:>18}", f"{'Tiền mặt':<30}{total:>18}"]
    return on_paper(lines, cut)


def pieces(sent, cuts=CUTS):
    """`sent` in front of and from each cut on."""
    at = sorted({m.start() for m in re.finditer(b"|".join(map(re.escape, cuts)), sent)})
    return [sent[a:b] for a, b in zip([0] + at, at + [len(sent)]) if b > a]


def annexes_of(paper, sent, cuts=CUTS):
    """What was put in before each cut of `sent`; fails when anything else differs by a byte."""
    found, at = [], 0
    for piece in pieces(sent, cuts):
        start = paper.find(piece, at)
        assert start >= 0, f"{len(piece)} bytes of {len(sent)} are not on the paper behind {at}: {bytes(paper[at:at + 80])} for {piece[:80]}"
        if start > at:
            assert piece.startswith(cuts), f"put in elsewhere than before a cut: {paper[at:start]}"
            found.append(bytes(paper[at:start]))
        at = start + len(piece)
    assert at == len(paper), f"{len(paper) - at} bytes more than were sent: {bytes(paper[at:at + 80])}"
    return found


def qr_commands(annex):
    """(what, value) of each command for a QR code: GS ( k of ESC/POS, ESC GS y of Star."""
    at = 0
    while found := re.compile(rb"\x1d\(k|\x1b\x1dy(S.|D1|P)", re.S).search(annex, at):
        at = found.end()
        if found[1] is None:
            size = annex[at] + 256 * annex[at + 1]
            what, value = {b"1A": "model", b"1C": "dots", b"1E": "level", b"1P": "data", b"1Q": "print"}[annex[at + 2:at + 4]], annex[at + 4:at + 2 + size]
            yield what, value[1:] if what == "data" else value
            at += 2 + size
        elif found[1] == b"D1":
            size = annex[at + 1] + 256 * annex[at + 2]
            yield "data", annex[at + 3:at + 3 + size]
            at += 3 + size
        else:
            yield {b"S0": "model", b"S1": "level", b"S2": "dots", b"P": "print"}[found[1]], annex[at:at + 1]


def qr_of(annex):
    """What the QR codes say."""
    return [value.decode() for what, value in qr_commands(annex) if what == "data"]


def symbols_of(annex):
    """The QR codes as a printer prints them, which takes size and level from the commands before: {data, level, dots of a module}."""
    found, symbol = [], {}
    for what, value in qr_commands(annex):
        if what == "model":
            assert value[0] in (2, ord("2")), value
        elif what == "print":
            found.append(dict(symbol))
        else:
            symbol[what] = value.decode() if what == "data" else value[0] if what == "dots" else "lmqh"[value[0] % 48]
    return found


def text_of(annex):
    """Its letters, without commands."""
    return "".join(chr(c) if 32 <= c < 127 or c == 10 else "|" for c in annex)


def wait_quiet(seconds):
    """For what must not happen."""
    select.select([], [], [], seconds)
