"""
What the shop was promised (from a trace) and what a store says (read with Python's SQLite, no code of ours), and the difference.
"""
import base64
import contextlib
import hashlib
import json
import os
import re
import sqlite3

import disk

# Rows that never change once they are there: those of an image are those of the store as it went on. But where an upgrade of the schema was lost,
# opening the image makes it anew, and its record, the last one then, has another time.
FOREVER = {
    "ledger": "SELECT seq, event, wall, mono, boot, trust, payload, hash FROM ledger WHERE event <> 'upgrade' OR seq < (SELECT max(seq) FROM ledger)",
    "frame": "SELECT id, source, till_id, received_at, digest, bytes FROM frame",
    "invoice": "SELECT id, form, serial, number, code, issued_at, net, vat, total, ledger_seq FROM invoice",
    "invoice_bytes": "SELECT invoice_id, digest, xml FROM invoice_bytes",
    "message_bytes": "SELECT message_id, head, signature FROM message_bytes",
    "verdict": "SELECT id, received_at, type, raw FROM verdict",
    "checkpoint": "SELECT size, root, head, wall, sig FROM checkpoint",
}
ISSUED = """SELECT s.id, s.till_id, s.bill_no, s.state, i.form, i.serial, i.number, i.code, i.total FROM sale s
    LEFT JOIN sale_invoice l ON l.sale_id = s.id LEFT JOIN invoice i ON i.id = l.invoice_id ORDER BY s.id, i.id"""


def open_store(top):
    return contextlib.closing(sqlite3.connect(f"file:{top}/store/current.db?mode=rw", uri=True, timeout=5))


def history(db):
    """(id of the store, {table: {key: digest of the row}})"""
    rows = {table: {row[0]: hashlib.sha256(repr(row).encode()).digest()[:8] for row in db.execute(query)} for table, query in FOREVER.items()}
    return db.execute("SELECT store FROM identity").fetchone()[0], rows


class Promises:
    """Collects what left the program: answers to tills, messages to the authority, backups that are done. Each is (event, kind, …)."""

    def __init__(self, before, events):
        self.all, self.streams = [], {}
        for event in before:
            self.hear(event)
        self.all, self.streams = [(disk.NONE, *promise[1:]) for promise in self.all], {}
        for event in events:
            self.hear(event)

    def hear(self, event):
        if event.kind == disk.TELL:
            for name in re.findall(rb"<MTDiep>([^<]+)</MTDiep>", event.data):
                self.all.append((event.index, "told", name.decode()))
        elif event.kind == disk.PROMISE:
            self.all.append((event.index, "backup", event.data.decode()))
        elif event.kind == disk.ANSWER:
            text = self.streams.get(event.object, b"") + event.data
            while (answer := self.split(text)):
                status, body, text = answer
                self.answered(event.index, status, body)
            self.streams[event.object] = text

    @staticmethod
    def split(text):
        """(status, body, rest) of the first whole answer, or None."""
        head, line, rest = text.partition(b"\r\n\r\n")
        size = re.search(rb"\r\ncontent-length: *(\d+)", head.lower())
        if not line or not size or not head.startswith(b"HTTP/1.") or len(rest) < int(size.group(1)):
            return None
        return int(head.split()[1]), rest[:int(size.group(1))], rest[int(size.group(1)):]

    def answered(self, index, status, body):
        if status not in (201, 202) or not body:
            return
        answer = json.loads(body)
        if answer.get("invoice"):
            self.all.append((index, "issued", answer))
        elif "sale" in answer:
            self.all.append((index, "kept", answer))
        elif "token" in answer:
            self.all.append((index, "token", answer))

    def until(self, index):
        return [p for p in self.all if p[0] <= index]


class Facts:
    """Of one image, after hoadond's own way of opening it."""

    def __init__(self, top, spooled, backups):
        """`backups`: {path: bytes} of those that were made whole."""
        self.wrong, self.sales, self.messages, self.tokens, self.heads, self.rows, self.store = [], {}, {}, set(), {}, {}, None
        if os.path.exists(f"{top}/store/current.db"):
            try:
                with open_store(top) as db:
                    self.read(db)
                    self.store, self.rows = history(db)
            except sqlite3.DatabaseError as error:
                self.wrong.append(f"corrupt: {error}")
        for name in spooled:
            self.read_spool(f"{top}/spool", name)
        self.backups = {p for p in backups if os.path.exists(f"{top}/{p}")}
        for path in self.backups:
            with open(f"{top}/{path}", "rb") as f:
                self.need(f.read() == backups[path], f"corrupt: {path} has its name and is not whole")

    def need(self, condition, text):
        if not condition:
            self.wrong.append(text)

    def read(self, db):
        found = db.execute("PRAGMA integrity_check").fetchall()
        self.need(found == [("ok",)], f"corrupt: {found[:3]}")
        self.need(not db.execute("PRAGMA foreign_key_check").fetchall(), "corrupt: a row refers to one that is not there")
        for id_, till, bill, state, form, serial, number, code, total in db.execute(ISSUED):
            self.need((state == "issued") == (number is not None), f"corrupt: sale {id_} is {state} with number {number}")
            self.sales.setdefault(id_, []).append((till, bill, state, form, serial, number, code, total))
        self.messages = dict(db.execute("SELECT message_id, state FROM message"))
        self.tokens = {i for (i,) in db.execute("SELECT id FROM token")}
        self.heads = dict(db.execute("SELECT seq, hash FROM ledger"))
        self.need(sorted(self.heads) == list(range(1, len(self.heads) + 1)), "corrupt: the ledger has a gap")
        numbers = {}
        for form, serial, number in db.execute("SELECT form, serial, number FROM invoice"):
            numbers.setdefault((form, serial), []).append(number)
        for key, given in numbers.items():
            self.need(sorted(given) == list(range(1, len(given) + 1)), f"corrupt: numbers of {key} are {sorted(given)[:20]}")
        count = sum(map(len, numbers.values()))
        self.need(db.execute("SELECT count(*) FROM invoice_bytes").fetchone() == (count,), "corrupt: an invoice without bytes")

    def read_spool(self, spool, name):
        """A file of the folder is there, once or twice; one that was moved lies beside a whole answer."""
        places = {"": None, "done": "answer", "refused": "reason"}
        there = [p for p in places if os.path.exists(os.path.join(spool, p, name))]
        self.need(there, f"lost: {name} is not in the spool folder, nor done, nor refused")
        for place, word in list(places.items())[1:]:
            path = os.path.join(spool, place, f"{name}.{word}.json")
            self.need(place not in there or os.path.exists(path), f"lost: {place}/{name} lies there without its {word}")
            if not os.path.exists(path):
                continue
            with open(path, "rb") as f:
                text = f.read()
            try:
                answer = json.loads(text)
            except ValueError:
                self.wrong.append(f"corrupt: {place}/{name}.{word}.json holds {text[:40]!r}")
                continue
            if answer.get("invoice"):
                self.wrong += self.missing(("", "issued", answer))

    def missing(self, promise):
        """What is not as promised: [] or sentences."""
        _, kind, answer = promise
        if kind == "told":
            state = self.messages.get(answer)
            return [] if state not in (None, "made") else [f"lost: message {answer} was sent and is {state or 'not there'}"]
        if kind == "backup":
            return [] if answer in self.backups else [f"lost: the backup {answer}, which was told as done"]
        if kind == "token":
            return [] if int(answer["id"]) in self.tokens else [f"lost: token {answer['id']}"]
        sale = answer["sale"]
        rows = self.sales.get(int(sale["id"]))
        if not rows:
            return [f"lost: sale {sale['id']} of {sale.get('till_id')}, bill {sale.get('bill_no')}, which was answered"]
        if kind == "kept":
            state = rows[0][2]
            return [] if state == sale["state"] or sale["state"] == "parked" else [f"lost: sale {sale['id']} was {sale['state']} and is {state}"]
        invoice, tail = answer["invoice"], answer["ledger"]
        here = [(till, bill, *rest) for till, bill, _, *rest in rows]
        told = (sale.get("till_id"), sale.get("bill_no"), int(invoice["form"]), invoice["serial"], int(invoice["number"]), invoice["code"], int(invoice["total"]))
        if told not in here:
            return [f"lost: the till was told {told}, the store has {here}"]
        head = self.heads.get(int(tail["seq"]), b"")
        if base64.b32encode(head[:10]).decode() != tail["tail"]:
            return [f"lost: the tail {tail['tail']} on paper is not that of record {tail['seq']}"]
        return []

    def judge(self, promises, final):
        """[] when all that was promised is there and nothing is otherwise than it became; else sentences that begin with lost or corrupt."""
        wrong, (store, rows_at_end) = list(self.wrong), final
        for table, rows in self.rows.items() if self.store == store else ():  # before anything was promised, a new store may begin again
            other = [key for key, value in rows.items() if rows_at_end[table].get(key) != value]
            if other:
                wrong.append(f"corrupt: {len(other)} rows of {table} are not those that were written, first {other[0]}")
        for promise in promises:
            wrong += self.missing(promise)
        return wrong
