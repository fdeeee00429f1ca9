"""
verify.py FILE: checks an exported ledger with the Python standard library alone. Written from schemas/ledger/FORMAT.md, from nothing
else; section numbers below are those of that page. Exit 0 whole, 3 whole but without a checkpoint, 6 broken, 2 usage.
"""
import base64
import hashlib
import json
import re
import sys

DOMAIN = "hoadon-agent/ledger/1"
RECORD = ["alg", "boot", "domain", "epoch", "event", "mono", "payload", "prev", "seller", "seq", "store", "trust", "wall"]
CHECKPOINT = ["head", "key", "note", "root", "sig", "size"]
LINE_MAX = 1048576

# ECDSA on P-256 (FIPS 186-4, SEC 2): y² = x³ − 3x + b over p, generator g of order n.
P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


class Broken(Exception):
    pass


def need(condition, text):
    if not condition:
        raise Broken(text)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    result = None
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def is_signed(spki, message, sig):
    if len(spki) != 91 or not spki.startswith(SPKI) or len(sig) != 64:
        return False
    q = int.from_bytes(spki[27:59], "big"), int.from_bytes(spki[59:], "big")
    r, s = int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big")
    if (q[1] * q[1] - (q[0] ** 3 - 3 * q[0] + B)) % P or not 0 < r < N or not 0 < s < N:
        return False
    z = int.from_bytes(hashlib.sha256(message).digest(), "big")
    w = pow(s, -1, N)
    point = add(times(z * w % N, G), times(r * w % N, q))
    return point is not None and point[0] % N == r


def text_of(value):
    """A string as section 1 spells it."""
    out = "".join(f"\\u00{ord(c):02x}" if c < " " else "\\" + c if c in '"\\' else c for c in value)
    return f'"{out}"'


def write(members):
    """Restricted JSON of section 1, spelled in its one way."""
    parts = [f'{text_of(k)}:{text_of(v) if isinstance(v, str) else v}' for k, v in sorted(members.items())]
    return ("{" + ",".join(parts) + "}").encode()


def pairs(items):
    need(len({k for k, _ in items}) == len(items), "a name stands twice")
    return dict(items)


def refuse_number(text):
    raise Broken(f"{text} is not an integer")


def parse(data):
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_float=refuse_number, parse_constant=refuse_number)
    except (ValueError, RecursionError):
        raise Broken("the line is not JSON") from None


def restricted(data, what):
    """The members of an object whose bytes are restricted JSON."""
    value = parse(data)
    need(isinstance(value, dict) and len(value) <= 64, f"the {what} is not an object")
    for name, member in value.items():
        need(re.fullmatch(r"[A-Za-z0-9_]+", name), f"a name of the {what} is not allowed")
        need(isinstance(member, str) or (isinstance(member, int) and not isinstance(member, bool)), f"{name} of the {what} is not text or an integer")
        need("\0" not in str(member), f"{name} of the {what} holds U+0000")
        need(isinstance(member, str) or -2 ** 63 <= member < 2 ** 63, f"{name} of the {what} is too large")
    need(write(value) == data, f"the {what} is not spelled as section 1 says")
    return value


def split(line):
    """{"payload":P,"record":R} by bytes: P and R contain no nesting, and `}` inside a string cannot be followed by `,"record":{` unescaped."""
    head, middle = b'{"payload":', b',"record":'
    need(line.startswith(head) and line.endswith(b"}}"), "the line has not the shape of section 2")
    cut = line.rfind(middle)
    need(cut > 0, "the line has not the shape of section 2")
    return line[len(head):cut], line[cut + len(middle):-1]


class Ledger:
    def __init__(self):
        self.head, self.number = bytes(32), 0
        self.stack, self.keys = [], set()
        self.first, self.epoch, self.checkpoints = None, 0, 0

    def root(self):
        if not self.stack:
            return hashlib.sha256(b"").digest()
        result = self.stack[-1]
        for below in reversed(self.stack[:-1]):
            result = hashlib.sha256(b"\x01" + below + result).digest()
        return result

    def record(self, line, following):
        payload, data = split(line)
        record = parse(data)
        need(isinstance(record, dict) and sorted(record) == RECORD, "the record has other members than section 3 says")
        need(record["alg"] == "sha256" and record["domain"] == DOMAIN, "alg or domain is not of this format")
        seq = record["seq"]
        for name in RECORD:
            kind = int if name in ("epoch", "mono", "seq", "trust", "wall") else str
            need(type(record[name]) is kind, f"{name} has another type than section 3 says")
        need(seq <= self.number + 1, f"records from {self.number + 1} on are missing")
        need(seq == self.number + 1, f"record {seq} is out of order")
        need(hashlib.sha256(payload).hexdigest() == record["payload"], "the payload was changed")
        restricted(data, "record")
        digest = hashlib.sha256(data).digest()
        if record["prev"] != self.head.hex():
            is_as_made = digest.hex().encode() in following
            raise Broken(f"record {self.number} was changed" if is_as_made and self.number else "prev is not the hash of the record before")
        first = self.first = self.first or record
        need(seq > 1 or record["event"] == "begin", "record 1 is not begin")
        need(record["store"] == first["store"] and record["seller"] == first["seller"], "another store or seller")
        need(record["epoch"] >= max(1, self.epoch), "epoch goes down")
        members = restricted(payload, "payload")
        if record["event"] in ("begin", "key") and isinstance(members.get("spki"), str):
            self.keys.add(members["spki"])
        self.epoch, self.head, self.number = record["epoch"], digest, seq
        self.stack.append(hashlib.sha256(b"\x00" + data).digest())
        bits = seq - 1
        while bits & 1:
            right, left = self.stack.pop(), self.stack.pop()
            self.stack.append(hashlib.sha256(b"\x01" + left + right).digest())
            bits >>= 1

    def checkpoint(self, line):
        data = line[len(b'{"checkpoint":'):-1]
        value = restricted(data.replace(b"\\n", b"\\u000a"), "checkpoint")
        need(sorted(value) == CHECKPOINT, "the checkpoint has other members than section 5 says")
        root = self.root()
        need(value["size"] == self.number, "size is not the number of records")
        need(value["head"] == self.head.hex(), "head is not the hash of the last record")
        need(value["root"] == root.hex(), "root is not that of the tree")
        lines = value["note"].split("\n")
        need(len(lines) == 6 and re.fullmatch(r"0|-?[1-9][0-9]*", lines[4]), "the note has no time")
        note = f"{DOMAIN}/{self.first['store'] if self.first else ''}\n{self.number}\n{base64.b64encode(root).decode()}\n{self.head.hex()}\n{lines[4]}\n"
        need(value["note"] == note, "the note says something else")
        need(value["key"] in self.keys, "the key was not announced")
        need(re.fullmatch(r"[0-9a-f]{128}", value["sig"]), "the signature is not 64 bytes")
        need(is_signed(bytes.fromhex(value["key"]), note.encode(), bytes.fromhex(value["sig"])), "the signature is wrong")
        self.checkpoints += 1


def verify(data):
    """(exit code, sentence, line, last good record)"""
    ledger = Ledger()
    lines = data.split(b"\n")
    at = 0
    try:
        for at, line in enumerate(lines[:-1], 1):
            need(0 < len(line) <= LINE_MAX, "the line is empty or too long")
            if line.startswith(b'{"checkpoint":') and line.endswith(b"}"):
                ledger.checkpoint(line)
            else:
                ledger.record(line, lines[at])
        at += 1
        need(lines[-1] == b"", "the file was cut off")
        need(ledger.number, "there is no record")
    except (Broken, TypeError, AttributeError, UnicodeError) as broken:
        return 6, str(broken), at, ledger.number
    tail = base64.b32encode(ledger.head[:10]).decode()
    text = f"{ledger.number} records, {ledger.checkpoints} checkpoints, tail {tail}"
    return (0 if ledger.checkpoints else 3), text, at, ledger.number


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 2
    code, text, line, number = verify(open(sys.argv[1], "rb").read())
    print(text if code < 6 else f"broken at line {line}, after record {number}: {text}")
    return code


if __name__ == "__main__":
    sys.exit(main())
