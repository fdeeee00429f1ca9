"""
The main disk is destroyed at a random moment under four tills: what was told more than 2 s before is in the recovered store, the rest lies in the
printed range. Two loop images where they can be mounted (the disk breaks under the running agent), else folders; then folders with
a batch of the mirror torn. HOADON_FULL=1 destroys 200 disks, HOADON_DISKS=N that many; HOADON_SEED repeats the moments.
"""
import os
import random
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
from second_medium import PROMISE, Disks, Shop, why_no_loop_images  # noqa: E402

FULL = os.environ.get("HOADON_FULL") == "1"
ROUNDS = int(os.environ.get("HOADON_DISKS", "200" if FULL else "3"))
SEED = int(os.environ.get("HOADON_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
# Death of the process in the mirror's own steps: the next start goes on or begins anew, and nothing is missing.
FAILPOINTS = ("file.grow.before:3", "file.grow.after:4", "file.grow_sync.before:2", "file.grow_sync.after:6", "file.rename.before:1", "file.rename.after:1",
              "file.grow.before:1", "store.begin_read.after:40", "file.remove.after:2")


def destroyed(kind, rng, moment):
    with kind(wal_max_mb=2, log_max_mb=1) as shop:
        shop.start()
        shop.wait_whole()
        over = threading.Event()
        threads = shop.sell_until(over)
        time.sleep(moment)
        lost_at, truth = shop.destroy(rng)
        over.set()
        for thread in threads:
            thread.join()
        return shop.check_recovered(lost_at, truth)


def destroyed_at_random_moments(kind, count):
    rng, compared, missing = random.Random(SEED), 0, 0
    for i, part in enumerate(rng.sample(range(count), count)):  # however few, some disks are lost late enough to miss what is older than the promise
        try:
            more, lost = destroyed(kind, rng, 0.2 + 3.8 * (part + rng.random()) / count)
        except AssertionError as error:
            raise AssertionError(f"seed {SEED}, disk {i}: {error}") from None
        compared += more
        missing += lost
    print(f"{count} disks destroyed: {missing} answers younger than {PROMISE} s were missing, all in the printed range", flush=True)
    return compared


def killed_at(failpoint):
    with Shop(wal_max_mb=1, log_max_mb=1) as shop:
        shop.start(env={"HOADON_FAILPOINT": f"{failpoint}:kill"}, wait=False)
        try:
            shop.wait(shop.is_ready, "hoadond", process=shop.agent)
            end = time.monotonic() + labs.PATIENCE / 2
            while shop.agent.poll() is None and time.monotonic() < end:
                shop.sell_one()
        except (OSError, AssertionError, ValueError, labs.http.client.HTTPException):
            pass
        shop.agent.wait(labs.PATIENCE)
        shop.agent = None
        shop.start()
        for _ in range(20):
            shop.sell_one()
        shop.wait_whole()
        return shop.check_nothing_is_missing()


def main():
    report = labs.Report()
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    reason = why_no_loop_images()
    if reason:
        report.skip("two loop images", f"{reason}; folders instead")
    report.case("the main disk is destroyed at random moments", destroyed_at_random_moments, Shop if reason else Disks, ROUNDS)
    report.case("a batch of the mirror is torn in the same moment", destroyed_at_random_moments, Shop, ROUNDS // 10 + 1)
    for failpoint in FAILPOINTS if FULL else random.Random(SEED).sample(FAILPOINTS, 1):
        report.case(f"killed at {failpoint}, then the disk is lost", killed_at, failpoint)
    report.close()


main()
