"""Bills as pictures, as tills print them that draw a page: the text in one of three fonts, in black dots, by one of the commands that carry dots.

    pictures.py < [{"text": …, "font": 0, "layout": 0}, …]    writes each as a print stream, its length in front of it (4 bytes, the high one first)

Needs python3-pil, which Debian's own python3 has; whoever calls stream() may run another.
"""
import json
import os
import struct
import subprocess
import sys

FONTS = ["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/noto/NotoSansMono-Regular.ttf", "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"]
PYTHON = "/usr/bin/python3"
WIDTH, CELL = 576, 12


def missing():
    """What is not installed, as a sentence; None: all is."""
    absent = [font for font in FONTS if not os.path.exists(font)]
    if absent or subprocess.run([PYTHON, "-c", "import PIL"], capture_output=True).returncode:
        return "python3-pil, fonts-dejavu-core, fonts-noto-core and fonts-noto-mono are not all installed"
    return None


def streams(jobs):
    """[(text, font, layout)] as print streams, in order."""
    done = subprocess.run([PYTHON, os.path.abspath(__file__)], input=json.dumps([dict(zip(("text", "font", "layout"), job)) for job in jobs]).encode(), capture_output=True, check=True).stdout
    found = []
    while done:
        (length,) = struct.unpack(">I", done[:4])
        found.append(done[4:4 + length])
        done = done[4 + length:]
    assert len(found) == len(jobs)
    return found


def segments(line):
    """(column, text) of what stands apart by two spaces or more, as the cells of a table do."""
    at = 0
    while at < len(line):
        if line[at] == " ":
            at += 1
            continue
        end = line.find("  ", at)
        end = len(line) if end < 0 else end
        yield at, line[at:end]
        at = end


def draw(text, font_number, layout):
    """A picture of the text: letters on a grid, or, of a font whose letters are of different width, cells of a table, numbers to the right."""
    from PIL import Image, ImageDraw, ImageFont
    size = (18, 20, 19)[font_number]
    pitch = size * (14 + layout % 3) // 10
    font = ImageFont.truetype(FONTS[font_number], size, layout_engine=ImageFont.Layout.BASIC)
    lines = text.rstrip("\n").split("\n")
    is_smooth = layout % 2 == 1  # smooth letters are drawn first, and what is darker than half is black
    image = Image.new("L" if is_smooth else "1", (WIDTH, pitch * len(lines) + 2 * size), 255 if is_smooth else 1)
    pen = ImageDraw.Draw(image)
    for n, line in enumerate(lines):
        y = n * pitch + size // 2
        if "Mono" in FONTS[font_number]:
            for column, letter in enumerate(line):
                pen.text((column * CELL, y), letter, font=font, fill=0)
            continue
        for column, part in segments(line):
            right = (column + len(part)) * CELL
            x = right - int(font.getlength(part)) if part[:1].isdigit() and column > 8 or part[:1] in "-(" else column * CELL
            pen.text((x, y), part, font=font, fill=0)
    return image.point(lambda value: 255 if value > 127 else 0).convert("1") if is_smooth else image


def command(image, layout):
    """The picture by GS v 0, by GS v 0 in bands, by ESC * or by GS ( L."""
    from PIL import ImageChops
    width, height = image.size
    dots = ImageChops.invert(image.convert("L")).convert("1").tobytes()
    stride = width // 8
    rows = [dots[n * stride:(n + 1) * stride] for n in range(height)]
    out = b"\x1b@"
    way = layout % 4
    if way == 2:
        rows += [bytes(stride)] * (-height % 24)
        bits = [[row[x // 8] >> (7 - x % 8) & 1 for x in range(width)] for row in rows]
        out += b"\x1b3\x18"
        for top in range(0, len(rows), 24):
            out += b"\x1b*\x21" + struct.pack("<H", width)
            out += bytes(sum(bits[top + 8 * byte + bit][x] << (7 - bit) for bit in range(8)) for x in range(width) for byte in range(3)) + b"\n"
        return out + b"\x1b2\n\n\x1dV\x42\x00"
    band = height if way == 0 else 255 if way == 1 else 800
    for top in range(0, height, band):
        part = rows[top:top + band]
        if way == 3:
            out += b"\x1d(L" + struct.pack("<H", 10 + stride * len(part)) + b"0p0\x01\x011" + struct.pack("<HH", width, len(part)) + b"".join(part) + b"\x1d(L\x02\x0002"
        else:
            out += b"\x1dv0\x00" + struct.pack("<HH", stride, len(part)) + b"".join(part)
    return out + b"\n\n\x1dV\x42\x00"


if __name__ == "__main__":
    for job in json.load(sys.stdin):
        stream = command(draw(job["text"], job["font"], job["layout"]), job["layout"])
        sys.stdout.buffer.write(struct.pack(">I", len(stream)) + stream)
