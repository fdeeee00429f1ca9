"""print_font.py FONT OUT: ASCII and Vietnamese as rows of a C table, out of Debian's font 10x20 (package xfonts-base: "Public domain font. Share and enjoy.").
Run by the build; tests/flow/annex.py reads with it what is drawn on paper."""
import gzip
import struct
import sys
import unicodedata

FONT = "/usr/share/fonts/X11/misc/10x20.pcf.gz"
WIDTH, HEIGHT = 10, 20
METRICS, BITMAPS, ENCODINGS = 4, 8, 32


def letters():
    """ASCII, and the vowels with each quality and tone, and đ."""
    vowels = [unicodedata.normalize("NFC", base + tone) for base in "aăâeêioôơuưy" for tone in ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")]
    return sorted({*map(chr, range(0x20, 0x7F)), *vowels, *"".join(vowels).upper(), "đ", "Đ"})


def load(path=FONT):
    """Letter -> its rows from the top, the left dot in bit 9 (X.Org: The Portable Compiled Font format)."""
    with gzip.open(path) as f:
        data = f.read()
    count, = struct.unpack_from("<4xI", data)
    tables = {kind: at for kind, _, _, at in (struct.unpack_from("<4I", data, 8 + 16 * n) for n in range(count))}

    def begin(kind):
        form, = struct.unpack_from("<I", data, tables[kind])
        return form, tables[kind] + 4, ">" if form & 4 else "<"
    form, at, order = begin(METRICS)
    assert form & 0x100, "metrics are compressed"
    metrics = [[byte - 0x80 for byte in data[at + 2 + 5 * n:at + 7 + 5 * n]] for n in range(*struct.unpack_from(order + "H", data, at))]
    form, at, order = begin(BITMAPS)
    assert form & 8, "the left dot is in the highest bit"
    count, = struct.unpack_from(order + "I", data, at)
    offsets, pad, bits = struct.unpack_from(f"{order}{count}I", data, at + 4), 1 << (form & 3), at + 4 + 4 * count + 16
    form, at, order = begin(ENCODINGS)
    low, high, first, last, _ = struct.unpack_from(order + "5H", data, at)
    found = {}
    for n, point in enumerate(row << 8 | column for row in range(first, last + 1) for column in range(low, high + 1)):
        glyph, = struct.unpack_from(order + "H", data, at + 10 + 2 * n)
        if glyph == 0xFFFF or metrics[glyph] != [0, WIDTH, WIDTH, 16, 4]:
            continue
        stride = -(-((WIDTH + 7) // 8) // pad) * pad
        rows = (data[bits + offsets[glyph] + stride * y:][:2] for y in range(HEIGHT))
        found[chr(point)] = tuple(int.from_bytes(row, "big") >> 6 for row in rows)
    return found


def main(path, out):
    font = load(path)
    with open(out, "w", encoding="utf-8") as f:
        for letter in letters():
            print("{0x%04x, {%s}}," % (ord(letter), ", ".join("0x%03x" % row for row in font[letter])), file=f)


if __name__ == "__main__":
    main(*sys.argv[1:])
