"""
The N-th malloc, write, sync or SQLite call fails, N = 1, 2, 3 …: the program goes on, says what failed, and nothing is acknowledged that is not
there. Memory, writes and syncs fail by tests/faulty.c, SQLite calls and file calls at the generated failpoints.
HOADON_FULL=1 takes every N and every failpoint, otherwise a sample.
"""
import errno
import os
import random
import re
import signal
import sys
import threading
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]
import crash  # noqa: E402
import faulty as faults  # noqa: E402
import lab as labs  # noqa: E402

FULL, SEED = crash.FULL, crash.SEED
HUGE = 1 << 40
VISITS = (1, 2, 3)  # of each failpoint
POINTS = 4  # failpoints of a sample
AT_ONCE = 3  # cases; they mostly wait
LINE = re.compile(r"^<[34]>event=\S+ .*(text|why)=\"[^\"]{10,}", re.M)  # a failure with a sentence
NO_ANSWER = (OSError, labs.http.client.HTTPException)


def ended_well(lab, before):
    """
    It said why. OpenSSL 3.0 itself dies without memory for one of its locks, nothing that was acknowledged is lost by that; where it was is known
    from a sanitizer only.
    """
    said = LINE.search(lab.log()[before:]) or "libcrypto.so" in lab.log()[before:]
    return said if lab.agent.returncode > 0 else lab.agent.returncode == -signal.SIGSEGV


class Shop:
    """One running agent; a sale at a time, each with one failure somewhere on its way to the verdict."""

    def __init__(self, lab, may_end=False):
        self.lab, self.fault, self.answers, self.count, self.compared = lab, faults.Faulty(lab), [], 0, 0
        self.may_end, self.ends, self.told = may_end, 0, 0
        lab.start(env=self.fault.env)
        self.sell()
        self.settle()

    def go_on(self):
        """Starts what ended, as systemd would."""
        if self.lab.agent.poll() is None:
            return
        assert self.may_end and ended_well(self.lab, self.told), f"hoadond ended ({self.lab.agent.returncode}): {self.lab.log()[-2000:]}"
        self.ends += 1
        self.lab.start(env=self.fault.env)

    def sell(self):
        """One attempt: the status, None when the connection was cut."""
        try:
            status, body, _ = self.lab.sell(crash.sale("T01", f"B{self.count}"))
        except NO_ANSWER:
            self.go_on()
            return None
        self.compared += 1
        if status == 201:
            self.answers.append(body)
            self.count += 1
        else:
            assert status in (503, 507) and body["retryable"] and body["detail"] and body["detail_vi"], f"a good sale was told {status} {body}"
        return status

    def insist(self):
        end = time.monotonic() + labs.PATIENCE
        while self.sell() != 201:
            assert time.monotonic() < end, f"selling does not go on: {self.lab.log()[-1500:]}"
            time.sleep(0.05)

    def settle(self):
        """Until what was sold is concluded and the disk is well."""
        self.lab.wait(lambda: self.go_on() or self.lab.sql("SELECT count(*) FROM invoice WHERE state = 'issued'")[0][0] == 0, "every invoice concluded")
        self.lab.wait(lambda: self.lab.call("GET", "/health/ready")[1]["disk"] == "ok", "the disk to be well")
        self.lab.wait(lambda: "state=failing" not in self.lab.log().rpartition("event=disk state=ok")[2], "that to be told")

    def calls(self, word):
        """How many such calls one sale makes, from the request to the verdict."""
        self.fault[word] = HUGE
        self.insist()
        self.settle()
        made, self.fault[word] = HUGE - self.fault[word], 0
        return made

    def fail(self, word, n, error=errno.EIO):
        """One sale while the n-th call fails. Whether it was reached."""
        self.told = len(self.lab.log())
        self.fault[faults.FAILED], self.fault[faults.ERRNO], self.fault[word] = 0, error, n
        self.insist()
        end = time.monotonic() + 5
        while self.fault[word] > 0 and time.monotonic() < end:
            time.sleep(0.005)
        self.fault[word] = 0
        self.compared += 1
        return self.fault[faults.FAILED] > 0

    def close(self):
        self.settle()
        assert self.lab.stop() == 0, self.lab.log()[-2000:]
        damaged = self.lab.sql("SELECT kind, text FROM task WHERE kind LIKE '%damaged%'")
        assert not damaged, f"what could not be read now is called damaged: {damaged}"
        return self.compared + self.lab.check_books(self.answers)


def choose(count, sample, rng):
    return range(1, count + 1) if FULL else sorted(rng.sample(range(1, count + 1), min(sample, count)))


def memory(rng):
    """At any call of a request, and at some of those that follow until the verdict."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        shop = Shop(lab, may_end=True)
        shop.fault[faults.NTH_MALLOC] = HUGE
        assert shop.sell() == 201
        request = HUGE - shop.fault[faults.NTH_MALLOC]
        chosen = [*choose(request, 100, rng), *(n + request for n in choose(shop.calls(faults.NTH_MALLOC), 15, rng))]
        reached = sum(shop.fail(faults.NTH_MALLOC, n) for n in chosen)
        assert reached >= len(chosen) * 9 // 10, f"{reached} of {len(chosen)} reached"
        print(f"malloc: {reached} of {len(chosen)} failed, {shop.ends} ends; a request makes {request}")
        return shop.close()


def memory_at_start(rng):
    """It starts, or it ends with a sentence and starts the next time."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        fault = faults.Faulty(lab)
        fault[faults.NTH_MALLOC] = HUGE
        lab.start(env=fault.env)
        made = HUGE - fault[faults.NTH_MALLOC]
        lab.stop()
        ended = 0
        for n in sorted(rng.sample(range(1, made + 1), 300 if FULL else 8)):
            before = len(lab.log())
            fault[faults.NTH_MALLOC] = n
            lab.start(env=fault.env, wait=False)
            lab.wait(lambda: lab.agent.poll() is not None or lab.is_ready(), "a start or an end")
            if lab.agent.poll() is None:
                assert lab.stop() == 0
                continue
            ended += 1
            assert ended_well(lab, before), f"N = {n}: exit {lab.agent.returncode}: {lab.log()[before:]}"
            lab.agent = None
        print(f"malloc at the start: {made} calls, {ended} ends")
        lab.start()
        assert lab.sell(crash.sale("T01", "A"))[0] == 201
        lab.wait_accepted(1)
        lab.stop()
        return ended + lab.check_books()


def disk(rng, word, what, sample):
    """A disk that fails once: the log says so, the store is opened anew, the sale is sold."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        shop = Shop(lab)
        made = shop.calls(word)
        chosen = choose(made, sample, rng)
        reached = 0
        for n in chosen:
            before = len(lab.log())
            if shop.fail(word, n):
                reached += 1
                lab.wait(lambda: LINE.search(lab.log()[before:]), f"a sentence about {what} {n}")
            shop.settle()
        print(f"{what}: {reached} of {len(chosen)} failed; a sale makes {made}")
        assert reached >= len(chosen) * 3 // 4, f"{reached} of {len(chosen)} reached"
        return shop.close()


def no_room(rng):
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        shop = Shop(lab)
        for n in choose(shop.calls(faults.NTH_WRITE), 4, rng):
            shop.fail(faults.NTH_WRITE, n, errno.ENOSPC)
            shop.settle()
        return shop.close()


def failpoint(point):
    """A busy day of crash.py in which one call of the program reports a failure."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        day = crash.Day(lab)
        day.play(failpoint=f"{point}:fail")
        log = lab.log()
        assert "AddressSanitizer" not in log and "runtime error" not in log, log[-2000:]
        return day.check()


def visited():
    """The failpoints that a busy day reaches."""
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab:
        log = f"{lab.dir}/failpoints"
        crash.Day(lab).play(log=log)
        return sorted({line.split()[0] for line in open(log)})


def main():
    report = labs.Report()
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    points = [f"{name}:{n}" for n in VISITS for name in visited()]
    chosen = points if FULL else random.Random(SEED).sample(points, POINTS)
    cases = [("the Nth write fails", disk, random.Random(SEED), faults.NTH_WRITE, "write", 3),
             ("the Nth sync fails", disk, random.Random(SEED), faults.NTH_SYNC, "sync", 3),
             ("the Nth write finds no room", no_room, random.Random(SEED)),
             ("the Nth malloc fails on the way of a sale", memory, random.Random(SEED))]
    if FULL:
        cases += [("the Nth malloc fails at the start", memory_at_start, random.Random(SEED))]
    cases += [(f"a failure at {point}", failpoint, point) for point in chosen]
    turns = threading.Semaphore(AT_ONCE)

    def work(case):
        with turns:
            report.case(*case)

    threads = [threading.Thread(target=work, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.close()


if __name__ == "__main__":
    main()
