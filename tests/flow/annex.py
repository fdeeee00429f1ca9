"""Number and code on paper: what the agent composes for a printer, read by a printer that shares nothing with it (the makers' command tables)."""
import base64
import difflib
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
sys.path.insert(0, os.path.join(labs.TOP, "drivers"))
import print_font  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
LINE, FEED, CUT = range(3)
QR = "00020101021202600100A000000775011099000000160206202608030712345604081C26MAA99310101163048F5C"
TEXT = ["HÓA ĐƠN ĐIỆN TỬ", "Ký hiệu: 1C26MAA  Số: 7", "Mã CQT: M1-26-VD7K2-00100000007", "Tra cứu: https://quán.example/hd"]
PLAIN = ["HOA DON DIEN TU", "Ky hieu: 1C26MAA  So: 7", "Ma CQT: M1-26-VD7K2-00100000007", "Tra cuu: https://quan.example/hd"]
START = {"align": 0, "font": 0, "width": 1, "height": 1, "country": 0, "kanji": 0, "page": -1, "utf8": 0}
# Letters of an annex: charset, page and page of capitals, and the title in them.
WAYS = {"utf8,-1,-1": TEXT[0], "cp1258,52,-1": TEXT[0], "viscii,51,-1": TEXT[0], "tcvn,30,31": TEXT[0], "tcvn,30,-1": PLAIN[0]}


def table(charset):
    """What another program reads in each byte."""
    read = subprocess.run(["iconv", "-f", charset, "-t", "UTF-8"], input=b"".join(bytes([n]) + b"\n" for n in range(0x20, 0x100)), capture_output=True, check=True)
    return dict(zip(range(0x20, 0x100), read.stdout.decode().split("\n")))


TCVN = table("TCVN5712-1")
PAGES = {30: TCVN, 31: {byte: letter.upper() if byte >= 0x80 else letter for byte, letter in TCVN.items()}, 51: table("VISCII")}


FONT = print_font.load()
DRAWN = {FONT[letter]: letter for letter in print_font.letters()}


def letters(data, state):
    """What stands on paper."""
    if data.isascii():
        return data.decode()
    assert not state["kanji"], "pairs of these are one letter"
    if state["utf8"]:
        return data.decode()
    return unicodedata.normalize("NFC", data.decode("cp1258")) if state["page"] in (27, 52) else "".join(PAGES[state["page"]][byte] for byte in data)


class Printer:
    """Executes bytes; what it does not know it does not survive."""

    def __init__(self, state):
        self.state, self.lines, self.line, self.run_of, self.codes, self.code, self.fed, self.cuts, self.rows = dict(state), [], "", b"", [], None, 0, 0, []

    def run(self, data):
        self.data, self.at = data, 0
        while self.at < len(data):
            byte = self.take()
            if 0x20 <= byte != 0x7F:
                self.run_of += bytes([byte])
                continue
            self.line += letters(self.run_of, self.state)
            self.run_of = b""
            if byte == 0x0A:
                self.lines.append((self.line, dict(self.state)))
                self.line = ""
            else:
                self.command(byte)
        assert not self.run_of
        return self

    def take(self, count=None):
        piece = self.data[self.at:self.at + (count or 1)]
        assert len(piece) == (count or 1), "a command goes on behind the end"
        self.at += len(piece)
        return piece if count else piece[0]

    def at_begin(self):
        assert self.line == "", "in the middle of a line this is ignored"

    def keep_code(self, length):
        self.code = self.take(length).decode("ascii")

    def print_code(self):
        assert self.code and self.state["align"] == 1, self.state
        self.codes.append(self.code)

    def draw(self, rows):
        """Dots as bytes of 0 and 1; what stands on paper when the next letters come is one picture."""
        assert self.line == "" and self.state["align"] == 1, self.state
        self.rows += rows

    def take_lines(self):
        """The lines of letters that stand on top of what was drawn, read by the font file, dot by dot; a picture behind them stays."""
        read = []
        while len(self.rows) >= print_font.HEIGHT + 4:
            band = self.rows[:print_font.HEIGHT + 4]
            cells = [tuple(int("".join(map(str, row[x:x + print_font.WIDTH])), 2) for row in band[:print_font.HEIGHT]) for x in range(0, len(band[0]) - len(band[0]) % print_font.WIDTH, print_font.WIDTH)]
            if any(any(row) for row in band[print_font.HEIGHT:]) or not any(any(row) for row in band) or not set(cells) <= set(DRAWN):
                break
            assert not any(any(row[len(cells) * print_font.WIDTH:]) for row in band)
            read.append("".join(DRAWN[cell] for cell in cells))
            self.rows = self.rows[print_font.HEIGHT + 4:]
        return read

    def read_picture(self):
        """What another program reads on the paper, where nothing but the picture's own margin is white; dots of a side."""
        side = max(x for row in self.rows for x, dot in enumerate(row) if dot) + 1
        dark = [(x, y) for y, row in enumerate(self.rows) for x, dot in enumerate(row) if dot]
        first = min(x for x, _ in dark)
        assert first == min(y for _, y in dark) and side == max(y for _, y in dark) + 1 and first % 4 in (0, 3), (first, side)
        side += first
        assert all(len(row) >= side for row in self.rows) and len(self.rows) >= side, (len(self.rows), side)
        with tempfile.NamedTemporaryFile(suffix=".pgm") as f:
            bits = [[0] * 8 + [255 - 255 * dot for dot in row[:side]] + [0] * 8 for row in self.rows[:side]]
            black = [[0] * (side + 16)] * 8
            f.write(b"P5 %d %d 255\n" % (side + 16, side + 16) + b"".join(map(bytes, black + bits + black)))
            f.flush()
            done = subprocess.run(["zbarimg", "-q", "--raw", f.name], text=True, capture_output=True)
        return done.stdout.rstrip("\n"), side


class Epson(Printer):
    """ESC/POS Command Reference: ESC a, ESC M, ESC R, ESC d, ESC t, GS !, GS ( k, GS v 0, GS V, FS &, FS ., FS ( C"""

    def command(self, byte):
        name = {0x1B: "ESC", 0x1D: "GS", 0x1C: "FS"}[byte] + chr(self.take())
        if name == "ESCa":
            self.at_begin()
            self.state["align"] = self.take()
        elif name == "ESCM":
            self.state["font"] = self.take()
        elif name == "ESCR":
            self.state["country"] = self.take()
        elif name == "ESCd":
            self.fed += self.take()
        elif name == "GS!":
            size = self.take()
            self.state["width"], self.state["height"] = (size >> 4) + 1, (size & 15) + 1
        elif name == "ESCt":
            page = self.take()
            assert not self.state["utf8"], "a printer that reads UTF-8 does not hear of pages"
            self.state["page"] = page
        elif name == "FS(":
            assert self.take(4) == b"C\x02\x00\x30"
            self.state["utf8"] = {ord("1"): 0, ord("2"): 1}[self.take()]
        elif name in ("FS&", "FS."):
            self.state["kanji"] = int(name == "FS&")
        elif name == "GSV":
            self.at_begin()
            assert self.take(2) == b"\x42\x00"
            self.cuts += 1
        elif name == "GS(":
            self.symbol()
        elif name == "GSv":
            self.raster()
        else:
            raise AssertionError(name)

    def raster(self):
        zero, mode, *sizes = self.take(6)
        assert (zero, mode) == (ord("0"), 0)
        across, rows = sizes[0] + 256 * sizes[1], sizes[2] + 256 * sizes[3]
        self.draw([[byte >> 7 - bit & 1 for byte in self.take(across) for bit in range(8)] for _ in range(rows)])

    def symbol(self):
        kind, low, high, symbol, function = self.take(5)
        rest = low + 256 * high - 2
        assert kind == ord("k") and symbol == 49
        if function == 80:
            assert self.take() == 48
            self.keep_code(rest - 1)
        elif function == 81:
            assert self.take(rest) == b"\x30"
            self.print_code()
        else:
            allowed = {65: [b"\x32\x00"], 67: [b"\x04", b"\x05", b"\x06"], 69: [b"\x31"]}[function]
            assert self.take(rest) in allowed


class Star(Printer):
    """StarPRNT Command Specifications: ESC GS a, ESC RS F, ESC R, ESC i, ESC a, ESC d, ESC GS t, ESC GS ) U, ESC GS y, ESC X and, in quarters of a millimetre, ESC J."""

    def command(self, byte):
        assert byte == 0x1B, hex(byte)
        name = self.take()
        if name in (0x1D, 0x1E):
            name = {0x1D: "GS", 0x1E: "RS"}[name] + chr(self.take())
        if name == "GSa":
            self.at_begin()
            self.state["align"] = self.take()
        elif name == "GSt":
            assert not self.state["utf8"], "a printer that reads UTF-8 does not hear of pages"
            self.state["page"] = self.take()
        elif name == "GS)":
            assert self.take(4) == b"U\x02\x00\x30"
            self.state["utf8"] = self.take()
        elif name == "RSF":
            self.state["font"] = self.take()
        elif name == ord("R"):
            self.state["country"] = self.take()
        elif name == ord("i"):
            self.state["height"], self.state["width"] = (n + 1 for n in self.take(2))
        elif name == ord("a"):
            self.fed += self.take()
        elif name == ord("d"):
            assert self.take() in (2, 3)
            self.cuts += 1
        elif name == ord("X"):
            low, high = self.take(2)
            columns = [int.from_bytes(self.take(3), "big") for _ in range(low + 256 * high)]
            self.draw([[column >> 23 - y & 1 for column in columns] for y in range(24)])
        elif name == ord("J"):
            assert self.take() * 8 == 4 * 24, "dots of two bands overlap, or there is white between them"
        elif name == "GSy":
            self.symbol(self.take())
        else:
            raise AssertionError(name)

    def symbol(self, function):
        if function == ord("P"):
            self.print_code()
        elif function == ord("S"):
            which, value = self.take(2)
            assert value in {ord("0"): (2,), ord("1"): (1,), ord("2"): (4, 5, 6)}[which]
        else:
            one, mode, low, high = self.take(4)
            assert (function, one, mode) == (ord("D"), ord("1"), 0)
            self.keep_code(low + 256 * high)


def compose(language, end, state, code, lines, dots=0, way="ascii,-1,-1", line_dots=0):
    """`dots` across the paper: the code is drawn."""
    numbers = ",".join(str(state[key]) for key in START) + f",{dots},{line_dots}"
    return subprocess.run([f"{labs.BIN}/compose_annex", language, str(end), numbers, way, code, *lines], capture_output=True, check=True).stdout


def states(with_kanji):
    for align, font, width, height, country, kanji in itertools.product(range(3), range(2), (1, 8), (1, 2), (0, 12), range(1 + with_kanji)):
        yield {"align": align, "font": font, "width": width, "height": height, "country": country, "kanji": kanji, "page": -1, "utf8": 0}


def each_printer(check):
    return check("escpos", Epson) + check("star", Star)


def stands_in_the_middle_and_leaves_all_as_it_was():
    """Whatever the till had set: lines and code come out centred in plain letters, and then what was set holds again."""
    return each_printer(in_each_state)


def in_each_state(language, printer):
    compared = 0
    for i, state in enumerate(states(language == "escpos")):
        end = i % 3
        done = printer(state).run(compose(language, end, state, QR, TEXT))
        assert done.state == state, (state, done.state)
        assert [line for line, _ in done.lines if line] == PLAIN and done.line == "", done.lines
        assert all(now == {**START, "align": 1} for line, now in done.lines if line), (state, done.lines)
        assert done.codes == [QR]
        assert (done.fed >= 4, done.cuts) == (end == FEED, int(end == CUT)), (end, done.fed, done.cuts)
        compared += 5
    assert printer(START).run(compose(language, LINE, START, "", TEXT)).codes == []
    return compared + 1


def letters_have_their_marks():
    """In the letters that the printer has, told apart by its page or UTF-8; then page, UTF-8 and pairs of letters are as the till had set them."""
    return each_printer(in_each_way)


def in_each_way(language, printer):
    compared = 0
    for (way, title), page, utf8, kanji in itertools.product(WAYS.items(), (-1, 0, 27, 30, 255), (0, 1), (0, 1) if language == "escpos" else (0,)):
        state = {**START, "page": page, "utf8": utf8, "kanji": kanji, "align": 2, "width": 2}
        done = printer(state).run(compose(language, FEED, state, QR, TEXT, way=way))
        lines = [line for line, _ in done.lines if line]
        assert lines == [title, *TEXT[1:]], (way, state, lines)
        left = {**state, "page": 0 if page < 0 and not way.startswith("utf8") else page}
        assert done.state == left and done.codes == [QR], (way, left, done.state)
        compared += len(lines) + 2
    return compared


def a_printer_that_has_pairs_of_letters_from_the_begin():
    """Where the till said nothing of pairs of high bytes, a printer may have begun with them."""
    for way in WAYS:
        annex = compose("escpos", LINE, START, "", TEXT, way=way)
        lines = [line for line, _ in Epson({**START, "kanji": 1}).run(annex).lines if line]
        assert lines[1:] == TEXT[1:], (way, lines)
    return len(WAYS)


def a_code_that_is_drawn_is_read_from_the_paper():
    """For printers that know no codes: dots alone, 4 a module, or 3 on narrow paper, that another program reads; where not even those fit, the lines stand alone."""
    return each_printer(drawn)


def drawn(language, printer):
    compared = 0
    modules = 4 + 41 + 4  # version 6 holds 106 bytes at level M (ISO/IEC 18004)
    for i, (dots, each) in enumerate(((576, 4), (384, 4), (4 * modules, 4), (4 * modules - 1, 3), (3 * modules, 3), (3 * modules - 1, 0))):
        state = {**START, "align": i % 3, "width": 1 + i % 2, "country": 12 * (i % 2)}
        done = printer(state).run(compose(language, FEED, state, QR, TEXT, dots))
        assert [line for line, _ in done.lines if line] == PLAIN and done.state == state and done.codes == [] and done.cuts == 0, (dots, done.lines)
        assert (done.read_picture() == (QR, each * modules)) if each else done.rows == [], (dots, len(done.rows))
        compared += 3
    return compared


def words_that_are_drawn_are_read_from_the_paper():
    """`encoding = picture`: each line in dots with its marks, letter by letter those of the font file; a longer one goes on below. The code is a command or dots behind them."""
    assert len(DRAWN) == len(print_font.letters()) == 95 + 134
    return each_printer(lines_drawn)


def lines_drawn(language, printer):
    compared = 0
    alphabet = "".join(print_font.letters())
    for i, (dots, code_dots) in enumerate(itertools.product((576, 384, 192, 120), (0, 576))):
        state = {**START, "align": i % 3, "width": 1 + i % 2, "page": 30, "kanji": int(language == "escpos")}
        columns = dots // print_font.WIDTH
        done = printer(state).run(compose(language, CUT, state, QR, [*TEXT, alphabet], code_dots, line_dots=dots))
        read = done.take_lines()
        assert all(len(line) <= columns for line in read) and done.state == state and done.cuts == 1 and not any(line for line, _ in done.lines), (dots, read)
        assert "".join(read).replace(" ", "") == "".join([*TEXT, alphabet]).replace(" ", ""), (dots, read)
        assert columns < 36 or [line.rstrip() for line in read[:4]] == TEXT, read
        assert (done.codes, done.rows) == ([QR], []) if not code_dots else done.read_picture() == (QR, 4 * 49), (dots, len(done.rows))
        compared += 5
    for lines in hostile_lines():
        done = printer(START).run(compose(language, FEED, START, "", lines, line_dots=384))
        assert done.state == START and done.cuts == 0 and not any(line for line, _ in done.lines), lines
        done.take_lines()
        assert not done.rows, lines
        compared += 2
    return compared


def another_program_reads_what_is_drawn():
    """Nearly all of it: the font is one of dots, which tesseract was not made for."""
    done = Epson(START).run(compose("escpos", LINE, START, "", TEXT, line_dots=576))
    rows = [[0] * 400] * 8 + [row + [0] * (400 - len(row)) for row in done.rows] + [[0] * 400] * 8
    with tempfile.NamedTemporaryFile(suffix=".pgm") as f:
        f.write(b"P5 1200 %d 255\n" % (3 * len(rows)) + b"".join(b"".join(bytes([255 - 255 * dot]) * 3 for dot in row) * 3 for row in rows))
        f.flush()
        read = subprocess.run(["tesseract", f.name, "-", "-l", "vie", "--psm", "6"], text=True, capture_output=True, check=True).stdout
    ratio = difflib.SequenceMatcher(None, "".join(read.split()), "".join("".join(TEXT).split()), autojunk=False).ratio()
    assert ratio > 0.8, (ratio, read)
    return 1


def hostile_lines():
    commands = ["\x1b@", "\x1bd\xff", "\x1dV\x01", "\x1d(k\x03\x031Q0", "\x1bp\x01\x19\xfa", "\n\n\n", "\r", "\x0c", "\x07", "\x10\x14\x01", "\x1c.", "\x7f",
                "\x9b2J", "\x85", "\u0300\u0301", "\u202e", "\ufeff", "日本", "€"]
    for command in commands:
        yield [command + text.replace(" ", command) + command for text in TEXT]
    rng = random.Random(5)
    for _ in range(30):
        yield ["".join(chr(rng.choice((rng.randrange(1, 0x100), rng.randrange(1, 0xD800)))) for _ in range(40)) for _ in range(4)]


def a_text_never_becomes_a_command():
    """ESC, GS, line feeds and anything else in any field: as many lines come out as went in, of letters alone, and no command but the agent's own."""
    return each_printer(with_hostile_lines)


def with_hostile_lines(language, printer):
    compared = 0
    for way in ("ascii,-1,-1", *WAYS):
        quiet = compose(language, FEED, START, QR, ["x"] * 4, way=way)
        plain = printer(START).run(quiet)
        for lines in hostile_lines():
            data = compose(language, FEED, START, QR, lines, way=way)
            done = printer(START).run(data)
            assert len(done.lines) == len(plain.lines) and done.state == plain.state and done.codes == [QR] and done.cuts == 0, (way, lines)
            assert data[:data.index(b"a\x01") + 2] == quiet[:quiet.index(b"a\x01") + 2], lines
            compared += 2
    return compared


def plain_text_is_text_alone():
    compared = 0
    for i, lines in enumerate(hostile_lines()):
        end, tail = ((LINE, b""), (FEED, b"\r\n" * 5), (CUT, b"\x0c"))[i % 3]
        data = compose("plain", end, START, QR, lines)
        assert data.startswith(b"\r\n") and data.endswith(tail), data
        body = data[2:len(data) - len(tail)]
        assert body.count(b"\r\n") == len(lines) and all(0x20 <= byte < 0x7F for byte in body.replace(b"\r\n", b"")), data
        compared += 2
    assert compose("plain", LINE, START, QR, TEXT) == ("\r\n" + "".join(line + "\r\n" for line in PLAIN)).encode()
    return compared + 1


def the_block_of_the_api_is_printed():
    """`print.escpos` of an answer is the same composition: what it prints is `print.text`, without accents unless the settings say so, and the code of the invoice."""
    with labs.Lab(clock=labs.clock_at(labs.NOON), authority=False) as lab:
        lab.start()
        status, body, _ = lab.sell(BASE)
        assert status == 201, body
        done = Epson(START).run(base64.b64decode(body["print"]["escpos"]))
        text = body["print"]["text"].split("\n")
        printed = [line for line, _ in done.lines if line]
        assert len(printed) == len(text) - 1 and text[-1] == "", (printed, text)
        assert printed[:2] == ["HOA DON GIA TRI GIA TANG", "KHOI TAO TU MAY TINH TIEN"], printed
        assert f"Ma CQT: {body['invoice']['code']}" in printed and any(body["ledger"]["tail"] in line for line in printed), printed
        assert done.codes == [body["invoice"]["qr"]] and done.state == START and done.cuts == 0
        assert all(len(line) <= 32 for line in text), text
        lab.shape["extra"] += "[receipt]\nencoding = utf8\n"
        lab.write_config()
        lab.stop()
        lab.start()
        status, body, _ = lab.sell({**BASE, "bill_no": "HD2"})
        done = Epson(START).run(base64.b64decode(body["print"]["escpos"]))
        assert [line for line, _ in done.lines if line] == body["print"]["text"].split("\n")[:-1] and done.state == START, (status, done.lines)
        return 8


def main():
    report = labs.Report()
    for case in (stands_in_the_middle_and_leaves_all_as_it_was, letters_have_their_marks, a_printer_that_has_pairs_of_letters_from_the_begin, a_code_that_is_drawn_is_read_from_the_paper, words_that_are_drawn_are_read_from_the_paper, another_program_reads_what_is_drawn, a_text_never_becomes_a_command, plain_text_is_text_alone, the_block_of_the_api_is_printed):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


if __name__ == "__main__":
    main()
