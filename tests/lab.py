"""A shop in a folder: the simulator, hoadond and its configuration, started, killed and looked at by tests. Standard library only."""
import atexit
import base64
import collections
import contextlib
import fcntl
import glob
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BIN = os.environ.get("HOADON_BIN", os.path.join(TOP, "build/asan/bin"))
DATA = os.path.join(TOP, "tests/data")
PATIENCE = int(os.environ.get("HOADON_PATIENCE", "120"))  # seconds that a state may take on a machine that stalls: what comes, comes sooner

CONFIG = """[seller]
tax_code = 9900000016
name = Công ty TNHH Quán Ví Dụ
address = Số 1 Phố Ví Dụ, Phường Mẫu, Thành phố Hà Nội
provider_tax_code = 9900000030
sender = V9900000023
[serial]
form = {form}
suffix = {suffix}
key = VD7K2
issuer_prefix = {prefix}
{tills}
[key]
driver = pkcs12
sign_each_invoice = {sign_each}
file = {dir}/authority/seller-9900000016.p12
password_file = {dir}/conf/password
[authority tvan]
driver = tdiep
url = https://localhost:{port}/tvan/v1
ca_file = {dir}/authority/ca.crt.pem
anchors_file = {dir}/authority/ca.crt.pem
user = tvan
password_file = {dir}/conf/password
[store]
dir = {dir}/store
[api]
socket = {dir}/api.sock
port = -1
port_file = {dir}/api.port
[spool]
dir = {dir}/spool
[send]
query_pause_ms = 100
retry_first_ms = 100
retry_last_ms = 2000
cannot_ask_pause_ms = 1000
connect_timeout_ms = 2000
total_timeout_ms = 5000
slowest_bytes_per_s = 1000000
{extra}
"""


def shared_folder():
    """For what all scripts of a run may use; that of one script is gone with it."""
    folder = os.environ.get("HOADON_SHARED")
    if not folder:
        folder = tempfile.mkdtemp(prefix="hoadon-shared.")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)
    return folder


AUTHORITIES = shared_folder()  # simulated hour -> folder with keys and certificates of the simulator


def clock_at(ms):
    """A test clock that stands at `ms` now and goes on."""
    return f"{ms - int(time.time() * 1000):+d}"


NOON = 1795327200000  # 2026-11-22T13:00:00+07:00


def looks_for_leaks(program, args, seen=collections.Counter()):
    """The search for leaks is half of the time of a short command: the default run makes it at its first call in a script and at each fourth."""
    command = (program, *[a for a in args if re.fullmatch("[a-z]+", a)][:2])
    seen[command] += 1
    return seen[command] % 4 == 1 or os.environ.get("HOADON_FULL") == "1"


def make_authority(path, clock):
    """Keys, certificates and registry of a simulator whose clock file is `clock`, in the empty folder `path`; what one run makes in an hour is made once."""
    text = open(clock).read().split()[0] if clock else "+0"
    hour = ((0 if text[0] == "=" else int(time.time() * 1000)) + int(text.lstrip("=?"))) // 3600000
    made = f"{AUTHORITIES}/{hour}"
    with open(f"{made}.lock", "w") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        if not os.path.isdir(made):
            shutil.rmtree(f"{made}.new", ignore_errors=True)
            subprocess.run([f"{BIN}/hoadon-sandbox", "init", "--dir", f"{made}.new", *(("--clock", clock) if clock else ())], check=True, timeout=2 * PATIENCE)
            os.rename(f"{made}.new", made)
    shutil.copytree(made, path, dirs_exist_ok=True)


def own_ports():
    """A hundred of those that the kernel gives to no connection by itself, which no script that runs beside this one has, each once."""
    hundreds = list(range(120, 300))
    random.SystemRandom().shuffle(hundreds)
    for hundred in hundreds:
        mark = socket.socket(socket.AF_UNIX)  # until this script ends; the name is in no folder
        try:
            mark.bind(f"\0hoadon-ports-{hundred}")
        except OSError:
            mark.close()
            continue
        marks.append(mark)
        yield from range(100 * hundred, 100 * hundred + 100)


marks, ports = [], own_ports()
ports_lock = threading.Lock()


def free_ports(count):
    """Different ones, and none that was given before."""
    found = []
    while len(found) < count:
        with ports_lock:
            port = next(ports)
        with socket.socket() as s:
            try:  # never by a call, which would open the printer of another test's port
                s.bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                pass
    return found


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


class Lab:
    """One shop. Use as a context manager: nothing is left behind."""

    def __init__(self, clock=None, tills=("T01", "T02", "T03", "T04"), form=1, sign_each=False, extra="", knobs=(), authority=True, base=None,
                 authority_base=None, authority_clock=None):
        self.dir = tempfile.mkdtemp(prefix="hoadon-lab.", dir=base or os.environ.get("LAB_DIR"))
        self.clock_file = None
        self.root = None  # a folder that says which machine this is
        self.knobs = knobs
        self.has_authority = authority
        self.agent = self.authority = None
        self.env = dict(os.environ)
        self.shape = dict(suffix="AA", prefix=1, form=form, sign_each="yes" if sign_each else "no", tills="\n".join(f"[till {t}]" for t in tills), extra=extra)
        for name in ("conf/conf.d", "spool"):
            os.makedirs(f"{self.dir}/{name}")
        if clock is not None:
            self.clock_file = f"{self.dir}/clock"
            self.set_clock(clock)
        self.authority_clock_file = self.clock_file
        if authority_clock is not None:  # the authority knows the time, the shop need not
            self.authority_clock_file = f"{self.dir}/authority-clock"
            self.set_clock(authority_clock, self.authority_clock_file)
        with open(f"{self.dir}/conf/password", "w") as f:
            f.write("sandbox")
        self.authority_dir = None
        if authority_base:  # the disk of another machine
            self.authority_dir = tempfile.mkdtemp(prefix="hoadon-authority.", dir=authority_base)
            os.symlink(self.authority_dir, f"{self.dir}/authority")
        make_authority(f"{self.dir}/authority", self.authority_clock_file)
        self.port = free_ports(1)[0]
        if authority:
            self.start_authority()
        self.write_config()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in (self.agent, self.authority):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
        if self.authority_dir:
            shutil.rmtree(self.authority_dir, ignore_errors=True)

    def set_clock(self, text, path=None):
        """`=<unix ms>` stands still, `+<ms>` or `-<ms>` is an offset; a second one is for the monotonic clock, `?` is a clock nobody vouches for."""
        path = path or self.clock_file
        with open(path + ".new", "w") as f:
            f.write(text + "\n")
        os.rename(path + ".new", path)

    def _clock(self, option):
        path = self.authority_clock_file if option == "--clock" else self.clock_file
        return (option, path) if path else ()

    def set_machine(self, system, board, disk):
        """From now on the programs find themselves on a machine with these three facts."""
        self.root = f"{self.dir}/machine-{system}-{board}-{disk}"
        device = os.stat(self.dir).st_dev
        facts = {"etc/machine-id": system, "sys/class/dmi/id/board_serial": board,
                 f"run/udev/data/b{os.major(device)}:{os.minor(device)}": f"I:1\nE:ID_SERIAL={disk}"}
        for path, text in facts.items():
            os.makedirs(os.path.dirname(f"{self.root}/{path}"), exist_ok=True)
            with open(f"{self.root}/{path}", "w") as f:
                f.write(text + "\n")

    def _root(self):
        return ("--test-root", self.root) if self.root else ()

    def write_config(self):
        with open(f"{self.dir}/conf/hoadon.conf", "w", encoding="utf-8") as f:
            f.write(CONFIG.format(dir=self.dir, port=self.port, **self.shape))

    def run(self, program, *args, check=True, stdin=None):
        env = self.env if looks_for_leaks(program, args) else {**self.env, "ASAN_OPTIONS": f"{self.env.get('ASAN_OPTIONS', '')}:detect_leaks=0"}
        result = subprocess.run([f"{BIN}/{program}", *args], capture_output=True, input=stdin, env=env, timeout=2 * PATIENCE)
        if check and result.returncode:
            raise AssertionError(f"{program} {' '.join(args)}: exit {result.returncode}: {result.stderr.decode()[-800:]}")
        return result

    def hoadon(self, *args, check=True, stdin=None):
        return self.run("hoadon", "--config", f"{self.dir}/conf", *self._clock("--test-clock"), *self._root(), *args, check=check, stdin=stdin)

    # ---- the authority ----

    def start_authority(self):
        ready = f"{self.dir}/authority.port"
        if os.path.exists(ready):
            os.unlink(ready)
        args = [f"{BIN}/hoadon-sandbox", "run", "--dir", f"{self.dir}/authority", "--port", str(self.port), "--ready-file", ready, *self._clock("--clock")]
        for knob in self.knobs:
            args += ["--set", knob]
        self.authority = subprocess.Popen(args, stderr=open(f"{self.dir}/authority.log", "ab"), stdout=subprocess.DEVNULL, env=self.env)
        self.wait(lambda: os.path.exists(ready), "the simulator to listen")

    def stop_authority(self):
        self.authority.terminate()
        self.authority.wait(PATIENCE)
        self.authority = None

    def control(self, *lines):
        import ssl
        context = ssl.create_default_context(cafile=f"{self.dir}/authority/ca.crt.pem")
        connection = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=PATIENCE)
        auth = base64.b64encode(b"tvan:sandbox").decode()
        connection.request("POST", "/control", "\n".join(lines) + "\n", {"Authorization": f"Basic {auth}"})
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        assert response.status < 300, f"control {lines}: {response.status} {body}"

    # ---- the agent ----

    def start(self, env=None, wait=True, sockets=()):
        """`sockets` listen already and are handed over as systemd does it; they outlive the agent."""
        for name in ("api.sock", "api.port"):
            if os.path.exists(f"{self.dir}/{name}") and not sockets:
                os.unlink(f"{self.dir}/{name}")
        log = open(f"{self.dir}/agent.log", "ab")
        args = [f"{BIN}/hoadond", "--config", f"{self.dir}/conf", *self._clock("--test-clock"), *self._root()]
        env = {**self.env, **(env or {})}
        if sockets:
            args = ["sh", "-c", 'export LISTEN_PID=$$; exec "$@"', "-", *args]
            env["LISTEN_FDS"] = str(len(sockets))
        places = range(3, 3 + len(sockets))  # SD_LISTEN_FDS_START

        def hand_over():
            for place, fd in zip(places, [fcntl.fcntl(s, fcntl.F_DUPFD, 100) for s in sockets]):
                os.dup2(fd, place)

        self.agent = subprocess.Popen(args, stderr=log, stdout=log, env=env, pass_fds=places, preexec_fn=hand_over if sockets else None)
        if wait:
            self.wait(self.is_ready, "hoadond to be ready", process=self.agent)

    def wait_key(self):
        """From here on invoices are signed: a start waits for the key half a second, not longer."""
        self.wait(lambda: self.call("GET", "/health/ready")[1]["key"] == "open", "the key to be open")

    def is_ready(self):
        try:
            return self.call("GET", "/health/live")[0] == 200
        except OSError:
            return False

    def wait_wrapped(self, but=None):
        """The store's key, wrapped to the certificate: hoadond looks once a second. Not as it was before; returns it."""
        found = []

        def is_there():
            found[:] = [value for (value,) in self.sql("SELECT value FROM meta WHERE key = 'seal_wrapped'") if value != but]
            return found

        self.wait(is_there, "the store's key to be wrapped")
        return found[0]

    def stop(self):
        """An orderly end; returns the exit code."""
        self.agent.terminate()
        code = self.agent.wait(PATIENCE)
        self.agent = None
        return code

    def kill(self):
        self.agent.send_signal(signal.SIGKILL)
        self.agent.wait()
        self.agent = None

    def call(self, method, path, body=None, headers=None):
        """By the unix socket: (status, parsed JSON or None, headers)."""
        connection = UnixConnection(f"{self.dir}/api.sock")
        try:
            data = json.dumps(body, ensure_ascii=False).encode() if isinstance(body, (dict, list)) else body
            connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None, dict(response.getheaders())
        finally:
            connection.close()

    def sell(self, sale, **headers):
        return self.call("POST", "/api/v1/sales", sale, headers)

    def wait_safe(self):
        """All that was committed before the call is on the second medium."""
        begin = time.monotonic()

        def is_safe():
            waited = time.monotonic() - begin  # until it is asked: the answer may take its time
            return self.call("GET", "/api/v1/mirror")[1].get("behind_ms", 1 << 40) < waited * 1000
        self.wait(is_safe, "the mirror to catch up")

    def sell_bills(self, *bills):
        """A plain sale of till T01 for each; what the till was told."""
        answers = []
        with open(os.path.join(DATA, "hostile-api/base.json"), encoding="utf-8") as f:
            base = json.load(f)
        for bill in bills:
            status, answer, _ = self.sell({**base, "bill_no": bill, "till_id": "T01"})
            assert status == 201, f"{bill}: {status} {answer}"
            answers.append(answer)
        return answers

    # ---- looking ----

    def sql(self, query, *args):
        with contextlib.closing(sqlite3.connect(f"file:{self.dir}/store/current.db?mode=ro", uri=True, timeout=PATIENCE)) as db:
            return db.execute(query, args).fetchall()

    def books(self, query, *args):
        with contextlib.closing(sqlite3.connect(f"file:{self.dir}/authority/books.db?mode=ro", uri=True, timeout=PATIENCE)) as db:
            return db.execute(query, args).fetchall()

    def wait(self, condition, what, seconds=PATIENCE, process=None):
        end = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except sqlite3.OperationalError:
                pass
            if process and process.poll() is not None:
                raise AssertionError(f"it ended (exit {process.returncode}) while waiting for {what}: {self.log()[-1500:]}")
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain for {what}: {self.log()[-1500:]}")
            time.sleep(0.02)

    def log(self):
        path = f"{self.dir}/agent.log"
        return open(path, encoding="utf-8", errors="replace").read() if os.path.exists(path) else ""

    def wait_accepted(self, count, seconds=2 * PATIENCE):
        self.wait(lambda: self.sql("SELECT count(*) FROM invoice WHERE state = 'accepted'")[0][0] >= count, f"{count} accepted invoices", seconds)

    def check_books(self, answers=()):
        """Till's answers, store, ledger and the simulator's books agree: 0 lost, 0 twice, no gap, chain whole. Returns the number of comparisons."""
        compared = 0
        serials = {}
        for form, serial, number in self.sql("SELECT form, serial, number FROM invoice ORDER BY number"):
            serials.setdefault((form, serial), []).append(number)
        for numbers in serials.values():
            assert numbers == list(range(1, len(numbers) + 1)), f"gap or repetition in numbers: {numbers[:20]}…"
        ours = set(self.sql("SELECT number, code, total FROM invoice WHERE state = 'accepted'"))
        theirs = self.books("SELECT number, code, total FROM invoice WHERE state = 'accepted'")
        assert len(theirs) == len(set(theirs)), "the authority accepted an invoice twice"
        assert ours == set(theirs), f"store and books differ: {ours ^ set(theirs)}"
        for answer in answers:
            invoice = answer["invoice"]
            row = self.sql("SELECT number, code, total FROM invoice WHERE serial = ? AND number = ?", invoice["serial"], int(invoice["number"]))
            assert row and row[0][1] == invoice["code"] and str(row[0][2]) == invoice["total"], f"the till was told {invoice}, the store has {row}"
            compared += 1
        sales = self.sql("SELECT till_id, bill_no, count(*) FROM sale WHERE kind = 'sale' AND revision = 1 GROUP BY 1, 2 HAVING count(*) > 1")
        assert not sales, f"a sale stands twice: {sales}"
        sales = self.sql("SELECT s.till_id, s.bill_no FROM sale s JOIN sale_invoice l ON l.sale_id = s.id JOIN invoice i ON i.id = l.invoice_id "
                         "WHERE i.state = 'accepted' GROUP BY 1, 2 HAVING count(DISTINCT i.id) > 1")
        assert not sales, f"a sale has two accepted invoices: {sales}"
        result = self.hoadon("audit", "verify", check=False)
        assert result.returncode == 0, f"ledger: {result.stdout.decode()} {result.stderr.decode()}"
        result = self.hoadon("fsck", check=False)
        assert result.returncode == 0, f"fsck: {result.stdout.decode()} {result.stderr.decode()}"
        return compared + sum(map(len, serials.values())) + len(theirs) + 5


def all_sleep(pid):
    """Whether no thread of the process runs or wants to."""
    states = set()
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):  # it ended
            with open(f"/proc/{pid}/task/{task}/stat", encoding="utf-8") as f:
                states.add(f.read().rsplit(") ", 1)[1][0])
    return states <= {"S"}


def assert_waits(pid, seconds=3.0):
    """`pid` does not spin: in one of five looks all of it sleeps. What spins never does, however busy the machine is; there it is looked at for longer."""
    looks, asleep, begin = 0, 0, time.monotonic()
    while time.monotonic() - begin < seconds or asleep * 5 < looks:
        assert time.monotonic() - begin < PATIENCE, f"process {pid} slept in {asleep} of {looks} looks"
        time.sleep(0.03)
        looks, asleep = looks + 1, asleep + all_sleep(pid)


def has_way_out():
    """Whether this machine has a route to other networks; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 53))
        except OSError:
            return False
        return True


def rehearsals():
    """Folders that rehearsals made, of this script or of another that runs beside it."""
    return set(glob.glob("/var/tmp/hoadon-rehearsal-*") + glob.glob("/var/tmp/hoadon-sandbox-*"))


def wait_rehearsals_over(before):
    """Nothing stays but what stood there `before`; what other scripts rehearse meanwhile goes away too."""
    new, end = rehearsals() - before, time.monotonic() + 2 * PATIENCE
    while new & rehearsals():
        assert time.monotonic() < end, f"left behind: {new & rehearsals()}"
        time.sleep(0.1)


class Report:
    """Counts cases; prints ok / not ok and the closing line for tests/run.sh."""

    def __init__(self):
        self.passed = self.failed = self.skipped = self.assertions = 0
        self.lock = threading.Lock()

    def case(self, name, function, *args):
        """Any thread may run one."""
        begin, count, wrong = time.monotonic(), 0, None
        try:
            count = function(*args) or 1
        except Exception as error:  # a test that fails must not hide the others
            wrong = " | ".join(f"{type(error).__name__}: {error}".splitlines())  # one line: what a long run shows of it
        with self.lock:
            self.assertions += count
            self.passed += wrong is None
            self.failed += wrong is not None
            print(f"not ok {name}: {wrong}" if wrong else f"ok {name} ({time.monotonic() - begin:.1f} s, {count} comparisons)", flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skipped: {name}: {reason}", flush=True)

    def close(self):
        print(f"result: passed={self.passed} failed={self.failed} skipped={self.skipped} assertions={self.assertions}")
        raise SystemExit(1 if self.failed else 0)


def run_cases(cases):
    """A script whose cases need nothing: each function under its own name."""
    report = Report()
    for case in cases:
        report.case(case.__name__.replace("_", " "), case)
    report.close()
