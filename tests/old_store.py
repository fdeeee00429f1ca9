"""Stores as earlier programs left them: migrations only add, so what an earlier schema did not know is left out."""
import contextlib
import glob
import os
import sqlite3
import threading
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
SCHEMAS = sorted(glob.glob(f"{TOP}/schemas/store/[0-9][0-9][0-9][0-9]_*.sql"))
NEWEST = len(SCHEMAS)


def tables(db, schema="main"):
    return [name for (name,) in db.execute(f"SELECT name FROM {schema}.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]


def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]


def forget(path, version):
    """The store at `path`, which nobody has open, becomes one of schema `version`, made by its migrations and holding its rows."""
    newest = path + ".newest"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.rename(path, newest)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA page_size = 4096")
        for name in SCHEMAS[:version]:
            with open(name, encoding="utf-8") as f:
                db.executescript(f.read())
        db.execute("ATTACH ? AS newest", (newest,))
        db.execute("BEGIN")
        for table in tables(db):
            names = ", ".join(columns(db, table))
            db.execute(f"INSERT OR REPLACE INTO main.{table} ({names}) SELECT {names} FROM newest.{table}")
        db.execute("COMMIT")
        (application,) = db.execute("PRAGMA newest.application_id").fetchone()
        db.executescript(f"PRAGMA main.user_version = {version}; PRAGMA main.application_id = {application}")
    os.unlink(newest)
    os.chmod(path, 0o600)


class Peak:
    """How many bytes a folder had at most meanwhile, looked at every few milliseconds."""

    def __init__(self, folder):
        self.folder, self.before, self.most, self.is_over = folder, size_of(folder), 0, threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.is_over.wait(0.005):
            self.most = max(self.most, size_of(self.folder))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
        self.most = max(self.most, size_of(self.folder))

    def extra(self):
        """By how much more than before, as a part of it."""
        return max(0, self.most - self.before) / self.before


def size_of(folder):
    """Of the files of a store; the index of the WAL is memory that SQLite maps, the reserve is there before and after."""
    total = 0
    for name in os.listdir(folder):
        if not name.endswith("-shm") and name != "reserve":
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(f"{folder}/{name}").st_size
    return total


def upgrade(lab, sell):
    """The first start on an old store: (seconds until a till was answered, part of its size that the disk had to give more meanwhile)."""
    with Peak(f"{lab.dir}/store") as peak:
        begin = time.monotonic()
        lab.start()
        sell()
        seconds = time.monotonic() - begin
    return seconds, peak.extra()
