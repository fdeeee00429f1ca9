"""The disk is full, read-only, or fails to sync: nothing is acknowledged that is not there, what was taken is sent, and selling goes on by itself."""
import copy
import errno
import json
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import faulty as faults  # noqa: E402
import lab as labs  # noqa: E402
from small_disk import SmallDisk, why_no_mount  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
RESERVE = 8 << 20


def sale(bill, till="T01"):
    body = copy.deepcopy(BASE)
    body.update(bill_no=bill, till_id=till)
    return body


class Tills:
    """Four tills that sell without a pause; who is told 503 or 507 sends the same bill again."""

    def __init__(self, lab):
        self.lab, self.answers, self.refusals, self.errors, self.is_over = lab, [], [], [], False
        self.pause = 0.0
        self.threads = [threading.Thread(target=self.sell, args=(f"T0{i}",)) for i in (1, 2, 3, 4)]
        for thread in self.threads:
            thread.start()

    def sell(self, till):
        count = 0
        try:
            while not self.is_over:
                status, body, _ = self.lab.sell(sale(f"{till}-{count}", till))
                if status == 201:
                    self.answers.append(body)
                    count += 1
                else:
                    self.refusals.append((status, body))
                    time.sleep(0.05)
                time.sleep(self.pause)
        except Exception as error:
            self.errors.append(error)

    def stop(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        assert not self.errors, self.errors

    def wait(self, count):
        goal = len(self.answers) + count
        self.lab.wait(lambda: len(self.answers) >= goal or self.errors, f"{count} more sales")


def records(lab, state):
    path = f"{lab.dir}/ledger-{time.monotonic()}.jsonl"
    lab.hoadon("audit", "export", path)
    lines = [json.loads(line) for line in open(path, encoding="utf-8")]
    return len([line for line in lines if line.get("record", {}).get("event") == "disk" and line["payload"]["state"] == state])


def assert_state(lab, word, english, vietnamese):
    """Status names the state in both languages and health does too."""
    lab.wait(lambda: lab.call("GET", "/health/ready")[1]["disk"] == word, f"state {word}")
    code = lab.call("GET", "/health/ready")[0]
    said = lab.hoadon("--lang", "en", "status", check=False)
    said_vi = lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
    reasons = json.loads(lab.hoadon("--json", "status", check=False).stdout)["reasons"]
    if word == "ok":
        assert code == 200 and not [r for r in reasons if r.startswith("disk-")], reasons
        return 2
    assert code == 503 and said.returncode == 4 and f"disk-{word}" in reasons, (code, said.returncode, reasons)
    assert english in said.stdout.decode() and vietnamese in said_vi, (said.stdout.decode(), said_vi)
    return 5


def wal_size(lab):
    return os.path.getsize(f"{lab.dir}/store/current.db-wal")


def open_tasks(lab):
    """About the disk."""
    return [kind for (kind,) in lab.sql("SELECT kind FROM task WHERE closed_at = 0 AND kind LIKE 'disk-%'")]


def all_concluded(lab):
    return lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0


def reserve_of(disk):
    path = f"{disk.where}/reserve"
    return os.path.getsize(path) if os.path.exists(path) else 0


def full(kind, medium=None):
    """
    Filled under the load of four tills while the authority does not answer; then it answers, while the disk is full. For a second medium that
    is away the WAL is kept until then, longer than half the reserve.
    """
    disk = SmallDisk(kind, 48)
    extra = f"[store]\nreserve_mb = {RESERVE >> 20}" + (f"\n[mirror]\ndir = {medium}" if medium else "")
    with labs.Lab(clock=labs.clock_at(labs.NOON), extra=extra) as lab:
        try:
            disk.mount(lab)
            lab.start()
            assert os.stat(f"{disk.where}/reserve").st_blocks * 512 >= RESERVE
            lab.stop_authority()
            tills = Tills(lab)
            try:
                if medium:
                    lab.wait(lambda: wal_size(lab) > RESERVE * 3 // 4 or tills.errors, "a long WAL")
                    assert "event=mirror-too-far-behind" not in lab.log(), "let go although there is room"
                compared = fill_and_free(lab, disk, tills)
                if medium:
                    assert "event=mirror-too-far-behind" in lab.log(), "the WAL was kept on a full disk"
                return compared + 2 * bool(medium)
            finally:
                tills.is_over = True
        finally:
            if lab.agent:
                lab.kill()
            disk.umount()


def fill_and_free(lab, disk, tills):
    tills.wait(40)
    disk.fill()
    lab.wait(lambda: tills.refusals, "a refusal")
    assert 0 < reserve_of(disk) < RESERVE, f"{reserve_of(disk)} bytes of the reserve are left"
    disk.fill()
    compared = assert_state(lab, "full", "The disk is full", "Đĩa đầy")
    taken = len(tills.answers)
    time.sleep(0.5)
    assert len(tills.answers) == taken, "sold on a full disk"
    status, body = tills.refusals[-1]
    assert status == 507 and body["code"] == "store.full" and body["retryable"] and "Đĩa đầy" in body["detail_vi"], body
    lab.wait(lambda: open_tasks(lab) == ["disk-full"], "a task")
    known = lab.sell(sale("T01-0"))
    assert known[0] == 201 and known[1]["invoice"]["number"], "what was taken before is not known any more"
    before = lab.sql("SELECT max(seq) FROM ledger")[0][0]
    assert not all_concluded(lab)
    lab.start_authority()
    lab.wait(lambda: all_concluded(lab), "sending on a full disk")
    assert len(tills.answers) == taken and os.path.exists(f"{disk.where}/ballast")
    assert lab.sql("SELECT max(seq) FROM ledger")[0][0] > before and records(lab, "full") == 1
    assert reserve_of(disk) > 0, "nothing of the reserve is left"
    tills.pause = 4
    time.sleep(0.2)
    labs.assert_waits(lab.agent.pid)
    tills.pause = 0
    disk.free()
    tills.wait(20)
    tills.stop()
    compared += assert_state(lab, "ok", "", "")
    lab.wait(lambda: open_tasks(lab) == [], "the task to be settled")
    assert reserve_of(disk) == RESERVE and records(lab, "ok") == 1
    lab.wait(lambda: all_concluded(lab), "the rest to be concluded")
    assert lab.stop() == 0
    return compared + 16 + lab.check_books(tills.answers)


def a_start_on_a_full_disk_gives_the_reserve_up():
    disk = SmallDisk("tmpfs", 24)
    with labs.Lab(clock=labs.clock_at(labs.NOON), extra="[store]\nreserve_mb = 4") as lab:
        try:
            disk.mount(lab)
            lab.start()
            assert lab.sell(sale("HD1"))[0] == 201
            lab.wait_accepted(1)
            lab.stop()
            disk.fill()
            lab.start()
            assert lab.sell(sale("HD2"))[0] == 507
            disk.free()
            lab.wait(lambda: lab.sell(sale("HD2"))[0] == 201, "selling to go on")
            lab.wait_accepted(2)
            assert lab.stop() == 0
            return 3 + lab.check_books()
        finally:
            if lab.agent:
                lab.kill()
            disk.umount()


def the_wal_stays_near_half_the_reserve():
    """
    What a longer one adds to the database might not fit in the reserve. Moved by the sender, before whoever commits must do it at three quarters; where the
    machine let the sender sleep meanwhile, it is tried again.
    """
    for _ in range(3):
        most = longest_wal()
        if most < RESERVE * 5 // 8:
            break
    assert RESERVE // 2 < most < RESERVE * 5 // 8, f"the WAL grew to {most} bytes"
    return 4


def longest_wal():
    with labs.Lab(clock=labs.clock_at(labs.NOON), authority=False, extra=f"[store]\nreserve_mb = {RESERVE >> 20}") as lab:
        lab.start()
        tills, most = Tills(lab), 0
        tills.pause = 0.05
        lab.wait(lambda: os.path.exists(f"{lab.dir}/store/current.db-wal"), "a WAL")
        try:
            while len(tills.answers) < 300 and not tills.errors:
                most = max(most, wal_size(lab))
                time.sleep(0.01)
        finally:
            tills.stop()
        print(f"the WAL had {most / 1e6:.1f} MB at most in {len(tills.answers)} sales", flush=True)
        assert lab.sql("SELECT count(*) FROM invoice")[0][0] == len(tills.answers)
        assert lab.stop() == 0
        return most


def failing(error, ops):
    """Every such call fails for a while, under load; nothing is acknowledged, and no person and no restart is needed afterwards."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        fault = faults.Faulty(lab)
        lab.start(env=fault.env)
        tills = Tills(lab)
        try:
            tills.wait(40)
            fault.fail(error, ops)
            lab.wait(lambda: tills.refusals, "a refusal")
            compared = assert_state(lab, "failing", "The disk cannot be written", "Không ghi được đĩa")
            taken = len(tills.answers)
            time.sleep(1.5)
            assert len(tills.answers) == taken, "acknowledged what the disk did not take"
            status, body = tills.refusals[-1]
            assert status == 503 and body["code"] == "store.down" and body["retryable"], body
            tills.pause = 4
            time.sleep(0.2)
            labs.assert_waits(lab.agent.pid)
            assert "event=disk state=failing" in lab.log(), lab.log()[-800:]
            tills.pause = 0
            fault.mend()
            tills.wait(20)
        finally:
            tills.is_over = True
        tills.stop()
        compared += assert_state(lab, "ok", "", "")
        assert records(lab, "reopened") >= 1
        lab.wait(lambda: all_concluded(lab), "every invoice concluded")
        assert lab.stop() == 0
        return compared + 8 + lab.check_books(tills.answers)


def a_sync_that_failed_once_is_not_believed_the_second_time():
    with labs.Lab(clock=labs.clock_at(labs.NOON), extra="[key]\npassword_file = {dir}/conf/wrong") as lab:
        with open(f"{lab.dir}/conf/wrong", "w") as f:  # no key: the issuer alone writes
            f.write("wrong")
        fault = faults.Faulty(lab)
        lab.start(env=fault.env)
        assert lab.sell(sale("HD1"))[0] == 201
        files = open_files(lab)
        fault[faults.NTH_SYNC] = 1
        assert lab.sell(sale("HD2"))[0] == 503 and fault[faults.FAILED] == 1
        assert lab.sell(sale("HD2"))[0] == 503 or records(lab, "reopened") == 1, "acknowledged on the descriptor whose sync failed"
        lab.wait(lambda: lab.sell(sale("HD2"))[0] == 201, "selling to go on")
        assert records(lab, "reopened") == 1 and open_files(lab) != files, (files, open_files(lab))
        numbers = lab.sql("SELECT number FROM invoice ORDER BY 1")
        assert numbers == [(1,), (2,)], numbers
        assert lab.stop() == 0
        return 7 + lab.check_books()


def looks(lab):
    """How often the sender slept so far; after two more times it has looked at everything."""
    for task in os.listdir(f"/proc/{lab.agent.pid}/task"):
        path = f"/proc/{lab.agent.pid}/task/{task}"
        if open(f"{path}/comm").read() == "sender\n":
            return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", open(f"{path}/status").read(), re.M)[1])
    raise AssertionError("there is no sender")


def an_outage(error, ops):
    """What failed for minutes is an outage of the disk, kept with its evidence once the store can be written again."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        fault = faults.Faulty(lab)
        lab.start(env=fault.env)
        told = lab.sell_bills("HD1")
        lab.wait_accepted(1)
        fault.fail(error, ops)
        lab.wait(lambda: lab.sell(sale("HD2"))[0] == 503, "a refusal")
        for minute in (0, 2, 5):
            before = looks(lab)
            lab.set_clock(labs.clock_at(labs.NOON + minute * 60000))
            lab.wait(lambda: looks(lab) > before + 5, "the sender to look")
        fault.mend()
        lab.wait(lambda: lab.sell(sale("HD2"))[0] == 201, "selling to go on")
        lab.wait(lambda: [o for o in outages(lab) if o["ended_at"]], "the outage to be kept")
        one, = outages(lab)
        assert one["cause"] == "disk-failing" and one["part"] == "disk" and one["is_own_fault"] and one["deadline"] is None, one
        assert "T13:00" in one["begun_at"] and "T13:05" in one["ended_at"], one
        assert "/current.db" in one["first"] and "tried again" not in one["first"] and one["last"], one
        listed = lab.hoadon("--lang", "vi", "outage", "list").stdout.decode()
        assert "Không đọc hoặc ghi được đĩa" in listed, listed
        lab.wait_accepted(2)
        assert lab.stop() == 0
        return 8 + lab.check_books(told)


def outages(lab):
    return json.loads(lab.hoadon("outage", "list", "--json").stdout)["outages"]


def open_files(lab):
    """Descriptors of the WAL; the new handle is opened before the old one is closed, so one number differs."""
    found, folder = [], f"/proc/{lab.agent.pid}/fd"
    for name in os.listdir(folder):
        try:
            found += [name] if os.readlink(f"{folder}/{name}").endswith("-wal") else []
        except FileNotFoundError:  # of a connection
            pass
    return sorted(found)


def main():
    report = labs.Report()
    for kind in ("tmpfs", "ext4"):
        reason = why_no_mount(kind)
        name = f"a full disk ({kind}): 507, sending goes on, and selling when there is room again"
        report.skip(name, reason) if reason else report.case(name, full, kind)
    reason = why_no_mount("tmpfs")
    name = "a full disk while the second medium is away keeps no long WAL"
    report.skip(name, reason) if reason else report.case(name, full, "tmpfs", "/nowhere/medium")
    name = "a start on a full disk gives the reserve up"
    report.skip(name, reason) if reason else report.case(name, a_start_on_a_full_disk_gives_the_reserve_up)
    report.case("the WAL stays near half the reserve", the_wal_stays_near_half_the_reserve)
    report.case("a read-only disk acknowledges nothing and heals by itself", failing, errno.EROFS, faults.WRITE | faults.CHANGE)
    report.case("syncs that fail acknowledge nothing and the store is opened anew", failing, errno.EIO, faults.SYNC)
    report.case("a sync that failed once is not believed the second time", a_sync_that_failed_once_is_not_believed_the_second_time)
    report.case("a disk that cannot be synced for minutes is an outage", an_outage, errno.EIO, faults.SYNC)
    report.case("a disk that is read-only for minutes is an outage", an_outage, errno.EROFS, faults.WRITE | faults.CHANGE)
    report.close()


main()
