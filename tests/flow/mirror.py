"""
The second medium: it may be away, full, hanging or torn, and no till waits for it. When the main disk is lost, the recovered store holds what was told,
and goes on under a new epoch, serial and block of codes. (Random moments: tests/crash/disk.py.)
"""
import contextlib
import copy
import glob
import json
import os
import re
import shutil
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from second_medium import A_WAIT, BASE, Disks, Shop, run, why_no_loop_images  # noqa: E402


def the_log_is_cut_and_the_base_made_anew_under_load():
    with Shop(wal_max_mb=2, log_max_mb=1) as shop:
        shop.start()
        shop.wait_whole()
        first, over, most, seen = shop.bases(), threading.Event(), 0, set()
        threads = shop.sell_until(over)
        begin = time.monotonic()

        def is_enough():
            nonlocal most
            most = max(most, os.path.getsize(f"{shop.store}/current.db-wal"))
            seen.update(os.path.basename(n) for n in glob.glob(f"{shop.medium}/log-*"))
            return time.monotonic() - begin > 8 and len(seen) >= 3 and shop.bases() not in ([], first)

        try:
            shop.wait(is_enough, "three logs and another base")
        finally:
            over.set()
            for thread in threads:
                thread.join()

        def names(kind):
            return sorted(int(re.search(r"\d+", os.path.basename(n))[0]) for n in glob.glob(f"{shop.medium}/{kind}-*"))

        shop.wait(lambda: len(shop.bases()) == 1 and names("base")[:1] == names("log")[:1], "older bases and logs to be removed")
        assert most < 40 << 20, f"the WAL grew to {most} bytes"
        return shop.check_nothing_is_missing() + 4


def a_medium_that_was_away_catches_up_by_itself():
    with Shop(reserve_mb=32) as shop:  # a WAL begun anew just when the medium goes costs a new base
        shop.start()
        for _ in range(20):
            shop.sell_one()
        shop.wait_whole()
        bases = shop.bases()
        os.rename(shop.medium, shop.medium + ".away")
        shop.slowest = 0
        for _ in range(50):
            shop.sell_one()
        shop.wait(lambda: shop.is_away_for("mounted"), "the mirror to be gone")
        assert shop.mirror()["gone_since"], shop.mirror()
        assert shop.slowest < A_WAIT, f"a till waited {shop.slowest} s"
        shop.wait(lambda: "event=mirror-gone" in shop.log(), "the log to say so")
        status = shop.hoadon("--lang", "vi", "status", check=False)
        assert "MẤT từ" in status.stdout.decode(), status.stdout.decode()
        shop.wait(lambda: shop.sql("SELECT count(*) FROM task WHERE kind = 'mirror-gone' AND closed_at = 0")[0][0] == 1, "a task")
        os.rename(shop.medium + ".away", shop.medium)
        shop.wait(lambda: shop.mirror()["is_there"], "the mirror to be back")
        shop.wait(lambda: shop.sql("SELECT count(*) FROM task WHERE closed_at = 0")[0][0] == 0, "the task to be closed")
        shop.wait_safe()
        assert shop.bases() == bases, "a whole copy was made for nothing"
        assert "Bản sao:   chậm " in shop.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        return shop.check_nothing_is_missing() + 9


def a_medium_away_for_too_long_gets_a_new_base_and_the_wal_stays_small():
    with Shop(wal_max_mb=1) as shop:
        shop.start()
        shop.wait_whole()
        bases = shop.bases()
        os.rename(shop.medium, shop.medium + ".away")
        shop.wait(lambda: shop.sell_one() or "event=mirror-too-far-behind" in shop.log(), "the WAL to be let go")
        for i in range(200):
            shop.sell_one()

        def is_small():
            time.sleep(1.5)  # the issuer's idle checkpoint
            shop.sell_one()
            return os.path.getsize(f"{shop.store}/current.db-wal") < 2 << 20

        shop.wait(is_small, "the WAL to be small")
        os.rename(shop.medium + ".away", shop.medium)
        shop.wait(lambda: shop.bases() != bases and len(shop.bases()) == 1, "a new base")
        return shop.check_nothing_is_missing() + 2


def a_restart_goes_on_where_the_log_ends():
    """Of a WAL that was begun anew and not read yet nobody can say what stood before it: that costs a new base."""
    with Shop(reserve_mb=32) as shop:
        shop.start()
        shop.wait_whole()
        bases = shop.bases()

        def salt():
            with open(f"{shop.store}/current.db-wal", "rb") as f:
                return f.read(24)[16:]

        for ending in (shop.stop, shop.kill, shop.kill, shop.stop):
            shop.sell_one()
            begun = salt()
            for _ in range(9):
                shop.sell_one()
            is_same = salt() == begun  # a machine that slept between two sales had time to begin it anew
            ending()
            shop.hoadon("status", check=False)  # a reader in between must not move the WAL
            shop.start()
            shop.wait_whole()
            assert shop.bases() == bases or not is_same, f"a new base after {ending.__name__}"
            bases = shop.bases()
        return shop.check_nothing_is_missing() + 4


def a_store_changed_without_its_mirror_gets_a_new_base():
    with Shop() as shop:
        shop.start()
        shop.sell_one()
        shop.wait_whole()
        bases = shop.bases()
        shop.stop()
        os.rename(shop.medium, shop.medium + ".away")
        db = sqlite3.connect(f"{shop.store}/current.db", isolation_level=None)
        db.execute("INSERT INTO meta (key, value) VALUES ('other', x'00')")
        db.close()  # the last one to close empties the WAL
        os.rename(shop.medium + ".away", shop.medium)
        shop.start()
        shop.wait(lambda: shop.bases() != bases and len(shop.bases()) == 1, "a new base")
        for _ in range(5):
            shop.sell_one()
        shop.wait_safe()
        count = shop.check_nothing_is_missing()
        with sqlite3.connect(f"file:{shop.dir}/recovered/current.db?mode=ro", uri=True) as db:
            assert db.execute("SELECT 1 FROM meta WHERE key = 'other'").fetchone(), "what was written in between is not there"
        return count + 1


def torn_and_changed_files_of_the_mirror_are_noticed(tries=3):
    with Shop() as shop:
        shop.start()
        for _ in range(30):
            shop.sell_one()
        shop.wait_whole()
        time.sleep(0.5)
        for _ in range(30):
            shop.sell_one()
        shop.wait_safe()
        shop.kill()
        log = sorted(glob.glob(f"{shop.medium}/log-*"))[-1]
        whole = open(log, "rb").read()
        counts = []
        for cut in (len(whole), len(whole) - 1, len(whole) // 2, 92):
            with open(log, "wb") as f:
                f.write(whole[:cut])
            result = shop.hoadon("recover", shop.medium, "--to", f"{shop.dir}/cut{cut}", "--json", check=False)
            if result.returncode:
                assert b"no whole copy" in result.stderr, result.stderr
                assert not os.listdir(f"{shop.dir}/cut{cut}"), "a store that is none was left behind"
                counts.append(-1)
                continue
            counts.append(json.loads(result.stdout)["invoices"])
        if counts == [60] * 4 and tries:  # a new base was made behind the last sale, and the log holds nothing yet
            return torn_and_changed_files_of_the_mirror_are_noticed(tries - 1)
        assert counts[0] == 60 and counts == sorted(counts, reverse=True) and counts[1] < 60, counts
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 1  # one bit of a batch: it and all behind it do not count
        with open(log, "wb") as f:
            f.write(changed)
        result = shop.hoadon("recover", shop.medium, "--to", f"{shop.dir}/bit", "--json", check=False)
        assert result.returncode or json.loads(result.stdout)["invoices"] < 60, result.stdout
        with open(log, "wb") as f:
            f.write(whole)
        base = f"{shop.medium}/{shop.bases()[0]}"
        data = bytearray(open(base, "rb").read())
        data[100] ^= 1
        with open(base, "wb") as f:
            f.write(data)
        result = shop.hoadon("recover", shop.medium, "--to", f"{shop.dir}/base", check=False)
        assert result.returncode and b"no whole copy" in result.stderr, result.stderr
        return 8


def issued_keys(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return set(db.execute("SELECT serial, number FROM invoice")), {code for (code,) in db.execute("SELECT code FROM invoice")}


def a_recovered_store_goes_on_when_it_was_adopted():
    with Shop() as shop:
        shop.start()
        over = threading.Event()
        threads = shop.sell_until(over)
        shop.wait_whole()
        time.sleep(1)
        lost_at, truth = shop.lose_disk()
        over.set()
        for thread in threads:
            thread.join()
        service = 65534 if os.geteuid() == 0 else os.geteuid()
        os.chown(shop.dir, service, -1)  # as below /var/lib
        count, _ = shop.check_recovered(lost_at, truth)
        shop.told.sort(key=lambda told: int(told[1]["number"]))
        gone = issued_keys(truth)  # with what nobody knows any more
        owners = {os.stat(f"{shop.dir}/recovered/{name}").st_uid for name in (".", "current.db")}
        assert owners == {service}, "root has what the service is to use"
        os.rename(f"{shop.dir}/recovered", shop.store)
        again = shop.hoadon("recover", shop.medium, "--to", shop.store, check=False)
        assert again.returncode and b"there already" in again.stderr, again.stderr
        shop.start()
        body = copy.deepcopy(BASE)
        body.update(bill_no="after", till_id="T01")
        status, answer, _ = shop.sell(body)
        assert status == 202 and answer["problem"]["code"] == "store.copy" and answer["invoice"] is None, answer
        waiting = answer["sale"]["id"]
        first = shop.told[0][1]
        bills = [f"{till}-1" for till in ("T01", "T02", "T03", "T04")]
        answers = []
        for bill in bills:  # what was issued is answered as before
            body.update(bill_no=bill, till_id=bill[:3])
            answers.append(shop.sell(body)[1]["invoice"])
        assert first in answers, f"{first} not in {answers}"
        result = shop.hoadon("--lang", "en", "status", check=False)
        assert result.returncode == 4 and "hoadon adopt" in result.stdout.decode(), result.stdout.decode()
        assert shop.sql("SELECT count(*) FROM ledger WHERE event = 'restore'") == [(1,)]
        bases = shop.bases()
        assert bases
        shop.wait(lambda: "adopt" in (shop.mirror()["reason"] or ""), "the mirror to wait for a person")
        shop.stop()
        shop.shape.update(suffix="AB", prefix=3)
        shop.write_config()
        shop.hoadon("adopt", "--reason", "hỏng ổ đĩa")
        shop.start()
        shop.hoadon("sale", "issue", waiting)
        for _ in range(5):
            shop.sell_one()
        have = issued_keys(f"{shop.store}/current.db")
        new = shop.sql("SELECT serial, number, code FROM invoice WHERE serial LIKE '%AB' ORDER BY number")
        assert [row[:2] for row in new] == [("C26MAB", n + 1) for n in range(6)] and new[0][2].endswith("-00300000001"), new
        assert not {row[:2] for row in new} & gone[0] and not {row[2] for row in new} & gone[1], "a number or code was given twice"
        assert len(have[1]) == len(have[0]), "a code stands twice"
        shop.wait(lambda: shop.bases() != bases and len(shop.bases()) == 1, "the mirror of what was adopted")
        for check in ("audit", "verify"), ("fsck",):
            result = shop.hoadon(*check, check=False)
            assert result.returncode == 0, result.stdout.decode() + result.stderr.decode()
        return count + 13


def a_folder_on_the_disk_of_the_store_is_refused():
    with Shop(same_disk="no") as shop:
        shop.start()
        shop.sell_one()
        shop.wait(lambda: "disk of the store" in (shop.mirror()["reason"] or ""), "it to be refused")
        assert not os.listdir(shop.medium), os.listdir(shop.medium)
        return 2


# ---- what needs a file system of its own ----


def a_full_medium_catches_up_when_there_is_room():
    with Disks() as shop:
        shop.start()
        for _ in range(5):
            shop.sell_one()
        shop.wait_whole()
        with open(f"{shop.medium}/filler", "wb") as f:
            try:
                while True:
                    f.write(bytes(4096))
                    f.flush()
            except OSError:
                pass
        shop.slowest = 0
        for _ in range(100):
            shop.sell_one()
        shop.wait(lambda: shop.is_away_for("No space", "no room"), "the mirror to be full")
        assert shop.slowest < A_WAIT, f"a till waited {shop.slowest} s"
        os.unlink(f"{shop.medium}/filler")
        shop.wait(lambda: shop.mirror()["is_there"], "room to be used")
        return shop.check_nothing_is_missing() + 2


def a_medium_that_hangs_delays_no_till_and_the_wal_stays_bounded():
    with Disks(wal_max_mb=1) as shop:
        shop.start()
        for _ in range(5):
            shop.sell_one()
        shop.wait_whole()
        run("fsfreeze", "-f", shop.medium)
        shop.slowest = 0
        shop.wait(lambda: shop.sell_one() or "event=mirror-too-far-behind" in shop.log(), "the WAL to be let go")
        for _ in range(50):
            shop.sell_one()
        assert shop.slowest < A_WAIT, f"a till waited {shop.slowest} s"
        run("fsfreeze", "-u", shop.medium)
        shop.wait_safe()
        return shop.check_nothing_is_missing() + 1


def is_held_while_copying(shop):
    """Begins a new copy and freezes the medium in the middle of it; False when it was over before."""
    for name in glob.glob(f"{shop.medium}/*-[0-9]*"):
        os.unlink(name)
    shop.start()
    shop.wait(lambda: shop.mirror()["is_there"], "the copy to begin")
    run("fsfreeze", "-f", shop.medium)
    if not shop.mirror()["is_whole"]:
        return True
    run("fsfreeze", "-u", shop.medium)
    shop.stop()
    return False


def a_copy_that_is_being_made_is_told():
    with Disks() as shop:
        shop.start()
        shop.sell_one()
        shop.stop()
        with contextlib.closing(sqlite3.connect(f"{shop.store}/current.db")) as db, db:
            db.execute(f"INSERT INTO meta (key, value) VALUES ('ballast', zeroblob({20 << 20}))")
        assert any(is_held_while_copying(shop) for _ in range(10)), "the copy was over each time"
        status = shop.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Bản sao:   đang tạo, đã chép " in status, status
        shop.sell_one()
        run("fsfreeze", "-u", shop.medium)
        shop.wait_whole()
        status = shop.hoadon("--lang", "vi", "status", check=False).stdout.decode()
        assert "Bản sao:   chậm " in status, status
        return 3


def main():
    report = labs.Report()
    for case in (the_log_is_cut_and_the_base_made_anew_under_load, a_medium_that_was_away_catches_up_by_itself,
                 a_medium_away_for_too_long_gets_a_new_base_and_the_wal_stays_small, a_restart_goes_on_where_the_log_ends,
                 a_store_changed_without_its_mirror_gets_a_new_base, torn_and_changed_files_of_the_mirror_are_noticed,
                 a_recovered_store_goes_on_when_it_was_adopted, a_folder_on_the_disk_of_the_store_is_refused):
        report.case(case.__name__.replace("_", " "), case)
    reason = why_no_loop_images()
    for case in (a_full_medium_catches_up_when_there_is_room, a_medium_that_hangs_delays_no_till_and_the_wal_stays_bounded,
                 a_copy_that_is_being_made_is_told):
        if reason:
            report.skip(case.__name__.replace("_", " "), reason)
        else:
            report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
