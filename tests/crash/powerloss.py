"""
Cut the power at every sync of hoadond. The real program sells, sends, stops and starts under powerloss/record.c; powerloss/disk.py computes
what a disk may hold just before each sync ends, which is when most is open (whatever a cut between two syncs may leave is among that); each
such image is opened as hoadond opens it and compared with what tills and authority had been told (powerloss/facts.py). Some images are
given to the real program, with the tills' sales again and the simulator's books as they were at that moment.

HOADON_FULL=1: all boundaries, else a seeded sample (HOADON_SEED repeats it). A new trace is a function in TRACES.
"""
import contextlib
import copy
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "powerloss")]
import disk as disks  # noqa: E402
import facts as stores  # noqa: E402
import lab as labs  # noqa: E402
import old_store  # noqa: E402
from courier_trip import Trip  # noqa: E402
from small_disk import SmallDisk, why_no_mount  # noqa: E402

FULL = os.environ.get("HOADON_FULL") == "1"
SEED = int(os.environ.get("HOADON_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
BOUNDARIES = 16  # of each trace, unless all
ROUNDS = 12 if FULL else 1
REVIVED = 6 if FULL else 1  # images of each trace that the real program goes on with
WORKERS = 2
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
ROOTS = ("store", "spool", "authority", "backups")
BACKUP = "backups/shop.bak"
SETTINGS = "[store]\nreserve_mb = 1\n"  # most of an image would be reserve
SELLER = "9900000016"
SALE = {"till_id": "T01", "bill_no": "", "kind": "sale", "sold_at": "2026-11-22T12:35:00+07:00", "lines": [
    {"name": "Cà phê sữa đá", "unit": "ly", "qty": "2", "unit_price": "29000", "amount": "58000", "vat_rate": "10"}], "total": "58000"}


def sale(till, bill, **change):
    return {**copy.deepcopy(SALE), "till_id": till, "bill_no": bill, **change}


# ---- recording ----

class Shop:
    """A lab whose programs are recorded, and the tills that sell in it."""

    def __init__(self, lab, weaker=None):
        self.lab, self.spooled, self.bodies, self.errors, self.disk = lab, [], [], [], None
        lab.env = {**os.environ, "LD_PRELOAD": f"{labs.BIN}/powerloss_record.so", "HOADON_RECORD_DIR": lab.dir, "HOADON_RECORD": f"{lab.dir}/trace",
                   "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        if weaker:
            lab.env["HOADON_RECORD_SQL"] = weaker

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.disk:
            if self.lab.agent:
                self.lab.kill()
            self.disk.umount()

    def sell_one(self, body):
        self.bodies.append(body)
        return self.lab.sell(body)[:2]

    def attempt(self, function, *args):
        """In a thread of its own."""
        try:
            function(*args)
        except Exception as error:
            self.errors.append(error)

    def till(self, till, name, count, change):
        for i in range(count):
            status, answer = self.sell_one(sale(till, f"{name}-{till}-{i}", **change))
            assert status == 201, f"{status} {answer}"

    def sell(self, name, count, **change):
        """`count` sales at each of four tills, all at once."""
        tills = [threading.Thread(target=self.attempt, args=(self.till, f"T0{t}", name, count, change)) for t in range(1, 5)]
        for thread in tills:
            thread.start()
        for thread in tills:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def spool(self, name, text):
        """Complete and durable before anything else, as a till leaves it."""
        path = f"{self.lab.dir}/spool/{name}"
        with open(path + ".tmp", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(path + ".tmp", path)
        self.spooled.append(name)

    def wait_spooled(self):
        self.lab.wait(lambda: not [n for n in self.spooled if os.path.exists(f"{self.lab.dir}/spool/{n}")], "the folder to be empty")

    def wait_concluded(self):
        self.lab.wait(lambda: self.lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0, "every invoice concluded")


class Recording:
    """One trace, what was there before it, and what had been promised before it (moment NONE)."""

    def __init__(self, play, weaker=None):
        self.name = play.name
        with labs.Lab(clock=labs.clock_at(labs.NOON), extra=SETTINGS) as lab:
            lab.stop_authority()
            with Shop(lab, weaker) as shop:
                before = self.run(shop, play.prepare)
                play.alter(shop)
                self.base = disks.read_folder(lab.dir, ROOTS)
                self.events = self.run(shop, play.play)
                self.clock = open(lab.clock_file).read().strip()
                self.real = {p: data for p, (_, data) in disks.read_folder(lab.dir, ROOTS).items()}
                self.spooled, self.bodies = list(shop.spooled), list(shop.bodies)
        self.promises = stores.Promises(before, self.events)
        self.last = self.enlist()
        self.backups = {p: self.last[p] for _, kind, p in self.promises.all if kind == "backup"}
        self.final = self.read_final()

    def enlist(self):
        """Finds the boundaries. Returns the folder as the trace leaves it."""
        at_end, self.boundaries = self.disk(), []
        for event in self.events:
            if at_end.is_boundary(event):
                self.boundaries.append(event.index)
            at_end.apply(event)
        self.boundaries.append(len(self.events))
        self.number = len(RECORDINGS)
        RECORDINGS.append(self)
        return at_end.image(disks.Cut(disks.ALL))

    def without_folder_syncs(self):
        """The same day of a program that syncs files and never their folders."""
        weaker = copy.copy(self)
        weaker.name, weaker.events = f"{self.name}, folders not synced", disks.without_folder_syncs(self.events, self.base)
        weaker.enlist()
        return weaker

    @staticmethod
    def run(shop, play):
        lab = shop.lab
        with open(lab.env["HOADON_RECORD"], "wb"):
            pass
        lab.start_authority()
        play(shop)
        if lab.agent:
            lab.stop()
        lab.stop_authority()
        return disks.read_trace(lab.env["HOADON_RECORD"], lab.dir)

    def disk(self):
        return disks.Disk(self.base, ROOTS, surviving=("authority",))

    def read_final(self):
        with Scratch() as scratch:
            disks.write_folder(self.last, scratch.dir)
            with stores.open_store(scratch.dir) as db:
                return stores.history(db)

    def check_whole(self):
        """The trace, replayed, is the folder: nothing that the programs did to it was overlooked. Returns the number of files."""
        for path in sorted(set(self.real) | set(self.last)):
            assert path in self.last, f"the trace knows nothing of {path}"
            assert path in self.real, f"the trace has {path}, the folder has not"
            assert self.last[path] == self.real[path], f"{path} differs from its replayed trace"
        return len(self.real)


class Scratch:
    """A folder in memory that leaves nothing behind."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="hoadon-cut.", dir=MEMORY)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)


# ---- cutting ----

class Checker:
    """powerloss_check, one process for many images."""

    def __init__(self):
        self.process = subprocess.Popen([f"{labs.BIN}/powerloss_check", SELLER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def open(self, top):
        print(f"{top}/store", file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().rstrip("\n")
        return [] if answer == "whole" else [f"corrupt: hoadond would say: {answer or 'nothing, and die'}"]

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


class Result:
    def __init__(self):
        self.boundaries = self.built = self.checked = self.compared = self.lost = self.corrupt = 0
        self.kinds, self.examples, self.failure = {}, [], None

    def add(self, other):
        for name in ("boundaries", "built", "checked", "compared", "lost", "corrupt"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, count in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count
        self.examples += other.examples
        self.failure = self.failure or other.failure

    def note(self, where, wrong):
        self.lost += any(w.startswith("lost") for w in wrong)
        self.corrupt += any(w.startswith("corrupt") for w in wrong)
        if wrong and len(self.examples) < 3:
            self.examples.append(f"{where}: {'; '.join(wrong[:3])}")


def digest_of(image):
    state = hashlib.blake2b(digest_size=16)
    for path in sorted(image):
        if path.split("/")[0] != "authority":
            state.update(f"\0{path}\0{-1 if image[path] is None else len(image[path])}\0".encode())
            state.update(image[path] or b"")
    return state.digest()


def look(checker, recording, image):
    """The facts of an image, after it was opened as hoadond does."""
    with Scratch() as scratch:
        disks.write_folder({p: d for p, d in image.items() if not p.startswith("authority")}, scratch.dir)
        broken = checker.open(scratch.dir)
        facts = stores.Facts(scratch.dir, recording.spooled, recording.backups)
        facts.wrong += broken
        return facts


def cut_at(recording, disk, index, seen, checker, result):
    rng = random.Random(f"{SEED}/{recording.name}/{index}")
    promises = recording.promises.until(index)
    result.boundaries += 1
    for kind, cut in disks.cuts(rng, disk.open_moments(), ROUNDS):
        image = disk.image(cut)
        key = digest_of(image)
        result.built += 1
        result.kinds[kind] = result.kinds.get(kind, 0) + 1
        if key not in seen:
            seen[key] = look(checker, recording, image)
            result.checked += 1
        result.note(f"{recording.name}, event {index}, {kind}", seen[key].judge(promises, recording.final))
        result.compared += len(promises) + sum(map(len, seen[key].rows.values()))


def cut_share(work):
    """One process's share of the boundaries of a recording."""
    number, indices = work
    recording, result, seen = RECORDINGS[number], Result(), {}
    checker = Checker()
    try:
        disk = recording.disk()
        wanted = set(indices)
        for event in recording.events:
            if event.index in wanted:
                cut_at(recording, disk, event.index, seen, checker, result)
            disk.apply(event)
        if len(recording.events) in wanted:
            cut_at(recording, disk, len(recording.events), seen, checker, result)
    except Exception as error:
        result.failure = f"{type(error).__name__}: {error}"
    if checker.close():
        result.failure = result.failure or "powerloss_check ended with a failure"
    return result


RECORDINGS = []  # seen by the forked workers
TOTAL = Result()


def cut_all(recording, is_all):
    """Halves of the boundaries, each by a process of its own: neighbours share images."""
    chosen = list(recording.boundaries)
    if not is_all:
        sample = random.Random(f"{SEED}/{recording.name}").sample(chosen[:-1], min(BOUNDARIES, len(chosen)) - 1)
        chosen = sorted(sample) + chosen[-1:]  # the last one, when all is promised, is always among them
    share = -(-len(chosen) // WORKERS)
    total = Result()
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        for part in pool.imap(cut_share, [(recording.number, chosen[i:i + share]) for i in range(0, len(chosen), share)]):
            total.add(part)
    print(f"{recording.name}: {len(recording.events)} events, {len(recording.promises.all)} promises, boundaries visited {total.boundaries} of "
          f"{len(recording.boundaries)}, images built {total.built}, different ones checked {total.checked}, lost in {total.lost}, "
          f"corrupt {total.corrupt}", flush=True)
    assert not total.failure, total.failure
    assert total.boundaries and total.checked and len(recording.promises.all) > 4, "nothing was tried"
    return total


def cut(play):
    """A case: the trace is whole, and no cut loses anything; then the real program goes on from some images."""
    recording = Recording(play)
    compared = recording.check_whole()
    total = cut_all(recording, FULL)
    assert not total.lost and not total.corrupt, "\n    ".join(total.examples)
    TOTAL.add(total)
    return compared + total.compared + revive_some(recording, play.revived)


def cut_weaker(record, words):
    """The control: what is promised less must be seen missing."""
    recording = record()
    total = cut_all(recording, FULL or len(recording.boundaries) < 2 * BOUNDARIES)
    assert any(getattr(total, word) for word in words), f"the same harness sees nothing {' or '.join(words)}"
    return total.compared


# ---- going on ----

def revive(recording, image, promises, revived):
    """The real program goes on from an image: the tills sell the same again, all is accepted, the books agree."""
    with labs.Lab(clock=recording.clock, extra=SETTINGS) as lab:
        lab.stop_authority()
        shutil.rmtree(f"{lab.dir}/authority")
        shutil.rmtree(f"{lab.dir}/spool")
        disks.write_folder(image, lab.dir)
        lab.start_authority()
        lab.write_config()
        lab.start()
        told = {(a["sale"]["till_id"], a["sale"]["bill_no"]): a["invoice"] for _, kind, a in promises if kind == "issued" and "till_id" in a["sale"]}
        answers = []
        for body in recording.bodies + [sale("T01", "after the cut", sold_at="2026-11-22T12:36:00+07:00")]:
            status, answer, _ = lab.sell(body)
            assert status == 201, f"{status} {answer}"
            before = told.get((body["till_id"], body["bill_no"]), answer["invoice"])
            assert (before["serial"], before["number"], before["code"]) == tuple(answer["invoice"][k] for k in ("serial", "number", "code")), f"told {before}, now {answer}"
            answers.append(answer)
        lab.wait(lambda: not [n for n in recording.spooled if os.path.exists(f"{lab.dir}/spool/{n}")], "the folder to be empty")
        lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0, "every invoice concluded")
        revived(lab)
        lab.stop()
        return lab.check_books(answers) + len(answers)


def revive_some(recording, revived):
    rng = random.Random(f"{SEED}/{recording.name}/revived")
    wanted = sorted(rng.sample(recording.boundaries, REVIVED))
    disk, compared = recording.disk(), 0
    for event in recording.events + [disks.Event(len(recording.events), "", "", 0, 0, b"")]:
        if event.index in wanted:
            kind, cut = rng.choice(disks.cuts(rng, disk.open_moments(), 1))
            try:
                compared += revive(recording, disk.image(cut), recording.promises.until(event.index), revived)
            except AssertionError as error:
                raise AssertionError(f"event {event.index}, {kind}: {error}") from None
        if event.kind:
            disk.apply(event)
    return compared


# ---- traces ----

class Play:
    """A trace: what the shop does, what it had done before, and what happened to the folder in between."""

    def __init__(self, name, play, prepare=lambda shop: None, alter=lambda shop: None, why_not=lambda: None, revived=lambda lab: None):
        """why_not: why it cannot be played here, or None; revived: what is done with a shop that went on from an image."""
        self.name, self.play, self.prepare, self.alter, self.why_not, self.revived = name, play, prepare, alter, why_not, revived


def some_sales(shop):
    shop.lab.start()
    shop.sell("earlier", 2)
    shop.wait_concluded()


def fill_folder(shop):
    shop.spool("bill0.json", json.dumps(sale("T04", "spool-0")))
    shop.spool("bill1.json", json.dumps(sale("T04", "spool-1")))
    shop.spool("broken.json", "{")


def first_day(shop):
    """No store yet; sales lie in the folder already."""
    shop.lab.start()
    shop.sell("first", 3)
    shop.wait_spooled()
    shop.wait_concluded()
    shop.lab.stop()


def busy_day(shop):
    """Enough for checkpoints of the WAL, in the idle moments between; a lost answer, so that a message is asked for."""
    lab = shop.lab
    lab.start()
    lab.control("fault drop-after")
    shop.sell("morning", 12)
    time.sleep(1.2)
    shop.sell("noon", 4)
    assert lab.sell(sale("T02", "T02-0", kind="pre-bill"))[0] == 202
    status, parked, _ = lab.sell(sale("T03", "void-1", kind="void", reason="nhầm bàn"))
    assert status == 202, parked
    assert lab.call("POST", f"/api/v1/parked/{parked['sale']['id']}/ignore", {"reason": "đã hủy"})[0] == 202
    assert lab.call("POST", "/api/v1/tokens", {"name": "x", "tills": ["T01"], "scopes": ["sale:write"]})[0] == 201
    shop.sell("evening", 4)
    shop.wait_concluded()
    time.sleep(1.2)
    lab.stop()


def stops_and_deaths(shop):
    """An orderly end, a death while tills wait for answers, and starts on what each left."""
    lab = shop.lab
    lab.start()
    shop.sell("before", 2)
    lab.stop()
    lab.start()
    shop.sell("between", 2)
    lab.kill()
    lab.start()
    shop.sell("behind", 2)
    shop.wait_concluded()
    lab.stop()


def new_year(shop):
    """31 December to 1 January: another serial, numbers from 1, codes of another year."""
    lab = shop.lab
    lab.set_clock(labs.clock_at(NEW_YEAR - 3000))
    lab.start()
    shop.sell("old year", 2, sold_at="2026-12-31T23:59:00+07:00")
    time.sleep(3)
    shop.sell("new year", 2, sold_at="2026-12-31T23:59:00+07:00")
    shop.wait_concluded()
    lab.stop()


def forget_schema(shop):
    """The store as the first version of the schema had it."""
    old_store.forget(f"{shop.lab.dir}/store/current.db", 1)


def migration(shop):
    """The first start of a newer program, and sales behind it."""
    assert version_of(shop.lab) == 1
    shop.lab.start()
    assert version_of(shop.lab) > 1
    shop.sell("newer", 2)
    shop.wait_concluded()


def version_of(lab):
    return lab.sql("PRAGMA user_version")[0][0]


def refused(shop):
    """The authority refuses an invoice; a person issues the sale again."""
    lab = shop.lab
    lab.start()
    lab.control("fault refuse-number 1")
    assert lab.sell(sale("T01", "refused"))[0] == 201
    lab.wait(lambda: lab.sql("SELECT count(*) FROM task")[0][0] == 1, "a task")
    status, answer, _ = lab.call("POST", "/api/v1/tasks/1/reissue", {})
    assert status == 201 and answer["reissues"]["number"] == "1", answer
    shop.sell("behind", 1)
    shop.wait_concluded()


def courier(shop):
    """Sales without a line leave on a stick; their verdicts come back on it."""
    lab = shop.lab
    lab.start()
    lab.stop_authority()
    shop.sell("without a line", 2)
    trip = Trip(lab)
    trip.export()
    trip.deliver()
    trip.import_back()
    lab.start_authority()
    shop.sell("behind", 1)
    shop.wait_concluded()


def selling_before_backup(shop):
    some_sales(shop)
    write_words(shop.lab)
    os.mkdir(f"{shop.lab.dir}/{os.path.dirname(BACKUP)}")


def write_words(lab):
    with open(f"{lab.dir}/words", "w", encoding="utf-8") as f:
        f.write("cá lúa nắng mưa gió biển")


def write_backup(lab):
    lab.hoadon("backup", f"{lab.dir}/{BACKUP}", "--passphrase", f"{lab.dir}/words")


def verify_backup(lab):
    """Unrecorded: it leaves nothing."""
    recorded, lab.env = lab.env, dict(os.environ)
    lab.hoadon("restore", f"{lab.dir}/{BACKUP}", "--verify", "--passphrase", f"{lab.dir}/words")
    lab.env = recorded


def backup(shop):
    """Taken while four tills sell; from its last word on it must be there, and it is never half of one."""
    lab = shop.lab
    lab.start()
    writing = threading.Thread(target=shop.attempt, args=(write_backup, lab))
    writing.start()
    rounds = 0
    while writing.is_alive() or not rounds:
        shop.sell(f"meanwhile {rounds}", 1)
        rounds += 1
        time.sleep(0.2)
    writing.join()
    disks.note_promise(lab.env["HOADON_RECORD"], BACKUP.encode())
    shop.sell("behind", 1)
    shop.wait_concluded()
    lab.stop()
    verify_backup(lab)


def backup_again(lab):
    """What the cut left is whole, or in nobody's way."""
    write_words(lab)
    if not os.path.exists(f"{lab.dir}/{BACKUP}"):
        write_backup(lab)
    verify_backup(lab)


def selling_on_small_disk(shop):
    shop.disk = SmallDisk("tmpfs", 12)
    shop.disk.mount(shop.lab)
    some_sales(shop)


def full_disk(shop):
    """The reserve is given up piece by piece, what was taken is sent nevertheless; with room again it is whole and the tills sell on."""
    lab, reserve = shop.lab, f"{shop.lab.dir}/store/reserve"
    lab.start()
    lab.stop_authority()
    shop.sell("room", 2)
    whole = os.path.getsize(reserve)
    shop.disk.fill()
    for bill in range(1000):
        status, answer = shop.sell_one(sale("T01", f"full-{bill}"))
        if status == 507:
            break
        assert status == 201, f"{status} {answer}"
    assert status == 507, "a full disk took 1,000 sales"
    lab.start_authority()
    shop.wait_concluded()
    assert not os.path.exists(reserve) or os.path.getsize(reserve) < whole, "nothing of the reserve was given up"
    shop.disk.free()
    lab.wait(lambda: lab.call("GET", "/health/ready")[1]["disk"] == "ok", "room")
    assert os.path.getsize(reserve) == whole
    shop.sell("room again", 2)
    shop.wait_concluded()
    lab.stop()


NEW_YEAR = 1798736400000  # 2027-01-01T00:00:00+07:00
TRACES = [Play("the first day of a store", first_day, alter=fill_folder), Play("a busy day with checkpoints", busy_day),
          Play("stops, deaths and starts", stops_and_deaths), Play("New Year", new_year, some_sales),
          Play("migration from the first schema", migration, some_sales, forget_schema), Play("a refused invoice issued again", refused),
          Play("a courier there and back", courier), Play("a backup while tills sell", backup, selling_before_backup, revived=backup_again),
          Play("a full disk and room again", full_disk, selling_on_small_disk, why_not=lambda: why_no_mount("tmpfs"))]
CONTROLS = [("synchronous=NORMAL loses sales", lambda: Recording(Play("synchronous=NORMAL", busy_day), "PRAGMA synchronous = NORMAL"), ["lost"]),
            ("synchronous=OFF loses sales or tears the store", lambda: Recording(Play("synchronous=OFF", busy_day), "PRAGMA synchronous = OFF"), ["lost", "corrupt"]),
            ("a folder that is not synced loses the store", lambda: RECORDINGS[0].without_folder_syncs(), ["lost"])]


def main():
    report = labs.Report()
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    for play in TRACES:
        name, reason = f"power cut on {play.name}", play.why_not()
        report.skip(name, reason) if reason else report.case(name, cut, play)
    for name, record, words in CONTROLS:
        report.case(f"control: {name}", cut_weaker, record, words)
    print(f"power cuts: boundaries visited {TOTAL.boundaries}, images {TOTAL.built}, lost in {TOTAL.lost}, corrupt {TOTAL.corrupt}, {json.dumps(TOTAL.kinds)}")
    report.close()


main()
