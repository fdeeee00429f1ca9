"""A shop with a second medium (tests/flow/mirror.py, tests/crash/disk.py): folders, or two loop images where they can be mounted."""
import copy
import fcntl
import glob
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time

import lab as labs

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
PROMISE = 2.0  # seconds
WATCH, SYNCS = 0.05, 4  # seconds between the looks at the machine; syncs that a batch needs
A_WAIT = labs.PATIENCE / 2  # a till that waited for a medium waited for ever; one that waited for a busy machine did not
TILLS = ("T01", "T02", "T03", "T04")
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN, as a disk that is torn out


class Shop(labs.Lab):
    """A shop whose store and second medium are folders, unless a test mounts something there."""

    def __init__(self, reserve_mb=1, **mirror):
        """The WAL is begun anew beyond a quarter of the reserve."""
        self.top = tempfile.mkdtemp(prefix="hoadon-mirror.", dir=os.environ.get("LAB_DIR"))
        self.medium = f"{self.top}/medium"
        os.mkdir(self.medium)
        settings = {"dir": self.medium, "same_disk": "yes", **mirror}
        extra = f"[store]\nreserve_mb = {reserve_mb}\n[mirror]\n" + "".join(f"{k} = {v}\n" for k, v in settings.items())
        super().__init__(clock=labs.clock_at(labs.NOON), tills=TILLS, authority=False, base=self.top, extra=extra)
        self.store = f"{self.dir}/store"
        self.told = []  # (monotonic time of the answer, answer)
        self.stall = 0.0  # seconds that this machine needed too long for a few syncs while it sold
        self.slowest = 0
        self.count = 0

    def close(self):
        super().close()
        shutil.rmtree(self.top, ignore_errors=True)

    # ---- selling ----

    def sell_one(self, till="T01"):
        self.count += 1
        body = copy.deepcopy(BASE)
        body.update(bill_no=f"B{self.count}", till_id=till)
        begin = time.monotonic()
        status, answer, _ = self.sell(body)
        now = time.monotonic()
        self.slowest = max(self.slowest, now - begin)
        assert status == 201, f"{status} {answer}"
        self.told.append((now, answer["invoice"]))

    def sell_until(self, over):
        """Four tills, until the event is set; what fails then is the loss itself."""
        def work(till):
            n = 0
            while not over.is_set():
                n += 1
                body = copy.deepcopy(BASE)
                body.update(bill_no=f"{till}-{n}", till_id=till)
                try:
                    status, answer, _ = self.sell(body)
                except (OSError, ValueError, labs.http.client.HTTPException):
                    return
                if status == 201:
                    self.told.append((time.monotonic(), answer["invoice"]))
                elif not over.is_set():
                    time.sleep(0.01)
        def watch():
            """The machine alone, without hoadond: what it is late by, the medium may be."""
            with open(f"{self.top}/watch", "wb") as f:
                while not over.is_set():
                    begin = time.monotonic()
                    time.sleep(WATCH)
                    f.write(bytes(4096))
                    f.flush()
                    os.fsync(f.fileno())
                    self.stall = max(self.stall, SYNCS * (time.monotonic() - begin - WATCH))

        threads = [threading.Thread(target=work, args=(till,)) for till in TILLS] + [threading.Thread(target=watch)]
        for thread in threads:
            thread.start()
        return threads

    # ---- the mirror ----

    def mirror(self):
        return self.call("GET", "/api/v1/mirror")[1]

    def is_away_for(self, *reasons):
        mirror = self.mirror()
        return not mirror["is_there"] and any(reason in mirror["reason"] for reason in reasons)

    def wait_whole(self):
        self.wait(lambda: self.mirror()["is_whole"], "the first base")

    def bases(self):
        return sorted(os.path.basename(n) for n in glob.glob(f"{self.medium}/base-*.db"))

    def recover(self, to="recovered"):
        result = self.hoadon("recover", self.medium, "--to", f"{self.dir}/{to}", "--json")
        return json.loads(result.stdout), f"{self.dir}/{to}/current.db"

    def check_recovered(self, lost_at, truth=None):
        """The promise. `lost_at` None: nothing may be missing. `truth` is the lost database, kept aside to compare bytes."""
        said, path = self.recover()
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            have = {n: (c, t) for n, c, t in db.execute("SELECT number, code, total FROM invoice")}
            rows = db.execute("SELECT i.number, b.digest, b.xml, i.ledger_seq FROM invoice i JOIN invoice_bytes b ON b.invoice_id = i.id ORDER BY 1").fetchall()
            heads = dict(db.execute("SELECT seq, hash FROM ledger"))
            assert db.execute("SELECT value FROM meta WHERE key = 'hold'").fetchone()[0].startswith(b"restored"), "a recovered store could issue at once"
        assert sorted(have) == list(range(1, len(have) + 1)), f"gap or repetition: {sorted(have)[:20]}"
        missing = 0
        for at, invoice in self.told:
            number = int(invoice["number"])
            if number in have:
                assert have[number] == (invoice["code"], int(invoice["total"])), f"told {invoice}, recovered {have[number]}"
                continue
            missing += 1
            assert lost_at and at > lost_at - PROMISE - self.stall, \
                f"number {number} was told {lost_at and lost_at - at} s before the loss and is not there, the machine stalled {self.stall:.2f} s"
            assert number > said["last_number"], f"number {number} is missing and not in the range after {said['last_number']}"
        assert said["last_number"] == len(have), said
        if truth:
            with sqlite3.connect(truth) as db:
                for number, digest, xml, seq in rows:
                    theirs = db.execute("SELECT b.digest, b.xml FROM invoice i JOIN invoice_bytes b ON b.invoice_id = i.id WHERE i.number = ?", (number,)).fetchone()
                    assert theirs == (digest, xml), f"the bytes of number {number} differ"
                    assert db.execute("SELECT hash FROM ledger WHERE seq = ?", (seq,)).fetchone()[0] == heads[seq], f"record {seq} differs"
        return len(self.told) + len(rows) + 3, missing

    def lose_disk(self):
        """The agent and its folder are gone at one moment; the folder is kept aside to compare with."""
        at = time.monotonic()
        self.kill()
        os.rename(self.store, f"{self.dir}/lost")
        return at, f"{self.dir}/lost/current.db"

    def check_nothing_is_missing(self):
        """Once the mirror has caught up."""
        self.wait_safe()
        _, truth = self.lose_disk()
        return self.check_recovered(None, truth)[0]

    def destroy(self, rng):
        """As lose_disk(); the medium is pulled out while a batch was being written that was not synced: a part of one stands there."""
        at, truth = self.lose_disk()
        with open(sorted(glob.glob(f"{self.medium}/log-*"))[-1], "r+b") as log:
            batch = log.read()[92:]
            log.write(batch[:rng.randrange(1, 10000)])
        return at, truth


def run(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


class Mounted:
    """An image of `megabytes` as an ext4 file system at `at`."""

    def __init__(self, image, at, megabytes):
        self.image, self.at = image, at
        with open(image, "wb") as f:
            f.truncate(megabytes << 20)
        os.makedirs(at, exist_ok=True)
        run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", image)
        self.device = run("losetup", "-f", "--show", image)
        try:
            run("mount", self.device, at)
        except subprocess.CalledProcessError:
            run("losetup", "-d", self.device)
            raise

    def break_down(self):
        """Nothing can be read or written any more, at once. (Never cut an image under a mount: the kernel's ext4 does not survive it.)"""
        folder = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(folder)

    def close(self):
        subprocess.run(["fsfreeze", "-u", self.at], capture_output=True)
        subprocess.run(["umount", "-l", self.at], capture_output=True)
        for _ in range(100):
            subprocess.run(["losetup", "-d", self.device], capture_output=True)
            if self.device not in subprocess.run(["losetup", "-a"], capture_output=True, text=True).stdout:
                break
            time.sleep(0.05)
        os.unlink(self.image)


class Disks(Shop):
    """Main disk and second medium are two loop images."""

    def __init__(self, reserve_mb=1, **mirror):
        """The WAL is begun anew beyond a quarter of the reserve."""
        self.disks = []
        super().__init__(**{"same_disk": "no", **mirror})
        try:
            self.main = self.mount("main", self.store, 64)
            self.second = self.mount("second", self.medium, 64)
        except BaseException:
            self.close()
            raise

    def mount(self, name, at, megabytes):
        self.disks.append(Mounted(f"{self.top}/{name}.img", at, megabytes))
        return self.disks[-1]

    def destroy(self, rng):
        """Every block of the main disk is gone at once, under the running agent, which may go on for a moment."""
        self.main.break_down()
        at = time.monotonic()
        time.sleep(rng.choice((0, 0, 0.5)))
        self.kill()
        return at, None

    def lose_disk(self):
        at = time.monotonic()
        self.kill()
        run("umount", "-l", self.store)
        return at, None

    def close(self):
        if self.agent and self.agent.poll() is None:
            self.agent.kill()
        for disk in self.disks:
            subprocess.run(["fsfreeze", "-u", disk.at], capture_output=True)
        if self.agent:
            self.agent.wait(labs.PATIENCE)
            self.agent = None
        for disk in self.disks:
            disk.close()
        super().close()


def why_no_loop_images():
    if os.geteuid() != 0:
        return "not root"
    for tool in ("losetup", "mkfs.ext4", "mount", "fsfreeze"):
        if not shutil.which(tool):
            return f"no {tool}"
    top = tempfile.mkdtemp(prefix="hoadon-loop.")
    try:
        Mounted(f"{top}/image", f"{top}/at", 4).close()
        return None
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no loop device can be mounted: {getattr(error, 'stderr', '') or error}".strip().replace("\n", " ")
    finally:
        shutil.rmtree(top, ignore_errors=True)
