"""A store that is sealed at rest: what lies on the disks tells nobody who bought what; with its key everything goes on, without it nothing is lost."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

KEY, ANOTHER = "1f" * 32, "2e" * 32
BUYER = "Nguyễn Thị Ví Dụ"
SEALED_COLUMNS = (("frame", "bytes"), ("invoice_bytes", "xml"), ("message_bytes", "head"), ("message_bytes", "signature"), ("verdict", "raw"))
BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def write_key(lab, text=KEY):
    """As a medium that comes back brings it: at once."""
    with open(f"{lab.dir}/store.new", "w") as f:
        f.write(text + "\n")
    os.rename(f"{lab.dir}/store.new", f"{lab.dir}/store.key")


def set_seal(lab, switch):
    key = f"key_file = {lab.dir}/store.key\n" if switch else ""
    lab.shape["extra"] = f"[store]\nseal = {switch or 'no'}\n{key}[mirror]\ndir = {lab.dir}/medium\nsame_disk = yes\n"
    lab.write_config()


def shop(switch="yes"):
    lab = labs.Lab(clock=labs.clock_at(labs.NOON))
    lab.set_machine("sys-1", "board-1", "disk-1")
    os.makedirs(f"{lab.dir}/medium")
    with open(f"{lab.dir}/words", "w", encoding="utf-8") as f:
        f.write("cá lúa nắng mưa gió biển\n")
    write_key(lab)
    set_seal(lab, switch)
    return lab


def seals(lab):
    """How many blobs are sealed, and how many are not."""
    codecs = [blob[0] & 0x80 for table, column in SEALED_COLUMNS for (blob,) in lab.sql(f"SELECT {column} FROM {table}")]
    return sum(map(bool, codecs)), codecs.count(0)


def refused_names(lab):
    """A frame so short that it is not packed: what is not sealed of it is there to be read."""
    status, answer, _ = lab.call("POST", "/api/v1/sales", {"till_id": "T01", "bill_no": BUYER}, {})
    assert status == 422, (status, answer)


def raw(lab):
    """Every byte of the store's folder and the second medium."""
    paths = [f"{folder}/{name}" for folder in (f"{lab.dir}/store", f"{lab.dir}/medium") for name in os.listdir(folder)]
    return {path: open(path, "rb").read() for path in paths if not path.endswith("-shm")}



def nothing_on_the_disks_names_a_buyer():
    n = 0
    for switch in ("no", "yes"):
        with shop(switch) as lab:
            lab.start()
            refused_names(lab)
            answers = lab.sell_bills("S1", "S2", "S3")
            lab.wait_accepted(3)
            lab.wait(lambda: any(name.startswith("log-") for name in os.listdir(f"{lab.dir}/medium")), "the mirror")
            lab.stop()
            found = sorted(os.path.basename(path) for path, data in raw(lab).items() if BUYER.encode() in data)
            sealed, plain = seals(lab)
            ledger = [blob[0] & 0x80 for (blob,) in lab.sql("SELECT payload FROM ledger")]
            assert sum(ledger) == 0 and len(ledger) > 4, ledger
            if switch == "no":  # so that what is not found below can be found at all
                assert found and sealed == 0 and plain >= 10, (found, sealed, plain)
            else:
                assert found == [] and plain == 0 and sealed >= 10, (found, sealed, plain)
            n += 3 + lab.check_books(answers)
    return n


def code_of(answer):
    return answer["invoice"]["code"]


def without_its_key_it_waits_and_goes_on_when_it_comes():
    with shop() as lab:
        lab.start()
        answers = lab.sell_bills("K1")
        lab.wait_accepted(1)
        xml = lab.hoadon("invoice", "xml", code_of(answers[0])).stdout
        assert BASE["lines"][0]["name"].encode() in xml
        lab.stop()
        n = 1
        for text, why in ((None, "cannot be read"), (ANOTHER, "not the one"), ("no key", "64 hex digits")):
            os.unlink(f"{lab.dir}/store.key")
            if text:
                write_key(lab, text)
            lab.start()
            status, refused, headers = lab.sell({**BASE, "bill_no": "K2"})
            assert status == 503 and refused["code"] == "store.locked" and refused["retryable"] and headers["Retry-After"], (status, refused)
            assert lab.call("GET", "/health/ready")[1]["store"] == "locked"
            told = lab.hoadon("status", "--json", check=False)
            assert told.returncode == 4 and "store-locked" in json.loads(told.stdout)["reasons"], told
            assert why in lab.log().split("store-locked")[-1], lab.log()[-600:]
            shown = lab.hoadon("invoice", "xml", code_of(answers[0]), check=False)
            assert shown.returncode and b"key_file" in shown.stderr and not shown.stdout, shown
            write_key(lab)
            assert lab.agent.wait(labs.PATIENCE) == 75
            lab.start()
            answers += lab.sell_bills(f"K3{n}")
            lab.wait_accepted(len(answers))
            assert lab.hoadon("invoice", "xml", code_of(answers[0])).stdout == xml
            lab.stop()
            n += 8
        assert seals(lab)[1] == 0 and lab.sql("SELECT count(*) FROM meta WHERE key = 'seal'") == [(1,)]
        return n + 2 + lab.check_books(answers)


def it_is_switched_on_and_off_and_all_stays_readable():
    with shop(None) as lab:
        answers = []
        for i, switch in enumerate((None, "yes", "no", "yes")):
            set_seal(lab, switch)
            before = sum(seals(lab)) if i else 0
            sealed_before = seals(lab)[0] if i else 0
            lab.start()
            answers += lab.sell_bills(f"O{i}")
            lab.wait_accepted(len(answers))
            for answer in answers:
                assert BASE["lines"][0]["name"].encode() in lab.hoadon("invoice", "xml", code_of(answer)).stdout
            lab.stop()
            sealed, plain = seals(lab)
            added = sealed + plain - before
            assert added >= 4 and sealed - sealed_before == (added if switch == "yes" else 0), (switch, sealed, plain, before)
            assert lab.hoadon("fsck", check=False).returncode == 0
            assert lab.hoadon("audit", "verify", check=False).returncode == 0
        compared = lab.check_books(answers)
        set_seal(lab, "yes")
        conf = open(f"{lab.dir}/conf/hoadon.conf", encoding="utf-8").read()
        with open(f"{lab.dir}/conf/hoadon.conf", "w", encoding="utf-8") as f:
            f.write(conf.replace(f"key_file = {lab.dir}/store.key\n", ""))
        refused = lab.hoadon("config", "check", check=False)
        assert refused.returncode == 78 and b"openssl rand -hex 32" in refused.stdout + refused.stderr, refused
        return 9 + compared


def a_copy_elsewhere_goes_on_with_the_signing_key():
    n = 0
    for way in ("backup", "recover"):
        with shop() as lab:
            lab.start()
            answers = lab.sell_bills("C1", "C2")
            lab.wait_accepted(2)
            lab.wait_wrapped()
            words = ("--passphrase", f"{lab.dir}/words")
            lab.hoadon("backup", f"{lab.dir}/b.bak", *words)
            lab.stop()
            shutil.rmtree(f"{lab.dir}/store")
            lab.set_machine("sys-2", "board-2", "disk-2")
            os.unlink(f"{lab.dir}/store.key")
            authority, right = f"{lab.dir}/authority/seller-9900000016.p12", f"{lab.dir}/right.p12"
            command = ("restore", f"{lab.dir}/b.bak", *words) if way == "backup" else ("recover", f"{lab.dir}/medium", "--to", f"{lab.dir}/store")
            os.rename(authority, right)
            lab.run("hoadon-sandbox", "init", "--dir", f"{lab.dir}/other")
            shutil.copy(f"{lab.dir}/other/seller-9900000016.p12", authority)
            refused = lab.hoadon(*command, check=False)
            said = (refused.stdout + refused.stderr).decode()
            assert "wrapped to certificate" in said and not os.path.exists(f"{lab.dir}/store.key"), said
            assert (refused.returncode == 0) == (way == "recover") == os.path.exists(f"{lab.dir}/store"), refused
            os.replace(right, authority)
            for text in (ANOTHER, None):  # another store's key stays where it is
                shutil.rmtree(f"{lab.dir}/store", ignore_errors=True)
                write_key(lab, text) if text else os.unlink(f"{lab.dir}/store.key")
                said = json.loads(lab.hoadon(*command, "--json").stdout)
                assert said["store_key"] == "opened" and said["store_key_file"] == (None if text else f"{lab.dir}/store.key"), said
                assert open(f"{lab.dir}/store.key").read() == (text or KEY) + "\n" and (text or os.stat(f"{lab.dir}/store.key").st_mode & 0o777 == 0o600)
            n += 6
            lab.shape.update(suffix="AB", prefix=2)
            lab.write_config()
            lab.hoadon("adopt", "--reason", "ổ đĩa hỏng")
            lab.start()
            assert BASE["lines"][0]["name"].encode() in lab.hoadon("invoice", "xml", code_of(answers[0])).stdout
            answers += lab.sell_bills("C3")
            lab.wait_accepted(3)
            lab.stop()
            assert seals(lab)[1] == 0
            assert lab.hoadon("fsck", check=False).returncode == 0
            n += 4
    return n


# ---- the key, wrapped to the certificate ----

def opened_with_openssl(lab, authority):
    """The store's key as schemas/store/SEAL.md says it, with the openssl program and the signing key of `authority`; what it says when it does not open."""
    with open(f"{lab.dir}/wrapped.der", "wb") as f:
        f.write(lab.sql("SELECT value FROM meta WHERE key = 'seal_wrapped'")[0][0])
    subprocess.run(["openssl", "pkcs12", "-in", f"{authority}/seller-9900000016.p12", "-passin", "pass:sandbox", "-nodes", "-out", f"{lab.dir}/signer.pem"],
                   check=True, capture_output=True)
    result = subprocess.run(["openssl", "cms", "-decrypt", "-inform", "DER", "-in", f"{lab.dir}/wrapped.der", "-recip", f"{lab.dir}/signer.pem",
                             "-inkey", f"{lab.dir}/signer.pem"], capture_output=True)
    return result.stdout.decode() if result.returncode == 0 else None


def the_signing_key_opens_the_store_wherever_it_lies():
    with shop() as lab:
        lab.start()
        lab.sell_bills("W1")
        lab.wait_accepted(1)
        lab.wait_wrapped()
        assert opened_with_openssl(lab, f"{lab.dir}/authority") == KEY + "\n"
        first = open(f"{lab.dir}/wrapped.der", "rb").read()
        assert KEY.encode() not in b"".join(raw(lab).values())
        lab.stop()
        lab.start()  # what opens is left as it is
        lab.stop()
        assert lab.sql("SELECT value FROM meta WHERE key = 'seal_wrapped'") == [(first,)]
        lab.run("hoadon-sandbox", "init", "--dir", f"{lab.dir}/renewed")
        assert opened_with_openssl(lab, f"{lab.dir}/renewed") is None
        shutil.copy(f"{lab.dir}/renewed/seller-9900000016.p12", f"{lab.dir}/authority/seller-9900000016.p12")
        lab.start()
        wrapped = lab.wait_wrapped(but=first)
        lab.hoadon("backup", f"{lab.dir}/b.bak", "--passphrase", f"{lab.dir}/words")
        lab.wait(lambda: any(wrapped in data for path, data in raw(lab).items() if "/medium/" in path), "the mirror")
        lab.stop()
        n = 6
        for way in (None, "recover", "restore"):
            if way:
                shutil.rmtree(f"{lab.dir}/store")
            if way == "recover":
                lab.hoadon("recover", f"{lab.dir}/medium", "--to", f"{lab.dir}/store")
            if way == "restore":
                lab.hoadon("restore", f"{lab.dir}/b.bak", "--passphrase", f"{lab.dir}/words")
            assert opened_with_openssl(lab, f"{lab.dir}/renewed") == KEY + "\n", way
            n += 1
        set_seal(lab, "no")  # what is sealed already is not forgotten
        shutil.rmtree(f"{lab.dir}/renewed")
        lab.run("hoadon-sandbox", "init", "--dir", f"{lab.dir}/renewed")
        shutil.copy(f"{lab.dir}/renewed/seller-9900000016.p12", f"{lab.dir}/authority/seller-9900000016.p12")
        lab.start()
        lab.wait_wrapped(but=wrapped)
        lab.stop()
        assert opened_with_openssl(lab, f"{lab.dir}/renewed") == KEY + "\n"
        return n + 1


def main():
    report = labs.Report()
    for case in (nothing_on_the_disks_names_a_buyer, without_its_key_it_waits_and_goes_on_when_it_comes, it_is_switched_on_and_off_and_all_stays_readable,
                 a_copy_elsewhere_goes_on_with_the_signing_key, the_signing_key_opens_the_store_wherever_it_lies):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
