"""The backend of CUPS, called as CUPS calls it: arguments, standard input, exit codes. What it prints, the port prints; without hoadond, the printer's own backend."""
import glob
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))
import lab as labs  # noqa: E402
from missing import DAY, Day  # noqa: E402
from paper import Printer, annexes_of, bill  # noqa: E402
from tap import TRIES, Shop  # noqa: E402

BACKEND = os.path.join(labs.TOP, "packaging/cups/hoadon")
RAW = "socket://192.0.2.50:9100/?waiteof=false"


class Queue:
    """A raw queue whose printer's own backend (`socket`) writes down how it was called."""

    def __init__(self, shop, raw=RAW):
        self.dir, self.uri = shop.dir, "hoadon://P1" + (f"/?raw={raw}" if raw else "")
        os.makedirs(f"{self.dir}/bin", exist_ok=True)
        os.makedirs(f"{self.dir}/cups/backend", exist_ok=True)
        self.script("bin/hoadon", f'exec "{labs.BIN}/hoadon" --config "{self.dir}/conf" "$@"')
        self.script("cups/backend/socket", f'printf "%s\\n" "$DEVICE_URI" "$@" >"{self.dir}/called"\ncat >"{self.dir}/raw"\nexit 4')

    def script(self, path, text):
        with open(f"{self.dir}/{path}", "w", encoding="utf-8") as f:
            f.write(f"#!/bin/sh\n{text}\n")
        os.chmod(f"{self.dir}/{path}", 0o755)

    def start(self, *args, stdin=subprocess.PIPE):
        env = {**os.environ, "PATH": f"{self.dir}/bin:/usr/bin:/bin", "DEVICE_URI": self.uri, "CUPS_SERVERBIN": f"{self.dir}/cups", "TMPDIR": self.dir}
        return subprocess.Popen([BACKEND, *args], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)

    def finish(self, job, data=None):
        """(exit code, what stands in the log of CUPS)."""
        try:
            out, log = job.communicate(data, timeout=240)
        except subprocess.TimeoutExpired:
            job.kill()
            raise
        assert out == b"", out
        return job.returncode, log.decode()

    def print(self, data, *file, copies="1"):
        """The same, of a job that is given at once."""
        return self.finish(self.start("7", "lan", "Phiếu tính tiền", copies, "", *file), data)

    def feed(self, job, data):
        """Its standard input, whole."""
        job.stdin.write(data)
        job.stdin.close()
        job.stdin = None

    def said(self):
        """What the backend's own command says, while it runs."""
        return "".join(open(path, encoding="utf-8").read() for path in glob.glob(f"{self.dir}/tmp.*/said"))

    def called(self):
        with open(f"{self.dir}/called", encoding="utf-8") as f, open(f"{self.dir}/raw", "rb") as raw:
            return f.read().splitlines(), raw.read()


def devices_are_listed():
    with Shop((None, {})) as shop:
        job = Queue(shop).start()
        assert job.communicate()[0] == b'direct hoadon://P1 "Unknown" "hoadon-agent, port P1"\n' and job.returncode == 0
        job = Queue(shop).start("7", "lan")
        assert job.communicate()[1].startswith(b"usage: ") and job.returncode == 1
        return 4


def a_job_is_printed_to_the_port():
    """By standard input, and as a file in two copies; every byte comes out, and the bill is one invoice."""
    with Printer() as printer, Shop((printer, {})) as shop:
        queue, sent = Queue(shop), bill("HD1")
        assert queue.print(sent) == (0, "")
        shop.wait_sales(1)
        annexes_of(bytes(printer.jobs[0]), sent)
        with open(f"{shop.dir}/job", "wb") as f:
            f.write(bill("HD2"))
        before = len(printer.jobs)
        assert queue.print(b"", f"{shop.dir}/job", copies="2") == (0, "")
        shop.wait_sales(2)
        annexes_of(bytes(printer.jobs[before]), bill("HD2") * 2)
        assert shop.invoices() == 2 and not os.path.exists(f"{shop.dir}/called")
        return 6


def without_hoadond_the_printer_itself_prints():
    """Its backend is called with the same job and its own address, its exit code is ours, and the log says that nobody saw the bill."""
    with Shop((None, {})) as shop:
        queue, sent = Queue(shop), bill("HD1")
        shop.kill()
        code, log = queue.print(sent)
        assert code == 4 and log.startswith("WARNING: ") and "printed past hoadond" in log, (code, log)
        assert queue.called() == ([RAW, "7", "lan", "Phiếu tính tiền", "1", ""], sent)
        with open(f"{shop.dir}/job", "wb") as f:
            f.write(sent)
        assert queue.print(b"", f"{shop.dir}/job", copies="2")[0] == 4
        assert queue.called()[0] == [RAW, "7", "lan", "Phiếu tính tiền", "2", "", f"{shop.dir}/job"]
        code, log = Queue(shop, raw=None).print(sent)
        assert code == 7 and "ERROR: " in log, (code, log)
        return 6


def killed_in_the_middle_of_a_receipt_the_job_is_printed_whole():
    """A part is on paper, hoadond does not come back: the printer itself prints all of it, and the log says so. The time is listed."""
    with Printer(is_narrow=True) as printer, Shop((printer, {})) as shop:
        queue, sent = Queue(shop), bill("HD1") + bytes(400000)
        printer.hang_after = 300
        job = queue.start("7", "lan", "bill", "1", "")
        queue.feed(job, sent)
        shop.wait(lambda: printer.jobs and len(printer.jobs[0]) >= 300, "a part on paper")
        shop.kill()
        code, log = queue.finish(job)
        printer.go_on.set()
        assert code == 4 and queue.called() == ([RAW, "7", "lan", "bill", "1", ""], sent), (code, log)
        assert log.startswith("WARNING: ") and "broke off behind" in log and "printed past hoadond" in log, log
        shop.open()
        assert queue.print(bill("HD2")) == (0, "")
        shop.wait(lambda: shop.sql("SELECT 1 FROM sale WHERE bill_no = ? AND state = ?", "HD2", "issued"), "the next bill")
        return 6


def a_hoadond_that_comes_back_prints_the_job():
    """Killed in the middle, all of the job in it, and started again before the patience ends: the job is printed again there, and is one invoice."""
    with Printer(is_narrow=True) as printer, Shop((printer, {})) as shop:
        queue, there = Queue(shop), f"{shop.dir}/back"
        for n in range(TRIES):
            sent, before = bill(f"HD{n}"), len(printer.jobs)
            printer.go_on.clear()
            printer.hang_after = 1
            queue.script("bin/hoadon", f'exec "{labs.BIN}/hoadon" --config "{shop.dir}/conf" "$@"')
            job = queue.start("7", "lan", "bill", "1", "")
            queue.feed(job, sent)
            shop.wait(lambda: len(printer.jobs) > before and printer.jobs[before], "a part on paper")  # noqa: B023
            queue.script("bin/hoadon", f'until [ -e "{there}" ]; do sleep 0.1; done; exec "{labs.BIN}/hoadon" --config "{shop.dir}/conf" "$@"')
            is_in_time = job.poll() is None
            shop.kill()
            printer.go_on.set()
            shop.open()
            queue.script("back", "")
            code, log = queue.finish(job)
            os.unlink(there)
            assert code == 0 and not os.path.exists(f"{shop.dir}/called"), (code, log)
            if is_in_time:
                break
        else:
            raise AssertionError("each job was over before hoadond was killed")
        shop.wait(lambda: any(bytes(job).startswith(sent[:-4]) for job in printer.jobs[before + 1:]), "the job on paper again")
        shop.wait(lambda: shop.sql("SELECT 1 FROM sale WHERE bill_no = ? AND state = ?", f"HD{n}", "issued"), "the bill")
        assert shop.invoices() == n + 1
        return 4


def a_printer_that_takes_nothing_is_waited_for():
    """Without paper it holds the job, however long, while hoadond lives; behind it all of the job is on paper, once."""
    with Printer(is_narrow=True) as printer, Shop((printer, {})) as shop:
        queue, sent = Queue(shop), bill("HD1") + bytes(400000)
        printer.hang_after = 300
        job = queue.start("7", "lan", "bill", "1", "")
        queue.feed(job, sent)
        shop.wait(lambda: "waiting for it" in queue.said(), "the backend to wait for the printer", 120)
        assert job.poll() is None
        printer.go_on.set()
        assert queue.finish(job) == (0, "")
        annexes_of(bytes(printer.jobs[0]), sent)
        return 3


def a_hoadond_that_is_stuck_is_as_good_as_dead():
    with Shop((None, {})) as shop:
        queue, sent = Queue(shop), bill("HD1")
        os.kill(shop.agent.pid, signal.SIGSTOP)
        code, log = queue.print(sent)
        os.kill(shop.agent.pid, signal.SIGCONT)
        assert code == 4 and "printed past hoadond" in log and queue.called()[1] == sent, (code, log)
        assert queue.print(bill("HD2")) == (0, "")
        return 4


def a_printer_that_is_away_is_waited_for():
    """hoadond lives and says so: nothing goes past it, the log says it once, and the job comes out when the printer is back."""
    with Printer() as printer, Shop((printer, {})) as shop:
        queue, sent = Queue(shop), bill("HD1")
        printer.stop()
        job = queue.start("7", "lan", "bill", "1", "")
        queue.feed(job, sent)
        heard = [job.stderr.readline() for _ in range(2)]
        assert heard[0].startswith(b"WARNING: ") and heard[1] == b"STATE: +connecting-to-device\n", heard
        printer.start()
        assert queue.finish(job) == (0, "STATE: -connecting-to-device\n")
        shop.wait_sales(1)
        assert not os.path.exists(f"{shop.dir}/called")
        return 5


def the_time_past_hoadond_is_listed():
    """It was dead for more than half an hour: the time, and the number of the bill that the printer itself printed, are on the list of what is missing."""
    with Day() as shop:
        queue = Queue(shop)
        shop.at(13, 5)
        assert queue.print(bill("HD000001")) == (0, "")
        shop.wait_sales(1)
        shop.wait(lambda: shop.count("alive") >= DAY + (13 * 60 + 5) * 60000, "hoadond to say that it is alive")
        shop.kill()
        shop.at(13, 40)
        assert queue.print(bill("HD000002"))[0] == 4
        shop.open()
        assert queue.print(bill("HD000003")) == (0, "")
        shop.wait_sales(2)
        found, _ = shop.missing()
        assert found[("T01", "gap")] == [("HD000002", "HD000002", 1, None, None)], found
        assert found[("T01", "bypass")][0][3:] == ("13:05", "13:40"), found
        return 5


if __name__ == "__main__":
    labs.run_cases([
        devices_are_listed,
        a_job_is_printed_to_the_port,
        without_hoadond_the_printer_itself_prints,
        killed_in_the_middle_of_a_receipt_the_job_is_printed_whole,
        a_hoadond_that_comes_back_prints_the_job,
        a_printer_that_takes_nothing_is_waited_for,
        a_hoadond_that_is_stuck_is_as_good_as_dead,
        a_printer_that_is_away_is_waited_for,
        the_time_past_hoadond_is_listed,
    ])
