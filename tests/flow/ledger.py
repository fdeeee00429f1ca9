"""
Two verifiers that share no code, hoadon-verify and tests/verify.py, on one export and on every way to falsify it: both say the same
verdict, name the same line and give the same reason (schemas/ledger/FORMAT.md section 6).
"""
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
import verify  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
G = verify.G
KEY = f"{verify.SPKI}{G[0]:064x}{G[1]:064x}"  # a right key, and nobody's


def both(lab, data):
    """(exit, reason, line) of hoadon-verify and of verify.py"""
    path = f"{lab.dir}/export.jsonl"
    with open(path, "wb") as f:
        f.write(data)
    result = lab.run("hoadon-verify", "--json", path, check=False)
    said = json.loads(result.stdout)
    return (result.returncode, said.get("reason", ""), said.get("line", 0)), verify.verify(data)[:3]


def swap(lines, i, j):
    lines[i], lines[j] = lines[j], lines[i]
    return lines


def edit(lines, i, pattern, new):
    lines[i], n = re.subn(pattern, new, lines[i], count=1)
    assert n, f"{pattern} is not in line {i}"
    return lines


def flip(match):
    return match[1] + (b"0" if match[2] != b"0" else b"1")


def join(parts):
    return b"\n".join(parts)


def record_of(line):
    """The bytes of a record and what they say."""
    data = line.partition(b',"record":')[2][:-1]
    return data, json.loads(data)


def falsifications(lines):
    """name, falsified bytes, reason, line from 1: what anybody can do to the file with an editor"""
    is_record = [line.startswith(b'{"payload"') for line in lines]
    issued = next(i for i, line in enumerate(lines) if b'"event":"issued"' in line and is_record[i + 1])
    point = next(i for i, line in enumerate(lines) if line.startswith(b'{"checkpoint"') and is_record[i + 1])
    last = max(i for i, line in enumerate(lines) if line.startswith(b'{"payload"'))
    here, there = issued + 1, point + 1

    def at(i, pattern, new):
        return join(edit(list(lines), i, pattern, new))

    yield "another amount", at(issued, rb'"total":90000', b'"total":90001'), "payload", here
    yield "an amount that is no integer", at(issued, rb'"total":90000', b'"total":9e4'), "line", here
    yield "another event", at(issued, rb'"event":"issued"', b'"event":"ignored"'), "changed", here
    yield "another time", at(issued, rb'("wall":)1', rb"\g<1>2"), "changed", here
    yield "another store", at(issued, rb'("store":")(.)', flip), "owner", here
    yield "another prev", at(issued, rb'("prev":")(.)', flip), "link", here
    yield "another prev in record 1", at(0, rb'("prev":")(.)', flip), "link", 1
    yield "record 1 changed", at(0, rb'("wall":)1', rb"\g<1>2"), "changed", 1
    yield "another payload digest", at(issued, rb'("payload":")(.)', flip), "payload", here
    yield "a line taken out", join(lines[:issued] + lines[issued + 1:]), "gap", here
    yield "the first line taken out", join(lines[1:]), "gap", 1
    yield "two lines swapped", join(swap(list(lines), issued, issued + 1)), "gap", here
    yield "a line twice", join(lines[:issued] + [lines[issued]] + lines[issued:]), "order", here + 1
    yield "cut in the last line", join(lines)[:-40], "cut", len(lines) - 1
    yield "no line end", join(lines)[:-1], "cut", len(lines) - 1
    yield "an empty line", join(lines[:issued] + [b""] + lines[issued:]), "line", here
    yield "a byte order mark", b"\xef\xbb\xbf" + join(lines), "line", 1
    yield "carriage returns", join(lines).replace(b"\n", b"\r\n"), "line", 1
    yield "a blank in a record", at(issued, rb'"record":\{"alg"', b'"record":{ "alg"'), "line", here
    yield "members in another order", at(issued, rb'("alg":"sha256"),("boot":"[^"]*")', rb"\2,\1"), "line", here
    yield "a member more", at(issued, rb'"alg":"sha256"', b'"alg":"sha256","also":1'), "record", here
    yield "a record in a record", at(issued, rb'"prev"', b'"prev":{},"record":{"prev"'), "line", here
    yield "another algorithm", at(issued, rb'"alg":"sha256"', b'"alg":"sha1"'), "record", here
    yield "another root", at(point, rb'("root":")(.)', flip), "tree", there
    yield "another head", at(point, rb'("head":")(.)', flip), "tree", there
    yield "another size", at(point, rb'"size":', b'"size":1'), "place", there
    yield "another signature", at(point, rb'("sig":"[0-9a-f]{10})(.)', flip), "signature", there
    yield "a signature of zeros", at(point, rb'"sig":"[0-9a-f]{128}', b'"sig":"' + b"0" * 128), "signature", there
    yield "a signature too short", at(point, rb'("sig":")..', rb"\g<1>"), "checkpoint", there
    yield "another note", at(point, rb'("note":"hoadon-agent/ledger/)1', rb"\g<1>2"), "note", there
    yield "another time in the note", at(point, rb'(u000a1)(.)([0-9]*\\u000a")', lambda m: flip(m) + m[3]), "signature", there
    yield "no time in the note", at(point, rb'u000a1[0-9]*(\\u000a")', rb"u000a\1"), "note", there
    yield "a note as long as a book", at(point, rb'("note":")', rb"\1" + b"x" * 2000), "note", there
    yield "an upper-case escape in the note", at(point, rb"u000a", b"u000A"), "line", there
    yield "a key nobody announced", at(point, rb'("key":"[0-9a-f]{180})(.)', flip), "unknown-key", there
    yield "a checkpoint moved down", join(lines[:point] + [lines[point + 1], lines[point]] + lines[point + 2:]), "place", there + 1
    yield "a checkpoint twice", join(lines[:point] + [lines[point]] + lines[point:]), "place", there + 1
    yield "a checkpoint over nothing", join([re.sub(rb'"size":[0-9]+', b'"size":0', lines[point])] + lines), "place", 1
    yield "something behind the end", join(lines) + b"{}\n", "line", len(lines)
    yield "not UTF-8", at(last, rb'"record"', b'"rec\xffrd"'), "line", last + 1


PAYLOADS = [
    ("an escaped slash", b'{"a":"\\/"}'), ("an escaped line feed", b'{"a":"\\n"}'), ("an upper-case escape", b'{"a":"\\u001F"}'),
    ("an escaped letter", b'{"a":"\\u0041"}'), ("an escaped U+0000", b'{"a":"\\u0000"}'), ("an escaped accent", b'{"a":"\\u00e1"}'),
    ("a lone surrogate", b'{"a":"\\ud83d"}'), ("two surrogates", b'{"a":"\\ud83d\\ude00"}'), ("a bare control character", b'{"a":"\t"}'),
    ("an overlong character", b'{"a":"\xc0\xaf"}'), ("a name with a hyphen", b'{"a-b":1}'), ("an accented name", '{"đ":1}'.encode()),
    ("an escaped name", b'{"\\u0061":1}'), ("no name", b'{"":1}'), ("names out of order", b'{"b":1,"a":1}'), ("a name twice", b'{"a":1,"a":1}'),
    ("a blank", b'{"a": 1}'), ("minus zero", b'{"a":-0}'), ("a leading zero", b'{"a":01}'), ("a fraction", b'{"a":1.0}'),
    ("an exponent", b'{"a":1e3}'), ("a number of 65 bits", b'{"a":9223372036854775808}'), ("a number of 9,000 digits", b'{"a":' + b"9" * 9000 + b"}"),
    ("true", b'{"a":true}'), ("null", b'{"a":null}'), ("NaN", b'{"a":NaN}'), ("an object within", b'{"a":{}}'), ("a list within", b'{"a":[]}'),
    ("10,000 lists within", b'{"a":' + b"[" * 10000 + b"]" * 10000 + b"}"), ("a comma too many", b'{"a":1,}'), ("65 members", None),
]
KEYS = [
    ("a number as key", b'{"spki":5}'), ("an upper-case key", b'{"spki":"%s"}' % KEY.upper().encode()), ("a key too short", b'{"spki":"%s"}' % KEY[:-2].encode()),
    ("a key off the curve", b'{"spki":"%s%064x"}' % (KEY[:118].encode(), G[1] ^ 1)), ("a coordinate as large as p", b'{"spki":"%s%064x%064x"}' % (verify.SPKI.encode(), verify.P, G[1])),
    ("a hybrid point", b'{"spki":"%s%s"}' % ((verify.SPKI[:-2] + ("07" if G[1] & 1 else "06")).encode(), KEY[54:].encode())),
]
RECORDS = [
    ("trust nobody knows", {"trust": 3}, "record"), ("a word for trust", {"trust": "1"}, "record"), ("a short store", {"store": "00"}, "record"),
    ("an event of 65 bytes", {"event": "x" * 63 + "é"}, "record"), ("a seller of 65 bytes", {"seller": "9" * 65}, "record"),
    ("another seller", {"seller": "9900000023"}, "owner"), ("another store, well made", {"store": "f" * 32}, "owner"),
    ("epoch 0", {"epoch": 0}, "epoch"), ("a gap, well made", {"seq": 1 << 40}, "gap"), ("a negative number", {"seq": -1}, "order"),
]


def members(count):
    return b"{" + b",".join(b'"a%02d":0' % i for i in range(count)) + b"}"


class Chain:
    """Goes on behind the last record of an export, where no signature is in the way."""

    def __init__(self, lines):
        last = max(i for i, line in enumerate(lines) if line.startswith(b'{"payload"'))
        data, self.record = record_of(lines[last])
        self.head, self.lines = hashlib.sha256(data).hexdigest(), lines[:-1]

    def add(self, payload=b"{}", event="look", **other):
        number = other.pop("seq", self.record["seq"] + 1)
        self.record = {**self.record, "event": event, "seq": number, "prev": self.head, "payload": hashlib.sha256(payload).hexdigest(), **other}
        data = verify.write(self.record)
        self.head = hashlib.sha256(data).hexdigest()
        self.lines.append(b'{"payload":' + payload + b',"record":' + data + b"}")
        return self

    def bytes(self):
        return join(self.lines + [b""])


def keys(count):
    """Records that announce so many keys: G, 2G, 3G …"""
    point = None
    for _ in range(count):
        point = verify.add(point, G)
        yield b'{"spki":"%s%064x%064x"}' % (verify.SPKI.encode(), *point)


def chained(lines):
    """name, bytes, reason, line: whole chains that hold what may not be"""
    there = len(lines)
    for name, payload in PAYLOADS:
        yield name, Chain(lines).add(payload or members(65)).bytes(), "line", there
    for name, payload in KEYS:
        yield name, Chain(lines).add(payload, "key").bytes(), "key", there
    for name, other, reason in RECORDS:
        yield name, Chain(lines).add(**other).bytes(), reason, there
    room = verify.LINE_MAX - len(Chain(lines).add(b'{"a":""}').lines[-1])
    yield "a line of 1,048,577 bytes", Chain(lines).add(b'{"a":"%s"}' % (b"x" * (room + 1))).bytes(), "line", there
    chain = Chain(lines)
    announced = sum(b'"spki"' in line for line in lines)
    for payload in keys(verify.KEYS_MAX + 1 - announced):
        chain.add(payload, "key")
    yield "1,025 keys", chain.bytes(), "key", len(chain.lines)


def allowed(lines):
    """name, bytes: what looks odd and is right"""
    room = verify.LINE_MAX - len(Chain(lines).add(b'{"a":""}').lines[-1])
    yield "an unknown event", Chain(lines).add(b"{}", "x" * 64).bytes()
    yield "every escape", Chain(lines).add('{"A_9":"\\u0001\\u001f\\"\\\\/\x7fđ\U0001F600"}'.encode()).bytes()
    yield "the widest numbers", Chain(lines).add(b'{"a":-9223372036854775808,"b":9223372036854775807}').bytes()
    yield "64 members", Chain(lines).add(members(64)).bytes()
    yield "a line of 1,048,576 bytes", Chain(lines).add(b'{"a":"%s"}' % (b"x" * room)).bytes()
    yield "a key twice, then for a lost one", Chain(lines).add(b'{"spki":"%s"}' % KEY.encode(), "key").add(b'{"spki":"%s","why":"lost"}' % KEY.encode(), "key").bytes()
    yield "no key in another event", Chain(lines).add(b'{"spki":5}', "look").bytes()
    yield "a later epoch", Chain(lines).add(epoch=7).bytes()
    yield "line feeds in notes as \\n", join(lines).replace(b"\\u000a", b"\\n")


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
        lines = data.split(b"\n")

        def right(good):
            ours, theirs = both(lab, good)
            assert theirs == (0, "", 0), f"verify.py: {theirs}"
            assert ours == (0, "", 0), f"hoadon-verify: {ours}"
            return 2

        def wrong(bad, reason, line):
            assert bad != data, "nothing was changed"
            ours, theirs = both(lab, bad)
            assert theirs == (6, reason, line), f"verify.py: {theirs}, not {reason} in line {line}"
            assert ours == (6, reason, line), f"hoadon-verify: {ours}, not {reason} in line {line}"
            return 3

        def nothing():
            ours, theirs = both(lab, b"")
            assert theirs == (6, "empty", 0) and ours[0] == 6, f"{ours} {theirs}"  # hoadon-verify cannot know what an empty file was to be
            return 2

        def lost_key():
            path = f"{lab.dir}/lost.jsonl"
            with open(path, "wb") as f:
                f.write(Chain(lines).add(b'{"spki":"%s","why":"lost"}' % KEY.encode(), "key").bytes())
            seq = Chain(lines).add().record["seq"]
            said = json.loads(lab.run("hoadon-verify", "--json", path).stdout)
            assert said["lost_key_seq"] == seq == verify.verify(open(path, "rb").read())[3].lost, f"{said}, not record {seq}"
            assert f"record {seq}: another key" in lab.run("hoadon-verify", "--lang", "en", path).stdout.decode()
            return 3

        report.case("both verifiers accept the export", right, data)
        for name, good in allowed(lines):
            report.case(f"both accept: {name}", right, good)
        for name, bad, reason, line in [*falsifications(lines), *chained(lines)]:
            report.case(f"both refuse: {name}", wrong, bad, reason, line)
        report.case("both refuse: an empty file", nothing)
        report.case("both show where a key was lost", lost_key)
    report.close()


main()
