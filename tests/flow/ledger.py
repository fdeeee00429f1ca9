"""Two verifiers that share no code, hoadon-verify and tests/verify.py, on one export and on every way to falsify it."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
import verify  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def both(lab, data):
    """(exit of hoadon-verify, exit of verify.py)"""
    path = f"{lab.dir}/export.jsonl"
    with open(path, "wb") as f:
        f.write(data)
    return lab.run("hoadon-verify", path, check=False), verify.verify(data)


def swap(lines, i, j):
    lines[i], lines[j] = lines[j], lines[i]
    return lines


def edit(lines, i, pattern, new):
    lines[i], n = re.subn(pattern, new, lines[i], count=1)
    assert n, f"{pattern} is not in line {i}"
    return lines


def falsifications(lines):
    """name -> falsified bytes"""
    join = lambda parts: b"\n".join(parts)  # noqa: E731
    issued = next(i for i, line in enumerate(lines) if b'"event":"issued"' in line)
    point = next(i for i, line in enumerate(lines) if line.startswith(b'{"checkpoint"'))
    last = max(i for i, line in enumerate(lines) if line.startswith(b'{"payload"'))
    flip = lambda m: m[1] + (b"0" if m[2] != b"0" else b"1")  # noqa: E731
    yield "another amount", join(edit(list(lines), issued, rb'"total":90000', b'"total":90001'))
    yield "another event", join(edit(list(lines), issued, rb'"event":"issued"', b'"event":"ignored"'))
    yield "another time", join(edit(list(lines), issued, rb'("wall":)1', rb"\g<1>2"))
    yield "another store", join(edit(list(lines), issued, rb'("store":")(.)', flip))
    yield "another prev", join(edit(list(lines), issued, rb'("prev":")(.)', flip))
    yield "another payload digest", join(edit(list(lines), issued, rb'("payload":")(.)', flip))
    yield "a line taken out", join(lines[:issued] + lines[issued + 1:])
    yield "the first line taken out", join(lines[1:])
    yield "two lines swapped", join(swap(list(lines), issued, issued + 1))
    yield "a line twice", join(lines[:issued] + [lines[issued]] + lines[issued:])
    yield "cut in the last line", join(lines)[:-40]
    yield "no line end", join(lines)[:-1]
    yield "an empty line", join(lines[:issued] + [b""] + lines[issued:])
    yield "an empty file", b""
    yield "a byte order mark", b"\xef\xbb\xbf" + join(lines)
    yield "carriage returns", join(lines).replace(b"\n", b"\r\n")
    yield "a blank in a record", join(edit(list(lines), issued, rb'"record":\{"alg"', b'"record":{ "alg"'))
    yield "members in another order", join(edit(list(lines), issued, rb'("alg":"sha256"),("boot":"[^"]*")', rb"\2,\1"))
    yield "a member more", join(edit(list(lines), issued, rb'"alg":"sha256"', b'"alg":"sha256","also":1'))
    yield "another algorithm", join(edit(list(lines), issued, rb'"alg":"sha256"', b'"alg":"sha1"'))
    yield "another root", join(edit(list(lines), point, rb'("root":")(.)', flip))
    yield "another head", join(edit(list(lines), point, rb'("head":")(.)', flip))
    yield "another size", join(edit(list(lines), point, rb'"size":', b'"size":1'))
    yield "another signature", join(edit(list(lines), point, rb'("sig":")(.)', flip))
    yield "another note", join(edit(list(lines), point, rb'("note":"hoadon-agent/ledger/)1', rb"\g<1>2"))
    yield "a key nobody announced", join(edit(list(lines), point, rb'("key":"[0-9a-f]{180})(.)', flip))
    yield "a checkpoint moved down", join(lines[:point] + [lines[point + 1], lines[point]] + lines[point + 2:])
    yield "something behind the end", join(lines) + b"{}\n"
    yield "not UTF-8", join(edit(list(lines), last, rb'"record"', b'"rec\xffrd"'))


def main():
    report = labs.Report()
    with labs.Lab(clock=labs.clock_at(labs.NOON), extra="[store]\ncheckpoint_every_ms = 1000") as lab:
        lab.start()
        for i in range(8):
            assert lab.sell({**BASE, "bill_no": f"HD{i}"})[0] == 201
        lab.wait_accepted(8)
        lab.wait(lambda: lab.sql("SELECT count(*) FROM checkpoint")[0][0] >= 1, "a checkpoint")
        lab.hoadon("audit", "export", f"{lab.dir}/whole.jsonl")
        data = open(f"{lab.dir}/whole.jsonl", "rb").read()

        def whole():
            ours, theirs = both(lab, data)
            assert theirs[0] == 0, f"verify.py: {theirs}"
            assert ours.returncode in (0, 3), ours.stdout.decode() + ours.stderr.decode()
            assert b"broken" not in ours.stdout
            return 3

        def false(bad):
            assert bad != data, "nothing was changed"
            ours, theirs = both(lab, bad)
            assert theirs[0] == 6, f"verify.py believes it: {theirs}"
            assert ours.returncode == 6, f"hoadon-verify believes it: {ours.returncode} {ours.stdout.decode()}"
            return 3

        report.case("both verifiers accept the export", whole)
        for name, bad in falsifications(data.split(b"\n")):
            report.case(f"both refuse: {name}", false, bad)
    report.close()


main()
