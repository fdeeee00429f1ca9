"""What a till should have told and did not: a day with holes is printed through the ports, listed, recorded in the ledger, told, and filled."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))
import lab as labs  # noqa: E402
import verify  # noqa: E402
from paper import bill, kitchen, print_to  # noqa: E402
from tap import Shop  # noqa: E402

DAY = labs.NOON - 13 * 3600000  # midnight of 22 November 2026, local
PRE_BILL = "HOÁ ĐƠN TẠM TÍNH"


class Day(Shop):
    """A bar (T01), a kitchen (T02), and a second port of the bar that knows another machine alone."""

    def __init__(self):
        super().__init__((None, {"open_hours": "13-17"}), (None, {"till": "T02"}), (None, {"till": "T01", "peers": "127.0.0.9"}))

    def at(self, hour, minute):
        self.set_clock(labs.clock_at(DAY + (hour * 60 + minute) * 60000))

    def printed(self, *papers):
        """Each (port, bytes), until it is a sale."""
        for port, paper in papers:
            before = self.sql("SELECT count(*) FROM sale")[0][0]
            print_to(self.ports[port], paper)
            self.wait(lambda: self.sql("SELECT count(*) FROM sale")[0][0] > before, "the paper to be a sale")

    def look(self, *words, **how):
        """A command at the shop's time."""
        return self.hoadon(*words, **how)

    def missing(self, *words):
        """{(till, kind): [(first, last, count, from, to)]} and the whole answer."""
        answer = json.loads(self.look("sale", "missing", "--json", *words).stdout)
        found = {}
        for row in answer["missing"]:
            when = tuple(row[key] and row[key][11:16] for key in ("from", "to"))
            found.setdefault((row["till_id"], row["kind"]), []).append((row["first"], row["last"], row["count"], *when))
        return found, answer

    def slips(self, state):
        return self.sql("SELECT count(*) FROM sale WHERE kind IN ('pre-bill', 'no-sale') AND state = ?", state)[0][0]

    def records(self, event="missing"):
        """Payloads of the ledger's records of days, which both verifiers take."""
        path = f"{self.dir}/export.jsonl"
        self.hoadon("audit", "export", path)
        with open(path, "rb") as f:
            data = f.read()
        os.unlink(path)
        assert verify.verify(data)[0] == 0
        return [line["payload"] for line in map(json.loads, data.splitlines()) if line.get("record", {}).get("event") == event]

    def tasks(self):
        return self.sql("SELECT text FROM task WHERE kind = 'sale-missing' AND closed_at = 0")


def print_the_day(shop):
    shop.at(13, 1)
    shop.printed((1, kitchen("Bàn 5", "Cà phê sữa đá")), (0, bill("HD000001", title=PRE_BILL, table="Bàn 5")),
                 (0, bill("HD000001", table="Bàn 5")), (0, bill("HD000002")), (2, bill("HD000900")))
    shop.at(15, 1)
    shop.printed((0, bill("HD000004")), (0, bill("HD000005", title=PRE_BILL, table="Bàn 7", qty=9)), (1, kitchen("Bàn 9", "Mực nướng")))
    shop.at(16, 5)
    shop.printed((0, bill("HD000006")))
    shop.wait(lambda: shop.count("alive") >= DAY + (16 * 60 + 5) * 60000, "hoadond to say that it is alive")
    shop.kill()
    shop.at(16, 40)
    shop.open()
    shop.printed((0, bill("HD000007")))


def a_day_with_holes_is_listed_recorded_told_and_filled():
    with Day() as shop:
        print_the_day(shop)
        assert shop.slips("ignored") == 4 and shop.slips("parked") == 0, "what is never issued needs nobody"
        found, answer = shop.missing()
        assert answer["day"] == "2026-11-22" and answer["is_over"] is False
        silent, bypass = [(None, None, 1, "14:00", "15:00")], [(None, None, 34, "16:05", "16:40")]
        assert found[("T01", "gap")] == [("HD000003", "HD000003", 1, None, None)], found
        assert found[("T01", "silent")] == silent and found[("T01", "bypass")][0][3:] == bypass[0][3:], found
        assert set(found) == {("T01", "gap"), ("T01", "silent"), ("T01", "bypass"), ("T02", "hours-not-judged")}, found
        assert shop.records() == [] and shop.tasks() == []
        shop.at(30, 1)
        shop.wait(lambda: shop.tasks() == [("2026-11-22",)], "the day to be judged")
        found, answer = shop.missing("--at", "2026-11-22")
        assert answer["is_over"] is True and found[("T01", "pre-bill")] == [("HD000005", None, 1, "15:01", "15:01")], found
        assert found[("T02", "kitchen")] == [("ban 9", None, 1, "15:01", "15:01")] and len(found) == 6, found
        cook, bar = shop.records()
        minutes = bar.pop("bypass_minutes")
        assert bar == {"day": 20261122, "gaps": 1, "kitchen": 0, "numbers_not_judged": 0, "pre_bills": 1, "silent_hours": 1, "slips_not_judged": 0,
                       "till": "T01"}, bar
        assert minutes in (34, 35) and (cook["till"], cook["kitchen"], cook["gaps"]) == ("T02", 1, 0), cook
        status = shop.look("--lang", "vi", "status", check=False)
        assert status.returncode == 3 and "mà không thấy giao dịch" in status.stdout.decode(), status.stdout
        listed = shop.look("--lang", "vi", "sale", "missing", "--at", "22/11/2026").stdout.decode()
        assert "số bill không thấy: HD000003" in listed and "Không xét được:" in listed, listed
        shop.printed((0, bill("HD000003")), (0, bill("HD000005", table="Bàn 7")), (0, bill("HD000008", table="Bàn 9")))
        found, _ = shop.missing("--at", "2026-11-22")
        assert set(found) == {("T01", "silent"), ("T01", "bypass"), ("T02", "hours-not-judged")}, found
        shop.at(54, 1)
        shop.wait(lambda: not shop.tasks(), "the task to be closed")
        assert len(shop.records()) == 2
        return 19


def why_something_is_missing_is_said_and_proved():
    """The task ends with the last item that a person gave a reason for; each stays on the list with it, until what is missing comes."""
    with Day() as shop:
        shop.at(13, 1)
        shop.printed((0, bill("HD000001")), (0, bill("HD000003")), (0, bill("HD000004", title=PRE_BILL, table="Bàn 7", qty=9)), (0, bill("HD000005", table="Bàn 8")),
                     (0, bill("HD000006", title=PRE_BILL, table="Bàn 8")), (0, bill("HD000006", table="Bàn 8")))
        shop.at(30, 1)
        shop.wait(lambda: shop.tasks() == [("2026-11-22",)], "the day to be judged")
        items = [row for row in shop.missing("--at", "2026-11-22")[1]["missing"] if row["item"]]
        assert {row["kind"] for row in items} == {"gap", "pre-bill", "silent"} and len({row["item"] for row in items}) == len(items) > 2, items
        assert all(row["settled"] is None for row in items)
        day = ("--at", "2026-11-22", "--reason")
        assert "hoadon sale missing" in shop.look("--lang", "en", "sale", "settle", items[0]["item"], "--at", "2026-11-21", "--reason", "x", check=False).stderr.decode()
        assert shop.look("sale", "settle", items[0]["item"], *day, "", check=False).returncode != 0
        for row in items[1:]:
            assert json.loads(shop.look("--json", "sale", "settle", row["item"], *day, "bàn đã hủy").stdout)["answer"]["item"] == row["item"]
        shop.at(30, 20)
        shop.wait(lambda: shop.count("alive") >= DAY + (30 * 60 + 20) * 60000, "hoadond to look again")
        assert shop.tasks() == [("2026-11-22",)]
        assert "Đã ghi lý do" in shop.look("--lang", "vi", "sale", "settle", items[0]["item"], *day, "khách bỏ về").stdout.decode()
        shop.at(30, 40)
        shop.wait(lambda: not shop.tasks(), "the task to be closed")
        said = {row["item"]: row["settled"] for row in shop.missing("--at", "2026-11-22")[1]["missing"] if row["item"]}
        assert said == {row["item"]: "khách bỏ về" if row is items[0] else "bàn đã hủy" for row in items}, said
        assert "đã ghi lý do: khách bỏ về" in shop.look("--lang", "vi", "sale", "missing", "--at", "2026-11-22").stdout.decode()
        proofs = shop.records("missing-settled")
        assert [(proof["item"], proof["kind"], proof["till"], proof["day"]) for proof in proofs] == [
            (row["item"], row["kind"], "T01", 20261122) for row in (*items[1:], items[0])], proofs
        assert "hủy" not in json.dumps(proofs, ensure_ascii=False)
        shop.printed((0, bill("HD000002")))
        assert ("T01", "gap") not in shop.missing("--at", "2026-11-22")[0]
        return 12


if __name__ == "__main__":
    labs.run_cases([a_day_with_holes_is_listed_recorded_told_and_filled, why_something_is_missing_is_said_and_proved])
