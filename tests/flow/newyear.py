"""Time: New Year 2027, a clock that jumps, a dead battery, a clock nobody vouches for, and the rehearsal of the night on a copy."""
import copy
import glob
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
MINUTE, HOUR, DAY = 60000, 3600000, 86400000
NEW_YEAR = 1798736400000  # 2027-01-01T00:00:00+07:00


def local(ms):
    import datetime
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone(datetime.timedelta(hours=7))).isoformat(timespec="seconds")


def sell(lab, bill, at, rate="8"):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, sold_at=local(at))
    for line in body["lines"]:
        line["vat_rate"] = rate
    return lab.sell(body)


def issued(lab, bill, at, rate="8"):
    status, body, _ = sell(lab, bill, at, rate)
    assert status == 201, f"{bill}: {status} {body}"
    return body["invoice"]


def held(lab, bill, at, code):
    status, body, _ = sell(lab, bill, at)
    assert status == 202 and body["problem"]["code"] == code and body["invoice"] is None, f"{bill}: {status} {body}"


def doubted(ms, mono=0):
    """A test clock at `ms` that nobody vouches for; the monotonic clock is the machine's, or `mono` apart from it."""
    return f"{labs.clock_at(ms)} {mono:+d} ?"


def right_again(lab, clock):
    """The clock of the start, which went on; now nobody vouches for it."""
    lab.set_clock(f"{clock} +0 ?")


def row(lab, number, serial="C26MAA"):
    return lab.sql("SELECT issued_at, time_state FROM invoice WHERE serial = ? AND number = ?", serial, number)[0]


def clock_of(lab):
    result = lab.hoadon("status", "--json", check=False)
    body = json.loads(result.stdout)
    return result.returncode, body["clock"]["state"], "clock" in body["reasons"]


def is_near(a, b):
    """Hours apart is another time; minutes is a slow machine."""
    assert abs(a - b) < 10 * MINUTE, f"{local(a)} is not near {local(b)}"


def wait_known(lab):
    lab.wait(lambda: lab.sql("SELECT boot FROM believed_time")[0][0], "the time to be kept")


def wait_issued(lab, count):
    lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice")[0][0] == count, f"{count} invoices")


# ---- the night ----

def the_first_sale_of_2027_begins_the_new_serial():
    with labs.Lab(clock=labs.clock_at(NEW_YEAR - 20 * MINUTE)) as lab:
        lab.start()
        old = issued(lab, "HD1", NEW_YEAR - 21 * MINUTE)
        lab.set_clock(labs.clock_at(NEW_YEAR + 4000))
        first = issued(lab, "HD2", NEW_YEAR + 1000, "10")
        late = issued(lab, "HD3", NEW_YEAR - 10000, "8")
        status, body, _ = sell(lab, "HD4", NEW_YEAR + 1000, "8")
        assert status == 202 and body["problem"]["code"] == "rate.class", f"{status} {body}"
        assert (old["serial"], old["number"], old["code"][:5]) == ("C26MAA", "1", "M1-26"), old
        assert (first["serial"], first["number"], first["code"]) == ("C27MAA", "1", "M1-27-VD7K2-00100000002"), first
        assert (late["serial"], late["number"], late["code"]) == ("C27MAA", "2", "M1-27-VD7K2-00100000003"), late
        xml = [lab.hoadon("invoice", "xml", f"1C27MAA/{n}").stdout.decode() for n in (1, 2)]
        assert "<NLap>2027-01-01</NLap>" in xml[0] and "<TSuat>10%</TSuat>" in xml[0] and "<TSuat>8%</TSuat>" not in xml[0], xml[0]
        assert "<NLap>2027-01-01</NLap>" in xml[1] and "<TSuat>8%</TSuat>" in xml[1], xml[1]
        lab.wait_accepted(3)
        theirs = lab.books("SELECT serial, number FROM invoice WHERE state = 'accepted' ORDER BY 1, 2")
        assert theirs == [("C26MAA", 1), ("C27MAA", 1), ("C27MAA", 2)], theirs
        lab.hoadon("fsck")
    return 12


# ---- clocks ----

def a_clock_a_day_ahead_moves_no_invoice():
    clock = labs.clock_at(labs.NOON)
    with labs.Lab(clock=clock + " +0", authority_clock=clock) as lab:
        lab.start()
        issued(lab, "HD1", labs.NOON)
        wait_known(lab)
        assert clock_of(lab)[1:] == ("proven", False)
        lab.set_clock(doubted(labs.NOON + DAY))
        issued(lab, "HD2", labs.NOON)
        assert clock_of(lab) == (3, "ahead", True), clock_of(lab)
        at, state = row(lab, 2)
        is_near(at, labs.NOON)
        assert state == "ahead"
        assert lab.sql("SELECT count(*) FROM ledger WHERE event = 'clock-jump'")[0][0] == 1
        right_again(lab, clock)
        issued(lab, "HD3", labs.NOON)
        assert row(lab, 3)[1] == "proven" and clock_of(lab)[1:] == ("proven", False)
        lab.wait_accepted(3)
        return lab.check_books() + 8


def a_clock_a_day_back_holds_and_goes_on():
    clock = labs.clock_at(labs.NOON)
    with labs.Lab(clock=clock + " +0", authority_clock=clock) as lab:
        lab.start()
        issued(lab, "HD1", labs.NOON)
        wait_known(lab)
        lab.set_clock(doubted(labs.NOON - DAY))
        held(lab, "HD2", labs.NOON, "clock.back")
        assert clock_of(lab) == (4, "behind", True), clock_of(lab)
        right_again(lab, clock)
        wait_issued(lab, 2)
        assert row(lab, 2)[1] == "proven"
        lab.wait_accepted(2)
        return lab.check_books() + 4


def the_date_of_an_answer_proves_a_jump():
    true = labs.NOON + DAY
    with labs.Lab(clock=labs.clock_at(labs.NOON) + " +0", authority_clock=labs.clock_at(true)) as lab:
        lab.start()
        wait_known(lab)
        lab.set_clock(doubted(true))
        issued(lab, "HD1", labs.NOON)
        assert row(lab, 1)[1] == "ahead"
        lab.wait(lambda: lab.sql("SELECT count(*) FROM ledger WHERE event = 'clock-jump'")[0][0] == 2, "the Date of an answer")
        issued(lab, "HD2", true)
        at, state = row(lab, 2)
        is_near(at, true)
        assert state == "proven"
    return 5


def a_dead_battery_holds_until_the_clock_is_set():
    true = labs.NOON + 3 * HOUR  # the sale is later than anything that this clock can know
    with labs.Lab(clock=labs.clock_at(labs.NOON) + " +0", authority_clock=labs.clock_at(labs.NOON)) as lab:
        lab.start()
        issued(lab, "HD1", labs.NOON)
        wait_known(lab)
        lab.wait_accepted(1)
        lab.stop()
        lab.set_clock(labs.clock_at(true), lab.authority_clock_file)
        lab.set_clock(doubted(1000, -10 * MINUTE))
        lab.start()
        held(lab, "HD2", true, "clock.back")
        assert clock_of(lab) == (4, "behind", True), clock_of(lab)
        text = lab.hoadon("status", "--lang", "vi", check=False).stdout.decode()
        assert "đồng hồ máy bị chậm" in text, text
        assert "clock is behind" in lab.hoadon("status", "--lang", "en", check=False).stdout.decode()
        lab.set_clock(doubted(true, -10 * MINUTE))
        wait_issued(lab, 2)
        at, state = row(lab, 2)
        is_near(at, true)
        assert state == "unproven"
        lab.wait(lambda: clock_of(lab)[1] == "proven", "the Date of an answer")
        lab.wait_accepted(2)
        return lab.check_books() + 7


def an_unproven_new_year_waits_for_a_person():
    with labs.Lab(clock=labs.clock_at(NEW_YEAR - HOUR) + " +0", authority=False) as lab:
        lab.start()
        issued(lab, "HD1", NEW_YEAR - HOUR)
        wait_known(lab)
        lab.stop()
        lab.set_clock(doubted(NEW_YEAR + HOUR, -10 * MINUTE))
        lab.start()
        status, body, _ = sell(lab, "HD2", NEW_YEAR + HOUR, "10")
        assert status == 202 and body["problem"]["code"] == "clock.unproven", body
        assert clock_of(lab) == (4, "new-year", True), clock_of(lab)
        assert lab.hoadon("clock", "confirm", check=False).returncode == 2
        lab.hoadon("clock", "confirm", "--reason", "so với điện thoại")
        wait_issued(lab, 2)
        assert row(lab, 1, "C27MAA")[1] == "proven"
        lab.hoadon("fsck")
    return 6


def an_unproven_future_costs_a_suffix_at_worst():
    clock = labs.clock_at(labs.NOON)
    with labs.Lab(clock=doubted(labs.NOON + 3 * DAY), authority_clock=clock) as lab:
        lab.start()
        issued(lab, "HD1", labs.NOON)
        assert row(lab, 1)[1] == "unproven"
        lab.wait(lambda: lab.sql("SELECT is_proven FROM believed_time")[0][0] == 1, "the Date of an answer")
        right_again(lab, clock)
        held(lab, "HD2", labs.NOON, "clock.back")
        assert clock_of(lab) == (4, "proven", True), clock_of(lab)
        assert "suffix" in lab.hoadon("status", "--lang", "vi", check=False).stdout.decode()
        lab.stop()
        lab.shape["suffix"] = "AB"
        lab.write_config()
        lab.start()
        wait_issued(lab, 2)
        at, state = row(lab, 1, "C26MAB")
        is_near(at, labs.NOON)
        assert state == "proven"
        lab.hoadon("fsck")
    return 8


# ---- the rehearsal ----

def hashes(lab):
    return {path: hashlib.sha256(open(path, "rb").read()).hexdigest() for path in sorted(glob.glob(f"{lab.dir}/store/*")) if not path.endswith("-shm")}


def rehearse(lab, *args, code=0):
    before, others = hashes(lab), labs.rehearsals()
    result = lab.hoadon("simulate", "rollover", *args, check=False)
    assert result.returncode == code, f"{result.returncode} {result.stdout.decode()} {result.stderr.decode()}"
    after = hashes(lab)
    assert {p: h for p, h in after.items() if p in before} == before, "the original was changed"
    assert all(os.path.getsize(p) == 0 for p in after if p not in before), f"new files: {set(after) - set(before)}"
    labs.wait_rehearsals_over(others)
    return result.stdout.decode()


def the_rehearsal_leaves_the_original_untouched():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        lab.start()
        issued(lab, "HD1", labs.NOON)
        issued(lab, "HD2", labs.NOON)
        lab.wait_accepted(2)
        lab.stop()
        body = json.loads(rehearse(lab, "--json"))
        assert (body["year"], body["is_ready"], body["old_serial"], body["old_number"]) == (2027, True, "C26MAA", "2"), body
        assert (body["old_rate"], body["new_rate"], body["missing"]) == ("8", "10", []), body
        told = [(b["what"], b["serial"], b["number"], b["code"], b["vat_rate"], b["problem"]) for b in body["bills"]]
        assert told == [("paid-before", "C27MAA", "1", "M1-27-VD7K2-00100000003", "8", None),
                        ("first", "C27MAA", "2", "M1-27-VD7K2-00100000004", "10", None),
                        ("old-rate", None, "0", None, "8", "rate.class")], told
        assert "SẴN SÀNG" in rehearse(lab, "--lang", "vi") and "READY" in rehearse(lab, "--lang", "en")
        lab.start()
        lab.wait(lambda: lab.sql("SELECT (SELECT max(size) FROM checkpoint) = (SELECT max(seq) FROM ledger)")[0][0], "what hoadond itself writes after a start")
        assert json.loads(rehearse(lab, "--json"))["is_ready"]
        first = issued(lab, "HD3", labs.NOON)
        assert (first["serial"], first["number"], first["code"]) == ("C26MAA", "3", "M1-26-VD7K2-00100000003"), first
        lab.wait_accepted(3)
        return lab.check_books() + 20


def the_rehearsal_names_what_is_missing():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        lab.start()
        lab.stop()
        conf = f"{lab.dir}/conf/hoadon.conf"
        text = open(conf, encoding="utf-8").read()
        with open(conf, "w", encoding="utf-8") as f:
            f.write(re.sub("suffix = AA\n", "", text))
        body = json.loads(rehearse(lab, "--json", code=1))
        assert any("serial.suffix" in line for line in body["missing"]) and not body["is_ready"], body
        assert "serial.suffix" in rehearse(lab, "--lang", "vi", code=1)
    return 4


def main():
    report = labs.Report()
    for case in (the_first_sale_of_2027_begins_the_new_serial, a_clock_a_day_ahead_moves_no_invoice, a_clock_a_day_back_holds_and_goes_on,
                 the_date_of_an_answer_proves_a_jump, a_dead_battery_holds_until_the_clock_is_set, an_unproven_new_year_waits_for_a_person,
                 an_unproven_future_costs_a_suffix_at_worst,
                 the_rehearsal_leaves_the_original_untouched, the_rehearsal_names_what_is_missing):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
