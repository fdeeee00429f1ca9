"""What a till prints, seen by a person: `hoadon capture show` of every recorded stream."""
import contextlib
import csv
import glob
import hashlib
import json
import os
import random
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from paper import CATALOGUE, bill  # noqa: E402

DIALECTS = os.path.join(labs.TOP, "tests/dialects")


def show(path, *args, code=0, lang="en"):
    result = subprocess.run([f"{labs.BIN}/hoadon", "capture", "show", path, "--lang", lang, *args], capture_output=True, timeout=labs.PATIENCE)
    assert result.returncode == code, (path, result.returncode, result.stdout, result.stderr)
    return json.loads(result.stdout) if "--json" in args and code == 0 else (result.stdout + result.stderr).decode()


def text_of(line):
    return "".join(" " * run["gap"] + run["text"] for run in line)


def each_capture_says_what_was_counted():
    """The printer language is guessed right, and tokens, cuts and QR codes are those of expected-tokens.csv."""
    compared = 0
    with open(f"{DIALECTS}/captures/expected-tokens.csv", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            said = show(f"{DIALECTS}/captures/{row['file']}", "--json", "--tokens")
            tokens = [token["token"] for token in said["tokens"]]
            assert said["dialect"] == row["dialect"] and said["is_dialect_guessed"], row
            assert sum(token["length"] for token in said["tokens"]) == int(row["bytes"]), row
            assert tokens.count("line-feed") == int(row["line_feeds"]) and tokens.count("cut") == int(row["cuts"]), row
            assert sum(receipt["raster_rows"] for receipt in said["receipts"]) == int(row["raster_rows"]), row
            codes = [bytes.fromhex(code["hex"]).decode() for receipt in said["receipts"] for code in receipt["qr"]]
            assert codes == [row["qr_payload"]] * bool(row["qr_payload"]), row
            compared += 7
    assert compared >= 84
    return compared


def each_layout_reads_as_it_looks():
    """Whatever the encoding, announced or not, each line has the words of its layout; the columns keep their amounts apart."""
    compared = 0
    for path in sorted(glob.glob(f"{DIALECTS}/layouts/*/*.bin")):
        folder = os.path.dirname(path)
        with open(f"{folder}/{os.path.basename(folder)}.txt", encoding="utf-8") as f:
            expected = [line.split() for line in f.read().replace("₫", "đ").split("\n") if line.split() and line != "[cut]"]
        said = show(path, "--json", "--dialect", "escpos")
        assert not said["is_dialect_guessed"] and all(r["not_understood"] == 0 and r["is_cut"] and not r["is_unsure"] for r in said["receipts"]), path
        got = [text.replace("₫", "đ").split() for receipt in said["receipts"] for text in receipt["text"] if text.split()]
        assert got == expected, (path, [pair for pair in zip(got, expected) if pair[0] != pair[1]])
        compared += 1 + len(expected)
    assert compared > 700, compared
    return compared


def for_a_person():
    lines = show(f"{DIALECTS}/layouts/S09-bill-and-kitchen-42/tcvn-pages.bin", lang="vi").split("\n")
    assert lines[0] == "Ngôn ngữ máy in: escpos (đoán; chọn bằng --dialect)", lines[0]
    assert lines[1] == "Phiếu 1: byte 0 đến 743, 48 cột, có cắt giấy", lines[1]
    assert lines[2] == "  mã chữ pages, hơn các mã khác 24 điểm", lines[2]
    assert "   6  30      |Trà sữa trân châu đường đen (L)" in lines, lines
    assert "   7  30      |  2 ly x 42.000                     84.000" in lines, lines
    assert sum(line.startswith("Phiếu ") for line in lines) == 2
    tokens = show(f"{DIALECTS}/layouts/S04-cafe-44-discount/tcvn3.bin", "--tokens").split("\n")
    assert "     719     44  qr 'https://tra-cuu.example.vn/?k=ABC123'" in tokens, tokens
    assert tokens[-2] == "     782      4  cut", tokens[-2]
    narrow = show(f"{DIALECTS}/layouts/S04-cafe-44-discount/tcvn3.bin", "--columns", "20", "--json")
    assert max(len(text_of(line)) for line in narrow["receipts"][0]["lines"]) == 20
    other = show(f"{DIALECTS}/layouts/S04-cafe-44-discount/tcvn3.bin", "--encoding", "cp437")
    assert "encoding cp437" in other and "Cà phê sữa đá" not in other, other
    return 10


def a_stream_never_commands_the_terminal():
    """Bytes of a receipt come out as letters or as a dot: no escape, no control of any kind, no broken JSON."""
    stream = bytes(range(256)) * 3 + b"\x1b]0;title\x07\x9b31m\"\\\n\x1b(k" + b"\x1d(k\x09\x0031P0\"\\\x1b[2J\x1d(k\x03\x001Q0\n\x1dV\x00"
    with tempfile.NamedTemporaryFile(suffix=".bin") as f:
        f.write(stream)
        f.flush()
        for args in ((), ("--tokens",), ("--dialect", "star"), ("--dialect", "star", "--tokens")):
            said = show(f.name, *args)
            assert all(c == "\n" or c.isprintable() for c in said), (args, said)
            show(f.name, "--json", *args)
    return 8


def the_paper_of_a_sale_is_shown_and_saved():
    """`hoadon sale show` says which paper a sale was read from, and `hoadon capture save` gives its bytes as they came."""
    paper = b"\x1b@Ca phe\n\x1dV\x00\xff"
    with labs.Lab(clock=labs.clock_at(labs.NOON), authority=False) as lab:
        lab.start()
        lab.sell_bills("A1", "A2")
        lab.stop()
        with contextlib.closing(sqlite3.connect(f"{lab.dir}/store/current.db", timeout=labs.PATIENCE)) as db, db:
            (frame,) = db.execute("INSERT INTO frame (source, dialect, till_id, received_at, state, reason, digest, bytes) "
                                  "VALUES ('tcp', 'escpos', 'T01', ?, 'decoded', '', ?, ?) RETURNING id",
                                  (labs.NOON, hashlib.sha256(paper).digest(), b"\x00" + paper)).fetchone()
            db.execute("INSERT INTO frame_origin (frame_id, origin_id) SELECT frame_id, ? FROM sale WHERE bill_no = 'A2'", (frame,))
            (first,), (second,) = db.execute("SELECT id FROM sale ORDER BY bill_no").fetchall()
        seen = json.loads(lab.hoadon("sale", "show", str(second), "--json").stdout)["paper"]
        assert (seen["frame"], seen["dialect"], seen["till_id"], seen["bytes"]) == (str(frame), "escpos", "T01", len(paper)), seen
        assert json.loads(lab.hoadon("sale", "show", str(first), "--json").stdout)["paper"] is None
        said = lab.hoadon("--lang", "vi", "sale", "show", str(second)).stdout.decode()
        assert f"Đọc từ phiếu máy T01 in lúc 22/11/2026 13:00:00 (frame {frame}, escpos, {len(paper)} byte)" in said, said
        path = f"{lab.dir}/paper.bin"
        said = lab.hoadon("--lang", "en", "capture", "save", str(second), path).stdout.decode()
        assert f"hoadon capture show {path} --dialect escpos" in said, said
        with open(path, "rb") as f:
            assert f.read() == paper and os.stat(path).st_mode & 0o777 == 0o600
        for sale, where in ((second, path), (first, path + "2"), (99, path + "2"), ("x", path + "2")):
            refused = lab.hoadon("capture", "save", str(sale), where, check=False)
            assert refused.returncode in (1, 2, 6) and refused.stderr and not os.path.exists(path + "2"), refused
        return 16


def a_png_shows_what_is_printed_in_dots():
    """Whatever command carries the dots, `--picture` writes the same picture of them; a paper of letters has none, and no file is written over."""
    def pixels(path):
        with open(path, "rb") as f:
            png = f.read()
        width, rows, depth, kind = struct.unpack(">IIBB", png[16:26])
        assert png[:8] == b"\x89PNG\r\n\x1a\n" and (width, depth, kind) == (576, 1, 0), png[:33]
        assert zlib.crc32(png[12:29]) == struct.unpack(">I", png[29:33])[0]
        length = struct.unpack(">I", png[33:37])[0]
        lines = zlib.decompress(png[41:41 + length])
        return [bytes(~byte & 0xff for byte in lines[73 * row + 1:73 * row + 73]) for row in range(rows)]
    r = random.Random(5)
    rows = [bytes(r.randrange(256) for _ in range(72)) for _ in range(48)]
    bits = [[row[x // 8] >> (7 - x % 8) & 1 for x in range(576)] for row in rows]

    def columns(top):
        return bytes(sum(bits[top + 8 * byte + bit][x] << (7 - bit) for bit in range(8)) for x in range(576) for byte in range(3))
    band = b"".join(rows)
    whole = (10 + len(band)).to_bytes(2, "little")
    ways = {"escpos": [b"\x1dv0\x00\x48\x00\x30\x00" + band, b"\x1b3\x18" + b"".join(b"\x1b*\x21\x40\x02" + columns(top) + b"\n" for top in (0, 24)),
                       b"\x1d(L" + whole + b"\x30\x70\x30\x01\x01\x31\x40\x02\x30\x00" + band + b"\x1d(L\x02\x00\x30\x32"],
            "star": [b"\x1b*rA" + b"".join(b"b\x48\x00" + row for row in rows) + b"\x1b*rB", b"".join(b"\x1bX\x40\x02" + columns(top) + b"\n" for top in (0, 24)),
                     b"".join(b"\x1bk\x48\x00" + b"".join(rows[top:top + 24]) + b"\n" for top in (0, 24)), b"\x1b\x1dS\x01\x48\x00\x30\x00\x00" + band]}
    with tempfile.TemporaryDirectory() as folder:
        for dialect, streams in ways.items():
            for n, stream in enumerate(streams):
                path = f"{folder}/{dialect}{n}"
                with open(path, "wb") as f:
                    f.write(stream + (b"\x1dV\x00" if dialect == "escpos" else b"\x1bd0"))
                show(path, "--dialect", dialect, "--picture", f"{path}.png")
                assert pixels(f"{path}.png") == rows, (dialect, n)
        assert "already" in show(path, "--dialect", "star", "--picture", f"{path}.png", code=1)
        assert "dots" in show(f"{DIALECTS}/captures/ntp-tcvn-48.bin", "--picture", f"{folder}/none.png", code=1) and not os.path.exists(f"{folder}/none.png")
    return 9


def what_would_be_sold_is_shown():
    """With --profile each receipt is read as a port would read it, without hoadond: what it says, and the line that a person has to look at."""
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        def put(name, data):
            with open(f"{folder}/{name}", "wb") as f:
                f.write(data)
            return f.name

        catalogue = put("catalogue.csv", CATALOGUE.encode())
        by = ("--profile", f"{labs.TOP}/drivers/profiles/default.ini")
        rated = (*by, "--catalogue", catalogue)
        for path in sorted(glob.glob(f"{DIALECTS}/layouts/*/*.bin")):
            with open(glob.glob(f"{os.path.dirname(path)}/*.json")[0], encoding="utf-8") as f:
                meant = json.load(f)["receipts"]
            read = show(path, *rated, "--json", *(("--net",) if "/S01-" in path else ()))["receipts"]
            assert len(read) == len(meant), path
            for got, wanted in zip(read, meant):
                sale = got["sale"]
                assert got["problem"] is None, (path, got["problem"], got["detail"])
                assert (sale["kind"], sale["bill_no"]) == ({"kitchen": "no-sale"}.get(wanted["kind"], wanted["kind"]), wanted["bill_no"]), (path, sale)
                compared += 1
                if wanted["kind"] == "sale":
                    assert int(sale["total"]) == int(wanted["total"]) and all("vat_rate" in line for line in sale["lines"]), (path, sale)
                    assert [line["name"] for line in sale["lines"] if line["kind"] == "goods"], (path, sale)
                    compared += 2
        path = f"{DIALECTS}/layouts/S04-cafe-44-discount/tcvn3.bin"
        said = show(path, *rated).split("\n")
        assert said[-5:] == ["  = sale, number HD000124, 22/11/2026 12:35:00, total 90.000 đ", "    Cà phê sữa đá: 2 ly × 29.000 = 58.000 đ, 8%",
                             "    Bánh mì ốp la: 1 cái × 35.000 = 35.000 đ, 8%", "    - Chiết khấu: 3.000 đ", ""], said
        assert show(path, *by).split("\n")[-4] == "    Cà phê sữa đá: 2 × 29.000 = 58.000 đ"
        good, wrong = bill("HD7"), bill("HD8").replace("29.000".encode(), "28.000".encode(), 1)
        two = put("two.bin", good + wrong)
        said = show(two, *rated, lang="vi", code=3)
        number, = [int(line[:4]) for line in said.split("\n") if "|Cà phê sữa đá" in line and "28.000" in line]
        assert f"  ! dòng {number}: Số lượng × đơn giá khác thành tiền ở dòng này; hãy so với phiếu giấy." in said and said.count("  ! ") == 2, said
        read = json.loads(show(two, *rated, "--json", code=3))["receipts"]
        assert [(one["problem"], one["detail"], one["sale"]["bill_no"]) for one in read] == [(None, None, "HD7"), ("bill.review", f"amount {number}", "HD8")], read
        assert [one["sale"]["prices_include_vat"] for one in json.loads(show(two, *rated, "--net", "--json", code=3))["receipts"]][0] is False
        said = show(f"{DIALECTS}/layouts/S01-grocery-48/utf8.bin", *rated, code=3)
        assert "(lines give 384000, total says 403200)" in said and said.count("  ! ") == 2, said
        other = put("other.bin", bill("HD9", name="Món lạ"))
        said = show(other, *rated, code=3)
        assert "(Món lạ)" in said and "catalogue" in said, said
        hostile = put("hostile.bin", bill("HD\x1b[2J10", name="\x9b31m\x1b]0;x\x07 a"))
        assert all(c == "\n" or c.isprintable() for c in show(hostile, *rated, code=3))
        with open(by[1], "rb") as f:
            broken = f.read() + b"\n[items]\nrow9 = (\n"
        assert f"profile:{broken.count(10)}: " in show(path, "--profile", put("broken.ini", broken), code=1)
        assert "catalogue line 2" in show(path, *by, "--catalogue", put("short.csv", b"code,name,unit,vat_rate,class\n,Tra,ly,9,\n"), code=1)
        assert "/none.ini" in show(path, "--profile", "/none.ini", code=1)
        return compared + 18


def what_is_wrong_is_said():
    good = f"{DIALECTS}/captures/ntp-tcvn-48.bin"
    assert "hoadon help drivers" in show(good, "--dialect", "none", code=2)
    assert "1 to 255" in show(good, "--columns", "256", code=2)
    assert "--encoding" in show(good, "--encoding", "utf-9", code=2)
    assert "/none.bin" in show("/none.bin", code=1)
    show(os.devnull, code=1)
    drivers = subprocess.run([f"{labs.BIN}/hoadon", "help", "drivers"], capture_output=True, text=True, check=True).stdout
    assert "escpos" in drivers and "star" in drivers, drivers
    return 6


def main():
    report = labs.Report()
    for case in (each_capture_says_what_was_counted, each_layout_reads_as_it_looks, for_a_person, a_stream_never_commands_the_terminal,
                 the_paper_of_a_sale_is_shown_and_saved, a_png_shows_what_is_printed_in_dots, what_would_be_sold_is_shown,
                 what_is_wrong_is_said):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
