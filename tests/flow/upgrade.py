"""A store that an earlier program left is brought up to date by the first start of this one; one of a newer program is left as it is."""
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
import old_store  # noqa: E402
import second_medium  # noqa: E402

BASE = json.load(open(os.path.join(labs.DATA, "hostile-api/base.json"), encoding="utf-8"))
# What a start writes anew; of these the sender and the clock keep the newest only.
MOVES_ON = {"meta", "ledger_tip", "believed_time", "tally"}
MOVING_COLUMNS = {"invoice": {"state", "message_id", "refusal"},
                  "message": {"state", "sent_at", "answered_at", "next_try_at", "attempts", "was_unknown", "is_resent", "route", "ref", "last_text", "deadline"}}


def shop():
    return labs.Lab(clock=labs.clock_at(labs.NOON))


def files(lab):
    """Name and bytes of everything in the store's folder; the index of the WAL is memory."""
    folder = f"{lab.dir}/store"
    read = {name: open(f"{folder}/{name}", "rb").read() for name in os.listdir(folder) if not name.endswith("-shm")}
    return {name: data for name, data in read.items() if data or name != "current.db-wal"}


def set_version(lab, version, leave_wal):
    """As another program would; with `leave_wal` only the WAL knows of it."""
    path = f"{lab.dir}/store/current.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA user_version = {version}")
        if leave_wal:
            for end in ("", "-wal"):
                shutil.copy(path + end, path + end + ".kept")
    if leave_wal:
        for end in ("", "-wal"):
            os.rename(path + end + ".kept", path + end)


def a_newer_store_is_refused_and_left_as_it_is():
    n = 0
    with shop() as lab:
        lab.start()
        lab.sell_bills("HD1")
        lab.wait_accepted(1)
        token = lab.call("POST", "/api/v1/tokens", {"name": "till", "tills": ["T01"], "scopes": ["sale:write"]})[1]["token"]
        lab.stop()
        for leave_wal in (True, False):
            set_version(lab, old_store.NEWEST + 1, leave_wal)
            before = files(lab)
            assert ("current.db-wal" in before) == leave_wal, sorted(before)
            with open(f"{lab.dir}/spool/HD2.json", "w") as f:
                f.write("{}")
            lab.start()
            body = {"till_id": "T01"}
            status, answer, headers = lab.sell(body)
            assert status == 503 and answer["code"] == "store.newer" and answer["retryable"] and headers["Retry-After"], (status, answer)
            assert "newer version" in answer["detail"] and "phiên bản mới hơn" in answer["detail_vi"], answer
            for method, path in (("GET", "/api/v1/tokens"), ("POST", "/api/v1/audit/records"), ("GET", "/api/v1/mirror"), ("GET", "/metrics")):
                assert lab.call(method, path, {} if method == "POST" else None)[0] == 503, path
            assert lab.call("GET", "/api/v1/nothing")[0] == 404
            ready = lab.call("GET", "/health/ready")
            assert ready[:2] == (503, {"status": "not_ready", "disk": "ok", "store": "newer", "key": "none", "routes": "ok", "stuck": None, "ports": "ok", "not_well": {}}), ready
            port = int(open(f"{lab.dir}/api.port").read())
            connection = labs.http.client.HTTPConnection("127.0.0.1", port, timeout=labs.PATIENCE)
            connection.request("POST", "/api/v1/sales", json.dumps(body), {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})
            response = connection.getresponse()
            assert response.status == 503 and json.loads(response.read())["code"] == "store.newer"
            connection.close()
            told = lab.hoadon("status", "--json", check=False)
            said = json.loads(told.stdout)
            assert told.returncode == 4 and said["state"] == "blocked" and said["reasons"] == ["store-newer"], (told.returncode, said)
            assert f"schema {old_store.NEWEST + 1}" in said["store_fault"], said
            assert "phiên bản mới hơn" in lab.hoadon("--lang", "vi", "status", check=False).stdout.decode()
            assert "store-newer" in lab.log() and lab.agent.poll() is None
            assert os.path.exists(f"{lab.dir}/spool/HD2.json")
            assert lab.stop() == 79
            refused = lab.hoadon("adopt", "--reason", "x", check=False)
            assert refused.returncode == 1 and b"install the newer version" in refused.stderr, refused
            assert files(lab) == before, [name for name, data in files(lab).items() if before.get(name) != data]
            told = lab.hoadon("status", "--json", check=False)
            assert told.returncode == 5 and json.loads(told.stdout)["reasons"] == ["store-newer"], told
            n += 18
        os.unlink(f"{lab.dir}/spool/HD2.json")
        set_version(lab, old_store.NEWEST, False)
        lab.start()
        assert lab.sell_bills("HD3")[0]["invoice"]["number"] == "2"
        lab.wait_accepted(2)
        return n + lab.check_books()


def sale(bill, till="T01", **change):
    return {**BASE, "bill_no": bill, "till_id": till, **change}


def rows_of(lab, known=None):
    """{table: rows} of what stays for ever, or of `known` = {table: columns} only."""
    with contextlib.closing(sqlite3.connect(f"file:{lab.dir}/store/current.db?mode=ro", uri=True, timeout=labs.PATIENCE)) as db:
        known = known or {t: [c for c in old_store.columns(db, t) if c not in MOVING_COLUMNS.get(t, ())] for t in old_store.tables(db) if t not in MOVES_ON}
        return known, {table: set(db.execute(f"SELECT {', '.join(names)} FROM {table}")) for table, names in known.items()}


def schema_of(lab):
    return lab.sql("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2")


def version_of(lab):
    return lab.sql("PRAGMA user_version")[0][0]


def upgrades_of(lab):
    return lab.sql("SELECT count(*) FROM ledger WHERE event = 'upgrade'")[0][0]


class Past:
    """A shop at two moments of its life, each kept as store and books: with a refused invoice, and with that one issued again."""

    def __init__(self, lab):
        self.lab = lab
        lab.control("fault refuse-number 2")
        lab.start()
        self.told = lab.sell_bills("HD1", "HD2", "HD3")
        self.concluded(3)
        assert lab.sell(sale("HD1", kind="pre-bill"))[0] == 202
        assert lab.sell(sale("huy-1", kind="void", reason="nhầm bàn"))[0] == 202
        lab.call("POST", "/api/v1/tokens", {"name": "till", "tills": ["T01"], "scopes": ["sale:write"]})
        lab.stop_authority()
        self.told += lab.sell_bills("HD4", "HD5")
        self.keep("refused")
        lab.start_authority()
        lab.start()
        self.concluded(5)
        status, answer, _ = lab.call("POST", "/api/v1/tasks/1/reissue", {})
        assert status == 201 and answer["reissues"]["number"] == "2", answer
        self.concluded(6)
        lab.stop_authority()
        self.later = lab.sell_bills("HD6")
        self.keep("reissued")
        self.schema = schema_of(lab)

    def concluded(self, count):
        self.lab.wait(lambda: self.lab.sql("SELECT count(*) FROM invoice WHERE state <> 'issued'")[0][0] == count, f"{count} verdicts")

    def keep(self, name):
        self.lab.stop()
        shutil.copytree(f"{self.lab.dir}/store", f"{self.lab.dir}/past/{name}/store")
        shutil.copytree(f"{self.lab.dir}/authority", f"{self.lab.dir}/past/{name}/authority")

    def become(self, version):
        """The shop as a program of that schema left it; returns the last number. What came with a later schema had not happened."""
        name, last = ("refused", 5) if version < 2 else ("reissued", 7)
        for part in ("store", "authority"):
            shutil.rmtree(f"{self.lab.dir}/{part}")
            shutil.copytree(f"{self.lab.dir}/past/{name}/{part}", f"{self.lab.dir}/{part}")
        old_store.forget(f"{self.lab.dir}/store/current.db", version)
        return last

    def is_old(self, version):
        return version < 2


def go_on(past, version, last):
    """After the upgrade: what waited goes out, the refused one is settled, the next number is the next."""
    lab = past.lab
    told = past.told + ([] if past.is_old(version) else past.later)
    lab.start_authority()
    if past.is_old(version):
        status, answer, _ = lab.call("POST", "/api/v1/tasks/1/reissue", {})
        assert status == 201 and answer["invoice"]["number"] == str(last + 1) and answer["reissues"]["number"] == "2", answer
        last += 1
    told += lab.sell_bills("new-1", "new-2")
    assert [int(answer["invoice"]["number"]) for answer in told[-2:]] == [last + 1, last + 2], told[-2:]
    assert lab.sell(sale("HD1"))[1]["invoice"] == past.told[0]["invoice"], "a bill from before the upgrade has another invoice"
    past.concluded(last + 2)
    totals = {int(answer["invoice"]["total"]) for answer in told}
    said = json.loads(lab.hoadon("status", "--json", check=False).stdout)
    assert totals == {90000} and int(said["invoices"]["total"]) == 90000 * (last + 1), said["invoices"]
    n = 6 + lab.check_books(told)
    lab.stop()
    lab.stop_authority()
    return n


def a_store_of_every_earlier_schema_is_upgraded_and_sold_on():
    n = 0
    with shop() as lab:
        past = Past(lab)
        for version in range(1, old_store.NEWEST):
            last = past.become(version)
            known, before = rows_of(lab)
            assert version_of(lab) == version and len(before["invoice"]) == last, (version, len(before["invoice"]))
            refused = lab.hoadon("audit", "verify", check=False)
            assert refused.returncode == 1 and b"start hoadond once" in refused.stderr, refused
            lab.start()
            assert version_of(lab) == old_store.NEWEST and schema_of(lab) == past.schema, f"schema {version} did not become the newest"
            after = rows_of(lab, known)[1]
            for table, rows in before.items():
                assert rows <= after[table], f"from schema {version}: {table} lost or changed {list(rows - after[table])[:2]}"
            payload = json.loads(lab.sql("SELECT payload FROM ledger WHERE event = 'upgrade'")[0][0][1:])
            assert (payload["from"], payload["to"]) == (version, old_store.NEWEST), payload
            n += 5 + sum(map(len, before.values())) + go_on(past, version, last)
            lab.start()
            assert upgrades_of(lab) == 1, "it was upgraded again"
            lab.stop()
    return n


def killed_at_each_step_of_an_upgrade():
    n = 0
    with shop() as lab:
        past = Past(lab)
        last = past.become(1)
        known, before = rows_of(lab)
        steps = [f"store.migrate.{phase}:{i}" for i in range(1, old_store.NEWEST + 2) for phase in ("before", "after")]
        for step, version in [(s, 1) for s in steps + ["store.commit.before:1"]] + [("store.commit.after:1", old_store.NEWEST)]:
            for action in ("fail", "kill") if version == 1 else ("kill",):
                lab.start(env={"HOADON_FAILPOINT": f"{step}:{action}"}, wait=False)
                code = lab.agent.wait(labs.PATIENCE)
                assert code == (1 if action == "fail" else -signal.SIGKILL), f"{step}: exit {code}, {lab.log()[-500:]}"
                assert version_of(lab) == version, f"{step}:{action} left schema {version_of(lab)}"
                after = rows_of(lab, known)[1]
                assert all(rows <= after[table] for table, rows in before.items()), f"{step}:{action} changed what was there"
                if version == 1:
                    assert after == before, f"{step}:{action} left a part of the upgrade"
                n += 3 + len(before)
        lab.start()
        assert upgrades_of(lab) == 1 and schema_of(lab) == past.schema
        return n + 2 + go_on(past, 1, last)


def sell_many(lab, count, threads=8):
    """Over connections that stay open."""
    def till(number):
        connection = labs.UnixConnection(f"{lab.dir}/api.sock")
        for i in range(count // threads):
            body = json.dumps(sale(f"N{number}-{i}", f"T0{number % 4 + 1}"), ensure_ascii=False).encode()
            connection.request("POST", "/api/v1/sales", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            assert response.status == 201, response.status
        connection.close()
    work = [threading.Thread(target=till, args=(i,)) for i in range(threads)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def five_thousand_invoices_cost_little_time_and_disk():
    """None of them sent, so that the migrations have messages to work on; tests/bench/bench.py full_store has the large ones."""
    with shop() as lab:
        lab.stop_authority()
        lab.start()
        sell_many(lab, 5000)
        lab.wait(lambda: lab.sql("SELECT count(*) FROM invoice WHERE message_id IS NULL")[0][0] == 0, "all of them packed", 2 * labs.PATIENCE)
        lab.stop()
        for tried in range(1, 4):  # on a machine that stalls
            old_store.forget(f"{lab.dir}/store/current.db", 1)
            seconds, extra = old_store.upgrade(lab, lambda: lab.sell_bills(f"new-{tried}"))  # noqa: B023
            if seconds <= 5:
                break
            lab.stop()
        assert version_of(lab) == old_store.NEWEST and seconds <= 5 and extra <= 0.1, f"{seconds:.1f} s, {100 * extra:.1f} % more disk"
        wrong = lab.sql("""SELECT count(*) FROM message m WHERE deadline <>
            (SELECT min(i.deadline) FROM message_invoice p JOIN invoice i ON i.id = p.invoice_id WHERE p.message_id = m.id)""")[0][0]
        counts = lab.sql("SELECT max(number), (SELECT count(*) FROM message) FROM invoice")[0]
        assert counts[0] == 5000 + tried and counts[1] >= 25 and wrong == 0, (counts, wrong)
        assert lab.hoadon("audit", "verify", check=False).returncode == 0 and lab.hoadon("fsck", check=False).returncode == 0
        return 5001 + counts[1] + 5


def upgrade_behind_what_is_safe(lab):
    """As a newer program would, at a moment when each record is on the medium already; returns how many those are."""
    with contextlib.closing(sqlite3.connect(f"{lab.store}/current.db", isolation_level=None, timeout=labs.PATIENCE)) as db:
        while True:
            records = db.execute("SELECT max(seq) FROM ledger").fetchone()[0]
            lab.wait_safe()
            db.execute("BEGIN IMMEDIATE")
            if db.execute("SELECT max(seq) FROM ledger").fetchone()[0] == records:
                db.execute(f"PRAGMA user_version = {old_store.NEWEST + 1}")
                db.execute("COMMIT")
                return records
            db.execute("ROLLBACK")


def the_second_medium_holds_the_store_as_it_was_before_an_upgrade():
    """A newer program goes on with store and medium; the earlier one, installed again, recovers what it knew."""
    with second_medium.Shop() as lab:
        lab.start()
        for _ in range(5):
            lab.sell_one()
        lab.wait_whole()
        records = upgrade_behind_what_is_safe(lab)
        for _ in range(3):
            lab.sell_one()
        lab.wait_safe()
        lab.stop()
        shutil.rmtree(lab.store)
        told = json.loads(lab.hoadon("recover", lab.medium, "--to", lab.store, "--json").stdout)
        assert (told["last_number"], told["records"], told["newer_schema"]) == (5, records, str(old_store.NEWEST + 1)), told
        said = lab.hoadon("--lang", "vi", "recover", lab.medium, "--to", f"{lab.dir}/elsewhere").stdout.decode()
        assert version_of(lab) == old_store.NEWEST and "trước khi nâng cấp" in said, said
        lab.start()
        assert lab.sell(sale("later"))[1]["problem"]["code"] == "store.copy", "a store of before the upgrade gave out a number again"
        lab.stop()
        lab.shape.update(suffix="AB", prefix=2)
        lab.write_config()
        lab.hoadon("adopt", "--reason", "quay lại phiên bản trước")
        lab.start()
        assert lab.sell_bills("HD1")[0]["invoice"]["number"] == "1" and lab.hoadon("audit", "verify").returncode == 0
        return 9


CASES = [a_newer_store_is_refused_and_left_as_it_is, a_store_of_every_earlier_schema_is_upgraded_and_sold_on, killed_at_each_step_of_an_upgrade,
         five_thousand_invoices_cost_little_time_and_disk, the_second_medium_holds_the_store_as_it_was_before_an_upgrade]


labs.run_cases(CASES)
