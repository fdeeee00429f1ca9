"""What hoadond looks at before it sells again: its ledger, and how it ended. Kills patches of tests/mutants."""
import copy
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def shop():
    lab = labs.Lab(clock=labs.clock_at(labs.NOON), authority=False)
    lab.start()
    return lab


def sell(lab, bill):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id="T01")
    status, answer, _ = lab.sell(body)
    assert status == 201, answer


def change(lab, *statements):
    """Somebody with the file and an SQL shell."""
    with sqlite3.connect(f"{lab.dir}/store/current.db") as db:
        for statement in statements:
            db.execute(statement)


def a_changed_ledger_keeps_the_agent_from_selling():
    with shop() as lab:
        sell(lab, "HD1")  # the first one is followed by a checkpoint; a start looks at what came behind it
        sell(lab, "HD2")
        lab.kill()
        last = lab.sql("SELECT max(seq) FROM ledger")[0][0]
        change(lab, "DROP TRIGGER ledger_keep", f"UPDATE ledger SET wall = wall + 1 WHERE seq = {last}")
        lab.start(wait=False)
        lab.wait(lambda: lab.agent.poll() is not None, "it to refuse its broken ledger")
        assert lab.agent.returncode != 0 and f"record {last}" in lab.log(), lab.log()
        assert lab.sql("SELECT max(seq) FROM ledger")[0][0] == last, "something was written behind the broken record"
        return 3


def an_end_without_warning_is_recorded():
    with shop() as lab:
        lab.stop()
        lab.start()
        assert lab.sql("SELECT count(*) FROM ledger WHERE event = 'crash-found'")[0][0] == 0
        lab.kill()
        lab.start()
        events = [e for (e,) in lab.sql("SELECT event FROM ledger ORDER BY seq")]
        assert events.count("crash-found") == 1 and events.count("stop") == 1 and events.count("start") == 3, events
        return 2


def main():
    report = labs.Report()
    for case in (a_changed_ledger_keeps_the_agent_from_selling, an_end_without_warning_is_recorded):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
