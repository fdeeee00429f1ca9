"""The part of `demo.sh --printer` that prints: a printer of its own, a till's program in front of hoadond's port, and what became of each paper.

    python3 demo_printer.py learn|sell BIN WORK TILLS BAR WEB PRINTER [CLOCK]    BIN, WORK: of demo.sh; TILLS: folder of tests/tills/install.sh; three ports; a test clock

learn: before hoadond runs, bills that are pictures teach their letters, to WORK/web.glyphs.
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
WHAT, BIN, WORK, NPM, BAR, WEB, PRINTER = sys.argv[1:8]
CLOCK = sys.argv[8:]
PICTURES = 5  # of the day's bills, printed once more as pictures under numbers of their own


class Paper(socketserver.StreamRequestHandler):
    jobs = []

    def handle(self):
        self.jobs.append(self.rfile.read())


def say(text):
    print(f"demo: {text}", flush=True)


def hoadon(*args, code=(0,)):
    clock = ("--test-clock", CLOCK[0]) if CLOCK else ()
    done = subprocess.run([f"{BIN}/hoadon", "--config", f"{WORK}/conf", *clock, "--lang", "vi", *args], capture_output=True, text=True)
    if done.returncode not in code:
        raise SystemExit(f"demo: hoadon {args}: {done.stderr}")
    return done.stdout


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


def node(program, port, way, papers):
    return subprocess.run(["node", f"{TOP}/tests/tills/{program}.mjs", NPM, "127.0.0.1", port, way], input=json.dumps(papers), text=True, check=True, stdout=subprocess.PIPE).stdout


def print_by(port, way, papers):
    """The till's program prints them and ends; all is on paper."""
    before = len(Paper.jobs)
    node("node_thermal_printer", port, way, papers)
    wait(lambda: len(Paper.jobs) >= before + len(papers), "the printer to have all")


def rows_of(paper, *how):
    """What stands on it, as it looks."""
    with open(f"{WORK}/paper.bin", "wb") as f:
        f.write(paper)
    rows = hoadon("capture", "show", f"{WORK}/paper.bin", *how).splitlines()
    return [row.split("|", 1)[1] if "|" in row else row.strip() for row in rows if "|" in row or "QR:" in row]


def side_by_side(left, right):
    for n in range(max(len(left), len(right))):
        print(f"  {left[n] if n < len(left) else '':<50.50}| {right[n] if n < len(right) else ''}".rstrip())


def show(number, *how):
    """The paper of a bill beside its invoice, or what came late on a slip behind it. how: its letters are read by this."""
    (serial, invoice, code), = store("SELECT i.form || i.serial, i.number, i.code FROM sale s JOIN sale_invoice l ON l.sale_id = s.id "
                                     "JOIN invoice i ON i.id = l.invoice_id WHERE s.bill_no = ?", number)
    wait(lambda: any(code.encode() in job for job in Paper.jobs), f"the code of {number} on paper")
    mine = [job for job in Paper.jobs if code.encode() in job or (number.encode() in job and b"Thanh toan" in job)]
    rows = [row for job in mine for row in rows_of(job, *how)]
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


def learn(bills):
    """The letters of the till that prints pictures, before the box stands before its printer."""
    say(f"a till of the web prints its bills as pictures: {len(bills)} of them and what stands there teach the box its letters:")
    print_by(PRINTER, "picture", bills)
    with open(f"{WORK}/bills.bin", "wb") as f:
        f.write(b"".join(Paper.jobs))
    with open(f"{WORK}/bills.txt", "w", encoding="utf-8") as f:
        f.write(node("text", "0", "text", bills))
    print(hoadon("capture", "learn", f"{WORK}/bills.bin", "--glyphs", f"{WORK}/web.glyphs", "--text", f"{WORK}/bills.txt",
                 "--base", f"{TOP}/drivers/profiles/default.ini", "--out", f"{WORK}/web.ini", code=(0, 3)), end="")


def sell_pictures(bills, meant):
    """The first is for a person, since no number of the till is known; what follows it is issued, and what does not waits."""
    pictures = [{**bill, "number": f"HD{n + 301:06d}"} for n, bill in enumerate(bills)]
    meant.update({paper["number"]: total(paper) for paper in pictures})
    issued, = store("SELECT count(*) FROM invoice")[0]
    say("it prints on through the box: the first picture of a till waits for a person, who compares it and issues it")
    print_by(WEB, "picture", pictures[:1])
    wait(lambda: store("SELECT count(*) FROM sale WHERE state = 'parked'") == [(1,)], "the first picture to be read")
    print(hoadon("sale", "list", "--state", "parked"), end="")
    hoadon("sale", "issue", str(store("SELECT id FROM sale WHERE state = 'parked'")[0][0]))
    say(f"{len(pictures) - 1} more pictures, each the next number, and one whose number jumps:")
    print_by(WEB, "picture", pictures[1:] + [{**bills[0], "number": "HD000399"}])
    wait(lambda: store("SELECT count(*) FROM sale WHERE state = 'parked'") == [(1,)], "the last picture to be read")
    wait(lambda: store("SELECT count(*) FROM invoice WHERE state = 'accepted'")[0][0] == issued + len(pictures), "the authority's verdicts")
    print(hoadon("sale", "list", "--state", "parked"), end="")
    return pictures[1]["number"]


def main():
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    server = socketserver.ThreadingTCPServer(("127.0.0.1", int(PRINTER)), Paper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    papers = papers_of_today()
    meant = {paper["number"]: total(paper) for paper in papers if paper["kind"] == "bill"}
    bills, rest = [paper for paper in papers if paper["kind"] == "bill"], [paper for paper in papers if paper["kind"] != "bill"]
    if WHAT == "learn":
        learn(bills)
        return
    say(f"a till's program (npm node-thermal-printer) prints {len(bills)} bills to 127.0.0.1:{BAR}; the box stands before the printer")
    print_by(BAR, "TCVN_VIETNAMESE", bills)
    wait(lambda: store("SELECT count(*) FROM invoice WHERE state = 'accepted'")[0][0] == len(bills), "the authority's verdicts")
    show(bills[2]["number"])
    say(f"it prints {len(rest)} papers that are no bills: {', '.join(paper['title'] for paper in rest)}")
    print_by(BAR, "TCVN_VIETNAMESE", rest)
    wait(lambda: store("SELECT count(*) FROM sale WHERE state = 'ignored'")[0][0] == len(rest), "the other papers to be read")
    show(sell_pictures(bills[:PICTURES], meant), "--glyphs", f"{WORK}/web.glyphs")
    issued, parked, wrong = counts(meant)
    print(f"demo: issued={issued} parked={parked} wrong={wrong}")
    raise SystemExit(1 if wrong else 0)


main()
