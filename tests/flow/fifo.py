"""Tills that write to a file: a FIFO that hoadond reads. Each writer's end is the end of what it printed; no writer is ever sent away."""
import os
import select
import stat
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))
import lab as labs  # noqa: E402
from paper import Printer, annexes_of, bill  # noqa: E402
from tap import TRIES, Shop, is_slip  # noqa: E402


def write(path, data):
    """As `cat receipt >FIFO`: opens, writes, closes, and waits for nothing else."""
    fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK)  # ENXIO where nobody reads
    while data:
        select.select([], [fd], [], labs.PATIENCE)
        data = data[os.write(fd, data):]  # EPIPE where nobody reads any more
    os.close(fd)


def papers(printer, since):
    """Jobs that are no slips."""
    return [bytes(job) for job in printer.jobs[since:] if job and not is_slip(job)]


class Fifo:
    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = f"{self.dir.name}/bar.prn"
        return self

    def __exit__(self, *_):
        self.dir.cleanup()


def a_file_that_a_till_writes_to():
    """It is made for a group to write to; a code comes before the cut, and without a cut the writer's end is that of the receipt."""
    with Fifo() as fifo, Printer() as printer, Shop((printer, {"listen": f"fifo:{fifo.path}"})) as shop:
        assert stat.S_ISFIFO(os.stat(fifo.path).st_mode) and os.stat(fifo.path).st_mode & 0o777 == 0o660
        for n in range(TRIES):
            sent = bill(f"HD{n}")
            before = len(printer.jobs)
            write(fifo.path, sent)
            shop.wait_sales(n + 1)
            shop.wait(lambda: papers(printer, before) and not printer.open, "the bill on paper")
            annexes = annexes_of(papers(printer, before)[0], sent)
            if annexes:
                break
        else:
            raise AssertionError(f"no code in time: {shop.log()[-800:]}")
        shop.check_annex(annexes[0], f"HD{n}")
        write(fifo.path, bill("HE1", cut=b""))
        shop.wait_sales(n + 2)
        shop.wait(lambda: any(shop.invoice("HE1")[2].encode() in slip for slip in shop.slips(printer)), "the slip")
        assert shop.sql("SELECT DISTINCT source FROM frame WHERE dialect <> 'json'") == [("fifo P1",)]
        return 7


def writers_follow_one_another_and_none_is_sent_away():
    """Thirty bills by thirty writers, the printer slow: nobody waits for it, nothing is lost or mixed."""
    with Fifo() as fifo, Printer(pause=0.2) as printer, Shop((printer, {"listen": f"fifo:{fifo.path}", "annex": "none"})) as shop:
        for n in range(30):
            write(fifo.path, bill(f"HD{n}"))
        shop.wait_sales(30)
        shop.wait(lambda: b"".join(printer.paper()) == b"".join(bill(f"HD{n}") for n in range(30)) and not printer.open, "thirty bills on paper")
        printer.pause = 3  # the first of two is over, and not yet on paper, when the second comes
        write(fifo.path, bill("HE0"))
        shop.wait_sales(31)
        write(fifo.path, bill("HE1"))
        shop.wait_sales(32)
        shop.wait(lambda: b"HE1" in b"".join(printer.paper()) and not printer.open, "the end of the second, whose writer was gone before anybody looked")
        return 35


def a_printer_that_is_away_sends_no_writer_away():
    with Fifo() as fifo, Printer() as printer, Shop((printer, {"listen": f"fifo:{fifo.path}"}), authority=True) as shop:
        printer.stop()
        write(fifo.path, bill("HD1"))
        shop.wait(lambda: shop.call("GET", "/health/ready")[1]["ports"] == "printer-away", "the printer to be missed")
        write(fifo.path, bill("HD2"))
        assert shop.sql("SELECT count(*) FROM frame") == [(0,)]
        printer.start()
        shop.wait_sales(2)
        shop.wait(lambda: b"HD1" in b"".join(papers(printer, 0)) and b"HD2" in b"".join(papers(printer, 0)) and not printer.open, "the bills on paper")
        annexes_of(b"".join(papers(printer, 0)), bill("HD1") + bill("HD2"))
        return 4


def what_is_no_fifo_is_left_alone():
    with Fifo() as fifo, Shop((None, {})) as shop:
        shop.stop()
        with open(fifo.path, "w", encoding="utf-8") as f:
            f.write("a letter")
        shop.shape["extra"] = shop.shape["extra"].replace(f"listen = 127.0.0.1:{shop.tap}", f"listen = fifo:{fifo.path}")
        shop.write_config()
        shop.start()
        shop.wait(lambda: "is no FIFO" in shop.log(), "the reason in the log")
        with open(fifo.path, encoding="utf-8") as f:
            assert f.read() == "a letter"
        os.remove(fifo.path)
        shop.wait(lambda: os.path.exists(fifo.path), "the FIFO")
        write(fifo.path, bill("HD1"))
        shop.wait_sales(1)
        return 4


if __name__ == "__main__":
    labs.run_cases([
        a_file_that_a_till_writes_to,
        writers_follow_one_another_and_none_is_sent_away,
        a_printer_that_is_away_sends_no_writer_away,
        what_is_no_fifo_is_left_alone,
    ])
