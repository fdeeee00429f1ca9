"""hoadon bugreport: secrets are planted wherever a shop has any, and looked for in every file of the report."""
import io
import json
import os
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
PARTS = {"machine.txt", "doctor.json", "status.json", "settings.json", "tasks.json", "parked.json", "queue.json", "outages.json", "log.txt"}

# What opens something: in no report, masked or not.
MAIL_PASSWORD, LOGIN, HOOK, PEM = "mat-khau-thu-7Q", "quan:dang-nhap-8W", "hooks/bot99:khoa-webhook-9E", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
OPENS = [MAIL_PASSWORD, "dang-nhap-8W", "khoa-webhook-9E", PEM, "sandbox"]
# What is the shop's and its customers': in no masked one.
OURS = ["9900000016", "9900000030", "V9900000023", "Quán Ví Dụ", "Phố Ví Dụ", "quan@vi-du.example", "thu.vi-du.example", "0241234567", "VD7K2", "BAR-2", "hooks.vi-du.example"]
SALES = ["Trần Thị Khách", "Ngõ Khách", "khach@vi-du.example", "0987654321", "001099000123", "9900000065", "BILL-KHACH-77", "Cà phê bí mật", "1234567", "khong-giau-ten", "nguyen van an"]
LOG = ["may-quay-cua-toi", "nguyen van an", "0912345678", "Lê Văn Khách"]

SETTINGS = f"""[seller]
phone = 0241234567
email = quan@vi-du.example
[alarm]
webhook_url = https://hooks.vi-du.example/{HOOK}
mail_url = smtps://thu.vi-du.example
mail_from = quan@vi-du.example
mail_to = quan@vi-du.example
mail_user = quan@vi-du.example
mail_password_file = {{dir}}/conf/mail-password
"""


class Shop(labs.Lab):
    def __init__(self):
        super().__init__(clock=labs.clock_at(labs.NOON), tills=("T01", "BAR-2"))
        with open(f"{self.dir}/conf/mail-password", "w", encoding="utf-8") as f:
            f.write(MAIL_PASSWORD + "\n")
        with open(f"{self.dir}/conf/conf.d/50-site.conf", "w", encoding="utf-8") as f:
            f.write(SETTINGS.format(dir=self.dir))
        os.mkdir(f"{self.dir}/words")
        self.env["PATH"] = f"{self.dir}/words:{os.environ['PATH']}"
        self.write_journal(f"exec cat {self.dir}/journal")

    def write_journal(self, script):
        with open(f"{self.dir}/words/journalctl", "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\n{script}\n")
        os.chmod(f.name, 0o755)

    def plant(self):
        """Bills of a customer, one that waits and one that is under way, and a log in which somebody was careless."""
        buyer = {"name": "Trần Thị Khách", "address": "12 Ngõ Khách", "email": "khach@vi-du.example", "phone": "0987654321", "personal_id": "001099000123"}
        line = {"name": "Cà phê bí mật", "unit": "ly", "qty": "1", "unit_price": "1234567", "amount": "1234567", "vat_rate": "8"}
        sale = {**BASE, "lines": [line], "discounts": [], "total": "1234567", "payments": [], "till_id": "BAR-2", "buyer": buyer, "note": "nguyen van an"}
        assert self.sell({**sale, "bill_no": "BILL-KHACH-77"})[0] == 201
        assert self.sell({**sale, "bill_no": "BILL-KHACH-78", "lines": [{**line, "class": "khong-giau-ten"}]})[0] == 202
        self.wait_accepted(1)
        self.stop_authority()
        buyer = {**buyer, "tax_code": "9900000065"}
        del buyer["personal_id"]
        assert self.sell({**sale, "bill_no": "BILL-KHACH-79", "buyer": buyer})[0] == 201
        self.wait(lambda: "event=outage" in self.log() or self.sql("SELECT count(*) FROM message WHERE state <> 'answered'")[0][0], "a message under way")
        with open(f"{self.dir}/journal", "w", encoding="utf-8") as f:
            for text in (self.log(), "event=spool code=-3 where=open_file text=\"nguyen van an, 0912345678: no such file\"\n", "event=x number=0912345678 kind=Lê Văn Khách\n",
                         f"curl https://{LOGIN}@thu.vi-du.example/ nguyen van an\n", f"password was {MAIL_PASSWORD} and sandbox\n",
                         f"-----BEGIN PRIVATE KEY-----\n{PEM}\n-----END PRIVATE KEY-----\n", "event=stuck who=issuer\n", "Started Lê Văn Khách.\n"):
                for line in text.splitlines():
                    f.write(f"2026-11-22T13:00:05+0700 may-quay-cua-toi hoadond[12]: {line}\n")

    def report(self, *args, stdin=b"", code=0):
        """Name to text of each file, and what was said before it was written."""
        path = f"{self.dir}/report.tar.gz"
        if os.path.exists(path):
            os.unlink(path)
        result = self.hoadon("bugreport", path, "--lang", "en", *args, check=False, stdin=stdin)
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        said = result.stderr.decode()
        if code:
            assert not os.path.exists(path)
            return {}, said
        assert os.stat(path).st_mode & 0o777 == 0o600
        with tarfile.open(fileobj=io.BytesIO(open(path, "rb").read()), mode="r:gz") as tar:
            files = {os.path.basename(m.name): tar.extractfile(m).read().decode() for m in tar.getmembers() if m.isfile()}
            assert all(m.uid == 0 and m.uname in ("", "root") for m in tar.getmembers())
        assert set(files) == PARTS, files.keys()
        for name in PARTS:
            assert name in said, said
        assert [name for name in os.listdir(self.dir) if name.startswith("report")] == ["report.tar.gz"], "something is left beside it"
        return files, said


def leaks(files, words):
    return [(name, word) for name, text in files.items() for word in words if word in text]


def nothing_of_the_shop_is_in_it():
    with Shop() as shop:
        shop.start()
        shop.plant()
        files, said = shop.report()
        settings = {(o["section"], o["key"]): o["value"] for o in json.loads(files["settings.json"])["options"]}
        personal = OPENS + OURS + SALES + LOG + [shop.dir]
        assert leaks(files, personal) == [], leaks(files, personal)
        assert "Masked" in said
        status, doctor = json.loads(files["status.json"]), json.loads(files["doctor.json"])
        assert status["invoices"]["accepted"] == 1 and status["sales"]["parked"] == 1 and status["invoices"]["total"] == "***", status
        found = {f["check"]: f for f in doctor["findings"]}
        assert found["network"]["level"] == "wrong" and "ends at connection" in found["network"]["found"], found["network"]
        assert found["ledger"]["level"] == "ok" and "records, tail" in found["ledger"]["found"] and len(status["ledger"]["tail"]) == 16, found["ledger"]
        assert settings["send", "total_timeout_ms"] == "5000" and settings["seller", "name"] == "***" and settings["seller", "bank_account"] is None
        assert json.loads(files["parked.json"])["sales"][0]["reason"], files["parked.json"]
        assert json.loads(files["queue.json"])["messages"][0]["made_at"].startswith("2026-11-22T13:"), files["queue.json"]
        log = files["log.txt"]
        assert "2026-11-22T13:00:05+0700 event=spool code=-3 where=open_file text=***\n" in log and "event=stuck who=issuer\n" in log, log
        assert "event=verdict message=*** kind=accepted accepted=1 refused=0\n" in log, log
        assert f"hoadon {status_version(shop)}" in files["machine.txt"] and "Linux" in files["machine.txt"]
        return len(personal) * len(PARTS) + 22


def status_version(shop):
    return json.loads(shop.hoadon("version", "--json").stdout)["version"]


def unmasked_asks_and_holds_no_password():
    with Shop() as shop:
        shop.start()
        shop.plant()
        for answer in (b"", b"no\n", b"ye\n"):
            said = shop.report("--unmasked", stdin=answer, code=1)[1]
            assert "NOT masked" in said and "nothing was written" in said, said
        files, said = shop.report("--unmasked", stdin=b"yes\n")
        assert leaks(files, OPENS) == [], leaks(files, OPENS)
        settings = json.loads(files["settings.json"])["options"]
        assert "Công ty TNHH Quán Ví Dụ" in [o["value"] for o in settings] and "BILL-KHACH-78" in files["parked.json"]
        assert "nguyen van an" in files["log.txt"] and "https://***@thu.vi-du.example" in files["log.txt"], files["log.txt"]
        answer = json.loads(shop.hoadon("bugreport", f"{shop.dir}/other.tar.gz", "--json").stdout)
        assert answer["is_masked"] and {p["name"] for p in answer["parts"]} == PARTS, answer
        return len(OPENS) * len(PARTS) + 11


def where_little_works():
    """hoadond is stopped, its settings cannot be read, there is no log: what there is, is written, and it is masked."""
    with Shop() as shop:
        with open(f"{shop.dir}/conf/conf.d/60-wrong.conf", "w", encoding="utf-8") as f:
            f.write("[seller]\nnam = nguyen van an\ntax_code = nguyen van an\n")
        shop.write_journal("echo nguyen van an; exit 1")
        files, _ = shop.report()
        assert leaks(files, OPENS + OURS + ["nguyen van an"]) == [], leaks(files, OPENS + OURS + ["nguyen van an"])
        found = {f["check"]: f for f in json.loads(files["doctor.json"])["findings"]}
        assert found["config"]["level"] == "wrong" and found["config"]["found"] == "***", found
        assert files["log.txt"] == "journalctl: 1\n", files["log.txt"]
        other = ("setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups", f"{labs.BIN}/hoadon", "--config", f"{shop.dir}/conf", "bugreport", "--unmasked")
        os.unlink(f"{shop.dir}/conf/conf.d/60-wrong.conf")
        for path in (shop.dir, f"{shop.dir}/conf"):
            os.chmod(path, 0o755)
        os.chmod(f"{shop.dir}/conf/mail-password", 0o600)
        result = subprocess.run(other, input=b"yes\n", capture_output=True, env=shop.env, cwd=shop.dir, timeout=labs.PATIENCE)
        assert result.returncode == 77 and b"mail-password" in result.stderr, result
        return len(PARTS) + 6


def main():
    report = labs.Report()
    for case in (nothing_of_the_shop_is_in_it, unmasked_asks_and_holds_no_password, where_little_works):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
