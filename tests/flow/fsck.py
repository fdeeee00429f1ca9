"""hoadon fsck finds what somebody with the file and an SQL shell did, names a plan, and changes nothing."""
import hashlib
import json
import os
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))

# What is done, and the kind that must be among the findings.
HARM = [
    ("an invoice's bytes", "UPDATE invoice_bytes SET xml = x'003c48446f6e2f3e' WHERE invoice_id = 1", "invoice"),
    ("an invoice's bytes and digest", "UPDATE invoice_bytes SET (digest, xml) = (SELECT digest, xml FROM invoice_bytes WHERE invoice_id = 2) WHERE invoice_id = 1", "record"),
    ("an invoice's number", "UPDATE invoice SET number = 9 WHERE id = 3", "number"),
    ("an invoice taken away", "DELETE FROM invoice WHERE id = 3", "reference"),
    ("an invoice without bytes", "DELETE FROM invoice_bytes WHERE invoice_id = 3", "invoice"),
    ("the running number", "UPDATE place SET last_number = last_number + 1", "place"),
    ("a code of nobody's block", "UPDATE invoice SET code = 'M1-26-VD7K2-00900000001' WHERE id = 1", "code"),
    ("the next code", "UPDATE block SET next = next - 1", "code"),
    ("a sale's live invoice", "UPDATE sale_invoice SET is_issuing = 0 WHERE invoice_id = 1", "sale"),
    ("an accepted invoice opened again", "UPDATE invoice SET state = 'issued' WHERE id = 1", "stuck"),
    ("a frame's bytes", "UPDATE frame SET bytes = x'007b7d' WHERE id = 1", "frame"),
    ("a blob of no codec", "UPDATE frame SET bytes = x'7f7b7d' WHERE id = 1", "frame"),
    ("an answer's bytes", "UPDATE verdict SET raw = x'01ffff' WHERE id = 1", "verdict"),
    ("a message's digest", "UPDATE message SET digest = zeroblob(32) WHERE id = 1", "message"),
    ("a message's signature", "UPDATE message_bytes SET signature = x'003c613e' WHERE message_id = 1", "message"),
    ("an order of a message", "DELETE FROM message_invoice WHERE message_id = 1 AND position = (SELECT max(position) FROM message_invoice WHERE message_id = 1)", "message"),
    ("a record's time", "UPDATE ledger SET wall = wall + 1 WHERE seq = 4", "ledger"),
    ("a checkpoint's signature", "UPDATE checkpoint SET sig = zeroblob(64)", "ledger"),
    ("paper of no sale", "INSERT INTO frame_origin (frame_id, origin_id) SELECT max(id), 1 FROM frame WHERE state = 'refused'", "paper"),
    ("a count", "UPDATE tally SET n = n + 1 WHERE name = 'sale.issued'", "tally"),
    ("a sum", "UPDATE tally SET vat = vat + 1 WHERE name = 'invoice.accepted'", "tally"),
]


def day(lab):
    """A day with everything in it: accepted, refused, parked, ignored, a refused body, a lost answer."""
    lab.start()
    for i in range(1, 4):
        lab.sell_bills(f"HD{i}")
    lab.wait_accepted(3)
    lab.control("fault refuse-invoice 1", "fault drop-after")
    lab.sell_bills("HD4")
    lab.sell({**BASE, "bill_no": "HD5", "till_id": "T01", "total": "1"})
    lab.sell({**BASE, "bill_no": "HD6", "till_id": "T01", "kind": "void", "reason": "nhầm"})
    lab.sell({**BASE, "bill_no": "HD7", "till_id": "T01", "kind": "pre-bill"})
    lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0, "all to be concluded")
    lab.sell_bills("HD8")
    lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0, "all to be concluded")


def fsck(lab):
    result = lab.hoadon("--lang", "en", "fsck", "--json", check=False)
    answer = json.loads(result.stdout) if result.stdout else None
    return result.returncode, answer


def content(lab):
    return hashlib.sha256(open(f"{lab.dir}/store/current.db", "rb").read()).hexdigest()


def a_whole_store_has_no_findings(lab):
    running = fsck(lab)
    assert running[0] == 0 and running[1]["is_whole"], running
    assert lab.stop() == 0
    assert fsck(lab)[0] == 0
    assert "nguyên vẹn" in lab.hoadon("--lang", "vi", "fsck").stdout.decode()
    db = sqlite3.connect(f"{lab.dir}/store/current.db")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that harm to the file is harm to what is read
    db.close()
    os.rename(f"{lab.dir}/store", f"{lab.dir}/good")
    return 4


def harm(lab, statement, kind):
    shutil.rmtree(f"{lab.dir}/store", ignore_errors=True)
    shutil.copytree(f"{lab.dir}/good", f"{lab.dir}/store")
    with sqlite3.connect(f"{lab.dir}/store/current.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute("PRAGMA foreign_keys = OFF")
        assert db.execute(statement).rowcount >= 1, "nothing was harmed"
    db.close()
    before = content(lab)
    code, answer = fsck(lab)
    kinds = {finding["kind"] for finding in answer["findings"]}
    assert code == 6 and kind in kinds and not answer["is_whole"], (code, answer)
    assert all(f["plan"] and f["meaning"] and f["found"] for f in answer["findings"]), answer
    assert content(lab) == before, "fsck changed the file"
    return 4


def a_damaged_file_is_told(lab):
    n = 0
    size = os.path.getsize(f"{lab.dir}/good/current.db")
    for at in (100, 4096 * 3 + 8, size // 2 // 4096 * 4096):  # the head of a page: what follows may be room that nothing uses
        shutil.rmtree(f"{lab.dir}/store", ignore_errors=True)
        shutil.copytree(f"{lab.dir}/good", f"{lab.dir}/store")
        with open(f"{lab.dir}/store/current.db", "r+b") as f:
            f.seek(at)
            f.write(b"\xa5" * 200)
        code, _ = fsck(lab)
        assert code == 6, f"byte {at}: exit {code}"
        n += 1
    with open(f"{lab.dir}/store/current.db", "r+b") as f:
        f.truncate(size // 2)
    assert fsck(lab)[0] == 6
    return n + 1


def main():
    report = labs.Report()
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        report.case("a day with everything in it", day, lab)
        report.case("a whole store has no findings", a_whole_store_has_no_findings, lab)
        for name, statement, kind in HARM:
            report.case(f"{name} is found", harm, lab, statement, kind)
        report.case("a damaged file is told", a_damaged_file_is_told, lab)
    report.close()


main()
