"""Law as data: the 8 % rate is extended by a signed pack, across New Year, without a new program (law R-NY-5; schemas/law/README.md)."""
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
SAMPLE = open(os.path.join(labs.DATA, "law/2027.json"), encoding="utf-8").read()
EVE = 1798734600000  # 2026-12-31T23:30:00+07:00
NEW_YEAR = 1798765200000  # 2027-01-01T08:00:00+07:00
DECEMBER = 1797224400000  # 2026-12-14T12:00:00+07:00
IN_DECEMBER = "2026-12-14T11:59:00+07:00"
SOLD_ON_EVE, SOLD_NEW_YEAR = "2026-12-31T23:29:00+07:00", "2027-01-01T07:59:00+07:00"


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


class Publisher:
    """Whoever may sign packs; keeps its key and what it signed in a folder."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{folder}/key")
        openssl("ec", "-in", f"{folder}/key", "-pubout", "-out", f"{folder}/public.pem")

    def sign(self, text, name="pack.json"):
        path = f"{self.folder}/{name}"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        openssl("dgst", "-sha256", "-sign", f"{self.folder}/key", "-out", f"{path}.sig", path)
        return path


class Shop:
    """A shop that trusts one publisher."""

    def __init__(self, clock=EVE):
        self.keys = tempfile.mkdtemp(prefix="hoadon-law.", dir=os.environ.get("LAB_DIR"))
        self.publisher = Publisher(f"{self.keys}/publisher")
        self.lab = labs.Lab(clock=labs.clock_at(clock), extra=f"[law]\npublisher = {self.publisher.folder}/public.pem")

    def __enter__(self):
        self.lab.start()
        return self

    def __exit__(self, *_):
        self.lab.close()
        shutil.rmtree(self.keys, ignore_errors=True)

    def sell(self, bill, sold_at, rate="8", item_class=None):
        body = copy.deepcopy(BASE)
        body.update(bill_no=bill, sold_at=sold_at, business_day=sold_at[:10])
        for line in body["lines"]:
            line["vat_rate"] = rate
            if item_class:
                line["class"] = item_class
        status, answer, _ = self.lab.sell(body)
        return status, answer

    def parked(self, bill, sold_at, **kw):
        status, answer = self.sell(bill, sold_at, **kw)
        assert status == 202 and answer["problem"]["code"] == "rate.class", f"{status} {answer}"
        return answer["sale"]["id"]

    def issued(self, bill, sold_at, **kw):
        status, answer = self.sell(bill, sold_at, **kw)
        assert status == 201, f"{status} {answer}"

    def law(self, *args, check=True):
        result = self.lab.hoadon("--lang", "en", "law", *args, check=check)
        return result.returncode, result.stdout.decode(), result.stderr.decode()

    def status(self):
        """Pack and day that status names: what holds now, what comes."""
        said = json.loads(self.lab.hoadon("status", "--json", check=False).stdout)
        return [pack and (pack["version"], pack["applies_on"]) for pack in (said["law"], said["next_law"])]

    def packs(self):
        return self.lab.sql("SELECT version FROM law ORDER BY version"), self.lab.sql("SELECT count(*) FROM ledger WHERE event = 'law'")[0][0]


def without_a_pack_eight_percent_ends_with_the_year():
    with Shop() as shop:
        shop.issued("HD1", SOLD_ON_EVE)
        shop.lab.set_clock(labs.clock_at(NEW_YEAR))
        shop.parked("HD2", SOLD_NEW_YEAR)
        shop.issued("HD3", SOLD_ON_EVE)  # sold last year, told this year
        shop.issued("HD4", SOLD_NEW_YEAR, rate="10", item_class="reduced")
        return 4


def a_signed_pack_extends_eight_percent_without_a_new_program():
    with Shop() as shop:
        path = shop.publisher.sign(SAMPLE)
        shop.law("import", path)
        assert shop.packs() == ([(2,)], 1), shop.packs()
        assert shop.status() == [(1, "2025-07-01"), (2, "2027-01-01")], shop.status()
        said = shop.lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Luật:      gói 1, từ 01/07/2025; kế tiếp gói 2, từ 01/01/2027\n" in said, said
        shop.issued("HD1", SOLD_ON_EVE)
        night = json.loads(shop.lab.hoadon("simulate", "rollover", "--json", check=False).stdout)
        assert (night["old_rate"], night["new_rate"]) == ("8", "8"), night
        shop.lab.set_clock(labs.clock_at(NEW_YEAR))
        shop.issued("HD2", SOLD_NEW_YEAR, item_class="reduced")
        shop.parked("HD3", SOLD_NEW_YEAR, rate="10", item_class="reduced")
        shop.lab.kill()  # the pack is in the store, not in the memory of one run
        shop.lab.start()
        shop.issued("HD4", SOLD_NEW_YEAR, item_class="reduced")
        assert shop.status() == [(2, "2027-01-01"), None], shop.status()
        shop.lab.wait_accepted(3)
        assert shop.lab.hoadon("fsck", check=False).returncode == 0
        assert shop.lab.hoadon("audit", "verify", check=False).returncode == 0
        return 12


def a_sale_parked_before_the_law_came_is_issued_after_it():
    with Shop(clock=NEW_YEAR) as shop:
        sale = shop.parked("HD1", SOLD_NEW_YEAR)
        shop.law("import", shop.publisher.sign(SAMPLE))
        shop.lab.hoadon("sale", "issue", sale)
        assert "<TSuat>8%</TSuat>" in shop.lab.hoadon("invoice", "xml", "1C27MAA/1").stdout.decode()
        shop.lab.wait_accepted(1)
        return 3 + shop.lab.check_books()


def a_rehearsal_shows_everything_and_changes_nothing():
    with Shop() as shop:
        path = shop.publisher.sign(SAMPLE)
        _, text, _ = shop.law("import", path, "--dry-run", "--at", "2027-01-15")
        for line in ("- rate 8%: 01/07/2025 – 31/12/2026", "+ rate 8%: 01/07/2025 – 31/12/2027", "+ calendar 02/01/2027: working day",
                     "+ calendar 04/01/2027: day off", "Sales on 15/01/2027:", "nothing was changed"):
            assert line in text, f"{line} is not in {text}"
        assert "reduced      8%   (now: 10%)" in text and "excise       10%\n" in text, text
        vietnamese = shop.lab.hoadon("--lang", "vi", "law", "import", path, "--dry-run", "--at", "15/01/2027").stdout.decode()
        assert "+ thuế suất 8%: 01/07/2025 – 31/12/2027" in vietnamese and "Chỉ diễn tập" in vietnamese, vietnamese
        answer = json.loads(shop.law("import", path, "--dry-run", "--json")[1])
        changes = [(c["kind"], c["change"]) for c in answer["changes"]]
        assert changes == [("rate", "removed"), ("rate", "added"), ("holiday", "added"), ("holiday", "added"), ("text", "added")], changes
        assert answer["is_dry_run"] and answer["is_new"] and {"class": "reduced", "rate": "8%", "before": "10%"} in answer["classes"], answer
        assert shop.packs() == ([], 0), shop.packs()
        shop.lab.set_clock(labs.clock_at(NEW_YEAR))
        shop.parked("HD1", SOLD_NEW_YEAR)
        return 13


def only_the_publisher_makes_law():
    with Shop() as shop:
        path = shop.publisher.sign(SAMPLE)
        refused = []
        with open(path, "a", encoding="utf-8") as f:
            f.write(" ")  # one byte that nobody signed
        refused.append(shop.law("import", path, check=False))
        stranger = Publisher(f"{shop.keys}/stranger")
        refused.append(shop.law("import", stranger.sign(SAMPLE), check=False))
        for code, _, error in refused:
            assert code == 1 and "not what the publisher signed" in error, f"{code} {error}"
        signature = open(f"{stranger.folder}/pack.json.sig", "rb").read().hex()
        for query in ("", "?signature=", "?signature=00", f"?signature={signature}", "?signature=" + "3" * 400):
            status, body, _ = shop.lab.call("POST", f"/api/v1/law{query}", SAMPLE.encode())
            assert status == 422 and body["code"] == "law.signature", f"{query}: {status} {body}"
        path = shop.publisher.sign(SAMPLE.replace('"8"', '"7"'), "seven.json")
        code, _, error = shop.law("import", path, check=False)
        assert code == 1 and "cannot be read by this version" in error, f"{code} {error}"
        shop.lab.stop()
        shop.lab.shape["extra"] = ""
        shop.lab.write_config()
        shop.lab.start()
        path = shop.publisher.sign(SAMPLE)
        code, _, error = shop.law("import", path, check=False)
        assert code == 1 and "[law] publisher" in error, f"{code} {error}"
        signature = open(f"{path}.sig", "rb").read().hex()
        status, body, _ = shop.lab.call("POST", f"/api/v1/law?signature={signature}", SAMPLE.encode())
        assert status == 409 and body["code"] == "law.publisher", f"{status} {body}"
        assert shop.packs() == ([], 0), shop.packs()
        return 11


def versions_only_ascend_and_twice_is_once():
    with Shop() as shop:
        third = shop.publisher.sign(SAMPLE.replace('"version": 2', '"version": 3'), "third.json")
        second = shop.publisher.sign(SAMPLE, "second.json")
        shop.law("import", third)
        code, text, _ = shop.law("import", third)
        assert code == 0 and "imported before" in text, text
        code, _, error = shop.law("import", second, check=False)
        assert code == 1 and "higher version" in error, f"{code} {error}"
        assert shop.packs() == ([(3,)], 1), shop.packs()
        shown = json.loads(shop.law("show", "--at", "2027-06-01", "--json")[1])
        assert [(p["version"], p["holds"], p["is_builtin"]) for p in shown["packs"]] == [(3, True, False), (1, False, True)], shown
        assert {"class": "reduced", "rate": "8%", "before": "8%"} in shown["classes"], shown
        _, text, _ = shop.law("show", "--at", "31/12/2026")
        assert "* pack 1" in text and "  pack 3" in text, text
        return 7


def deadlines_count_the_days_off_of_the_pack():
    """Without code the invoice goes on the next working day (law R-SEND-2): 2 January is made one, 4 January is taken away."""
    ends = []
    for with_pack in (False, True):
        with Shop(clock=NEW_YEAR) as shop:
            shop.lab.stop()
            config = f"{shop.lab.dir}/conf/hoadon.conf"
            text = open(config, encoding="utf-8").read().replace("[serial]\n", "[serial]\ncode_flag = K\n")
            open(config, "w", encoding="utf-8").write(text)
            shop.lab.start()
            if with_pack:
                shop.law("import", shop.publisher.sign(SAMPLE))
            shop.issued("HD1", SOLD_NEW_YEAR, rate="10")
            ends.append(shop.lab.sql("SELECT deadline FROM invoice")[0][0])
    days = [(end - 1798736400000) // 86400000 for end in ends]  # from 2027-01-01T00:00:00+07:00
    assert days == [3, 1], days
    return 1


def a_pack_says_what_a_refusal_means():
    with Shop() as shop:
        shop.lab.control("fault refuse-number 1")
        shop.issued("HD1", SOLD_ON_EVE)
        shop.lab.wait(lambda: shop.lab.sql("SELECT count(*) FROM task")[0][0] == 1, "a task")
        code = shop.lab.sql("SELECT text FROM task")[0][0].split(":")[0]
        meaning = []
        for _ in range(2):
            shown = shop.lab.hoadon("--lang", "vi", "task", "show", "1").stdout.decode()
            meaning.append("Nghĩa là" in shown and "Số này bị từ chối để thử." in shown)
            texts = '"code": "' + code + '", "en": "This number is refused as a test.", "vi": "Số này bị từ chối để thử."'
            pack = SAMPLE.replace('"applies_on": "2027-01-01"', '"applies_on": "2026-12-01"').replace('"texts": [', '"texts": [{' + texts + '},')
            shop.law("import", shop.publisher.sign(pack))
        assert meaning == [False, True], meaning
        return 2


def xml(shop, number):
    return shop.lab.hoadon("invoice", "xml", f"1C26MAA/{number}").stdout.decode()


def version(text):
    return re.search("<PBan>(.*?)</PBan>", text)[1]


def the_next_version_comes_with_a_signed_pack_on_its_date():
    with Shop(clock=DECEMBER) as shop:
        lab = shop.lab
        pack = SAMPLE.replace('"2027-01-01"', '"2026-12-15"').replace('"rates": [', '"profile": "2.1.1",\n\t"rates": [')
        path = shop.publisher.sign(pack)
        assert "Invoices issued on 14/12/2026: data format 2.1.0\n" in shop.law("show", "--at", "14/12/2026")[1]
        _, text, _ = shop.law("import", path, "--dry-run")
        for line in ("- data format 2.1.0\n", "+ data format 2.1.1\n", "Invoices issued on 15/12/2026: data format 2.1.1   (now: 2.1.0)\n"):
            assert line in text, f"{line} is not in {text}"
        shop.law("import", path)
        shown = json.loads(shop.law("show", "--at", "2026-12-15", "--json")[1])
        assert (shown["profile"], shown["profile_of_law"]) == ("2.1.1", "2.1.1"), shown
        lab.stop_authority()
        shop.issued("HD1", IN_DECEMBER)
        shop.issued("HD2", IN_DECEMBER)
        before = xml(shop, 1)
        lab.set_clock(labs.clock_at(DECEMBER + 86400000))
        shop.issued("HD3", IN_DECEMBER.replace("-14T", "-15T"))
        shop.issued("HD4", IN_DECEMBER)  # sold before, issued after
        lab.kill()
        lab.start()
        assert [version(xml(shop, n)) for n in (1, 2, 3, 4)] == ["2.1.0", "2.1.0", "2.1.1", "2.1.1"]
        lab.start_authority()
        lab.wait_accepted(4)
        assert before == xml(shop, 1), "what is issued keeps its version"
        messages = [re.findall("<PBan>(.*?)</PBan>", body.decode()) for (body,) in lab.books("SELECT body FROM message")]
        assert all(len(set(versions)) == 1 for versions in messages), f"envelope and its invoices: {messages}"
        assert sorted(version for versions in messages for version in versions[1:]) == ["2.1.0"] * 2 + ["2.1.1"] * 2, messages
        lab.stop()
        config = f"{lab.dir}/conf/hoadon.conf"
        text = open(config, encoding="utf-8").read().replace("[seller]\n", "[seller]\nprofile = 2.1.0\n")
        open(config, "w", encoding="utf-8").write(text)
        lab.start()
        shop.issued("HD5", IN_DECEMBER)
        assert version(xml(shop, 5)) == "2.1.0", "a fixed version is stronger"
        assert "data format 2.1.0   (setting seller.profile; the law says 2.1.1)" in shop.law("show", "--at", "15/12/2026")[1]
        lab.wait_accepted(5)
        return 13 + lab.check_books()


CASES = [without_a_pack_eight_percent_ends_with_the_year, a_signed_pack_extends_eight_percent_without_a_new_program,
         a_sale_parked_before_the_law_came_is_issued_after_it, a_rehearsal_shows_everything_and_changes_nothing, only_the_publisher_makes_law,
         versions_only_ascend_and_twice_is_once, deadlines_count_the_days_off_of_the_pack, a_pack_says_what_a_refusal_means,
         the_next_version_comes_with_a_signed_pack_on_its_date]


labs.run_cases(CASES)
