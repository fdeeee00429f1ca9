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
LINE_MAX = 1048576  # section 1, without LF
KEYS_MAX = 1024

# ECDSA on P-256 (FIPS 186-4, SEC 2): y² = x³ − 3x + b over p, generator g of order n.
P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)
SPKI = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"


class Broken(Exception):
    """The ledger is broken: a reason word of section 6, and the line when it is not the one under hand."""

    def __init__(self, reason, line=None):
        super().__init__(reason)
        self.line = line


def need(condition, reason):
    if not condition:
        raise Broken(reason)


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


def point_of(spki):
    """The point of a key as section 5 spells it, or None."""
    if not (isinstance(spki, str) and re.fullmatch(r"[0-9a-f]{182}", spki) and spki.startswith(SPKI)):
        return None
    x, y = int(spki[54:118], 16), int(spki[118:], 16)
    return (x, y) if x < P and y < P and (y * y - (x ** 3 - 3 * x + B)) % P == 0 else None


def is_signed(spki, message, sig):
    r, s = int(sig[:64], 16), int(sig[64:], 16)
    if not 0 < r < N or not 0 < s < N:
        return False
    z = int.from_bytes(hashlib.sha256(message).digest(), "big")
    w = pow(s, -1, N)
    point = add(times(z * w % N, G), times(r * w % N, point_of(spki)))
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
    need(len({k for k, _ in items}) == len(items), "line")
    return dict(items)


def refuse(_):
    raise Broken("line")


def restricted(data):
    """The members of an object whose bytes are restricted JSON: written again they are the same bytes."""
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_float=refuse, parse_constant=refuse)
        need(isinstance(value, dict) and len(value) <= 64, "line")
        for name, member in value.items():
            need(re.fullmatch(r"[A-Za-z0-9_]+", name) and type(member) in (str, int), "line")
            need("\0" not in member if isinstance(member, str) else is_integer(member), "line")
        need(write(value) == data, "line")
    except (ValueError, RecursionError):
        raise Broken("line") from None
    return value


def is_integer(value):
    return -2 ** 63 <= value < 2 ** 63


def is_hex(value, count):
    return isinstance(value, str) and re.fullmatch(rf"[0-9a-f]{{{2 * count}}}", value)


def is_short(value):
    return isinstance(value, str) and len(value.encode()) <= 64


class Ledger:
    def __init__(self):
        self.head, self.number = bytes(32), 0
        self.stack, self.keys = [], set()
        self.first, self.epoch, self.checkpoints, self.lost = None, 0, 0, 0
        self.at, self.line = 0, 0  # the line under hand, the line of the last record

    def root(self):
        if not self.stack:
            return hashlib.sha256(b"").digest()
        result = self.stack[-1]
        for below in reversed(self.stack[:-1]):
            result = hashlib.sha256(b"\x01" + below + result).digest()
        return result

    def record(self, line, following):
        """P and R hold no nesting, so that `,"record":{` outside their strings, where `"` is escaped, stands once only."""
        payload, mark, rest = line[len(b'{"payload":'):].partition(b',"record":{')
        need(line.startswith(b'{"payload":') and mark and line.endswith(b"}}"), "line")
        data = b"{" + rest[:-1]
        members, record = restricted(payload), restricted(data)
        need(sorted(record) == RECORD and record["alg"] == "sha256" and record["domain"] == DOMAIN, "record")
        need(all(type(record[name]) is int for name in ("epoch", "mono", "seq", "wall")) and record["trust"] in (0, 1, 2), "record")
        need(all(is_short(record[name]) for name in ("boot", "event", "seller")) and is_hex(record["store"], 16), "record")
        need(is_hex(record["payload"], 32) and is_hex(record["prev"], 32), "record")
        seq = record["seq"]
        need(seq <= self.number + 1, "gap")
        need(seq == self.number + 1, "order")
        need(hashlib.sha256(payload).hexdigest() == record["payload"], "payload")
        digest = hashlib.sha256(data).digest()
        if record["prev"] != self.head.hex():
            is_as_made = self.number > 0 and digest.hex().encode() in following
            raise Broken("changed", self.line) if is_as_made else Broken("link")
        first = self.first = self.first or record
        need(seq > 1 or record["event"] == "begin", "begin")
        need(record["store"] == first["store"] and record["seller"] == first["seller"], "owner")
        need(record["epoch"] >= max(1, self.epoch), "epoch")
        if record["event"] in ("begin", "key") and "spki" in members:
            self.announce(members, seq)
        self.epoch, self.head, self.number = record["epoch"], digest, seq
        self.stack.append(hashlib.sha256(b"\x00" + data).digest())
        bits = seq - 1
        while bits & 1:
            right, left = self.stack.pop(), self.stack.pop()
            self.stack.append(hashlib.sha256(b"\x01" + left + right).digest())
            bits >>= 1

    def announce(self, members, seq):
        need(point_of(members["spki"]), "key")
        self.keys.add(members["spki"])
        need(len(self.keys) <= KEYS_MAX, "key")
        if members.get("why") == "lost":
            self.lost = self.lost or seq

    def checkpoint(self, line, is_behind_record):
        need(line.endswith(b"}"), "line")
        value = restricted(line[len(b'{"checkpoint":'):-1].replace(b"\\n", b"\\u000a"))
        need(sorted(value) == CHECKPOINT and isinstance(value["note"], str) and isinstance(value["size"], int), "checkpoint")
        need(all(is_hex(value[name], count) for name, count in (("head", 32), ("key", 91), ("root", 32), ("sig", 64))), "checkpoint")
        root = self.root()
        need(is_behind_record and value["size"] == self.number, "place")
        need(value["head"] == self.head.hex() and value["root"] == root.hex(), "tree")
        lines = value["note"].split("\n")
        need(len(lines) == 6 and re.fullmatch(r"0|-?[1-9][0-9]{0,18}", lines[4]) and is_integer(int(lines[4])), "note")
        note = f"{DOMAIN}/{self.first['store']}\n{self.number}\n{base64.b64encode(root).decode()}\n{self.head.hex()}\n{lines[4]}\n"
        need(value["note"] == note, "note")
        need(value["key"] in self.keys, "unknown-key")
        need(is_signed(value["key"], note.encode(), value["sig"]), "signature")
        self.checkpoints += 1

    def take(self, data):
        """Every line, in the order of section 6."""
        lines = data.split(b"\n")
        for at, line in enumerate(lines, 1):
            is_last = at == len(lines)
            if is_last and not line:
                break
            is_behind_record, self.at = self.line == at - 1 > 0, at
            need(not is_last, "cut")
            need(len(line) <= LINE_MAX, "line")
            if line.startswith(b'{"checkpoint":'):
                self.checkpoint(line, is_behind_record)
            else:
                self.record(line, lines[at])
                self.line = at
        if not self.number:
            raise Broken("empty", 0)


def verify(data):
    """(exit code, reason, line) of the first thing that is wrong, and the ledger up to there; reason "" when there is none"""
    ledger = Ledger()
    try:
        ledger.take(data)
    except Broken as broken:
        return 6, str(broken), ledger.at if broken.line is None else broken.line, ledger
    return (0 if ledger.checkpoints else 3), "", 0, ledger


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 2
    with open(sys.argv[1], "rb") as f:
        code, reason, line, ledger = verify(f.read())
    if code == 6:
        print(f"broken at line {line}, behind record {ledger.number}: {reason}")
        return code
    print(f"{ledger.number} records, {ledger.checkpoints} checkpoints, tail {base64.b32encode(ledger.head[:10]).decode()}")
    if ledger.lost:
        print(f"record {ledger.lost}: another key takes the place of a lost one; only the chain ties it to this ledger")
    return code


if __name__ == "__main__":
    sys.exit(main())
