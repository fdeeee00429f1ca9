#!/usr/bin/env python3
"""hostile_bodies.py DIR: every case of DIR/cases.jsonl as its last body: "ID LENGTH\\n", the bytes, "\\n" (DIR/gen.py builds them)."""
import importlib.util, json, sys

spec = importlib.util.spec_from_file_location("gen", sys.argv[1] + "/gen.py")
gen = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gen)
base = json.load(open(sys.argv[1] + "/base.json", encoding="utf-8"))
for line in open(sys.argv[1] + "/cases.jsonl", encoding="utf-8"):
    case = json.loads(line)
    body = gen.build(case, base)
    sys.stdout.buffer.write(b"%s %d\n" % (case["id"].encode(), len(body)) + body + b"\n")
