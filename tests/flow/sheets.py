"""Files of bills in the spool folder: CSV with a column map, XML; what is half written, wrong, or there twice."""
import contextlib
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

HEADER = "bill,date,name,qty,price,amount,total,rate\n"
MAP = """[file]
delimiter = semicolon
decimal = comma
[columns]
bill = Số HĐ
date = Ngày
name = Tên hàng
qty = SL
price = Đơn giá
amount = Thành tiền
total = Tổng cộng
"""
CATALOGUE = "code,name,unit,vat_rate,class\n,Cà phê sữa đá,ly,8,reduced\n,Bánh mì trứng,ổ,8,reduced\n,Bún bò Huế,tô,8,reduced\n"


def shop(**files):
    """A shop whose folder reads files of bills of till T01; `files` are settings that name a file with this text."""
    lab = labs.Lab(clock=labs.clock_at(labs.NOON))
    with open(f"{lab.dir}/conf/conf.d/70-spool.conf", "w") as f:
        f.write("[spool]\ntill = T01\n")
        for key, text in files.items():
            f.write(f"{key} = {lab.dir}/conf/{key}\n")
            with open(f"{lab.dir}/conf/{key}", "w", encoding="utf-8") as g:
                g.write(text)
    lab.start()
    return lab


def put(lab, name, content):
    with open(f"{lab.dir}/spool/{name}.tmp", "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    os.rename(f"{lab.dir}/spool/{name}.tmp", f"{lab.dir}/spool/{name}")


def taken(lab, name, content, folder="done"):
    """What became of the file: its JSON."""
    put(lab, name, content)
    end = "answer" if folder == "done" else "reason"
    path = f"{lab.dir}/spool/{folder}/{name}.{end}.json"
    lab.wait(lambda: os.path.exists(path) and not os.path.exists(f"{lab.dir}/spool/{name}"), f"{name} in {folder}")
    answer = json.load(open(path))
    os.unlink(path)
    return answer


def invoices(lab):
    return lab.sql("SELECT count(*) FROM invoice")[0][0]


def iconv(charset):
    return lambda text: subprocess.run(["iconv", "-f", "UTF-8", "-t", charset], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout


def state_of(answer):
    return [(s["sale"]["bill_no"], s["sale"]["state"]) for s in answer["sales"]]


def each_bill_of_a_file_is_one_invoice_in_any_encoding():
    text = ("Số HĐ;Ngày;Tên hàng;SL;Đơn giá;Thành tiền;Tổng cộng;Ghi chú\n"
            "HD{0};22/11/2026 09:15;Cà phê sữa đá;2;25.000;50.000;65.000;khách quen\nHD{0};;Bánh mì trứng;1;15.000;15.000;;\n"
            "HE{0};22/11/2026;Bún bò Huế;1,5;60.000,00;90.000;90.000;\n")
    with shop(map=MAP, catalogue=CATALOGUE) as lab:
        n = 0
        encoders = (str.encode, lambda t: b"\xef\xbb\xbf" + t.replace("\n", "\r\n").encode(), iconv("CP1258"), iconv("TCVN5712-1"))
        for i, encode in enumerate(encoders):
            answer = taken(lab, f"day{i}.csv", encode(text.format(i)))
            got = [(s["sale"]["bill_no"], s["invoice"]["total"]) for s in answer["sales"]]
            assert got == [(f"HD{i}", "65000"), (f"HE{i}", "90000")], answer
            xml = lab.hoadon("invoice", "xml", str(lab.sql("SELECT id FROM invoice WHERE number = ?", int(answer["sales"][0]["invoice"]["number"]))[0][0])).stdout.decode()
            assert "<THHDVu>Cà phê sữa đá</THHDVu>" in xml and "<THHDVu>Bánh mì trứng</THHDVu>" in xml and "<TSuat>8%</TSuat>" in xml, xml
            n += 5
        kept = lab.sql("SELECT state, count(*) FROM frame WHERE dialect = 'csv' GROUP BY 1")
        assert kept == [("decoded", 4)], kept  # the file as it came stands behind its bills
        lab.wait_accepted(8)
        return n + 1 + lab.check_books()


def xml_of_the_documented_shape_is_sold():
    page = open(os.path.join(labs.TOP, "schemas/capture/SHEETS.md"), encoding="utf-8").read()
    example = re.search("```xml\n(.*?)```", page, re.S).group(1).replace("2026-11-30", "2026-11-22")
    with shop() as lab:
        answer = taken(lab, "one.xml", example)
        assert answer["sales"][0]["invoice"]["total"] == "65000" and answer["sales"][0]["sale"]["bill_no"] == "HD000123", answer
        bomb = '<!DOCTYPE s [<!ENTITY a "x"><!ENTITY b SYSTEM "file:///etc/passwd">]><sales><sale><bill>&b;</bill></sale></sales>'
        refused = taken(lab, "bomb.xml", bomb, "refused")
        assert refused["code"] == "sheet.unread" and "xml.doctype" in json.dumps(refused), refused
        assert invoices(lab) == 1
        return 4


def what_is_wrong_waits_for_a_person_and_the_rest_is_sold():
    with shop(catalogue=CATALOGUE) as lab:
        rows = ["1,2026-11-22,Bún bò Huế,2,45000,90000,90000,", "2,2026-11-22,Bún bò Huế,2,45000,80000,80000,", "3,2026-11-22,Món lạ,1,45000,45000,45000,",
                "4,2026-11-22,Bún bò Huế,2,45000,90000,90000,10", "5,2026-11-22,Bún bò Huế,2,45000,90000,", "6,2026-11-22,Bún bò Huế,1,45000,45000,45000,8"]
        answer = taken(lab, "mixed.csv", HEADER + "\n".join(rows) + "\n")
        assert state_of(answer) == [("1", "issued"), ("2", "parked"), ("3", "parked"), ("4", "parked"), ("5", "parked"), ("6", "issued")], answer
        assert [s["problem"]["code"] for s in answer["sales"] if s.get("problem")] == ["bill.review", "catalogue.unknown", "catalogue.rate", "bill.review"], answer
        for name, content in (("no.csv", "a,b\n1,2\n"), ("quote.csv", HEADER + '1,2026-11-22,"Bún\n'), ("picture.csv", bytes(range(256)) * 40 + b"\n"),
                              ("large.csv", HEADER + " " * (4 << 20) + "\n")):
            place(lab, name, content)
            reason = f"{lab.dir}/spool/refused/{name}.reason.json"
            lab.wait(lambda: not os.path.exists(f"{lab.dir}/spool/{name}"), f"{name} to be refused")  # noqa: B023
            assert json.load(open(reason))["code"] == ("body.size" if name == "large.csv" else "sheet.unread"), open(reason).read()
        assert invoices(lab) == 2 and lab.sql("SELECT count(*) FROM frame WHERE state = 'refused'")[0][0] == 4
        return 13


def the_same_file_again_makes_nothing_new():
    with shop() as lab:
        text = HEADER + "1,2026-11-22,Phở,2,45000,90000,90000,8\n2,2026-11-22,Trà,1,5000,5000,5000,8\n"
        first = taken(lab, "a.csv", text)
        again = taken(lab, "b.csv", text)
        assert [s["invoice"] for s in first["sales"]] == [s["invoice"] for s in again["sales"]], again
        assert invoices(lab) == 2 and lab.sql("SELECT count(*) FROM sale")[0][0] == 2
        other = taken(lab, "c.csv", text.replace("90000", "45000").replace("Phở,2", "Phở,1"))
        assert state_of(other) == [("1", "parked"), ("2", "issued")] and invoices(lab) == 2, other  # the same number says something else: a person
        lab.wait_accepted(2)
        return 5 + lab.check_books()


def a_power_cut_between_the_bills_of_a_file_loses_none():
    with shop() as lab:
        rows = "".join(f"{n},2026-11-22,Phở,{n},1000,{n}000,{n}000,8\n" for n in range(1, 6))
        for order in ("store.sale_add.before:3:kill", "file.rename.before:1:kill"):
            lab.stop()
            lab.start(env={"HOADON_FAILPOINT": order})
            put(lab, "day.csv", HEADER + rows)
            lab.agent.wait(labs.PATIENCE)
            assert os.path.exists(f"{lab.dir}/spool/day.csv"), order
            lab.start()
            lab.wait(lambda: not os.path.exists(f"{lab.dir}/spool/day.csv"), "the file to be done")
            assert os.path.exists(f"{lab.dir}/spool/done/day.csv.answer.json"), order
            assert invoices(lab) == 5, order
            for name in os.listdir(f"{lab.dir}/spool/done"):
                os.unlink(f"{lab.dir}/spool/done/{name}")
        assert lab.sql("SELECT count(*) FROM frame WHERE state = 'kept'") == [(0,)]
        lab.wait_accepted(5)
        return 5 + lab.check_books()


def place(lab, name, content):
    """A file that was written long ago."""
    path = f"{lab.dir}/spool/{name}.part"
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (0, 0))
    os.rename(path, f"{lab.dir}/spool/{name}")


def a_half_written_file_is_waited_for():
    """Open for writing, or closed in the middle: nothing of it is taken before it is whole."""
    whole = HEADER + "1,2026-11-22,Phở,2,45000,90000,90000,8\n"
    with shop() as lab:
        for name, first in (("open.csv", whole[:-8]), ("shut.csv", whole[:-8]), ("shut.xml", "<sales><sale><bill>1</bill>")):
            path, began = f"{lab.dir}/spool/{name}", time.time()
            with open(path, "wb", buffering=0) as f:
                f.write(first.encode())
                if name == "open.csv":
                    assert taken(lab, "other.csv", HEADER + "7,2026-11-22,Phở,2,45000,90000,90000,8\n")["sales"]  # others need not wait
                    f.write(whole[-8:].encode())
                    continue
            taken(lab, f"{name}.csv", HEADER + f"{name},2026-11-22,Phở,2,45000,90000,90000,8\n")
            is_there = os.path.exists(path)
            assert is_there or time.time() - began >= 10, f"{name} was taken in the middle"
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        lab.wait(lambda: os.path.exists(f"{lab.dir}/spool/done/open.csv.answer.json"), "open.csv")
        assert state_of(json.load(open(f"{lab.dir}/spool/done/open.csv.answer.json"))) == [("1", "issued")]
        return 7


def a_wrong_map_is_named_and_loses_nothing():
    with shop(map="[columns]\nbill = Số\n") as lab:
        put(lab, "day.csv", HEADER + "1,2026-11-22,Phở,2,45000,90000,90000,8\n")
        lab.wait(lambda: "event=folder-map-not-read" in lab.log(), "the log to say it")
        lab.sell_bills("HD1")
        report = lab.hoadon("doctor", check=False).stdout.decode()
        assert "[columns] date is missing" in report, report
        assert os.path.exists(f"{lab.dir}/spool/day.csv")
        lab.stop()
        with open(f"{lab.dir}/conf/map", "w") as f:
            f.write("[columns]\nbill=bill\ndate=date\nname=name\nqty=qty\nprice=price\namount=amount\ntotal=total\nrate=rate\n")
        lab.start()
        lab.wait(lambda: os.path.exists(f"{lab.dir}/spool/done/day.csv.answer.json"), "the file to be taken")
        assert invoices(lab) == 2
        return 4


if __name__ == "__main__":
    labs.run_cases([
        each_bill_of_a_file_is_one_invoice_in_any_encoding,
        xml_of_the_documented_shape_is_sold,
        what_is_wrong_waits_for_a_person_and_the_rest_is_sold,
        the_same_file_again_makes_nothing_new,
        a_power_cut_between_the_bills_of_a_file_loses_none,
        a_half_written_file_is_waited_for,
        a_wrong_map_is_named_and_loses_nothing,
    ])
