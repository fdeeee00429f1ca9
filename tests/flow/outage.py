"""Whose outage is it (law R-OUT-1 to 7): each is one interval with its cause, in the ledger, and makes a dossier."""
import contextlib
import datetime
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

MINUTE = 60000


def at(minutes):
    return labs.clock_at(labs.NOON + int(minutes * MINUTE))


def outages(lab):
    return json.loads(lab.hoadon("outage", "list", "--json").stdout)["outages"]


def minutes_of(text):
    return (datetime.datetime.fromisoformat(text).timestamp() * 1000 - labs.NOON) / MINUTE


def wait_open(lab, cause, what="the outage to be seen"):
    lab.wait(lambda: [o for o in outages(lab) if o["cause"] == cause and not o["ended_at"]], what)
    return outages(lab)[0]


def edit(lab, old, new):
    path = f"{lab.dir}/conf/hoadon.conf"
    text = open(path, encoding="utf-8").read()
    assert old in text, old
    open(path, "w", encoding="utf-8").write(text.replace(old, new))


def ledger(lab, event):
    path = f"{lab.dir}/ledger.jsonl"
    lab.hoadon("audit", "export", path)
    return sum(f'"event":"{event}"' in line.replace('\\"', '"') for line in open(path, encoding="utf-8"))


def the_provider_is_away_and_the_agent_restarts_meanwhile():
    with labs.Lab(clock=at(0)) as lab:
        lab.start()
        told = lab.sell_bills("A1")
        lab.wait_accepted(1)
        lab.stop_authority()
        told += lab.sell_bills("A2", "A3")
        lab.wait(lambda: "event=route route=tvan state=unreachable" in lab.log(), "the route to fail")
        lab.wait(lambda: "Đường gửi: tạm nghỉ sau khi gọi không được" in lab.hoadon("--lang", "vi", "status", check=False).stdout.decode(), "the pause to be told")
        lab.set_clock(at(0.5))
        tries = lab.log().count("event=message-sent")
        lab.wait(lambda: lab.log().count("event=message-sent") > tries + 1, "another try")
        assert outages(lab) == [], "half a minute is no outage"
        lab.set_clock(at(5))
        one = wait_open(lab, "tvan")
        assert one["part"] == "route tvan" and 0 <= minutes_of(one["begun_at"]) < 4 and not one["is_own_fault"], one
        status = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Nhà cung cấp (T-VAN) không hoạt động từ 22/11/2026 13:0" in status, status
        lab.stop()
        lab.set_clock(at(20))
        lab.start()
        lab.set_clock(at(30))
        lab.wait(lambda: lab.log().count("state=unreachable") >= 2, "the route to fail again")
        lab.start_authority()
        lab.set_clock(at(32))
        lab.wait_accepted(3)
        lab.wait(lambda: all(o["ended_at"] for o in outages(lab)), "the outage to end")
        one, = outages(lab)
        assert 30 <= minutes_of(one["ended_at"]) < 40, one
        # Sunday 22/11/2026: three working days end on Wednesday.
        assert one["deadline"] == "2026-11-25T23:59:59+07:00", one
        told += lab.sell_bills("A4")
        lab.wait_accepted(4)
        lab.hoadon("outage", "export", one["id"], f"{lab.dir}/dossier.txt")
        text = open(f"{lab.dir}/dossier.txt", encoding="utf-8").read()
        numbers = re.findall(r"^\d+\t1C26MAA\t(\d+)\tM1-26-", text, re.M)
        assert numbers == ["2", "3"], text
        assert "Nhà cung cấp (T-VAN) không hoạt động" in text and "9900000016" in text, text
        assert ledger(lab, "outage-begun") == 1 and ledger(lab, "outage-ended") == 1
        lab.hoadon("audit", "verify")
        return 14 + lab.check_books(told)


def provider_is_out(lab, bill):
    lab.stop_authority()
    told = lab.sell_bills(bill)
    lab.wait(lambda: "event=route route=tvan state=unreachable" in lab.log(), "the route to fail")
    lab.set_clock(at(5))
    wait_open(lab, "tvan")
    return told


def one_that_is_over_while_the_agent_is_down_ends():
    with labs.Lab(clock=at(0)) as lab:
        lab.start()
        told = provider_is_out(lab, "C1")
        lab.stop()
        lab.start_authority()
        lab.set_clock(at(60))
        lab.start()
        lab.wait_accepted(1)
        lab.wait(lambda: all(o["ended_at"] for o in outages(lab)), "the outage to end")
        one, = outages(lab)
        assert 60 <= minutes_of(one["ended_at"]) < 70, one
        return 2 + lab.check_books(told)


def another_cause_is_another_outage():
    with labs.Lab(clock=at(0)) as lab:
        lab.start()
        told = provider_is_out(lab, "D1")
        with socket.create_server(("localhost", lab.port)) as plain:  # it takes connections and speaks no TLS
            plain.settimeout(labs.PATIENCE)
            for minute in (10, 12, 14):
                lab.set_clock(at(minute))
                connection, _ = plain.accept()
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.close()
            wait_open(lab, "tls")
        lab.start_authority()
        lab.wait_accepted(1)  # before the clock moves: what fails until it listens is no outage of minutes
        lab.wait(lambda: all(o["ended_at"] for o in outages(lab)), "the outages to end")
        second, first = outages(lab)
        assert (first["cause"], second["cause"]) == ("tvan", "tls"), (first, second)
        assert minutes_of(first["begun_at"]) < 4 and 10 <= minutes_of(first["ended_at"]) < 13, first
        assert second["begun_at"] == first["ended_at"] and 14 <= minutes_of(second["ended_at"]) < 20, second
        assert second["failures"] > first["failures"], (first, second)
        return 8 + lab.check_books(told)


def dossier(lab, outage):
    lab.hoadon("outage", "export", outage, f"{lab.dir}/dossier.txt")
    return open(f"{lab.dir}/dossier.txt", encoding="utf-8").read()


def refused(lab, *args):
    result = lab.hoadon("--lang", "en", "outage", "note", *args, check=False)
    assert result.returncode, args
    return result.stderr.decode()


def what_persons_note_stands_beside_our_evidence():
    with labs.Lab(clock=at(0)) as lab:
        lab.start()
        told = provider_is_out(lab, "E1")
        assert "there is no outage 9" in refused(lab, "9", "x")
        status, answer, _ = lab.call("POST", "/api/v1/outages/9/notes", {"kind": "words", "said_on": "2026-11-22", "text": "x"})
        assert status == 404, answer
        assert "one of TEXT" in refused(lab, "1") and "one of TEXT" in refused(lab, "1", "x", "--ticket", "77")
        assert "day of the announcement" in refused(lab, "1", "--back", "x")
        assert "outage.note" in refused(lab, "1", "--back", "x", "--at", "23/11/2026"), "tomorrow"
        assert "outage.note" in refused(lab, "1", "--back", "x", "--at", "21/11/2026"), "before it began"
        bodies = ({"kind": "rumour"}, {"said_on": "2026-02-30"}, {"text": ""}, {"text": "x" * 2001}, {"text": 7})
        for change in bodies:
            status, answer, _ = lab.call("POST", "/api/v1/outages/1/notes", {"kind": "words", "said_on": "2026-11-22", "text": "x", **change})
            assert status == 422 and answer["code"] == "outage.note", f"{change}: {status} {answer}"
        assert outages(lab)[0]["notes"] == [], outages(lab)
        lab.hoadon("outage", "note", "1", "--ticket", "T-VAN tiếp nhận lúc 09:10,\nphiếu 77")
        lab.hoadon("outage", "note", "1", "--announcement", "Bảo trì, https://cuc-thue.example/tb-1", "--at", "20/11/2026")
        said = lab.hoadon("--lang", "vi", "outage", "note", "1", "--back", "Hết bảo trì", "--at", "2026-11-22").stdout.decode()
        assert "Đã ghi" in said and "Hạn" not in said, "the term of clause 5 counts from the end"
        lab.hoadon("outage", "note", "1", "đã gọi tổng đài")
        notes = [(n["kind"], n["said_on"], n["text"]) for n in outages(lab)[0]["notes"]]
        assert notes == [("ticket", "2026-11-22", "T-VAN tiếp nhận lúc 09:10, phiếu 77"), ("announcement", "2026-11-20", "Bảo trì, https://cuc-thue.example/tb-1"),
                         ("back", "2026-11-22", "Hết bảo trì"), ("words", "2026-11-22", "đã gọi tổng đài")], notes
        listed = lab.hoadon("--lang", "en", "outage", "list").stdout.decode()
        assert "     22/11/2026 Ticket of the provider: T-VAN tiếp nhận lúc 09:10, phiếu 77\n" in listed, listed
        text = dossier(lab, "1")
        assert "Ghi nhận:\t20/11/2026 Thông báo của cơ quan thuế: Bảo trì, https://cuc-thue.example/tb-1\n" in text, text
        assert ledger(lab, "outage-note") == 4 and "phiếu 77" not in open(f"{lab.dir}/ledger.jsonl", encoding="utf-8").read()
        verified = subprocess.run([sys.executable, f"{labs.TOP}/tests/verify.py", f"{lab.dir}/ledger.jsonl"], capture_output=True)
        assert verified.returncode in (0, 3), verified
        lab.start_authority()
        lab.set_clock(at(20))
        lab.wait_accepted(1)
        lab.wait(lambda: all(o["ended_at"] for o in outages(lab)), "the outage to end")
        assert outages(lab)[0]["deadline"] == "2026-11-25T23:59:59+07:00" and len(outages(lab)[0]["notes"]) == 4, outages(lab)
        return 20 + lab.check_books(told)


def deadline(lab, which):
    """Of one outage: a simulator that starts slowly may be another one."""
    return [o["deadline"] for o in outages(lab) if o["id"] == which][0]


def what_the_authority_could_not_take_is_due_from_its_announcement():
    """Law R-OUT-4: from the announcement, not from our first success."""
    with labs.Lab(clock=at(0), knobs=("answer_delay_ms=3600000",)) as lab:
        lab.start()
        told = lab.sell_bills("F1")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM message WHERE state = 'sent'")[0][0] == 1, "the message to be taken")
        lab.set_clock(at(20))
        one = wait_open(lab, "authority")
        lab.stop_authority()
        with contextlib.closing(sqlite3.connect(f"{lab.dir}/authority/books.db")) as books, books:
            books.execute("UPDATE message SET due_ms = 0")
        lab.start_authority()
        lab.set_clock(at(60))
        lab.wait_accepted(1)
        lab.set_clock(at(62))
        lab.wait(lambda: all(o["ended_at"] for o in outages(lab)), "the outage to end")
        assert deadline(lab, one["id"]) is None, outages(lab)
        assert "Hạn gửi:\tchờ thông báo hoạt động trở lại" in dossier(lab, one["id"])
        lab.set_clock(at(2 * 24 * 60))
        note = ("outage", "note", one["id"])
        lab.hoadon(*note, "--announcement", "https://cuc-thue.example/tb-2", "--at", "22/11/2026")
        assert deadline(lab, one["id"]) is None, "an announcement of the outage starts no term"
        said = lab.hoadon("--lang", "en", *note, "--back", "https://cuc-thue.example/tb-3", "--at", "23/11/2026").stdout.decode()
        assert "is to be sent until 25/11/2026 23:59:59" in said, said
        assert deadline(lab, one["id"]) == "2026-11-25T23:59:59+07:00", outages(lab)
        assert "Hạn gửi:\t25/11/2026 23:59:59\n" in dossier(lab, one["id"])
        return 7 + lab.check_books(told)


def each_cause_has_its_name():
    checks = 0
    cases = (
        ("url = https://localhost:", "url = https://khong-co.invalid:", "dns" if labs.has_way_out() else "network", "route tvan"),
        ("ca_file = {dir}/authority/ca.crt.pem", "ca_file = {dir}/authority/seller-9900000016.crt.pem", "tls", "route tvan"),
        ("seller-9900000016.p12", "nowhere.p12", "key", "key"),
    )
    for old, new, cause, part in cases:
        with labs.Lab(clock=at(0)) as lab:
            edit(lab, old.format(dir=lab.dir), new.format(dir=lab.dir))
            lab.start()
            lab.sell_bills("B1")
            if part != "key":
                lab.wait(lambda: "event=route route=tvan state=unreachable" in lab.log(), "the route to fail")
            else:
                lab.wait(lambda: "event=key-not-open" in lab.log(), "the key to be missed")
            lab.set_clock(at(3))
            one = wait_open(lab, cause, f"an outage of cause {cause}: {outages(lab)}")
            assert one["part"] == part and one["is_own_fault"] == (cause == "key"), one
            assert len(outages(lab)) == 1, outages(lab)
            checks += 3
    return checks


def what_cannot_be_read_at_the_start_stops_no_sale():
    """The password of a route, whom its answers and its server must chain to, and the password of the mail; each is taken when it can be read."""
    mail = "[alarm]\nmail_url = smtp://127.0.0.1:9\nmail_from = a@shop.example\nmail_to = b@shop.example\nmail_user = a\nmail_password_file = {dir}/conf/nowhere"
    with labs.Lab(clock=at(0), extra=mail) as lab:
        edit(lab, f"user = tvan\npassword_file = {lab.dir}/conf/password", f"user = tvan\npassword_file = {lab.dir}/conf/route")
        edit(lab, f"anchors_file = {lab.dir}/authority/ca.crt.pem", f"anchors_file = {lab.dir}/conf/anchors")
        edit(lab, f"ca_file = {lab.dir}/authority/ca.crt.pem", f"ca_file = {lab.dir}/conf/ca")
        lab.start()
        told = lab.sell_bills("G1")
        lab.wait(lambda: lab.call("GET", "/health/ready")[1]["routes"] == "unreadable", "the route to be looked at")
        health = lab.call("GET", "/health/ready")[:2]
        assert health[0] == 200 and health[1]["status"] == "degraded", health
        status = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Không đọc được tệp mật khẩu hoặc chứng thư của [authority]" in status and "hoadon doctor nêu tên tệp" in status, status
        lab.wait(lambda: lab.sql("SELECT count(*) FROM message") == [(1,)], "a message")
        lab.set_clock(at(2))
        one = wait_open(lab, "files")
        assert one["part"] == "route tvan" and one["is_own_fault"] and "conf/route" in one["first"], one
        status = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Không đọc được mật khẩu hoặc chứng thư của đường truyền từ 22/11/2026 13:" in status, status
        for name, source, then in (("route", "conf/password", "conf/anchors"), ("anchors", "authority/ca.crt.pem", "conf/ca"), ("ca", "authority/ca.crt.pem", None)):
            assert "event=message-sent" not in lab.log(), "it was called"
            shutil.copy(f"{lab.dir}/{source}", f"{lab.dir}/conf/{name}")
            lab.wait(lambda: not then or then in lab.log().rpartition("event=route-not-ready")[2], f"{then} to be missed")
        lab.wait_accepted(1)
        lab.wait(lambda: all(o["ended_at"] for o in outages(lab)), "the outage to end")
        assert [o["cause"] for o in outages(lab)] == ["files"] and "event=route-ready" in lab.log(), outages(lab)
        lab.wait(lambda: lab.call("GET", "/health/ready")[1]["routes"] == "ok", "health to say so")
        return 13 + lab.check_books(told)


def main():
    report = labs.Report()
    for case in (the_provider_is_away_and_the_agent_restarts_meanwhile, one_that_is_over_while_the_agent_is_down_ends, another_cause_is_another_outage, each_cause_has_its_name,
                 what_persons_note_stands_beside_our_evidence, what_the_authority_could_not_take_is_due_from_its_announcement, what_cannot_be_read_at_the_start_stops_no_sale):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
