"""Copies of a store: another machine, an old copy, a backup. A copy takes no number and sends nothing before a person adopted it."""
import copy
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def shop(start=True, **kw):
    lab = labs.Lab(clock=labs.clock_at(labs.NOON), **kw)
    lab.set_machine("sys-1", "board-1", "disk-1")
    if start:
        lab.start()
    return lab


def sell(lab, bill, till="T01"):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id=till)
    return lab.sell(body)


def issued(lab, bill):
    status, body, _ = sell(lab, bill)
    assert status == 201, f"{status} {body}"
    return body


def parked_as_copy(lab, bill):
    status, body, _ = sell(lab, bill)
    assert status == 202 and body["problem"]["code"] == "store.copy" and body["invoice"] is None, f"{status} {body}"
    return body["sale"]["id"]


def adopt(lab, **shape):
    lab.shape.update(shape)
    lab.write_config()
    return lab.hoadon("adopt", "--reason", "thay ổ đĩa", "--json", check=False)


def take_copy(lab, name):
    """What somebody has who copied the folder of a shop that was closed."""
    shutil.copytree(f"{lab.dir}/store", f"{lab.dir}/{name}")


def put_copy(lab, name):
    shutil.rmtree(f"{lab.dir}/store")
    shutil.move(f"{lab.dir}/{name}", f"{lab.dir}/store")


def held(lab):
    result = lab.hoadon("status", "--json", check=False)
    return result.returncode, json.loads(result.stdout).get("held")


def a_store_on_another_machine_takes_no_number():
    with shop() as lab:
        issued(lab, "HD1")
        lab.wait_accepted(1)
        lab.stop()
        lab.set_machine("sys-1", "board-2", "disk-2")
        lab.start()
        parked_as_copy(lab, "HD2")
        assert held(lab) == (4, "machine"), held(lab)
        assert "hoadon adopt" in lab.hoadon("--lang", "en", "status", check=False).stdout.decode()
        assert lab.sql("SELECT count(*) FROM invoice")[0][0] == 1
        lab.stop()
        lab.set_machine("sys-1", "board-1", "disk-1")  # the disk is back where it was
        lab.start()
        lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice")[0][0] == 2, "the parked sale to be issued")
        assert held(lab)[1] is None
        lab.wait_accepted(2)
        return 5 + lab.check_books()


def system_or_board_may_change_alone():
    with shop() as lab:
        issued(lab, "HD1")
        for n, machine in enumerate((("sys-2", "board-1", "disk-1"), ("sys-2", "board-2", "disk-1"))):
            lab.stop()
            lab.set_machine(*machine)
            lab.start()
            issued(lab, f"HD{n + 2}")
        return 3


def a_copy_sends_nothing():
    """One message may have arrived, another certainly has not; both wait in the original too."""
    with shop() as lab:
        lab.control("fault drop-before times 0", "fault query-drop times 0")
        issued(lab, "HD1")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM message WHERE state = 'unknown'")[0][0] == 1, "an unknown outcome")
        lab.stop_authority()
        issued(lab, "HD2")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM message WHERE state = 'unknown' AND is_absent = 1")[0][0] == 1, "the second message")
        lab.kill()
        lab.start_authority()
        lab.set_machine("sys-1", "board-2", "disk-2")
        lab.start()
        since = "SELECT count(*) FROM ledger WHERE event = ? AND seq > (SELECT seq FROM ledger WHERE event = 'hold')"
        lab.wait(lambda: lab.sql(since, "asked")[0][0] > 0, "a question")
        sent = lab.sql(since, "sent")[0][0]
        assert sent == 0 and lab.books("SELECT count(*) FROM invoice")[0][0] == 0, f"a copy sent {sent} messages"
        lab.stop()
        lab.set_machine("sys-1", "board-1", "disk-1")
        lab.start()
        lab.wait_accepted(2)
        return 3 + lab.check_books()


def an_adopted_store_goes_on_under_a_new_serial():
    with shop() as lab:
        first = issued(lab, "HD1")
        lab.wait_accepted(1)
        lab.stop()
        lab.set_machine("sys-3", "board-3", "disk-3")
        lab.start()
        waiting = parked_as_copy(lab, "HD2")
        assert adopt(lab).returncode != 0, "adopted under a running hoadond"
        lab.stop()
        old = adopt(lab)
        assert old.returncode == 78 and b"AA" in old.stderr, old
        half = adopt(lab, suffix="AB")
        assert half.returncode == 78 and b"001" in half.stderr, half
        done = adopt(lab, suffix="AB", prefix=3)
        assert done.returncode == 0, done
        answer = json.loads(done.stdout)
        assert answer["epoch"] == 2 and answer["ends"] == [{"form": 1, "serial": "C26MAA", "last_number": 1}], answer
        lab.start()
        lab.hoadon("sale", "issue", waiting)
        lab.wait_accepted(2)
        row = lab.sql("SELECT serial, number, code FROM invoice ORDER BY id DESC LIMIT 1")[0]
        assert row == ("C26MAB", 1, "M1-26-VD7K2-00300000001"), row
        assert issued(lab, "HD1")["invoice"] == first["invoice"], "an old bill has another answer"
        assert held(lab)[1] is None
        assert lab.hoadon("audit", "verify", check=False).returncode == 0
        lab.stop()
        lab.shape.update(suffix="AA")  # somebody puts the old configuration back
        lab.write_config()
        lab.start(wait=False)
        assert lab.agent.wait(labs.PATIENCE) == 78, lab.log()[-500:]
        return 10


def an_old_copy_is_noticed_by_the_authority():
    with shop() as lab:
        issued(lab, "HD1")
        lab.wait_accepted(1)
        lab.stop()
        take_copy(lab, "yesterday")
        lab.start()
        issued(lab, "HD2")
        lab.wait_accepted(2)
        lab.stop()
        put_copy(lab, "yesterday")  # the same disk, the same machine
        lab.start()
        assert issued(lab, "HD3")["invoice"]["number"] == "2"
        lab.wait(lambda: lab.sql("SELECT count(*) FROM task WHERE kind = 'duplicate-unproven'")[0][0] == 1, "the authority's word")
        waiting = [parked_as_copy(lab, "HD4")]
        lab.kill()
        lab.start()
        waiting.append(parked_as_copy(lab, "HD5"))
        assert held(lab) == (4, "behind"), held(lab)
        lab.stop()
        assert adopt(lab, suffix="AB", prefix=2).returncode == 0
        lab.start()
        for sale in waiting:
            lab.hoadon("sale", "issue", sale)
        lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE serial = 'C26MAB' AND state = 'accepted'")[0][0] == 2, "two invoices of the new serial")
        assert held(lab)[1] is None, "the old number holds the new epoch"
        twice = lab.books("SELECT count(*) FROM (SELECT 1 FROM invoice WHERE state = 'accepted' GROUP BY code HAVING count(*) > 1)")[0][0]
        assert twice == 0
        return 7


CASES = [a_store_on_another_machine_takes_no_number, system_or_board_may_change_alone, a_copy_sends_nothing,
         an_adopted_store_goes_on_under_a_new_serial, an_old_copy_is_noticed_by_the_authority]


labs.run_cases(CASES)
