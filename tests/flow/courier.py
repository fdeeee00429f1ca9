"""The courier: what was sold without a line leaves on a stick, is delivered from another machine, and its verdicts come back (schemas/store/COURIER.md)."""
import hashlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from courier_trip import Trip  # noqa: E402


def sold_without_a_line(lab, *bills):
    lab.start()
    lab.stop_authority()
    return lab.sell_bills(*bills)


def states(lab):
    return dict(lab.sql("SELECT state, count(*) FROM message GROUP BY 1"))


def open_with_openssl(trip, name):
    """The envelope by the openssl program: a line of JSON, and the bytes that the store holds the digest of."""
    key = f"{trip.station}/courier.pem"
    plain = subprocess.run(["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", f"{trip.stick}/{name}", "-recip", key, "-inkey", key],
                           capture_output=True, check=True).stdout
    head, _, message = plain.partition(b"\n")
    return json.loads(head), message


def a_stick_is_taken_there_and_back():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        told = sold_without_a_line(lab, "A1", "A2", "A3")
        trip = Trip(lab)
        _, first, _ = trip.export()
        assert first["invoices"] == 3 and first["written"] == first["messages"] == len(trip.files(".message")), first
        assert states(lab) == {"unknown": first["messages"]}, states(lab)
        status = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert f"{first['messages']} thông điệp đang trên USB" in status, status
        before, rows = trip.digests(), lab.sql("SELECT id, state, attempts, is_absent FROM message")
        _, again, _ = trip.export()
        assert again["written"] == 0 and trip.digests() == before and lab.sql("SELECT id, state, attempts, is_absent FROM message") == rows
        for name in trip.files():
            data = open(f"{trip.stick}/{name}", "rb").read()
            for secret in (b"TDiep", b"9900000016", b"sandbox", b"C26MAA"):
                assert secret not in data, f"{name} holds {secret}"
        head, message = open_with_openssl(trip, trip.files(".message")[0])
        digest, = lab.sql("SELECT hex(digest) FROM message WHERE message_id = ?", head["message_id"])[0]
        assert hashlib.sha256(message).hexdigest().upper() == digest and head["may_submit"] and not head["was_sent"], head
        assert trip.deliver() == (0, ["verdict"] * first["messages"])
        before = trip.digests()
        assert trip.deliver() == (0, ["verdict"] * first["messages"]) and trip.digests() == before
        assert lab.sql("SELECT count(*) FROM invoice WHERE state = 'accepted'") == [(0,)]
        _, came, _ = trip.import_back()
        assert came == {"schema_version": 1, "new": first["messages"], "known": 0, "without_verdict": 0, "foreign": 0}, came
        assert lab.sql("SELECT count(*) FROM invoice WHERE state = 'accepted'") == [(3,)]
        verdicts = lab.sql("SELECT count(*) FROM verdict")
        _, came, _ = trip.import_back()
        assert came["new"] == 0 and came["known"] == first["messages"] and lab.sql("SELECT count(*) FROM verdict") == verdicts, came
        assert trip.export()[1]["messages"] == 0 and "trên USB" not in lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        lab.hoadon("audit", "export", f"{lab.dir}/ledger.jsonl")
        ledger = open(f"{lab.dir}/ledger.jsonl", encoding="utf-8").read()
        assert ledger.count('"event":"carried"') == 2 * first["messages"] and ledger.count('"by":"courier"') == first["messages"]
        lab.start_authority()
        told += lab.sell_bills("A4")
        lab.wait_accepted(4)
        return 18 + lab.check_books(told)


def the_line_comes_back_before_the_courier_arrives():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        told = sold_without_a_line(lab, "B1", "B2")
        trip = Trip(lab)
        trip.export()
        lab.start_authority()
        lab.wait_accepted(2)
        rows = lab.sql("SELECT * FROM message ORDER BY id")
        code, outcomes = trip.send()
        assert code == 0 and set(outcomes) == {"verdict"}, outcomes
        trip.import_back()
        assert lab.sql("SELECT * FROM message ORDER BY id") == rows
        return 3 + lab.check_books(told)


def the_stick_is_delivered_and_never_comes_back():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        told = sold_without_a_line(lab, "C1", "C2")
        trip = Trip(lab)
        trip.export()
        assert trip.deliver()[0] == 0
        sent = lab.books("SELECT count(*) FROM message")
        lab.start_authority()
        lab.wait_accepted(2)
        assert lab.books("SELECT count(*) FROM message") == sent, "it was sent again, though it could be asked for"
        return 2 + lab.check_books(told)


def an_answer_is_lost_and_an_invoice_refused_on_the_way():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        told = sold_without_a_line(lab, "D1", "D2", "D3")
        trip = Trip(lab)
        result = trip.at_station("send", trip.stick, check=False)
        assert result.returncode == 1 and b"courier export" in result.stderr, "an empty stick has nothing to send"
        code, _, text = trip.import_back(check=False)
        assert code == 1 and text.count("hoadon:") == 1, f"one reason, one sentence: {text}"
        trip.export()
        code, outcomes = trip.send(check=False, wait=0)
        assert code == 1 and outcomes[0] == "unreachable" and set(outcomes[1:]) <= {"waiting"}, outcomes
        assert not trip.files(".answer"), "what never left is marked as sent"
        lab.stop()
        lab.start_authority()
        lab.control("fault drop-after", "fault refuse-number 2")
        code, outcomes = trip.send(check=False, wait=0)
        assert code == 1 and outcomes[0] == "unknown" and trip.files(".answer"), "whoever comes next has to know that it left"
        code, outcomes = trip.send()
        assert code == 0 and set(outcomes) == {"verdict"}, outcomes
        lab.stop_authority()
        lab.start()
        trip.import_back()
        assert dict(lab.sql("SELECT state, count(*) FROM invoice GROUP BY 1")) == {"accepted": 2, "refused": 1}
        task, = lab.sql("SELECT id FROM task")
        lab.start_authority()
        lab.hoadon("task", "reissue", str(task[0]))
        lab.wait_accepted(3)
        return 9 + lab.check_books([a for a in told if a["invoice"]["number"] != "2"])


def what_was_changed_or_is_for_others_is_left_alone():
    with labs.Lab(clock=labs.clock_at(labs.NOON), extra="max_invoices = 1") as lab:
        told = sold_without_a_line(lab, "E1", "E2", "E3")
        trip = Trip(lab)
        assert trip.export()[1]["messages"] == 3
        first, second, third = (m["name"] for m in json.load(open(f"{trip.stick}/manifest.json"))["messages"])
        lab.run("hoadon", "--config", lab.dir, "courier", "key", f"{lab.dir}/other.crt")
        result = lab.run("hoadon", "--config", lab.dir, "courier", "send", trip.stick, "--json", "--wait", "0", check=False)
        assert result.returncode == 6 and [m["outcome"] for m in json.loads(result.stdout)["messages"]] == ["foreign"] * 3, result
        trip.spoil(f"{second}.message")
        assert trip.deliver(check=False) == (6, ["verdict", "foreign", "verdict"])
        trip.spoil(f"{third}.answer")
        os.rename(f"{trip.stick}/{first}.answer", f"{trip.stick}/{second}.answer")
        code, came, _ = trip.import_back(check=False)
        assert code == 6 and came["foreign"] == 1 and came["new"] == 1, (code, came)
        assert lab.sql("SELECT number FROM invoice WHERE state = 'accepted'") == [(1,)], "the answer names its message itself"
        manifest = open(f"{trip.stick}/manifest.json").read()
        open(f"{trip.stick}/manifest.json", "w").write(manifest.replace(first, "../../../../../../etc/shadow-abc"))
        assert trip.import_back(check=False)[0] == 1, "a name that leads out of the folder"
        open(f"{trip.stick}/manifest.json", "w").write(manifest)
        _, out, _ = trip.export()
        assert out["written"] == 1 and out["messages"] == 2, out
        assert trip.deliver() == (0, ["verdict"] * 3)
        assert trip.import_back()[1]["foreign"] == 0
        assert lab.sql("SELECT count(*) FROM invoice WHERE state = 'accepted'") == [(3,)]
        return 11 + lab.check_books(told)


def a_copy_gives_nothing_to_a_courier():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        lab.set_machine("a", "a", "a")
        told = sold_without_a_line(lab, "F1")
        lab.stop()
        lab.set_machine("b", "b", "b")
        lab.start()
        trip = Trip(lab)
        code, _, text = trip.export(check=False)
        assert code == 1 and ("copy" in text or "bản sao" in text) and text.count("hoadon:") == 1, (code, text)
        assert not trip.files()
        return 2 + len(told)


def main():
    report = labs.Report()
    for case in (a_stick_is_taken_there_and_back, the_line_comes_back_before_the_courier_arrives, the_stick_is_delivered_and_never_comes_back,
                 an_answer_is_lost_and_an_invoice_refused_on_the_way, what_was_changed_or_is_for_others_is_left_alone, a_copy_gives_nothing_to_a_courier):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
