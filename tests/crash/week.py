"""
Seven days without a line while the shop sells, then a bad line: of a hundred messages five time out, two meet a 5xx, one loses its answer.
Every sale is accepted once. HOADON_FULL=1: 10,000 sales, else a sample of 800. HOADON_SEED repeats the faults.
"""
import datetime
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

SEED = int(os.environ.get("HOADON_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
SALES = 10000 if os.environ.get("HOADON_FULL") == "1" else 800
DAYS, TILLS, IN_MESSAGE = 7, 8, 20
ZONE = datetime.timezone(datetime.timedelta(hours=7))


def sale(till, bill, at_ms):
    at = datetime.datetime.fromtimestamp(at_ms / 1000, ZONE).isoformat(timespec="seconds")
    return {"till_id": till, "bill_no": bill, "kind": "sale", "sold_at": at, "total": "58000",
            "lines": [{"name": "Cà phê sữa đá", "unit": "ly", "qty": "2", "unit_price": "29000", "amount": "58000", "vat_rate": "8"}]}


def sell_day(lab, day, answers):
    now = labs.NOON + day * 86400000
    lab.set_clock(labs.clock_at(now))
    errors, lock = [], threading.Lock()

    def till(t):
        try:
            for n in range(SALES // DAYS // TILLS + 1):
                status, answer, _ = lab.sell(sale(f"T{t:02d}", f"{day}-{n}", now - 60000))
                assert status == 201, f"{status} {answer}"
                with lock:
                    answers.append(answer)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=till, args=(t,)) for t in range(1, TILLS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def bad_line(rng, messages):
    """So many orders to the simulator that of its messages 5 % are delayed beyond the time-out, 2 % meet a 5xx and 1 % lose the answer."""
    some = lambda percent: max(1, messages * percent // 100)  # noqa: E731
    kinds = ["delay 1500"] * some(5) + ["status 503"] * some(1) + ["status-after 500"] * some(1) + ["drop-after"] * some(1)
    return [f"fault {kind} after {rng.randrange(messages)}" for kind in kinds]


def week():
    rng = random.Random(SEED)
    extra = f"max_invoices = {IN_MESSAGE}\ntotal_timeout_ms = 1000\n"
    with labs.Lab(clock=labs.clock_at(labs.NOON), tills=[f"T{t:02d}" for t in range(1, TILLS + 1)], extra=extra, authority=False) as lab:
        lab.start_authority()
        lab.write_config()
        lab.stop_authority()
        lab.start()
        answers = []
        for day in range(DAYS):
            sell_day(lab, day, answers)
        assert lab.sql("SELECT count(*) FROM invoice WHERE state = 'accepted'")[0][0] == 0 and len(answers) >= SALES
        late = lab.sql("SELECT count(*) FROM invoice WHERE deadline < ?", labs.NOON + (DAYS - 1) * 86400000)[0][0]
        assert late > 0, "nothing is late after a week?"
        assert "overdue" in lab.hoadon("status", "--json", check=False).stdout.decode()
        lab.start_authority()
        faults = bad_line(rng, len(answers) // IN_MESSAGE)
        lab.control(*faults)
        lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE state = 'accepted'")[0][0] == len(answers), "every invoice accepted", 5 * labs.PATIENCE)
        print(f"sales: {len(answers)}, messages: {lab.sql('SELECT count(*) FROM message')[0][0]}, faults: {len(faults)}, late: {late}")
        lab.stop()
        return 3 + lab.check_books(answers)


def main():
    report = labs.Report()
    print(f"seed {SEED} (HOADON_SEED repeats it)")
    report.case(f"{DAYS} days without a line, then a bad one", week)
    report.close()


main()
