#!/usr/bin/env python3
"""json_differential.py JSON_GATE_CLI [COUNT] [SEED]: base/json_gate against Python's json module, used strictly.

Makes COUNT documents (default 40,000) from a seed: random values, valid and hostile, and mutations of them. Each must be
accepted by both or refused by both; the kind of refusal is compared where there is only one. Exit 1 on any difference."""
import json
import random
import struct
import subprocess
import sys

OK, SYNTAX, ENCODING, DUPLICATE, DEPTH, SIZE, CONTROL, MEMORY = range(8)
NAMES = ["ok", "syntax", "encoding", "duplicate_key", "depth", "size", "control", "memory"]
DEPTH_MAX = 32


class Pairs(list):
    """an object as its pairs in order, so that duplicates stay visible"""


def refuse_constant(text):
    raise ValueError(text)


def walk(value, depth):
    """the rules that RFC 8259 leaves open or Python does not check, in any order; returns the set of violations"""
    found = set()
    stack = [(value, depth)]
    while stack:
        value, depth = stack.pop()
        if isinstance(value, str):
            if "\0" in value:
                found.add(CONTROL)
            if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
                found.add(ENCODING)
        elif isinstance(value, (Pairs, list)):
            if depth + 1 > DEPTH_MAX:
                found.add(DEPTH)
            if isinstance(value, Pairs):
                keys = [k for k, _ in value]
                if len(set(keys)) != len(keys):
                    found.add(DUPLICATE)
                stack.extend((k, depth + 1) for k in keys)
                stack.extend((v, depth + 1) for _, v in value)
            else:
                stack.extend((v, depth + 1) for v in value)
    return found


def oracle(document):
    """the set of results that are right: {OK}, or one or more reasons to refuse"""
    try:
        text = document.decode("utf-8", "strict")
    except UnicodeDecodeError:
        # The gate reports the first fault; a syntax fault may stand before the wrong byte.
        return set(range(1, 7))
    if text.startswith("\ufeff"):
        text = text[1:]
    try:
        value = json.loads(text, object_pairs_hook=Pairs, parse_constant=refuse_constant,
                           parse_int=lambda s: 0, parse_float=lambda s: 0)
    except RecursionError:
        return {SYNTAX, DEPTH}
    except ValueError:
        return set(range(1, 7))
    return walk(value, 0) or {OK}


SPECIAL_STRINGS = ["", "total", "t\\u006ftal", "\\u0074otal", "\\ud83e\\uddcb", "\\ud800", "\\udc00", "\\ud800\\u0041",
                   "\\ud800\\ud800", "\\udc00\\ud800", "\\u0000", "\\u00000", "\\u000", "\\uD83E\\uDDCB", "\\x", "\\/", "/",
                   "\\b\\f\\n\\r\\t\\\\\\\"", "\x7f", "\u0085", "Cà phê sữa đá", "\u2028", "\ufeff", "\uffff", "\U0001F9CB",
                   "\U0010FFFF", "\t", "\n", "\x1f", "\0", "é", "e\u0301", "\\u00e9", "\\u00E9", "\\u0065\\u0301", "\\"]
SPECIAL_NUMBERS = ["0", "-0", "-", "00", "01", "-01", "1.", ".1", "1.0", "1e5", "1E+5", "1e-05", "1e", "1e+", "+1", "0x1",
                   "1e400", "-1.5e-300", "9" * 30, "1" * 5000, "NaN", "Infinity", "-Infinity", "1_000", "1,0", "١", "0.0.1",
                   "--1", "1e5.5", "-a"]
BLANKS = ["", "", "", " ", "\n", "\t", "\r\n", "  ", "\u00a0", "\x0b", "\x0c", "/**/"]
TOKENS = ["{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "nul", "True", "0", "-", "e", "'", "\0", "\ufeff",
          "//", "\\u", "\\ud800", "\\u0000"]


class Maker:
    def __init__(self, rng):
        self.rng = rng

    def blank(self):
        return self.rng.choice(BLANKS[:8] if self.rng.random() < 0.98 else BLANKS)

    def string(self):
        rng = self.rng
        if rng.random() < 0.15:
            return '"' + rng.choice(SPECIAL_STRINGS) + '"'
        if rng.random() < 0.3:
            return '"' + "".join(rng.choice("abt") for _ in range(rng.randrange(3))) + '"'
        return json.dumps("".join(chr(rng.choice([rng.randrange(32, 127), rng.randrange(0xA0, 0x2000),
                                                   rng.randrange(0x1F300, 0x1FA00)])) for _ in range(rng.randrange(8))),
                          ensure_ascii=rng.random() < 0.5)

    def scalar(self):
        rng = self.rng
        pick = rng.random()
        if pick < 0.5:
            return self.string()
        if pick < 0.6:
            return rng.choice(SPECIAL_NUMBERS)
        if pick < 0.85:
            return repr(rng.choice([rng.randrange(-10**6, 10**6), rng.uniform(-1e6, 1e6), rng.uniform(-1, 1) * 1e-9]))
        return rng.choice(["null", "true", "false"])

    def value(self, depth):
        rng = self.rng
        pick = rng.random()
        if depth <= 0 or pick < 0.4:
            return self.scalar()
        count = rng.choice([0, 1, 1, 2, 3, 5])
        if pick < 0.6:
            parts = [self.blank() + self.value(depth - 1) + self.blank() for _ in range(count)]
            return "[" + (",".join(parts) or self.blank()) + "]"
        parts = [self.blank() + self.string() + self.blank() + ":" + self.blank() + self.value(depth - 1) + self.blank()
                 for _ in range(count)]
        return "{" + (",".join(parts) or self.blank()) + "}"

    def nested(self):
        """around the depth limit"""
        rng = self.rng
        n = rng.choice([1, 5, 30, 31, 32, 33, 34, 40, 500])
        kinds = [rng.random() < 0.5 for _ in range(n)]
        head = "".join("[" if k else '{"a":' for k in kinds)
        tail = "".join("]" if k else "}" for k in reversed(kinds))
        return head + self.rng.choice(["", "1", "[]", "{}", '"x"']) + tail

    def many_keys(self):
        rng = self.rng
        keys = ["k%d" % i for i in range(rng.randrange(20, 400))]
        if rng.random() < 0.5:
            keys.append(rng.choice(keys))
            rng.shuffle(keys)
        escape = rng.random() < 0.5
        quoted = ['"' + (k.replace("k", "\\u006b") if escape and rng.random() < 0.5 else k) + '"' for k in keys]
        return "{" + ",".join(q + ":0" for q in quoted) + "}"

    def document(self):
        pick = self.rng.random()
        text = self.nested() if pick < 0.05 else self.many_keys() if pick < 0.07 else self.value(6)
        text = self.blank() + text + self.blank()
        if self.rng.random() < 0.03:
            text = "\ufeff" + text
        return text.encode("utf-8")

    def mutated(self, document):
        rng = self.rng
        data = bytearray(document)
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            at = rng.randrange(len(data) + 1)
            pick = rng.random()
            if pick < 0.3:
                data[at:at] = rng.choice(TOKENS).encode("utf-8")
            elif pick < 0.5:
                del data[at:at + rng.choice([1, 1, 2, 5])]
            elif pick < 0.7 and at < len(data):
                data[at] = rng.randrange(256)
            elif pick < 0.8 and at < len(data):
                data[at] ^= 1 << rng.randrange(8)
            elif pick < 0.9:
                other = rng.randrange(len(data) + 1)
                data[at:at] = data[min(at, other):max(at, other)][:40]
            else:
                del data[at:]
        return bytes(data)


def make_documents(count, seed):
    rng = random.Random(seed)
    maker = Maker(rng)
    documents = [b"", b"\xef\xbb\xbf", b"\xff\xfe{\0}\0", b"{\0}\0", b"\0{\0}", b"[" * 100000, b"[" * 100000 + b"]" * 100000]
    for s in SPECIAL_STRINGS:
        documents.append(('"%s"' % s).encode("utf-8"))
        documents.append(('{"%s":0,"total":1}' % s).encode("utf-8"))
    documents.extend(n.encode("utf-8") for n in SPECIAL_NUMBERS)
    documents.extend(("[%s]" % n).encode("utf-8") for n in SPECIAL_NUMBERS)
    while len(documents) < count:
        document = maker.document()
        documents.append(document)
        documents.append(maker.mutated(document))
    return documents


def run_gate(program, documents):
    data = b"".join(struct.pack(">I", len(d)) + d for d in documents)
    done = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True)
    if len(done.stdout) != len(documents):
        raise SystemExit("json_gate_cli answered %d of %d" % (len(done.stdout), len(documents)))
    return done.stdout


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 40000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 20261122
    documents = make_documents(count, seed)
    results = run_gate(program, documents)
    tally = [0] * len(NAMES)
    differences = 0
    for document, result in zip(documents, results):
        tally[result] += 1
        right = oracle(document)
        if result in right:
            continue
        differences += 1
        if differences <= 20:
            print("gate %s, python %s: %r" % (NAMES[result], "/".join(NAMES[r] for r in sorted(right)), document[:300]))
    print("%d documents, seed %d: %s; %d differences" % (
        len(documents), seed, ", ".join("%s %d" % (n, t) for n, t in zip(NAMES, tally)), differences))
    enough = tally[OK] > count // 10 and all(tally[r] > 0 for r in (SYNTAX, ENCODING, DUPLICATE, DEPTH, CONTROL))
    if not enough:
        print("the documents do not reach every result: the comparison proves too little")
    return 1 if differences or not enough or len(documents) < 20000 else 0


if __name__ == "__main__":
    sys.exit(main())
