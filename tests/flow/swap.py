"""
A dead box is swapped as the README says: a new root, what is on the second medium or in a backup, the key; then it sells again, the chain goes on,
and no copy of the old store takes a number.
"""
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
KEY = ("seller-9900000016.p12", "ca.crt.pem")
WORDS = "cá lúa nắng mưa gió biển"


class Box(labs.Lab):
    """One machine. `authority` is the box whose simulator it talks to, None = it has that itself; `stick` is all that comes from the old one."""

    def __init__(self, name, authority=None, stick=None, **shape):
        super().__init__(clock=labs.clock_at(labs.NOON), authority=authority is None)
        self.set_machine(f"sys-{name}", f"board-{name}", f"disk-{name}")
        self.shape.update(shape)
        if authority:
            shutil.rmtree(f"{self.dir}/authority")
            os.mkdir(f"{self.dir}/authority")
            for file in KEY:
                shutil.copy(f"{stick}/{file}", f"{self.dir}/authority/{file}")
            self.port, self.books = authority.port, authority.books
        self.write_config()

    def at(self):
        """Its store."""
        return f"{self.dir}/store"

    def prepare(self, stick):
        """As the shop did when all was well: the key on a stick, a second medium on it."""
        os.makedirs(f"{stick}/hoadon")
        for file in KEY:
            shutil.copy(f"{self.dir}/authority/{file}", f"{stick}/{file}")
        with open(f"{stick}/words", "w", encoding="utf-8") as f:
            f.write(WORDS)
        self.shape["extra"] = f"[mirror]\ndir = {stick}/hoadon\nsame_disk = yes\n"
        self.write_config()
        self.start()
        self.wait(lambda: self.call("GET", "/api/v1/mirror")[1]["is_whole"], "the first base")

    def say(self, *args, code=0, lang="en"):
        result = self.hoadon("--lang", lang, *args, check=False)
        assert result.returncode == code, f"{args}: exit {result.returncode}: {result.stdout.decode()} {result.stderr.decode()}"
        return result.stdout.decode() + result.stderr.decode()

    def ledger(self):
        return self.sql("SELECT seq, event, wall, payload, hash FROM ledger ORDER BY seq")

    def takes_no_number(self, bill):
        status, answer, _ = self.sell({**BASE, "bill_no": bill})
        assert status == 202 and answer["problem"]["code"] == "store.copy" and answer["invoice"] is None, (status, answer)
        said = json.loads(self.hoadon("status", "--json", check=False).stdout)
        assert said["state"] == "blocked" and said["held"], said
        return 2


def adopt(box):
    """The same suffix and the same codes are refused, then the new ones are taken: both are what the sentences ask for."""
    n = 0
    for shape, word in (({}, "suffix = AA"), ({"suffix": "AB"}, "issuer_prefix = 001")):
        box.shape.update(shape)
        box.write_config()
        assert word in box.say("adopt", "--reason", "máy hỏng", code=78), word
        n += 1
    box.shape["prefix"] = 2
    box.write_config()
    said = box.say("adopt", "--reason", "máy hỏng")
    assert "systemctl start hoadond" in said and "must never sell again" in said, said
    return n + 1


def goes_on(box, told, kept):
    """Selling again: old bills keep their invoices, what waited goes out, the chain is that of the old box and goes on."""
    box.start()
    again = box.sell_bills(*[answer["sale"]["bill_no"] for answer in told])
    assert [a["invoice"] for a in again] == [a["invoice"] for a in told], "a bill from before has another invoice"
    new = box.sell_bills("new-1", "new-2")
    assert [(a["invoice"]["serial"], a["invoice"]["number"], a["invoice"]["code"]) for a in new] == [
        ("C26MAB", str(n), f"M1-26-VD7K2-{200000000 + n:011d}") for n in (1, 2)], new
    box.wait(lambda: box.sql("SELECT count(*) FROM invoice WHERE state <> 'accepted'")[0][0] == 0, "everything to be accepted")
    ledger = box.ledger()
    before = [row[1] for row in ledger].index("restore")  # what the second medium or the backup knew
    assert ledger[:before] == kept[:before], "the chain is another one"
    assert [row[1] for row in ledger[:before]].count("issued") == len(told)
    assert box.sql("SELECT max(epoch) FROM epoch")[0][0] == 2 and box.hoadon("fsck", check=False).returncode == 0
    box.hoadon("audit", "export", f"{box.dir}/ledger.jsonl")
    assert box.run("hoadon-verify", f"{box.dir}/ledger.jsonl").returncode == 0
    said = json.loads(box.hoadon("status", "--json", check=False).stdout)
    assert said["held"] is None and said["state"] in ("ok", "degraded"), said
    return 9 + before


def nothing_is_there_twice(box):
    for what in ("code", "serial || number", "code || total"):
        assert not box.books(f"SELECT 1 FROM invoice WHERE state = 'accepted' GROUP BY {what} HAVING count(*) > 1"), f"{what} twice"
    return 3


def the_second_medium_makes_a_new_box_sell():
    with Box("old") as old:
        stick = f"{old.dir}/stick"
        old.prepare(stick)
        told = old.sell_bills("HD1", "HD2")
        old.wait_accepted(2)
        old.control("set offline 1")
        told += old.sell_bills("HD3", "HD4")  # nobody heard of these yet
        old.wait_safe()
        old.kill()
        old.control("set offline 0")
        kept = old.ledger()
        with Box("new", authority=old, stick=stick) as new:
            said = new.say("recover", f"{stick}/hoadon", "--to", new.at())
            assert "Last invoice: 1C26MAA/4" in said and "hoadon adopt --reason" in said and "start hoadond" in said, said
            new.start()
            n = 5 + new.takes_no_number("early")
            new.stop()
            n += adopt(new) + goes_on(new, told, kept)
            new.stop()
            with Box("third", authority=old, stick=stick) as third:  # the old disk in yet another box
                shutil.copytree(old.at(), third.at())
                third.start()
                n += third.takes_no_number("copy")
                assert third.sql("SELECT count(*) FROM invoice")[0][0] == 4
            return n + 1 + nothing_is_there_twice(old)


def a_backup_makes_a_new_box_sell():
    with Box("old") as old:
        stick = f"{old.dir}/stick"
        old.prepare(stick)
        told = old.sell_bills("HD1", "HD2", "HD3")
        old.wait_accepted(3)
        old.hoadon("backup", f"{stick}/night.bak", "--passphrase", f"{stick}/words")
        kept = old.ledger()
        lost = old.sell_bills("HD4")  # after the backup
        old.wait_accepted(4)
        old.kill()
        with Box("new", authority=old, stick=stick) as new:
            said = new.say("restore", f"{stick}/night.bak", "--passphrase", f"{stick}/words")
            assert "takes no number yet" in said and "hoadon adopt --reason" in said, said
            new.start()
            n = 4 + new.takes_no_number("early")
            new.stop()
            n += adopt(new) + goes_on(new, told, kept)
            ends = json.loads(new.sql("SELECT payload FROM ledger WHERE event = 'serial-end'")[0][0][1:])
            assert (ends["serial"], ends["last_number"]) == ("C26MAA", int(lost[0]["invoice"]["number"]) - 1), ends
            new.stop()
            with Box("third", authority=old, stick=stick) as third:  # the same backup, restored once more
                third.say("restore", f"{stick}/night.bak", "--passphrase", f"{stick}/words")
                third.start()
                n += third.takes_no_number("copy")
            return n + 1 + nothing_is_there_twice(old)


CASES = [the_second_medium_makes_a_new_box_sell, a_backup_makes_a_new_box_sell]


labs.run_cases(CASES)
