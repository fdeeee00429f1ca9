"""A store that an earlier program left is brought up to date by the first start of this one; one of a newer program is left as it is."""
import contextlib
import json
import os
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402
import old_store  # noqa: E402


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
            for method, path in (("GET", "/api/v1/tokens"), ("POST", "/api/v1/audit/records"), ("GET", "/api/v1/mirror")):
                assert lab.call(method, path, {} if method == "POST" else None)[0] == 503, path
            assert lab.call("GET", "/api/v1/nothing")[0] == 404
            ready = lab.call("GET", "/health/ready")
            assert ready[:2] == (503, {"status": "not_ready", "disk": "ok", "store": "newer"}), ready
            port = int(open(f"{lab.dir}/api.port").read())
            connection = labs.http.client.HTTPConnection("127.0.0.1", port, timeout=20)
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


CASES = [a_newer_store_is_refused_and_left_as_it_is]


def main():
    report = labs.Report()
    for case in CASES:
        report.case(case.__name__.replace("_", " "), case)
    report.close()


main()
