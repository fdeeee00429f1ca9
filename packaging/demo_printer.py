"""The part of `demo.sh --printer` that prints: a printer of its own, a till's program in front of hoadond's port, and what became of each paper.

    python3 demo_printer.py BIN WORK TILLS LISTEN PRINTER [CLOCK]    BIN, WORK: of demo.sh; TILLS: folder of tests/tills/install.sh; two ports; a test clock
"""
import contextlib
import datetime
import json
import os
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BIN, WORK, NPM, LISTEN, PRINTER = sys.argv[1:6]
CLOCK = sys.argv[6:]
PICTURES = 2  # of the day's bills, printed once more as pictures under numbers of their own


class Paper(socketserver.StreamRequestHandler):
    jobs = []

    def handle(self):
        self.jobs.append(self.rfile.read())


def say(text):
    print(f"demo: {text}", flush=True)


def hoadon(*args):
    clock = ("--test-clock", CLOCK[0]) if CLOCK else ()
    return subprocess.run([f"{BIN}/hoadon", "--config", f"{WORK}/conf", *clock, "--lang", "vi", *args], capture_output=True, text=True, check=True).stdout


def store(query, *args):
    with contextlib.closing(sqlite3.connect(f"file:{WORK}/store/current.db?mode=ro", uri=True, timeout=20)) as db:
        return db.execute(query, args).fetchall()


def wait(condition, what):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            say(f"waited in vain for {what}")
            raise SystemExit(1)
        time.sleep(0.05)


def papers_of_today():
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))) - datetime.timedelta(minutes=1)
    if CLOCK:
        with open(CLOCK[0], encoding="utf-8") as f:
            now += datetime.timedelta(milliseconds=int(f.read()))
    with open(f"{TOP}/tests/tills/papers.json", encoding="utf-8") as f:
        return [{**paper, "time": f"{now:%d/%m/%Y %H:%M}"} for paper in json.load(f)]


def total(paper):
    return sum(item["qty"] * item["price"] - item.get("discount", 0) for item in paper["items"]) - paper.get("discount", 0)


def print_by(way, papers):
    """The till's program prints them and ends; all is on paper."""
    before = len(Paper.jobs)
    subprocess.run(["node", f"{TOP}/tests/tills/node_thermal_printer.mjs", NPM, "127.0.0.1", LISTEN, way], input=json.dumps(papers), text=True, check=True)
    wait(lambda: len(Paper.jobs) >= before + len(papers), "the printer to have all")


def rows_of(paper):
    """What stands on it, as it looks."""
    with open(f"{WORK}/paper.bin", "wb") as f:
        f.write(paper)
    rows = hoadon("capture", "show", f"{WORK}/paper.bin").splitlines()
    return [row.split("|", 1)[1] if "|" in row else row.strip() for row in rows if "|" in row or "QR:" in row]


def side_by_side(left, right):
    for n in range(max(len(left), len(right))):
        print(f"  {left[n] if n < len(left) else '':<50.50}| {right[n] if n < len(right) else ''}".rstrip())


def show(number):
    """The paper of a bill beside its invoice. A code that came late is on a slip behind it."""
    (serial, invoice, code), = store("SELECT i.form || i.serial, i.number, i.code FROM sale s JOIN sale_invoice l ON l.sale_id = s.id "
                                     "JOIN invoice i ON i.id = l.invoice_id WHERE s.bill_no = ?", number)
    wait(lambda: any(code.encode() in job for job in Paper.jobs), f"the code of {number} on paper")
    rows = [row for job in Paper.jobs if number.encode() in job and (b"Thanh toan" in job or code.encode() in job) for row in rows_of(job)]
    say(f"paper of bill {number}, and its invoice:")
    side_by_side(rows, hoadon("invoice", "show", f"{serial}/{invoice}").splitlines())


def counts(meant):
    """By SQL in the store: sales issued and parked, and how many of the bills that were meant have no invoice of their total, or one too many."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.execute("ATTACH ? AS store", (f"{WORK}/store/current.db",))
        db.execute("CREATE TABLE meant (bill_no TEXT PRIMARY KEY, total INTEGER)")
        db.executemany("INSERT INTO meant VALUES (?, ?)", meant.items())
        issued, = db.execute("SELECT count(*) FROM store.invoice").fetchone()
        parked, = db.execute("SELECT count(*) FROM store.sale WHERE state = 'parked'").fetchone()
        wrong, = db.execute("SELECT count(*) FROM store.invoice i JOIN store.sale_invoice l ON l.invoice_id = i.id JOIN store.sale s ON s.id = l.sale_id "
                            "LEFT JOIN meant m ON m.bill_no = s.bill_no WHERE m.total IS NOT i.total").fetchone()
        twice, = db.execute("SELECT count(*) - count(DISTINCT sale_id) FROM store.sale_invoice").fetchone()
    return issued, parked, wrong + twice


def main():
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    server = socketserver.ThreadingTCPServer(("127.0.0.1", int(PRINTER)), Paper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    papers = papers_of_today()
    meant = {paper["number"]: total(paper) for paper in papers if paper["kind"] == "bill"}
    bills, rest = [paper for paper in papers if paper["kind"] == "bill"], [paper for paper in papers if paper["kind"] != "bill"]
    say(f"a till's program (npm node-thermal-printer) prints {len(bills)} bills to 127.0.0.1:{LISTEN}; the box stands before the printer")
    print_by("TCVN_VIETNAMESE", bills)
    wait(lambda: store("SELECT count(*) FROM invoice WHERE state = 'accepted'")[0][0] == len(bills), "the authority's verdicts")
    show(bills[2]["number"])
    say(f"it prints {len(rest)} papers that are no bills: {', '.join(paper['title'] for paper in rest)}")
    print_by("TCVN_VIETNAMESE", rest)
    wait(lambda: store("SELECT count(*) FROM sale WHERE state = 'ignored'")[0][0] == len(rest), "the other papers to be read")
    pictures = [{**paper, "number": f"HA{n:06d}"} for n, paper in enumerate(bills[:PICTURES])]
    meant.update({paper["number"]: total(paper) for paper in pictures})
    say(f"another till draws its bills as pictures: {PICTURES} are printed as they came; pictures are not read yet, so each waits for a person:")
    print_by("picture", pictures)
    wait(lambda: store("SELECT count(*) FROM sale WHERE state = 'parked'")[0][0] == PICTURES, "the pictures to be kept")
    print(hoadon("sale", "list", "--state", "parked"), end="")
    issued, parked, wrong = counts(meant)
    print(f"demo: issued={issued} parked={parked} wrong={wrong}")
    raise SystemExit(1 if wrong else 0)


main()
