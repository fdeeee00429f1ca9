"""The default profile against receipts of tills that nobody has seen (tests/generate): what it reads is right, what is not is parked.

HOADON_SEED takes other receipts; HOADON_FULL=1 others each time, and more of them.
"""
import collections
import json
import os
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path[:0] = [os.path.join(TOP, "tests"), os.path.join(TOP, "tests/generate")]
import lab
import receipts

FULL = os.environ.get("HOADON_FULL") == "1"
SEED = os.environ.get("HOADON_SEED") or (str(int(time.time())) if FULL else "7")
LAYOUTS = 40
COUNT = 100 if FULL else 25
PROFILE = os.path.join(TOP, "drivers/profiles/default.ini")


def readings(texts):
    done = subprocess.run([os.path.join(lab.BIN, "read_receipts"), PROFILE], input="\f".join(texts).encode(), capture_output=True, check=True)
    found = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    assert len(found) == len(texts), f"{len(found)} readings of {len(texts)} receipts"
    return found


def money(entries):
    return sum(int(entry["amount"]) for entry in entries)


def differences(read, truth):
    """What a sale says that the till did not mean."""
    lines = [(line["qty"], line["unit"], line["unit_price"], line["amount"]) for line in read["lines"]]
    found = [("kind", read["kind"], truth["kind"]), ("total", read["total"], truth["total"]), ("lines", lines, truth["lines"]),
             ("discount", money(read["discounts"]), truth["discount"]), ("service", money(read["surcharges"]), truth["service"]),
             ("tax", money(read["taxes"]), truth["tax"])]
    found += [("rate", tax["rate"], "8") for tax in read["taxes"]]
    found += [("inside", read.get("prices_include_vat", False), truth["is_inside"])] if read["taxes"] else []
    found += [("name", True, name.startswith(line["name"])) for name, line in zip(truth["names"], read["lines"])]
    found += [("number", read["bill_no"], truth["bill_no"])] if read["bill_no"] else []
    found += [("day", read["sold_at"][:10], truth["day"])] if read["sold_at"] else []
    found += [("subtotal", read["subtotal"], truth["subtotal"])] if read["subtotal"] else []
    found += [("buyer", None, read.get("buyer"))]
    return [(what, got, meant) for what, got, meant in found if got != meant]


def what_the_default_profile_reads_of_unseen_layouts_is_right():
    counts, reasons, wrong, issued_of = collections.Counter(), collections.Counter(), [], collections.Counter()
    for number in range(LAYOUTS):
        layout = receipts.Layout(number, SEED)
        made = [receipts.receipt(layout, n, SEED) for n in range(COUNT)]
        for (text, truth), read in zip(made, readings([text for text, _ in made])):
            counts["receipts"] += 1
            if "review" in read:
                counts["parked"] += 1
                reasons[read["review"]["reason"]] += 1
            elif read["kind"] != "sale":
                counts["no sale"] += 1
                wrong += [] if read["kind"] == truth["kind"] else [(text, [("kind", read["kind"], truth["kind"])])]
            else:
                counts["issued"] += 1
                issued_of[number] += 1
                bad = differences(read, truth)
                wrong += [(text, bad)] if bad else []
    for text, bad in wrong[:3]:
        print(text, bad, sep="\n")
    print(f"seed {SEED}: {LAYOUTS} layouts, {counts['receipts']} receipts: {counts['issued']} issued, {counts['parked']} parked, {counts['no sale']} no sale, {len(wrong)} wrong; "
          f"{len(issued_of)} layouts read; parked: {dict(reasons.most_common())}")
    assert not wrong, f"{len(wrong)} wrong readings"
    assert len(issued_of) >= 10, f"only {len(issued_of)} layouts of {LAYOUTS} are read at all"
    return counts["receipts"]


def receipts_of_a_seed_are_the_same_each_time():
    one, two = ([receipts.receipt(receipts.Layout(n, "7"), 3, "7") for n in range(LAYOUTS)] for _ in range(2))
    assert one == two
    assert len({text for text, _ in one}) == LAYOUTS
    return LAYOUTS


if __name__ == "__main__":
    lab.run_cases([what_the_default_profile_reads_of_unseen_layouts_is_right, receipts_of_a_seed_are_the_same_each_time])
