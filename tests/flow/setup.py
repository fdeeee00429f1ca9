"""From an installed package to the first sale: hoadon setup, and the rehearsal of a sale."""
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))


def rehearse(lab, *args):
    before = labs.rehearsals()
    result = lab.hoadon("simulate", "sale", "--json", *args, check=False)
    assert result.stdout, result.stderr.decode()
    labs.wait_rehearsals_over(before)
    return result.returncode, json.loads(result.stdout)


def found(said, check):
    return [row for row in said["findings"] if row["check"] == check]


# ---- simulate sale ----

def a_sale_is_rehearsed_and_nothing_leaves():
    n = 0
    for form, sign_each in ((1, False), (2, True)):
        with labs.Lab(form=form, sign_each=sign_each) as lab:
            code, said = rehearse(lab)
            assert code == 0 and said["is_ready"] and said["is_issued"] and said["verdict"] is None, said
            assert said["form"] == form and said["serial"][0] == "C" and said["serial"][-2:] == "AA" and said["number"] == "1" and said["total"] == "110000", said
            assert said["code"].startswith(f"M{form}-") and said["code"].endswith("-VD7K2-00100000001"), said
            assert "9900000016" in said["qr"] and said["serial"][:6] in said["qr"], said
            size = int(said["message_bytes"])
            assert size > (7000 if sign_each else 3000), size  # a signature more
            assert found(said, "key")[0]["level"] == "ok" and "9900000016" in found(said, "key")[0]["found"], said
            assert found(said, "network")[0]["level"] == "ok" and "T-VAN" in found(said, "network")[0]["found"], said
            assert lab.books("SELECT count(*) FROM message") == [(0,)], "something was sent"
            assert not os.path.exists(f"{lab.dir}/store"), "the shop's own store was made"
            text = lab.hoadon("simulate", "sale").stdout.decode()
            assert said["code"] in text and "SẴN SÀNG." in text and "không gửi gì đi" in text, text
            n += 12
    return n


def a_rehearsal_goes_to_a_sandbox_of_its_own():
    with labs.Lab(clock="+86400000") as lab:
        code, said = rehearse(lab, "--send")
        assert code == 0 and said["is_ready"] and said["verdict"] == "accepted", said
        assert lab.books("SELECT count(*) FROM message") == [(0,)], "the configured route was given something"
        assert not os.path.exists(f"{lab.dir}/store")
        text = lab.hoadon("--lang", "en", "simulate", "sale", "--send").stdout.decode()
        assert "sandbox on this machine" in text and "accepted" in text, text
        return 6


def what_stands_in_the_way_is_named():
    with labs.Lab() as lab:
        with open(f"{lab.dir}/conf/conf.d/60-key.conf", "w") as f:
            f.write(f"[key]\npassword_file = {lab.dir}/conf/other\n")
        with open(f"{lab.dir}/conf/other", "w") as f:
            f.write("wrong\n")
        code, said = rehearse(lab)
        assert code == 1 and not said["is_ready"] and said["is_issued"] and said["message_bytes"] == "0", said
        assert found(said, "key")[0]["level"] == "wrong" and "password" in found(said, "key")[0]["found"], said
        os.unlink(f"{lab.dir}/conf/conf.d/60-key.conf")
        lab.stop_authority()
        code, said = rehearse(lab)
        assert code == 1 and int(said["message_bytes"]) > 0, said
        assert found(said, "network")[0]["level"] == "wrong" and found(said, "network")[0]["remedy"], said
        with open(f"{lab.dir}/conf/hoadon.conf", encoding="utf-8") as f:
            config = f.read()
        with open(f"{lab.dir}/conf/hoadon.conf", "w", encoding="utf-8") as f:
            f.write(config.replace("suffix = AA\n", ""))
        code, said = rehearse(lab)
        assert code == 1 and not said["is_issued"] and "serial.suffix" in found(said, "settings")[0]["found"], said
        return 9


# ---- before it is set up ----

class Box(labs.Lab):
    """A machine with the package on it, and the settings of a shop on a stick."""

    BASE = "[store]\ndir = {dir}/store\n[api]\nsocket = {dir}/api.sock\nport = -1\nport_file = {dir}/api.port\n[spool]\ndir = {dir}/spool\n"

    def write_config(self):
        self.conf, self.site, self.stick = f"{self.dir}/conf", f"{self.dir}/conf/conf.d/50-site.conf", f"{self.dir}/stick"
        os.makedirs(self.stick, exist_ok=True)
        os.unlink(f"{self.conf}/password")
        with open(f"{self.conf}/hoadon.conf", "w", encoding="utf-8") as f:
            f.write(self.BASE.format(dir=self.dir))
        for source, name in ((f"{self.dir}/authority/seller-9900000016.p12", "key.p12"), (f"{self.dir}/authority/ca.crt.pem", "ca.pem")):
            shutil.copy(source, f"{self.stick}/{name}")
        self.password()
        self.file = self.shop()

    def password(self, text="sandbox"):
        with open(f"{self.stick}/password", "w") as f:
            f.write(text + "\n")

    def shop(self, **change):
        """The file of settings; `change`: SECTION_KEY = value, None = without it."""
        sections = {"seller": {"tax_code": "9900000016", "name": "Công ty TNHH Quán Ví Dụ", "address": "Số 1 Phố Ví Dụ, Phường Mẫu, Thành phố Hà Nội",
                               "provider_tax_code": "9900000030", "sender": "V9900000023"},
                    "serial": {"form": "1", "suffix": "AA", "key": "VD7K2", "issuer_prefix": "1"},
                    "till T01": {}, "till T02": {"location_name": "Quán Ví Dụ"},
                    "key": {"file": f"{self.stick}/key.p12", "password_file": f"{self.stick}/password"},
                    "authority tvan": {"url": f"https://localhost:{self.port}/tvan/v1", "ca_file": f"{self.stick}/ca.pem",
                                       "anchors_file": f"{self.stick}/ca.pem", "user": "tvan", "password_file": f"{self.stick}/password"},
                    "store": {}, "send": {"query_pause_ms": "100"}}
        for name, value in change.items():
            section, key = name.split("__")
            section = {"authority": "authority tvan"}.get(section, section)
            if value is None:
                del sections[section][key]
            else:
                sections[section][key] = value
        path = f"{self.stick}/shop.conf"
        with open(path, "w", encoding="utf-8") as f:
            for section, settings in sections.items():
                f.write(f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
        return path

    def setup(self, *args, env=None):
        """hoadon setup --from FILE: (exit code, what it says)."""
        self.env.update(env or {})
        before = labs.rehearsals()
        result = self.hoadon("--lang", "en", "setup", "--from", self.file, "--json", *args, check=False)
        labs.wait_rehearsals_over(before)
        return result.returncode, json.loads(result.stdout) if result.stdout else result.stderr.decode()

    def files(self):
        """Every file of the configuration with its content, mode and time of change."""
        found = {}
        for folder, _, names in os.walk(self.conf):
            for name in names:
                path = os.path.join(folder, name)
                info = os.stat(path)
                with open(path, "rb") as f:
                    found[path] = (f.read(), info.st_mode & 0o777, info.st_mtime_ns, info.st_ino)
        return found


def an_installed_agent_says_that_it_is_not_set_up():
    with Box() as box:
        box.start()
        status, answer, headers = box.sell({"till_id": "T01"})
        assert status == 503 and answer["code"] == "setup.missing" and headers["Retry-After"] and "hoadon setup" in answer["detail_vi"], (status, answer)
        assert box.call("GET", "/health/ready")[:2] == (503, {"status": "not_ready", "disk": "ok", "store": "none", "key": "none", "routes": "ok", "stuck": None, "ports": "ok", "not_well": {}})
        told = box.hoadon("status", check=False)
        assert told.returncode == 4 and told.stdout.decode().splitlines() == ["CHƯA CÀI ĐẶT: hãy chạy sudo hoadon setup"] and not told.stderr, told
        told = box.hoadon("--lang", "en", "status", "--json", check=False)
        assert told.returncode == 4 and json.loads(told.stdout)["state"] == "not_set_up", told
        told = box.hoadon("--lang", "en", "doctor", "--json", check=False)
        wrong = [row for row in json.loads(told.stdout)["findings"] if row["level"] == "wrong"]
        assert told.returncode == 4 and [row["command"] for row in wrong] == ["sudo hoadon setup"] and wrong[0]["found"] == "not set up yet", wrong
        assert not os.path.exists(f"{box.dir}/store"), "a store of nobody was made"
        assert "not-set-up" in box.log() and box.agent.poll() is None
        assert box.stop() == 0
        with open(box.site, "w") as f:
            f.write("[seller]\ntax_code = 99\n")
        box.start(wait=False)
        assert box.agent.wait(labs.PATIENCE) == 78, "wrong settings are no missing ones"
        return 14


# ---- setup --from FILE ----

def a_file_of_settings_makes_a_shop_that_sells():
    with Box() as box:
        before = box.files()
        code, said = box.setup("--dry-run")
        assert code == 0 and not said["is_set_up"] and said["verdict"] == "accepted" and box.files() == before, said
        code, said = box.setup()
        assert code == 0 and said["is_set_up"] and said["is_changed"] and not said["has_backup"] and said["secrets"] == "files", said
        assert said["verdict"] == "accepted" and said["service"] is None and not [row for row in said["findings"] if row["level"] == "wrong"], said
        assert box.books("SELECT count(*) FROM message") == [(0,)], "the rehearsal went over the shop's own line"
        assert box.stick not in read(box.site), read(box.site)
        shutil.rmtree(box.stick)  # whoever installed it leaves
        box.start()
        answers = box.sell_bills("HD1", "HD2")
        box.wait_accepted(2)
        modes = {os.path.basename(path): mode for path, (_, mode, _, _) in box.files().items()}
        assert modes == {"hoadon.conf": modes["hoadon.conf"], "50-site.conf": 0o644, "seller.p12": 0o600, "seller.pass": 0o600, "store.key": 0o600, "tvan-password": 0o600,
                         "tvan-ca.pem": 0o644, "tvan-anchors.pem": 0o644}, modes
        assert box.hoadon("config", "check", check=False).returncode == 0
        assert box.hoadon("doctor", check=False).returncode in (0, 3)
        return 13 + box.check_books(answers)


def a_second_run_changes_nothing():
    with Box() as box:
        assert box.setup()[0] == 0
        before = box.files()
        code, said = box.setup()
        assert code == 0 and said["is_set_up"] and not said["is_changed"] and box.files() == before, said
        text = box.hoadon("--lang", "en", "setup", "--from", box.file).stdout.decode()
        assert "Unchanged:" in text and "token create" in text, text
        with open(f"{box.stick}/key.p12", "rb") as f:
            key = f.read()
        box.file = box.shop(serial__suffix="AB")
        code, said = box.setup()
        assert code == 0 and said["is_changed"] and said["has_backup"], said
        after = box.files()
        changed = {path for path in after if after[path] != before.get(path)}
        assert changed == {box.site, box.site + ".bak"} and before[box.site][0] == after[box.site + ".bak"][0], changed
        assert "suffix = AB" in after[box.site][0].decode() and b"suffix = AA" not in after[box.site][0]
        # a renewed certificate: the file of before stays, for whoever goes back
        labs.Lab.run(box, "hoadon-sandbox", "init", "--dir", f"{box.dir}/other")
        shutil.copy(f"{box.dir}/other/seller-9900000016.p12", f"{box.stick}/key.p12")
        code, said = box.setup()
        assert code == 0 and f"{box.conf}/keys/seller.p12.2" in box.files()[box.site][0].decode(), said
        assert box.files()[f"{box.conf}/keys/seller.p12"][0] == key
        return 9


def every_wrong_answer_is_told_at_once():
    with Box() as box:
        before = box.files()
        wrongs = {
            "seller__tax_code": ("9900000017", "check digit"), "seller__provider_tax_code": ("12345", "digits"), "seller__sender": ("v-1", "capital letters"),
            "serial__form": ("3", "form = 3"), "serial__suffix": ("A1", "two capital letters"), "serial__key": ("VD7K", "five capitals"),
            "serial__issuer_prefix": ("1000", "from 0 to 999"), "authority__url": ("http://localhost/tvan", "https://"),
            "seller__name": (None, "stands on every invoice"), "seller__nam": ("x", 'did you mean "name"'), "key__file": ("/nowhere.p12", "/nowhere.p12"),
        }
        n = 0
        for name, (value, sentence) in wrongs.items():
            box.file = box.shop(**{name: value})
            code, said = box.setup("--offline")
            wrong = [row for row in said["findings"] if row["level"] == "wrong"]
            assert code == 78 and not said["is_set_up"] and len(wrong) == 1 and sentence in wrong[0]["found"], (name, code, wrong)
            assert wrong[0]["command"].startswith("sudo hoadon setup --from ") and name.split("__")[1] in wrong[0]["found"], wrong
            n += 2
        box.file = box.shop(**{name: value for name, (value, _) in wrongs.items() if name in (
            "seller__tax_code", "seller__provider_tax_code", "seller__sender", "serial__suffix", "serial__key", "authority__url")})
        code, said = box.setup()
        assert code == 78 and len([row for row in said["findings"] if row["level"] == "wrong"]) == 6, said
        box.file = box.shop()
        box.password("wrong")
        code, said = box.setup("--offline")
        assert code == 78 and "password does not open" in [row for row in said["findings"] if row["level"] == "wrong"][0]["found"], said
        box.password()
        box.file = box.shop(seller__tax_code="9900000048")
        code, said = box.setup("--offline")
        assert code == 78 and "9900000016" in [row for row in said["findings"] if row["level"] == "wrong"][0]["found"], said
        box.file = box.shop()
        box.stop_authority()
        code, said = box.setup()
        wrong = [row for row in said["findings"] if row["level"] == "wrong"]
        assert code == 78 and [row["check"] for row in wrong] == ["network"] and wrong[0]["remedy"], said
        assert "--offline" in box.hoadon("setup", "--from", box.file, check=False).stdout.decode()
        assert box.files() == before, "something was written"
        assert box.setup("--offline")[0] == 0
        os.mkdir(f"{box.dir}/nothing")
        result = box.run("hoadon", "--config", f"{box.dir}/nothing", "setup", "--from", box.file, check=False)
        assert result.returncode == 1 and b"hoadon.conf" in result.stderr, result
        return n + 9


def a_store_of_another_seller_is_left_alone():
    with Box() as box:
        assert box.setup()[0] == 0
        box.start()
        box.sell_bills("HD1")
        box.stop()
        labs.Lab.run(box, "hoadon-sandbox", "init", "--dir", f"{box.dir}/other", "--seller", "9900000048:Công ty khác:VD7K3:1")
        shutil.copy(f"{box.dir}/other/seller-9900000048.p12", f"{box.stick}/key.p12")
        box.file = box.shop(seller__tax_code="9900000048")
        before = box.files()
        code, said = box.setup("--offline")
        assert code == 78 and "belongs to seller 9900000016" in found(said, "store")[0]["found"] and box.files() == before, said
        return 3


# ---- key and passwords ----

SEALER = """#!/bin/sh
case $1 in
encrypt) echo "sealed ${2#--name=}"; base64 ;;
decrypt) [ "$(head -n 1 "$3")" = "sealed ${2#--name=}" ] && tail -n +2 "$3" | base64 -d ;;
esac
"""


def with_systemd(box):
    """A systemd that seals by writing the name in front, and notes what it is asked."""
    box.root, box.drop_in = f"{box.dir}/root", f"{box.dir}/root/etc/systemd/system/hoadond.service.d/50-setup.conf"
    for path in ("root/run/systemd/system", "words"):
        os.makedirs(f"{box.dir}/{path}")
    box.env["PATH"] = f"{box.dir}/words:{os.environ['PATH']}"
    word(box, "systemd-creds", SEALER)
    word(box, "systemctl", f'#!/bin/sh\n[ $1 = show ] && exec cat {box.dir}/since\necho "$*" >>{box.dir}/said\n')
    since(box, "")


def word(box, name, script):
    with open(f"{box.dir}/words/{name}", "w", encoding="utf-8") as f:
        f.write(script)
    os.chmod(f.name, 0o755)


def since(box, text):
    with open(f"{box.dir}/since", "w", encoding="utf-8") as f:
        f.write(text)


def said_to_systemd(box):
    path = f"{box.dir}/said"
    text = read(path) if os.path.exists(path) else ""
    open(path, "w").close()
    return text.splitlines()


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def another_certificate(box):
    shutil.rmtree(f"{box.dir}/other", ignore_errors=True)
    box.run("hoadon-sandbox", "init", "--dir", f"{box.dir}/other")
    shutil.copy(f"{box.dir}/other/seller-9900000016.p12", f"{box.stick}/key.p12")


def secrets_are_sealed_where_systemd_runs():
    with Box() as box:
        with_systemd(box)
        with open(f"{box.stick}/store.key", "w") as f:
            f.write("1f" * 32 + "\n")
        box.file = box.shop(store__seal="yes", store__key_file=f"{box.stick}/store.key")
        code, said = box.setup()
        assert code == 0 and said["secrets"] == "sealed" and said["service"] == "restarted", said
        names = ["seller.p12", "seller.pass", "store.key", "tvan-password"]
        for name in names:
            assert f" = /run/credentials/hoadond.service/{name}\n" in read(box.site), name
            data, mode, _, _ = box.files()[f"{box.conf}/keys/{name}"]
            assert data.startswith(f"sealed {name}\n".encode()) and mode == 0o600, (name, data[:40])
        assert not [path for path, (data, _, _, _) in box.files().items() if data.rstrip() == b"sandbox"], "a password in clear"
        assert read(box.drop_in) == "[Service]\n" + "".join(f"LoadCredentialEncrypted={name}:{box.conf}/keys/{name}\n" for name in names)
        assert said_to_systemd(box) == ["daemon-reload", "restart hoadond.service"]
        since(box, f"@{int(time.time()) + 60}\n")
        before = {**box.files(), "drop-in": read(box.drop_in)}
        code, said = box.setup()
        assert code == 0 and not said["is_changed"] and said["service"] == "running" and said_to_systemd(box) == [], said
        assert {**box.files(), "drop-in": read(box.drop_in)} == before, "a second run changed something"
        since(box, "@1\n")  # killed before the service was started again
        assert box.setup()[1]["service"] == "restarted" and said_to_systemd(box)[-1] == "restart hoadond.service"
        return 17


def a_service_that_does_not_start_is_told():
    with Box() as box:
        with_systemd(box)
        assert box.setup("--offline")[0] == 0
        another_certificate(box)
        word(box, "systemctl", "#!/bin/sh\n[ $1 != restart ]\n")
        code, said = box.setup()
        assert code == 1 and said["is_changed"] and said["service"] == "failed", said
        assert "seller.p12.2:" in read(box.drop_in) and "seller.p12:" not in read(box.drop_in)
        word(box, "systemd-creds", "#!/bin/sh\n[ $1 = --version ]\n")
        another_certificate(box)
        before = box.files()
        result = box.hoadon("setup", "--from", box.file, check=False)
        assert result.returncode == 1 and b"does not encrypt" in result.stderr and box.files() == before, result
        return 6


def killed_between_the_writes_leaves_old_or_new():
    with Box() as box:
        with_systemd(box)
        assert box.setup("--offline")[0] == 0
        for name in ("conf", "root"):
            shutil.copytree(f"{box.dir}/{name}", f"{box.dir}/saved/{name}")
        another_certificate(box)
        box.file = box.shop(serial__suffix="AB")
        seen = []
        for n in range(6):  # key, unit, the settings of before, settings, unit; the last run lives
            for name in ("conf", "root"):
                shutil.rmtree(f"{box.dir}/{name}")
                shutil.copytree(f"{box.dir}/saved/{name}", f"{box.dir}/{name}")
            env = {**box.env, "HOADON_FAILPOINT": f"file.rename.before:{n + 1}:kill"} if n < 5 else box.env
            result = subprocess.run([f"{labs.BIN}/hoadon", "--config", box.conf, "--test-root", box.root, "setup", "--from", box.file, "--offline"],
                                    capture_output=True, env=env, timeout=2 * labs.PATIENCE)
            site, loaded = read(box.site), read(box.drop_in)
            key = "seller.p12.2" if "suffix = AB" in site else "seller.p12"
            assert f"file = /run/credentials/hoadond.service/{key}\n" in site, site
            for name in (key, "seller.pass", "tvan-password"):
                assert f"LoadCredentialEncrypted={name}:" in loaded and os.path.exists(f"{box.conf}/keys/{name}"), (n, name, loaded)
            assert result.returncode == (-9 if n < 5 else 0), result
            seen.append(key)
        assert seen == ["seller.p12"] * 4 + ["seller.p12.2"] * 2 and "seller.p12:" not in loaded, (seen, loaded)
        return 6 * len(seen) + 2


# ---- the key of the store ----

SEALED_COLUMNS = (("frame", "bytes"), ("invoice_bytes", "xml"), ("message_bytes", "head"), ("message_bytes", "signature"), ("verdict", "raw"))


def seals(box):
    """How many blobs are sealed, and how many are not."""
    codecs = [blob[0] & 0x80 for table, column in SEALED_COLUMNS for (blob,) in box.sql(f"SELECT {column} FROM {table}")]
    return sum(map(bool, codecs)), codecs.count(0)


def sell_and_stop(box, *bills):
    box.start()
    answers = box.sell_bills(*bills)
    box.wait(lambda: box.sql("SELECT count(*) FROM invoice WHERE state <> 'accepted'")[0][0] == 0, "everything to be accepted")
    if "seal = yes" in read(box.site):
        box.wait_wrapped()
    box.stop()
    return answers


def reads(box, answers):
    for answer in answers:
        assert BASE["lines"][0]["name"].encode() in box.hoadon("invoice", "xml", answer["invoice"]["code"]).stdout, answer
    return len(answers)


def a_shop_that_is_set_up_is_sealed_and_keeps_its_key():
    with Box() as box, Box() as other:
        key = f"{box.conf}/keys/store.key"
        code, said = box.setup("--dry-run")
        assert code == 0 and said["store_key"] == "made" and not os.path.exists(key), said
        code, said = box.setup()
        assert code == 0 and said["is_sealed"] and said["store_key"] == "made", said
        first = read(key)
        assert len(bytes.fromhex(first.strip())) == 32 and f"seal = yes\nkey_file = {key}\n" in read(box.site), read(box.site)
        assert other.setup()[0] == 0 and read(f"{other.conf}/keys/store.key") != first, "two boxes have one key"
        answers = sell_and_stop(box, "HD1")
        assert seals(box)[1] == 0 and seals(box)[0] >= 5, seals(box)
        for change in ({}, {"seller__name": "Quán Ví Dụ Hai"}):
            box.file = box.shop(**change)
            code, said = box.setup()
            assert code == 0 and said["store_key"] == "kept" and said["is_changed"] == bool(change) and read(key) == first, said
        text = box.hoadon("--lang", "en", "setup", "--from", box.file).stdout.decode()
        assert "encrypted, with the key it had" in text, text
        box.file = box.shop(store__seal="no")  # off again: what is sealed is read on
        code, said = box.setup()
        assert code == 0 and not said["is_sealed"] and said["store_key"] == "kept" and f"seal = no\nkey_file = {key}\n" in read(box.site), said
        sealed = seals(box)[0]
        answers += sell_and_stop(box, "HD2")
        assert seals(box)[0] == sealed and seals(box)[1] >= 3, seals(box)
        n = 12 + reads(box, answers)
        box.file = box.shop()
        code, said = box.setup()
        assert code == 0 and said["is_sealed"] and said["store_key"] == "kept", said
        answers += sell_and_stop(box, "HD3")
        assert seals(box)[0] > sealed
        assert sorted(name for name in os.listdir(f"{box.conf}/keys") if "store" in name) == ["store.key"]
        return n + 4 + reads(box, answers)


def a_plain_shop_stays_plain_until_it_is_set_up_again():
    with Box() as box:
        box.file = box.shop(store__seal="no")
        code, said = box.setup()
        assert code == 0 and not said["is_sealed"] and said["store_key"] is None and not os.path.exists(f"{box.conf}/keys/store.key"), said
        text = box.hoadon("--lang", "en", "setup", "--from", box.file).stdout.decode()
        assert "NOT encrypted" in text, text
        answers = sell_and_stop(box, "HD1")
        assert seals(box)[0] == 0
        plain = seals(box)[1]
        box.file = box.shop()
        text = box.hoadon("--lang", "en", "setup", "--from", box.file).stdout.decode()
        assert "encrypted from now on, with a new key; what was written before stays as it is" in text, text
        answers += sell_and_stop(box, "HD2")
        assert seals(box)[1] == plain and seals(box)[0] >= 5, seals(box)
        assert box.hoadon("fsck", check=False).returncode == 0
        return 7 + reads(box, answers)


def lose_disk(box):
    """All that is left is the stick, with the second medium and a backup; a new machine with the package on it."""
    box.kill()
    shutil.rmtree(f"{box.dir}/store")
    shutil.rmtree(f"{box.conf}/keys")
    for name in (box.site, f"{box.site}.bak"):
        if os.path.exists(name):
            os.unlink(name)
    box.set_machine("sys-2", "board-2", "disk-2")


def a_lost_disk_is_sold_on_with_the_signing_key_alone():
    n = 0
    for way in ("recover", "restore"):
        with Box() as box:
            box.set_machine("sys-1", "board-1", "disk-1")
            medium, words = f"{box.dir}/medium", f"{box.dir}/passphrase"
            os.mkdir(medium)
            with open(words, "w", encoding="utf-8") as f:
                f.write("cá lúa nắng mưa gió biển\n")
            with open(box.file, "a", encoding="utf-8") as f:
                f.write(f"[mirror]\ndir = {medium}\nsame_disk = yes\n")
            assert box.setup("--offline")[1]["store_key"] == "made"
            key = read(f"{box.conf}/keys/store.key")
            box.start()
            answers = box.sell_bills("HD1", "HD2")
            box.wait_accepted(2)
            box.wait_wrapped()
            box.hoadon("backup", f"{box.dir}/night.bak", "--passphrase", words)
            box.wait_safe()
            lose_disk(box)
            shutil.copy(f"{box.stick}/key.p12", f"{box.dir}/right.p12")
            signing = ("--key", f"{box.dir}/right.p12", "--key-password", f"{box.stick}/password")
            if way == "recover":
                said = box.hoadon("--lang", "en", "recover", medium, "--to", f"{box.dir}/store").stdout.decode()
                assert "no key here opens it" in said and "sudo hoadon setup" in said, said
                n += 1
            else:
                backup = ("--lang", "en", "restore", f"{box.dir}/night.bak", f"{box.dir}/store", "--passphrase", words)
                refused = box.hoadon(*backup, check=False)
                assert refused.returncode == 1 and b"--key FILE" in refused.stderr and not os.path.exists(f"{box.dir}/store"), refused
                another_certificate(box)
                refused = box.hoadon(*backup, "--key", f"{box.stick}/key.p12", *signing[2:], check=False)
                assert refused.returncode == 1 and b"wrapped to certificate" in refused.stderr and not os.path.exists(f"{box.dir}/store"), refused
                said = json.loads(box.hoadon(*backup, *signing, "--verify", "--json").stdout)
                assert said["store_key"] == "opened" and said["store_key_file"] is None and said["findings"] == 0, said
                said = box.hoadon(*backup, *signing).stdout.decode()
                assert "The signing key opens the store's key" in said and "sudo hoadon setup" in said, said
                n += 4
            another_certificate(box)
            box.file = box.shop(serial__suffix="AB", serial__issuer_prefix="2")
            before = box.files()
            code, said = box.setup("--offline")
            wrong = [row["found"] for row in said["findings"] if row["level"] == "wrong"]
            assert code == 78 and len(wrong) == 1 and "wrapped to certificate" in wrong[0] and box.files() == before, said
            shutil.copy(f"{box.dir}/right.p12", f"{box.stick}/key.p12")
            code, said = box.setup("--offline")
            assert code == 0 and said["store_key"] == "opened" and read(f"{box.conf}/keys/store.key") == key, said
            assert box.hoadon("adopt", "--reason", "ổ đĩa hỏng", check=False).returncode == 0
            answers += sell_and_stop(box, "HD3")
            assert answers[2]["invoice"]["serial"].endswith("AB") and seals(box)[1] == 0, (answers[2], seals(box))
            n += 5 + reads(box, answers)
    return n


def a_box_that_was_set_up_first_takes_the_key_of_what_it_gets():
    with Box() as box:
        assert box.setup("--offline")[1]["store_key"] == "made"
        key = read(f"{box.conf}/keys/store.key")
        answers = sell_and_stop(box, "HD1")
        os.rename(f"{box.dir}/store", f"{box.dir}/came")
        shutil.rmtree(f"{box.conf}/keys")
        os.unlink(box.site)
        with_systemd(box)
        code, said = box.setup("--offline")
        assert code == 0 and said["store_key"] == "made" and said["secrets"] == "sealed", said
        made = read(f"{box.conf}/keys/store.key")
        os.rename(f"{box.dir}/came", f"{box.dir}/store")
        code, said = box.setup("--offline")
        assert code == 0 and said["store_key"] == "opened" and "/run/credentials/hoadond.service/store.key.2\n" in read(box.site), said
        assert read(f"{box.conf}/keys/store.key") == made, "the key of before is gone"
        sealed, name = f"{box.conf}/keys/store.key.2", "--name=store.key.2"
        opened = subprocess.run([f"{box.dir}/words/systemd-creds", "decrypt", name, sealed, "-"], capture_output=True, check=True)
        assert opened.stdout.decode() == key, opened
        code, said = box.setup("--offline")
        assert code == 0 and said["store_key"] == "kept" and not said["is_changed"], said
        with open(f"{box.stick}/store.key", "w") as f:
            f.write("1f" * 32 + "\n")
        box.file = box.shop(store__key_file=f"{box.stick}/store.key")
        code, said = box.setup("--offline")
        assert code == 78 and "not the one" in found(said, "store")[-1]["found"], said
        return 8 + len(answers)


# ---- many boxes ----

def one_image_serves_many_shops_and_a_clone_sells_nothing():
    with Box() as first, Box() as second:
        ids = set()
        for number, box in enumerate((first, second), 1):  # the same image; settings of their own
            box.set_machine(f"sys-{number}", f"board-{number}", f"disk-{number}")
            box.file = box.shop(serial__suffix=f"A{'AB'[number - 1]}", serial__issuer_prefix=str(number))
            assert box.setup()[0] == 0
            box.start()
            answer = box.sell_bills("HD1")[0]
            assert answer["invoice"]["code"].endswith(f"-00{number}00000001"), answer
            box.wait_accepted(1)
            ids.add(json.loads(box.hoadon("status", "--json", check=False).stdout)["store"])
        assert len(ids) == 2, ids
        first.stop()
        first.stop_authority()
        for name in ("store", "conf"):
            shutil.copytree(f"{first.dir}/{name}", f"{first.dir}/image/{name}")
        for number in (3, 4):  # its disk, cloned into two machines that nobody can reach
            for name in ("store", "conf"):
                shutil.rmtree(f"{first.dir}/{name}")
                shutil.copytree(f"{first.dir}/image/{name}", f"{first.dir}/{name}")
            first.set_machine(f"sys-{number}", f"board-{number}", f"disk-{number}")
            first.start()
            status, answer, _ = first.sell({**BASE, "bill_no": "HD2", "till_id": "T01"})
            assert status == 202 and answer["problem"]["code"] == "store.copy", (status, answer)
            assert "hoadon adopt" in first.hoadon("status", check=False).stdout.decode()
            first.stop()
            first.file = first.shop(serial__suffix=f"A{'CD'[number - 3]}", serial__issuer_prefix=str(number))
            code, said = first.setup("--offline")
            copy = found(said, "store")[0]
            assert code == 0 and copy["level"] == "warning" and "hoadon adopt" in copy["command"], said
            assert first.hoadon("adopt", "--reason", "máy mới", check=False).returncode == 0
            first.start()
            status, answer, _ = first.sell({**BASE, "bill_no": "HD3", "till_id": "T01"})
            assert status == 201 and answer["invoice"]["code"].endswith(f"-00{number}00000001"), (status, answer)
            first.stop()
        return 14


# ---- the wizard ----

class Wizard:
    """hoadon setup at a terminal."""

    def __init__(self, box, *args):
        self.terminal, own = pty.openpty()
        self.text = self.all = ""
        self.process = subprocess.Popen([f"{labs.BIN}/hoadon", "--config", box.conf, *box._root(), "setup", *args], stdin=own, stdout=own, stderr=own, env=box.env,
                                        start_new_session=True)
        os.close(own)

    def read(self):
        if not select.select([self.terminal], [], [], 120)[0]:
            raise AssertionError(f"it says nothing more behind: {self.text[-800:]}")
        try:
            part = os.read(self.terminal, 4096).decode(errors="replace")
        except OSError:  # it ended
            part = ""
        self.text += part
        self.all += part
        return part

    def answer(self, question, text):
        """Wait for the question, and answer; what was said since the last answer."""
        while question not in self.text:
            assert self.read(), f"it ended before it asked {question}: {self.text[-800:]}"
        said, self.text = self.text, ""
        os.write(self.terminal, text.encode() if text == "\x04" else text.encode() + b"\n")
        return said

    def end(self):
        while self.read():
            pass
        os.close(self.terminal)
        return self.process.wait(labs.PATIENCE), self.text


QUESTIONS = ["Mã số thuế người bán", "Tên người bán", "Địa chỉ người bán", "Mã số thuế tổ chức cung cấp", "Mã nơi gửi", "Loại hóa đơn", "Hai chữ cuối",
             "Năm ký tự", "Số của máy này", "Tệp chứng thư số", "Mật khẩu của tệp đó", "Địa chỉ T-VAN", "chứng thư gốc của máy chủ", "chứng thư gốc của cơ quan thuế",
             "Tên đăng nhập", "Mật khẩu tại T-VAN", "Địa chỉ T-VAN thứ hai", "Thư mục trên USB", "Địa chỉ nhận tin", "Địa chỉ thư của người phụ trách",
             "Tên các máy tính tiền", "Tên địa điểm của máy T01", "Tên địa điểm của máy T02"]


def the_wizard_asks_again_until_it_is_right():
    with Box() as box:
        right = ["9900000016", "Công ty TNHH Quán Ví Dụ", "Số 1 Phố Ví Dụ, Hà Nội", "9900000030", "V9900000023", "1", "AA", "VD7K2", "1", f"{box.stick}/key.p12",
                 "sandbox", f"https://localhost:{box.port}/tvan/v1", f"{box.stick}/ca.pem", f"{box.stick}/ca.pem", "tvan", "sandbox", "", "", "", "", "T01 T02", "", ""]
        wrong = {0: [("99", "10 chữ số"), ("9900000017", "số kiểm tra")], 1: [("", "cần trả lời")], 4: [("v 1", "chữ hoa")], 5: [("3", "1 (hóa đơn GTGT)")],
                 6: [("A1", "hai chữ hoa")], 7: [("vd7k2", "năm chữ hoa")], 8: [("1000", "0 đến 999")], 9: [("/nowhere.p12", "No such file")],
                 11: [("http://x", "https://")], 16: [("http://x", "https://")], 17: [("/nowhere", "No such file")], 18: [("http://x", "https://")],
                 20: [("Quầy 1", "chữ không dấu")]}
        wizard = Wizard(box)
        n = 0
        for i, question in enumerate(QUESTIONS):
            because = None
            if i == 10:
                wizard.answer(question, "wrong")
                assert "mật khẩu không mở được" in wizard.answer(QUESTIONS[9], "")
            for text, reason in [*wrong.get(i, []), (right[i], None)]:
                said = wizard.answer(question, text)
                assert not because or "! " in said and because in said, (question, because, said)
                because = reason
                n += 1
        code, said = wizard.end()
        assert code == 0 and "token create" in said and "sandbox" not in wizard.all, wizard.all
        assert box.hoadon("config", "check", check=False).returncode == 0
        with open(box.site, "a", encoding="utf-8") as f:
            f.write("\n[send]\nquery_pause_ms = 100\n")  # nobody is asked about it
        box.start()
        answers = box.sell_bills("HD1")
        box.wait_accepted(1)
        box.stop()
        before = box.files()
        wizard = Wizard(box)
        for question in QUESTIONS:
            wizard.answer(question, "")
        code, said = wizard.end()
        assert code == 0 and "Không đổi" in said and box.files() == before, said
        return n + 5 + len(answers)


def what_a_shop_may_have_besides_is_asked_for_too():
    with Box() as box:
        medium = f"{box.dir}/medium"
        os.mkdir(medium)
        required = ["9900000016", "Q", "Đ", "9900000030", "V9900000023", "1", "AA", "VD7K2", "1", f"{box.stick}/key.p12", "sandbox",
                    f"https://localhost:{box.port}/tvan/v1", f"{box.stick}/ca.pem", f"{box.stick}/ca.pem", "tvan", "sandbox"]
        besides = [("Địa chỉ T-VAN thứ hai", f"https://127.0.0.1:{box.port}/tvan/v1"), ("máy chủ thứ hai", f"{box.stick}/ca.pem"), ("tại đó", f"{box.stick}/ca.pem"),
                   ("Tên đăng nhập tại T-VAN thứ hai", "tvan"), ("Mật khẩu tại T-VAN thứ hai", "sandbox"),
                   ("Thư mục trên USB", medium), ("Địa chỉ nhận tin", "https://alarm.example/shop"),
                   ("người phụ trách", "owner@shop.example"), ("Địa chỉ gửi", "box@shop.example"), ("Máy chủ thư", "shop.example"),
                   ("bắt đầu bằng smtps://", "smtps://shop.example"), ("Tên đăng nhập máy chủ thư", "box"), ("Mật khẩu máy chủ thư", "letters"),
                   ("Tên các máy", "T01 T02"), ("Tên địa điểm của máy T01", "Quán Hai"), ("Địa chỉ địa điểm của máy T01", "Số 2 Phố Ví Dụ"),
                   ("Tên địa điểm của máy T02", "")]
        wizard = Wizard(box)
        for question, text in [*zip(QUESTIONS, required), *besides]:
            wizard.answer(question, text)
        code, said = wizard.end()
        site = read(box.site)
        assert code == 0 and "letters" not in wizard.all, wizard.all
        for line in (f"[authority tvan-2]\nurl = https://127.0.0.1:{box.port}/tvan/v1\n", f"[mirror]\ndir = {medium}\n", "webhook_url = https://alarm.example/shop\n",
                     "mail_to = owner@shop.example\n", "mail_url = smtps://shop.example\n", f"mail_password_file = {box.conf}/keys/mail.pass\n",
                     "[till T01]\nlocation_name = Quán Hai\nlocation_address = Số 2 Phố Ví Dụ\n", "[till T02]\n"):
            assert line in site, (line, site)
        assert site.index("[authority tvan]") < site.index("[authority tvan-2]"), "the second is asked first"
        assert read(f"{box.conf}/keys/mail.pass").strip() == "letters" and box.hoadon("config", "check", check=False).returncode == 0
        with open(box.site, "a", encoding="utf-8") as f:
            f.write("\n[authority tvan-2]\ndriver = tdiep\n")  # nobody is asked about it
        wizard = Wizard(box)
        for question, _ in [*zip(QUESTIONS, required), *(row for row in besides if row[0] != "bắt đầu bằng smtps://")]:
            wizard.answer(question, "")
        code, said = wizard.end()
        assert code == 0 and site.replace("[authority tvan-2]\n", "[authority tvan-2]\ndriver = tdiep\n") == read(box.site), read(box.site)
        none = ("Địa chỉ T-VAN thứ hai", "Thư mục trên USB", "Địa chỉ nhận tin", "người phụ trách", "Tên địa điểm của máy T01")
        wizard = Wizard(box)
        for question in [*QUESTIONS[:16], *none[:4], "Tên các máy", none[4], "Tên địa điểm của máy T02"]:
            wizard.answer(question, "-" if question in none else "")
        code, said = wizard.end()
        site = read(box.site)
        assert code == 0 and not [word for word in ("tvan-2", "[mirror]", "[alarm]", "location") if word in site] and "[till T01]" in site, site
        return 20


def a_replaced_key_stays_while_the_last_signature_is_its():
    with Box() as box:
        names = lambda: sorted(name for name in os.listdir(f"{box.conf}/keys") if name.startswith("seller.p12"))  # noqa: E731

        def put_at(name, ms):
            os.utime(f"{box.conf}/keys/{name}", (ms / 1000, ms / 1000))

        def renew():
            os.rename(f"{box.stick}/key.p12", f"{box.stick}/next.p12")
            shutil.move(f"{box.dir}/other.p12", f"{box.stick}/key.p12")
            os.rename(f"{box.stick}/next.p12", f"{box.dir}/other.p12")
            return box.setup("--offline")

        box.run("hoadon-sandbox", "init", "--dir", f"{box.dir}/other")
        os.rename(f"{box.dir}/other/seller-9900000016.p12", f"{box.dir}/other.p12")
        assert box.setup("--offline")[0] == 0
        box.start()
        box.sell_bills("HD1")
        box.wait_accepted(1)
        box.stop()
        signed = box.sql("SELECT max(made_at) FROM message")[0][0]
        put_at("seller.p12", signed - 1000)
        seen = []
        for number in (2, 3, 4):
            assert renew()[0] == 0
            put_at(f"seller.p12.{number}", signed + number * 1000)
            seen.append(names())
        assert seen == [["seller.p12", "seller.p12.2"], ["seller.p12", "seller.p12.2", "seller.p12.3"], ["seller.p12", "seller.p12.3", "seller.p12.4"]], seen
        for name in ("seller.p12.7", "seller.p12.8", "store.key.5", "store.key.6", "store.key.7", "other.txt"):
            with open(f"{box.conf}/keys/{name}", "w") as f:
                f.write("left\n")
            put_at(name, signed + 9000)
        put_at("store.key.5", signed - 1000)
        with open(f"{box.conf}/conf.d/10-own.conf", "w") as f:
            f.write(f"# [key] file = {box.conf}/keys/seller.p12.8\n")
        assert box.setup("--offline")[0] == 0
        assert names() == ["seller.p12", "seller.p12.3", "seller.p12.4", "seller.p12.8"] and os.path.exists(f"{box.conf}/keys/other.txt"), names()
        assert all(os.path.exists(f"{box.conf}/keys/store.key{end}") for end in ("", ".5", ".6", ".7")), "what was sealed with a former key of the store is lost"
        with_systemd(box)
        word(box, "systemctl", "#!/bin/sh\n[ $1 != restart ]\n")
        code, said = renew()
        assert code == 1 and said["service"] == "failed" and "seller.p12.3" in names(), (said, names())
        word(box, "systemctl", "#!/bin/sh\n")
        assert box.setup("--offline")[0] == 0 and "seller.p12.3" not in names() and {"seller.p12", "seller.p12.4"} < set(names()), names()
        loaded = read(box.drop_in)
        current = [name for name in names() if f"LoadCredentialEncrypted={name}:" in loaded]
        assert len(current) == 1 and f"/run/credentials/hoadond.service/{current[0]}\n" in read(box.site) and "seller.p12" in names(), (current, names())
        return 13


def a_wizard_that_is_left_changes_nothing():
    with Box() as box:
        before = box.files()
        wizard = Wizard(box)
        for question in QUESTIONS[:3]:
            wizard.answer(question, {"Mã số thuế người bán": "9900000016"}.get(question, "x"))
        wizard.answer(QUESTIONS[3], "\x04")
        code, said = wizard.end()
        assert code == 1 and "chưa thay đổi gì" in said and box.files() == before, said
        box.stop_authority()
        wizard = Wizard(box, "--dry-run")  # no line yet: a person may go on
        right = ["9900000016", "Q", "Đ", "9900000030", "V9900000023", "1", "AA", "VD7K2", "1", f"{box.stick}/key.p12", "sandbox",
                 f"https://localhost:{box.port}/tvan/v1", f"{box.stick}/ca.pem", f"{box.stick}/ca.pem", "", ]
        for question, text in zip(QUESTIONS, right):
            wizard.answer(question, text)
        wizard.answer("Làm tiếp khi chưa có đường truyền", "c")
        for question in QUESTIONS[16:22]:
            wizard.answer(question, "")
        code, said = wizard.end()
        assert code == 0 and box.files() == before, said
        result = box.hoadon("setup", check=False, stdin=b"")
        assert result.returncode == 2 and b"--from FILE" in result.stderr, result
        return 6


CASES = [a_sale_is_rehearsed_and_nothing_leaves, a_rehearsal_goes_to_a_sandbox_of_its_own, what_stands_in_the_way_is_named,
         an_installed_agent_says_that_it_is_not_set_up, a_file_of_settings_makes_a_shop_that_sells, a_second_run_changes_nothing,
         every_wrong_answer_is_told_at_once, a_store_of_another_seller_is_left_alone, secrets_are_sealed_where_systemd_runs, a_service_that_does_not_start_is_told,
         killed_between_the_writes_leaves_old_or_new, a_shop_that_is_set_up_is_sealed_and_keeps_its_key,
         a_plain_shop_stays_plain_until_it_is_set_up_again, a_lost_disk_is_sold_on_with_the_signing_key_alone,
         a_box_that_was_set_up_first_takes_the_key_of_what_it_gets, one_image_serves_many_shops_and_a_clone_sells_nothing, the_wizard_asks_again_until_it_is_right,
         what_a_shop_may_have_besides_is_asked_for_too, a_replaced_key_stays_while_the_last_signature_is_its,
         a_wizard_that_is_left_changes_nothing]


def main():
    report = labs.Report()
    for case in CASES:
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
