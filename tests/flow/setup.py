"""From an installed package to the first sale: hoadon setup, and the rehearsal of a sale."""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402


def left_behind():
    return glob.glob("/var/tmp/hoadon-rehearsal-*") + glob.glob("/var/tmp/hoadon-sandbox-*")


def rehearse(lab, *args):
    before = left_behind()
    result = lab.hoadon("simulate", "sale", "--json", *args, check=False)
    assert result.stdout, result.stderr.decode()
    assert not set(left_behind()) - set(before), left_behind()
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
        code, said = rehearse(lab, "--send", "--test-clock", lab.clock_file)
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


CASES = [a_sale_is_rehearsed_and_nothing_leaves, a_rehearsal_goes_to_a_sandbox_of_its_own, what_stands_in_the_way_is_named]


def main():
    report = labs.Report()
    for case in CASES:
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
