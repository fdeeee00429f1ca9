"""Does a test turn red when a protection is taken out? Each NN-name.patch takes one out of agent/ or drivers/ and names the test that must notice.

Usage: python3 tests/mutants/mutants.py [NN | NN-name]…    (from run.sh: 5 at random, HOADON_SEED repeats a choice, HOADON_FULL=1 takes all)
All work is done in a copy, build/mutants/tree; one build folder, so that a mutant costs the files that it changes.
A patch begins with `# kills: unit_LAYER_FILE/TEST`, `# kills: flow/SCRIPT/CASE` (also crash/) or `# kills: bench/MEASURE/ROW` (never by chance: they take minutes), and `# why: one sentence`.
"""
import concurrent.futures
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PATCHES = os.path.join(TOP, "tests/mutants")
WORK = os.path.join(TOP, "build/mutants")
TREE = os.path.join(WORK, "tree")
BUILD = os.path.join(WORK, "build")
CHOSEN = 5
LINES_MAX = 6
UNIT_SECONDS = 30
PATIENCE = 20  # seconds that a flow waits for what a mutant took away
AT_ONCE = 3  # tests without a mutant: they mostly wait
TEST_SECONDS = {"flow": 60, "crash": 300, "bench": 300}
STALLS = 4  # times as long may take what must be green, on a machine that stalls; what does not end is killed
LAB = ["hoadond", "hoadon-reader", "hoadon", "hoadon-verify", "hoadon-sandbox"]  # what tests/lab.py starts
PROGRAMS = {"flow": LAB, "crash": LAB + ["powerloss_record", "powerloss_check"], "bench": LAB + ["bench_load"]}
SAMPLE = {"HOADON_FULL": "0", "HOADON_KILLS": "12", "HOADON_DISKS": "3", "HOADON_STORE": "20000"}  # enough to be noticed

# A flow script runs all its cases when it is started; here only the one that is named.
ONE_CASE = """
import os, runpy, sys
sys.path[:0] = ["tests", os.path.dirname(sys.argv[2])]
import lab
only, script, case = sys.argv[1], sys.argv[2], lab.Report.case
lab.Report.case = lambda self, name, *rest: case(self, name, *rest) if name == only else None
sys.argv = [script]
runpy.run_path(script, run_name="__main__")
"""


class Broken(Exception):
    """Why a mutant was not killed."""


class Mutant:
    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".patch")]
        self.path = path
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        self.kills = self.header("kills")
        self.why = self.header("why")
        self.files = re.findall(r"^\+\+\+ b/(\S+)", self.text, re.M)
        kind, _, rest = self.kills.partition("/")
        self.is_flow = kind in PROGRAMS
        self.folder = kind
        self.script, self.test = rest.split("/", 1) if self.is_flow else (kind, rest)
        self.targets = PROGRAMS.get(kind, [kind])

    def header(self, word):
        found = re.search(rf"^# {word}: (.+)$", self.text, re.M)
        if not found:
            raise Broken(f"{self.name} has no line '# {word}: …'")
        return found.group(1).strip()

    def check_form(self):
        body = self.text.partition("\n--- ")[2]
        sizes = [len(re.findall(rf"^\{sign}(?!\{sign}\{sign} )", body, re.M)) for sign in "+-"]
        if not 1 <= max(sizes) <= LINES_MAX:
            raise Broken(f"{self.name} changes {max(sizes)} lines, not 1 to {LINES_MAX}")
        for file in self.files:
            if not file.startswith(("agent/", "drivers/")):
                raise Broken(f"{self.name} changes {file}; a mutant is of agent/ or drivers/")
        self.check_test()
        self.patch("--dry-run")

    def check_test(self):
        """Is there a test of that name? A case may be put together of pieces, so its words are looked for."""
        if self.is_flow:
            script = "bench.py" if self.folder == "bench" else self.script
            file, words = os.path.join("tests", self.folder, script), re.findall(r"[^\W\d_]+", self.test)
        else:
            _, layer, name = self.script.split("_", 2)
            file, words = os.path.join("tests/unit", layer, name + "_test.c"), [self.test]
        if not os.path.isfile(os.path.join(TREE, file)):
            raise Broken(f"{self.name} names a test of {file}, which is no file")
        missing = [word for word in words if word not in read(os.path.join(TREE, file)).decode()]
        if missing:
            raise Broken(f"{self.name} names a case that {file} does not have: {' '.join(missing)}")

    def patch(self, *options):
        command = ["patch", "-p1", "-s", "-f", "-F", "0", "--no-backup-if-mismatch", "-d", TREE, *options, "-i", self.path]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise Broken(f"{self.name} does not apply: {(result.stdout + result.stderr).strip()[:300]}")


def listed_files():
    command = ["git", "-C", TOP, "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted(n for n in names if n and os.path.isfile(os.path.join(TOP, n)))


def read(path):
    with open(path, "rb") as f:
        return f.read()


def copy_tree():
    """Only what differs is written, with the time of now: what a killed run left mutated is newer than its object again."""
    wanted = listed_files()
    for name in wanted:
        source, target = os.path.join(TOP, name), os.path.join(TREE, name)
        if not os.path.isfile(target) or read(source) != read(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
    kept = {os.path.join(TREE, n) for n in wanted}
    for folder, _, names in os.walk(TREE):
        for name in names:
            if os.path.join(folder, name) not in kept and not name.endswith(".pyc"):
                os.remove(os.path.join(folder, name))


def tell(command, log):
    with open(os.path.join(WORK, log), "ab") as f:
        return subprocess.run(command, stdout=f, stderr=subprocess.STDOUT).returncode


def configure():
    # GCC 12 calls a pointer of tests/unit/wire dangling that is not, at -O1 without sanitizers only.
    options = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1 -Wno-dangling-pointer", "-DHOADON_FAILPOINTS=ON", "-DHOADON_SANITIZE="]
    if tell(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", *options], "configure.log"):
        raise Broken("the copy cannot be configured, see build/mutants/configure.log")


def build(targets, what):
    if tell(["ninja", "-C", BUILD, "-j", "2", *targets], "build.log"):
        raise Broken(f"{what} does not build, see build/mutants/build.log")


def run_unit(mutant, times):
    try:
        result = subprocess.run([os.path.join(BUILD, "unit", mutant.script)], cwd=BUILD, capture_output=True, timeout=UNIT_SECONDS * times)
        output, code = result.stdout + result.stderr, result.returncode
    except subprocess.TimeoutExpired as stuck:
        output, code = (stuck.stdout or b"") + (stuck.stderr or b""), -1
    text = output.decode(errors="replace")
    begun = re.findall(r"^\[ RUN      \] (\w+)", text, re.M)
    good = re.findall(r"^\[       OK \] (\w+)", text, re.M)
    bad = set(re.findall(r"^\[  FAILED  \] (\w+)$", text, re.M))
    if code and begun and begun[-1] not in good:  # stuck or aborted in the middle of it
        bad.add(begun[-1])
    return code, good, bad, text


def run_flow(mutant, times):
    command = [sys.executable, "-c", ONE_CASE, mutant.test, os.path.join("tests", mutant.folder, mutant.script)]
    if mutant.folder == "bench":
        command = [sys.executable, "tests/bench/bench.py", mutant.script]
    env = dict(os.environ, **SAMPLE, HOADON_BIN=os.path.join(BUILD, "bin"), HOADON_PATIENCE=str(PATIENCE * times), PYTHONDONTWRITEBYTECODE="1")
    process = subprocess.Popen(command, cwd=TREE, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=TEST_SECONDS[mutant.folder] * times)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the agent and the simulator that the script started, too
        process.communicate()
        return -1, [], {mutant.test}, "no end"
    text = output.decode(errors="replace")
    good = [mutant.test] if re.search(rf"^ok {re.escape(mutant.test)}( \(|: )", text, re.M) else []
    bad = {mutant.test} if f"\nnot ok {mutant.test}: " in "\n" + text else set()
    return process.returncode, good, bad, text + errors.decode(errors="replace")


def run(mutant, times=1):
    return run_flow(mutant, times) if mutant.is_flow else run_unit(mutant, times)


def why_not_green(mutant):
    """Of its test without it; None when it passes."""
    _, good, bad, text = run(mutant, STALLS)
    return None if mutant.test in good and mutant.test not in bad else f"{mutant.kills} does not pass without it\n{text[-2000:]}"


def check_baseline(mutants):
    """The named tests as they are: a test that is red anyway kills nothing. Returns what must not be judged."""
    tests, wrong = {mutant.kills: mutant for mutant in mutants}, {}
    for kills, mutant in tests.items():
        try:
            build(mutant.targets, "the tree without a mutant")
        except Broken as reason:
            wrong[kills] = str(reason)
    built = [kills for kills in tests if kills not in wrong]
    with concurrent.futures.ThreadPoolExecutor(1 if any(m.folder == "bench" for m in mutants) else AT_ONCE) as pool:
        wrong.update(zip(built, pool.map(lambda kills: why_not_green(tests[kills]), built)))
    return {mutant.name: wrong[mutant.kills] for mutant in mutants if wrong[mutant.kills]}


def kill(mutant):
    originals = {f: read(os.path.join(TREE, f)) for f in mutant.files}
    try:
        mutant.patch()
        build(mutant.targets, mutant.name)
        code, _, bad, _ = run(mutant)
        if code == 0 or mutant.test not in bad:
            print(f"survived {mutant.name}: {mutant.kills} stays green{f', red are {sorted(bad)}' if bad else ''}")
            raise Broken(mutant.why)
    finally:
        for name, data in originals.items():
            with open(os.path.join(TREE, name), "wb") as f:
                f.write(data)


def choose(mutants, names):
    if names:
        return [m for m in mutants if m.name in names or m.name.split("-")[0] in names]
    if os.environ.get("HOADON_FULL") == "1":
        return mutants
    seed = int(os.environ.get("HOADON_SEED") or random.SystemRandom().randrange(1 << 31))
    print(f"seed: HOADON_SEED={seed}", flush=True)
    mutants = [m for m in mutants if m.folder != "bench"]
    return sorted(random.Random(seed).sample(mutants, min(CHOSEN, len(mutants))), key=lambda m: m.name)


def load(failed):
    mutants = []
    for name in sorted(n for n in os.listdir(PATCHES) if n.endswith(".patch")):
        try:
            mutants.append(Mutant(os.path.join(PATCHES, name)))
            mutants[-1].check_form()
        except Broken as reason:
            failed[name[:-len(".patch")]] = str(reason)
    return [m for m in mutants if m.name not in failed]


def main():
    begin, failed, passed = time.monotonic(), {}, 0
    os.makedirs(TREE, exist_ok=True)
    copy_tree()
    whole = load(failed)
    chosen = choose(whole, sys.argv[1:])
    try:
        configure()
    except Broken as reason:
        failed["configure"], chosen = str(reason), []
    failed.update(check_baseline(chosen))
    for mutant in chosen:
        start = time.monotonic()
        try:
            if mutant.name not in failed:
                kill(mutant)
                passed += 1
                print(f"ok {mutant.name} killed by {mutant.kills} ({time.monotonic() - start:.1f} s)", flush=True)
        except Broken as reason:
            failed[mutant.name] = str(reason)
    for name, reason in failed.items():
        print(f"not ok {name}: {reason}")
    print(f"{len(whole)} patches apply, {len(chosen)} taken, {time.monotonic() - begin:.0f} s")
    # Compared: that each patch applies; of each taken one that its test is green without and red with it.
    print(f"result: passed={passed} failed={len(failed)} skipped=0 assertions={len(whole) + 2 * passed}")
    return 1 if failed or not passed else 0


sys.exit(main())
