"""Refused is not a dead end (law R-FIX-14): each refused invoice is a task whose one action issues its sale again, and a query proves that none is forgotten."""
import copy
import hashlib
import json
import os
import shutil
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def sale(bill="HD1", till="T01", **change):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id=till, **change)
    return body


def shop(**kw):
    lab = labs.Lab(clock=labs.clock_at(labs.NOON), **kw)
    lab.start()
    return lab


def issued(answer):
    status, body, _ = answer
    assert status == 201, f"{status} {body}"
    return body


def tasks(lab):
    return json.loads(lab.hoadon("task", "list", "--json").stdout)["tasks"]


def reissue(lab, task, body=None):
    return lab.call("POST", f"/api/v1/tasks/{task}/reissue", {} if body is None else body)


def bytes_of(lab, number):
    return hashlib.sha256(lab.hoadon("invoice", "xml", f"1C26MAA/{number}").stdout).hexdigest()


def stranded(lab):
    result = lab.hoadon("audit", "verify", "--json", check=False)
    return result.returncode, json.loads(result.stdout)["stranded_sales"]


def wait_concluded(lab, count):
    lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE state <> 'issued'")[0][0] == count, f"{count} verdicts")
    assert stranded(lab) == (0, []), "a sale is forgotten"


def refused_shop(**kw):
    """One sale whose invoice 1 is refused; the shop and what its till was told."""
    lab = shop(**kw)
    try:
        lab.control("fault refuse-number 1")
        told = issued(lab.sell(sale()))
        wait_concluded(lab, 1)
        return lab, told
    except BaseException:
        lab.close()
        raise


def a_refused_invoice_is_issued_again_under_a_new_number():
    lab, told = refused_shop()
    with lab:
        task, = tasks(lab)
        assert task["kind"] == "refused-invoice" and task["can_reissue"] and task["invoice"]["number"] == "1", task
        status = lab.hoadon("--lang", "vi", "status", check=False)
        assert status.returncode == 3 and "Cơ quan thuế từ chối hóa đơn 1C26MAA/1" in status.stdout.decode(), status.stdout.decode()
        before = bytes_of(lab, 1)
        new = json.loads(lab.hoadon("--json", "task", "reissue", task["id"]).stdout)["answer"]
        assert new["invoice"]["number"] == "2" and new["invoice"]["code"] != told["invoice"]["code"], new
        assert new["reissues"] == {"id": task["invoice"]["id"], "symbol": "1C26MAA", "number": "1"}, new["reissues"]
        lab.wait_accepted(1)
        assert bytes_of(lab, 1) == before and bytes_of(lab, 2) != before
        assert b"TTHDLQuan" not in lab.hoadon("invoice", "xml", "1C26MAA/2").stdout, "the authority does not hold the refused one"
        assert tasks(lab) == [] and lab.hoadon("status").returncode == 0
        roles = lab.sql("SELECT i.number, l.role, l.is_issuing, i.state FROM sale_invoice l JOIN invoice i ON i.id = l.invoice_id ORDER BY 1")
        assert roles == [(1, "issues", 0, "refused"), (2, "reissues", 1, "accepted")], roles
        lab.hoadon("audit", "export", f"{lab.dir}/ledger.jsonl")
        lines = [json.loads(line) for line in open(f"{lab.dir}/ledger.jsonl", encoding="utf-8")]
        records = [line["payload"] for line in lines if line.get("record", {}).get("event") == "reissued"]
        assert records == [{"form": 1, "number": 2, "refused_form": 1, "refused_number": 1, "refused_serial": "C26MAA", "serial": "C26MAA",
                            "task": int(task["id"])}], records
        shown = json.loads(lab.hoadon("--json", "invoice", "show", "1C26MAA/1").stdout)
        assert shown["reissued_as"] == "1C26MAA/2" and shown["reissues"] is None
        assert lab.sql("SELECT count(*) FROM sale")[0][0] == 1 and lab.sql("SELECT count(*) FROM frame")[0][0] == 1
        issued(lab.sell(sale("HD2")))
        lab.wait_accepted(2)
        return 14 + lab.check_books([told, new])


def a_second_click_gets_the_same_invoice():
    lab, _ = refused_shop()
    with lab:
        task = tasks(lab)[0]["id"]
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(reissue(lab, task))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lab.kill()
        lab.start()
        answers.append(reissue(lab, task))
        bodies = [issued(answer) for answer in answers]
        assert len(bodies) == 9 and sum(not b["replay"] for b in bodies) == 1, [b["replay"] for b in bodies]
        assert all(b["invoice"] == bodies[0]["invoice"] and b["reissues"]["number"] == "1" for b in bodies)
        lab.wait_accepted(1)
        assert lab.sql("SELECT count(*) FROM invoice")[0][0] == 2
        return 4 + lab.check_books(bodies)


def a_correction_is_a_revision_and_the_till_keeps_its_word():
    lab, _ = refused_shop()
    with lab:
        task = tasks(lab)[0]["id"]
        said = lab.sql("SELECT digest, bytes FROM frame")
        status, other, _ = reissue(lab, task, sale("HD9"))
        assert status == 422 and other["code"] == "reissue.other_bill" and other["rule"] == "R-FIX-14", other
        assert reissue(lab, task, {"till_id": "T01"})[0] == 422 and reissue(lab, task, b"{")[0] == 400
        assert lab.sql("SELECT count(*) FROM invoice")[0][0] == 1 and len(tasks(lab)) == 1, "a bad correction changed something"
        path = f"{lab.dir}/bill.json"
        text = lab.hoadon("task", "show", task, "--sale").stdout
        with open(path, "w", encoding="utf-8") as f:
            json.dump({**json.loads(text), "note": "khách đổi ý"}, f, ensure_ascii=False)
        corrected = json.load(open(path, encoding="utf-8"))
        new = json.loads(lab.hoadon("--json", "task", "reissue", task, path).stdout)["answer"]
        lab.wait_accepted(1)
        assert lab.sql("SELECT digest, bytes FROM frame WHERE id = 1") == said, "what the till said was overwritten"
        rows = lab.sql("SELECT s.revision, s.state, f.source, l.role, l.is_issuing FROM sale s JOIN frame f ON f.id = s.frame_id "
                       "JOIN sale_invoice l ON l.sale_id = s.id JOIN invoice i ON i.id = l.invoice_id WHERE i.number = 2 ORDER BY 1")
        assert rows == [(1, "issued", "http", "reissues", 1), (2, "issued", "correction", "reissues", 1)], rows
        for body in (sale(), corrected):
            again = issued(lab.sell(body))
            assert again["replay"] and again["invoice"] == new["invoice"], again
        assert issued(reissue(lab, task, corrected))["invoice"] == new["invoice"]
        assert reissue(lab, task, {**corrected, "note": "khác nữa"})[1]["code"] == "task.settled"
        assert lab.sell(sale(note="khác"))[1]["code"] == "sale.duplicate"
        assert lab.call("GET", "/api/v1/sales/T01/HD1")[1]["invoice"] == new["invoice"]
        return 13 + lab.check_books([new])


def a_correction_that_changes_nothing_is_no_revision():
    lab, _ = refused_shop()
    with lab:
        new = issued(reissue(lab, tasks(lab)[0]["id"], sale()))
        assert new["invoice"]["number"] == "2" and lab.sql("SELECT count(*) FROM sale")[0][0] == 1
        lab.wait_accepted(1)
        return 2 + lab.check_books([new])


def what_is_refused_again_is_a_task_again():
    lab, _ = refused_shop()
    with lab:
        lab.control("fault refuse-number 2", "fault refuse-number 3")
        for number in (2, 3):
            task, = tasks(lab)
            assert task["invoice"]["number"] == str(number - 1)
            issued(reissue(lab, task["id"], sale(note=f"lần {number}")))
            wait_concluded(lab, number)
        first = issued(reissue(lab, tasks(lab)[0]["id"]))
        assert first["invoice"]["number"] == "4"
        lab.wait_accepted(1)
        assert lab.sql("SELECT count(*) FROM sale_invoice WHERE is_issuing = 1")[0][0] == 3, "a revision lost the live invoice"
        old = issued(reissue(lab, "1"))
        assert old["replay"] and old["invoice"] == first["invoice"], "an old click gets the invoice that the sale has now"
        assert stranded(lab) == (0, [])
        return 7 + lab.check_books([first])


def the_nth_of_many_is_issued_again():
    with shop(extra="max_wait_ms = 800") as lab:
        lab.control("fault refuse-number 3")
        answers = [issued(lab.sell(sale(f"HD{i}"))) for i in range(6)]
        wait_concluded(lab, 6)
        task, = tasks(lab)
        answers.append(issued(reissue(lab, task["id"])))
        lab.wait_accepted(6)
        return 1 + lab.check_books(answers)


def the_culprit_of_a_refused_message_is_issued_again():
    with labs.Lab(clock=labs.clock_at(labs.NOON), extra="max_wait_ms = 800") as lab:
        lab.start()
        lab.control("fault refuse-message S999 times 4")
        answers = [issued(lab.sell(sale(f"HD{i}"))) for i in range(4)]
        wait_concluded(lab, 4)
        assert lab.sql("SELECT count(*) FROM message WHERE state = 'refused'")[0][0] == 4, "not halved"
        opened = tasks(lab)
        assert opened, "four refusals in a row refused nobody"
        answers += [issued(reissue(lab, task["id"])) for task in opened]
        lab.wait_accepted(4)
        assert stranded(lab) == (0, []) and tasks(lab) == []
        return 4 + lab.check_books(answers)


def a_number_that_the_authority_holds_already_is_for_a_person():
    """Another machine used number 1 of this serial: 20609, and nothing of ours had an unknown outcome (law R-NUM-4)."""
    with shop() as lab:
        issued(lab.sell(sale()))
        lab.wait_accepted(1)
        lab.stop()
        shutil.rmtree(f"{lab.dir}/store")
        with open(f"{lab.dir}/conf/conf.d/50-prefix.conf", "w") as f:
            f.write("[serial]\nissuer_prefix = 2\n")
        lab.start()
        issued(lab.sell(sale("HD2")))
        lab.wait(lambda: lab.sql("SELECT count(*) FROM task")[0][0] == 1, "a task")
        task, = tasks(lab)
        assert task["kind"] == "duplicate-unproven" and stranded(lab) == (0, []), task
        assert "KHÔNG" in lab.hoadon("--lang", "vi", "task", "show", task["id"]).stdout.decode()
        assert lab.sql("SELECT state FROM invoice") == [("issued",)], "decided without a person"
        status, body, _ = reissue(lab, task["id"])
        assert (status, body["problem"]["code"]) == (202, "store.copy") and len(tasks(lab)) == 1, "a number in doubt was followed by the next"
        lab.stop()
        lab.shape.update(suffix="AB", prefix=3)
        os.remove(f"{lab.dir}/conf/conf.d/50-prefix.conf")
        lab.write_config()
        lab.hoadon("adopt", "--reason", "hai máy dùng chung ký hiệu")
        lab.start()
        new = issued(reissue(lab, task["id"]))
        lab.wait_accepted(1)
        assert lab.sql("SELECT serial, number, state FROM invoice ORDER BY 1") == [("C26MAA", 1, "refused"), ("C26MAB", 1, "accepted")]
        assert new["invoice"]["number"] == "1" and stranded(lab) == (0, []) and tasks(lab) == []
        return 8


def a_repaired_configuration_is_used_after_a_click():
    lab, _ = refused_shop()
    with lab:
        task = tasks(lab)[0]["id"]
        lab.stop()
        with open(f"{lab.dir}/conf/conf.d/50-address.conf", "w", encoding="utf-8") as f:
            f.write("[seller]\naddress = Số 2 Phố Ví Dụ, Phường Mẫu, Thành phố Hà Nội\n")
        lab.start()
        assert len(tasks(lab)) == 1 and lab.sql("SELECT count(*) FROM invoice")[0][0] == 1, "nobody clicked"
        new = issued(reissue(lab, task))
        lab.wait_accepted(1)
        texts = [lab.hoadon("invoice", "xml", f"1C26MAA/{n}").stdout.decode() for n in (1, 2)]
        assert "Số 1 Phố" in texts[0] and "Số 2 Phố" in texts[1] and "Số 1 Phố" not in texts[1]
        return 5 + lab.check_books([new])


def other_tasks_and_other_people_issue_nothing():
    lab, _ = refused_shop()
    with lab:
        task = tasks(lab)[0]["id"]
        lab.control("fault unsigned-answer times 1")
        issued(lab.sell(sale("HD2")))
        lab.wait(lambda: lab.sql("SELECT count(*) FROM task WHERE kind = 'answer-unclear'")[0][0] == 1, "a doubtful answer")
        unclear = str(lab.sql("SELECT id FROM task WHERE kind = 'answer-unclear'")[0][0])
        status, answer, _ = reissue(lab, unclear)
        assert status == 409 and answer["code"] == "task.no_reissue", answer
        assert reissue(lab, "99")[0] == 404 and lab.call("POST", f"/api/v1/tasks/{task}/forget", {})[0] == 404
        assert lab.hoadon("task", "reissue", unclear, check=False).returncode == 1
        lab.control("clear")
        lab.wait_accepted(1)

        def by_tcp(tills, scopes):
            token = lab.call("POST", "/api/v1/tokens", {"name": "x", "tills": tills, "scopes": scopes})[1]["token"]
            lab.wait(lambda: os.path.exists(f"{lab.dir}/api.port"), "the TCP door")
            connection = labs.http.client.HTTPConnection("127.0.0.1", int(open(f"{lab.dir}/api.port").read()), timeout=labs.PATIENCE)
            connection.request("POST", f"/api/v1/tasks/{task}/reissue", "{}", {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())

        assert by_tcp(["T01"], ["sale:write"])["code"] == "auth.scope"
        assert by_tcp(["T02"], ["admin"])["code"] == "auth.till"
        assert lab.sql("SELECT count(*) FROM invoice")[0][0] == 2
        assert by_tcp(["T01"], ["admin"])["invoice"]["number"] == "3"
        lab.wait_accepted(2)
        return 9 + lab.check_books()


def a_forgotten_sale_is_found():
    lab, _ = refused_shop()
    with lab:
        lab.stop()
        with sqlite3.connect(f"{lab.dir}/store/current.db") as db:
            db.execute("UPDATE task SET closed_at = 1")
        db.close()
        code, found = stranded(lab)
        assert code == 6 and found == ["1"], (code, found)
        human = lab.hoadon("audit", "verify", check=False)
        assert human.returncode == 6 and b"hoadon sale show 1" in human.stdout
        return 2


def main():
    report = labs.Report()
    for case in (a_refused_invoice_is_issued_again_under_a_new_number, a_second_click_gets_the_same_invoice,
                 a_correction_is_a_revision_and_the_till_keeps_its_word, a_correction_that_changes_nothing_is_no_revision,
                 what_is_refused_again_is_a_task_again, the_nth_of_many_is_issued_again, the_culprit_of_a_refused_message_is_issued_again,
                 a_number_that_the_authority_holds_already_is_for_a_person, a_repaired_configuration_is_used_after_a_click,
                 other_tasks_and_other_people_issue_nothing, a_forgotten_sale_is_found):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
