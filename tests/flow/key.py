"""A key that is not at hand (law R-CON-1): the shop sells on, nothing is sent unsigned, and the key is taken when it comes, without a restart."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import faulty as faults  # noqa: E402
import lab as labs  # noqa: E402

SLOW_MS = 10 * 60000  # each time that the password is compared: longer than anybody here waits for an answer


def key_file(lab):
    return f"{lab.dir}/authority/seller-9900000016.p12"


def standing(lab):
    """How the key stands, as health and status say; both must agree."""
    code, body, _ = lab.call("GET", "/health/ready")
    assert code == 200 and body["status"] == ("ready" if body["key"] == "open" else "degraded"), (code, body)
    return body["key"]


def comes_later(sign_each):
    with labs.Lab(clock=labs.clock_at(labs.NOON), sign_each=sign_each) as lab:
        path = key_file(lab)
        os.rename(path, path + ".away")
        lab.start()
        answers = lab.sell_bills("A1", "A2", "A3")
        lab.wait(lambda: standing(lab) == "away", "the key to be missed")
        time.sleep(1)  # in which it is looked for twenty times
        assert "Không thấy chữ ký số" in lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert lab.sql("SELECT count(*) FROM message")[0][0] == 0, "a message without a key"
        assert lab.log().count("key-not-open") == 1, lab.log()
        os.rename(path + ".away", path)
        lab.wait(lambda: standing(lab) == "open", "the key to be taken")
        if sign_each:
            answers += lab.sell_bills("A4")
            xml = lab.hoadon("invoice", "xml", "1C26MAA/4").stdout
            assert b"<NBan><Signature" in xml, xml[-3000:]
        lab.wait_accepted(len(answers))
        assert standing(lab) == "open"
        return 7 + lab.check_books(answers)


def a_slow_key_holds_back_no_till():
    with labs.Lab(clock=labs.clock_at(labs.NOON), sign_each=True) as lab:
        fault = faults.Faulty(lab)
        fault[faults.KEY_MS] = SLOW_MS
        lab.start(env=fault.env)
        answers = lab.sell_bills("S1", "S2", "S3")
        assert standing(lab) == "opening" and lab.sql("SELECT count(*) FROM invoice WHERE is_signed = 0") == [(3,)]
        assert json.loads(lab.hoadon("--json", "status", check=False).stdout)["reasons"][0] == "key-opening"
        fault[faults.KEY_MS] = 0
        lab.wait_key()
        answers += lab.sell_bills("S4")
        lab.wait_accepted(4)
        assert standing(lab) == "open" and lab.sql("SELECT is_signed FROM invoice WHERE number = 4") == [(1,)]
        return 7 + lab.check_books(answers)


def a_hanging_key_does_not_keep_the_agent_from_ending():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        fault = faults.Faulty(lab)
        fault[faults.KEY_MS] = SLOW_MS
        lab.start(env=fault.env)
        answers = lab.sell_bills("H1")
        said = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Đang mở chữ ký số; vẫn bán hàng" in said, said
        assert lab.stop() == 0  # it does not wait for the key
        lab.start()
        lab.wait_accepted(1)
        return 3 + lab.check_books(answers)


def write_password(lab, text):
    with open(f"{lab.dir}/conf/key-password.new", "w") as f:
        f.write(text)
    os.rename(f"{lab.dir}/conf/key-password.new", f"{lab.dir}/conf/key-password")


def open_tasks(lab):
    return lab.sql("SELECT kind FROM task WHERE closed_at = 0")


def a_wrong_password_is_tried_once():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        fault = faults.Faulty(lab)
        config = f"{lab.dir}/conf/hoadon.conf"
        text = open(config, encoding="utf-8").read().replace("conf/password", "conf/key-password", 1)
        open(config, "w", encoding="utf-8").write(text)
        write_password(lab, "sai")
        lab.start(env=fault.env)

        def tries(count):
            """So many, and no more."""
            lab.wait(lambda: fault[faults.KEY_TRIES] >= count and standing(lab) == "password", f"try {count}")
            time.sleep(1)  # in which it looks twenty times
            return fault[faults.KEY_TRIES] == count

        answers = lab.sell_bills("W1", "W2")
        assert tries(1), fault[faults.KEY_TRIES]
        lab.wait(lambda: open_tasks(lab) == [("key-password",)], "a task")
        write_password(lab, "sai")
        assert tries(1), "the same password again"
        said = lab.hoadon("--lang", "vi", "status", check=False)
        assert said.returncode == 3 and said.stdout.decode().count("Sai mật khẩu chữ ký số") == 2, said.stdout.decode()
        lab.set_clock(labs.clock_at(labs.NOON + 300000))
        lab.wait(lambda: lab.sql("SELECT cause, first_text, ended_at FROM outage") == [("key", "the password of the key is wrong", 0)], "an outage")
        write_password(lab, "sai lần hai")
        assert tries(2) and open_tasks(lab) == [("key-password",)]
        # Another file, which has this password.
        subprocess.run(["openssl", "pkcs12", "-in", key_file(lab), "-passin", "pass:sandbox", "-nodes", "-out", f"{lab.dir}/key.pem"], check=True)
        subprocess.run(["openssl", "pkcs12", "-export", "-in", f"{lab.dir}/key.pem", "-passout", "pass:sai lần hai", "-out", f"{lab.dir}/new.p12"], check=True)
        assert tries(2)
        os.rename(f"{lab.dir}/new.p12", key_file(lab))
        lab.wait_accepted(2)
        lab.wait(lambda: open_tasks(lab) == [], "the task to be settled")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM outage WHERE ended_at = 0") == [(0,)], "the outage to end")
        assert standing(lab) == "open"
        return 13 + lab.check_books(answers)


def what_is_no_key_waits_for_another():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        os.rename(key_file(lab), f"{lab.dir}/good.p12")
        with open(key_file(lab), "w") as f:
            f.write("no key")
        lab.start()
        answers = lab.sell_bills("U1")
        lab.wait(lambda: open_tasks(lab) == [("key-unfit",)], "a task")
        assert standing(lab) == "unfit" and lab.log().count("key-not-open") == 1
        assert "Không dùng được chữ ký số này" in lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        os.rename(f"{lab.dir}/good.p12", key_file(lab))
        lab.wait_accepted(1)
        lab.wait(lambda: open_tasks(lab) == [], "the task to be settled")
        return 4 + lab.check_books(answers)


def main():
    report = labs.Report()
    report.case("the key comes later and everything is accepted", comes_later, False)
    report.case("the key comes later and the next invoice is signed", comes_later, True)
    for case in (a_slow_key_holds_back_no_till, a_hanging_key_does_not_keep_the_agent_from_ending, a_wrong_password_is_tried_once,
                 what_is_no_key_waits_for_another):
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
