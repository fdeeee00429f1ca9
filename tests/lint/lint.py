"""The architecture as a test: layers, owners of libraries, docstrings, sizes, money, words. Prints `ok`/`not ok` per rule."""
import os
import re
import subprocess
import sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

# A folder includes only what stands beside it here (itself included).
LAYERS = {
    "base": {"base"},
    "core": {"base", "core"},
    "wire": {"base", "core", "wire"},
    "store": {"base", "core", "store"},
    "capture": {"base", "core", "capture"},
    "issue": {"base", "core", "wire", "store", "issue"},
    "send": {"base", "core", "wire", "store", "send"},
    "web": {"base", "core", "wire", "store", "capture", "issue", "send", "web"},
    "cli": {"base", "core", "wire", "store", "capture", "issue", "send", "cli", "drivers"},
    "main": None,  # agent/*.c is the composition root
    "drivers": {"base", "core", "wire", "drivers"},
}
CONTRACTS = {"capture/driver.h", "capture/line.h", "capture/print.h", "capture/sheet.h", "issue/key.h", "send/authority.h"}  # what a driver may see of the steps

# Header prefix -> who may include it.
OWNERS = {
    "sqlite3.h": {"store"},
    "zstd": {"store"},
    "curl/": {"send", "drivers/authority_", "drivers/key_remote"},
    "openssl/": {"base/crypto", "base/digest", "base/ecsign", "base/envelope", "base/gcm", "base/sealed", "wire", "drivers/key_"},
    "libxml/": {"wire", "cli"},
    "microhttpd.h": {"web"},
    "cjson/": {"web", "cli", "drivers"},
    "utf8proc.h": {"base/text"},
    "pcre2.h": {"capture/profile"},
    "qrencode.h": {"wire/qr"},
    "iconv.h": {"capture/letters"},
    "seccomp.h": {"reader_main"},
    "libusb.h": {"drivers/usb_"},
    "systemd/": {"main"},
    "libxmlsec": set(),
    "xmlsec/": set(),
}

passed, failures, assertions = 0, [], 0


def rule(name, problems, checked):
    global passed, assertions
    assertions += checked
    if problems or not checked:
        failures.append(name)
        print("not ok", name, "" if checked else "(checked nothing)")
        for problem in problems[:20]:
            print("   ", problem)
    else:
        passed += 1
        print("ok", name, checked)


def sources(*roots, ext=(".c", ".h")):
    for root in roots:
        for folder, _, names in os.walk(os.path.join(TOP, root)):
            for name in sorted(names):
                if name.endswith(ext):
                    path = os.path.join(folder, name)
                    yield os.path.relpath(path, TOP), open(path, encoding="utf-8").read()


def room(path):
    parts = path.split("/")
    if parts[0] == "drivers":
        return "drivers"
    return parts[1] if len(parts) > 2 else "main"


def check_layers():
    bad, n = [], 0
    for path, text in sources("agent", "drivers"):
        allowed = LAYERS.get(room(path))
        for include in re.findall(r'^#include "([^"]+)"', text, re.M):
            n += 1
            target = include.split("/")[0] if "/" in include else room(path)
            if allowed is None or target in allowed:
                continue
            if room(path) == "drivers" and include in CONTRACTS:
                continue
            bad.append(f"{path}: {room(path)} must not include {include}")
    rule("a folder includes only what is below it", bad, n)


def check_owners():
    bad, n = [], 0
    for path, text in sources("agent", "drivers"):
        inner = path[len("agent/"):] if path.startswith("agent/") else path
        for include in re.findall(r"^#include <([^>]+)>", text, re.M):
            for prefix, owners in OWNERS.items():
                if not include.startswith(prefix):
                    continue
                n += 1
                if not any(inner.startswith(o) or room(path) == o for o in owners):
                    bad.append(f"{path}: {include} has another owner")
    rule("one owner per foreign library", bad, n)


PROTOTYPE = re.compile(r"^(?!static|typedef|extern|struct [a-z_]+ \{|enum|#|\s|/\*|\*|\}|DEFINE_CLEANUP|__attribute)[a-z].*\(.*", re.M)


def check_docstrings():
    bad, n = [], 0
    for path, text in sources("agent", "drivers", ext=(".h",)):
        lines = text.split("\n")
        for i, line in enumerate(lines):
            if not PROTOTYPE.match(line):
                continue
            n += 1
            j = i - 1
            while j >= 0 and PROTOTYPE.match(lines[j]) or j >= 0 and lines[j].startswith("\t"):
                j -= 1  # siblings may share one comment
            if j < 0 or not lines[j].rstrip().endswith("*/"):
                bad.append(f"{path}:{i + 1}: no docstring: {line[:70]}")
    rule("every public prototype has a docstring", bad, n)


def check_sizes():
    bad, n = [], 0
    for path, text in sources("agent", "drivers", "tests/sandbox"):
        lines = text.split("\n")
        if len(lines) > 700:
            bad.append(f"{path}: {len(lines)} lines")
        start = None
        for i, line in enumerate(lines):
            if line.startswith("{") or (re.match(r"^[a-z].*\)\s*\{$", line)):
                start = i
            elif line.startswith("}") and start is not None:
                n += 1
                if i - start > 61:
                    bad.append(f"{path}:{start + 1}: function of {i - start} lines")
                start = None
    rule("functions <= 60 lines, files <= 700", bad, n)


def check_money():
    bad, n = [], 0
    for path, text in sources("agent/core", "agent/wire", "agent/store", "agent/issue", "agent/base"):
        n += 1
        code = re.sub(r"/\*.*?\*/|\"(\\.|[^\"\\])*\"", "", text, flags=re.S)
        for word in re.findall(r"\b(double|float|strtod|atof)\b", code):
            bad.append(f"{path}: {word}")
    rule("no binary floating point", bad, n)


# They take or give a time_t or a struct timeval, which Debian 12 has in two sizes on 32 bits.
TIME_CALLS = re.compile(r"\b(curl_getdate|X509\w*_set_time|X509_(?:cmp_|time_adj)\w*|ASN1_\w*(?:TIME)_(?:set|adj|cmp_time_t)|"
                        r"libusb_(?:handle_events_timeout\w*|get_next_timeout|wait_for_event))\(")


def check_small_processors():
    bad, n = [], 0
    cmake = open(os.path.join(TOP, "CMakeLists.txt"), encoding="utf-8").read()
    named = set(re.search(r"set\(HOADON_TIME_OF_LIBRARIES ([^)]*)\)", cmake)[1].split())
    for path, text in sources("agent", "drivers", ext=(".c",)):
        n += 1
        if bool(TIME_CALLS.search(text)) != (path in named):
            bad.append(f"{path}: HOADON_TIME_OF_LIBRARIES of CMakeLists.txt is for those that hand a time to a library")
    for path, text in sources("agent", "drivers", "tests/sandbox"):
        n += 1
        if "__int128" in text:
            bad.append(f"{path}: not every compiler has 128 bits; base/wide has")
    rule("what 32 bits cannot do is nowhere", bad, n)


def check_words():
    bad, n = [], 0
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP, capture_output=True, text=True).stdout.split("\n")
    for path in tracked:
        if not path.endswith((".c", ".h", ".sh", ".py", ".md", ".sql", ".yaml", ".cmake", ".txt")) or path.startswith("tests/data"):
            continue
        n += 1
        text = open(os.path.join(TOP, path), encoding="utf-8", errors="replace").read()
        if marks.search(text):
            bad.append(f"{path}: unfinished mark {marks.search(text).group()}")
        for word in ("/work" "/", ".." "/shared", "/shared" "/"):
            if word in text:
                bad.append(f"{path}: names {word}")
    rule("no unfinished marks, no paths of one machine", bad, n)


def check_rules():
    law = {line.split(",")[0] for line in open(os.path.join(TOP, "schemas/rules/law.csv"), encoding="utf-8")}
    bad, n = [], 0
    for path, text in sources("agent", "drivers"):
        for rule_id in re.findall(r"\bR-[A-Z]+-[0-9]+\b", text):
            n += 1
            if rule_id not in law:
                bad.append(f"{path}: {rule_id} is not in schemas/rules/law.csv")
    rule("every cited rule is in law.csv", bad, n)


def check_globals():
    bad, n = [], 0
    for path, text in sources("agent", "drivers", ext=(".c",)):
        n += 1
        for line in text.split("\n"):
            if re.match(r"^static (?!const|inline|_Thread)[a-z_ ]+\*?[a-z_]+(\[.*\])?( = .*)?;$", line) and "(" not in line.split("=")[0] and path != "agent/base/failpoint.c" and path != "agent/base/log.c":
                bad.append(f"{path}: {line}")
    rule("no file-scope variables", bad, n)


def check_top():
    allowed = {"agent", "drivers", "schemas", "packaging", "tests", "CMakeLists.txt", "README.md", "CMakePresets.json", "CHANGELOG.md", "LICENSE", "SECURITY.md"}
    top = [n for n in os.listdir(TOP) if not n.startswith(".") and n != "build"]
    rule("the top level stays", [n for n in top if n not in allowed], len(top))


def statements(text):
    """Of a schema file, without comments, each on one line; a trigger is one."""
    import sqlite3
    found = ""
    for line in text.split("\n"):
        found += " " + re.sub(r"--.*", "", line).strip()
        if found.strip() and sqlite3.complete_statement(found):
            yield " ".join(found.split())
            found = ""


def check_migrations():
    """A later schema adds; what an earlier one holds is neither changed nor taken away (house 8.7). Only what is new is filled."""
    bad, n = [], 0
    folder = os.path.join(TOP, "schemas/store")
    for name in sorted(f for f in os.listdir(folder) if f.endswith(".sql")):
        tables, columns = set(), set()
        for statement in statements(open(os.path.join(folder, name), encoding="utf-8").read()):
            n += 1
            made = re.match(r"CREATE TABLE (\w+)", statement)
            added = re.match(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", statement)
            filled = re.match(r"INSERT INTO (\w+)", statement)
            set_ = re.match(r"UPDATE (\w+) SET (\w+) = ", statement)
            if made:
                tables.add(made[1])
            elif added:
                columns.add(added.groups())
            elif not (re.match(r"CREATE (UNIQUE )?INDEX|CREATE TRIGGER", statement) or filled and filled[1] in tables or
                      set_ and set_.groups() in columns and statement.count(" SET ") == 1):
                bad.append(f"{name}: {statement[:80]}")
    rule("migrations only add", bad, n)


def check_format():
    files = [p for p, _ in sources("agent", "drivers", "tests/unit", "tests/sandbox", "tests/bench", "tests/fuzz", "tests/golden")]
    tool = "clang-format-14"
    result = subprocess.run([tool, "--dry-run", "-Werror", *files], cwd=TOP, capture_output=True, text=True)
    bad = sorted({line.split(":")[0] for line in result.stderr.split("\n") if "error:" in line})
    if result.returncode and not bad:
        bad = [result.stderr[:200]]
    rule("clang-format", bad, len(files))


def check_headers_alone():
    bad, n = [], 0
    flags = subprocess.run(["pkg-config", "--cflags", "libxml-2.0", "libmicrohttpd"], capture_output=True, text=True).stdout.split()
    for path, _ in sources("agent", "drivers", ext=(".h",)):
        n += 1
        result = subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Iagent", "-I.", *flags, "-x", "c", path], cwd=TOP, capture_output=True, text=True)
        if result.returncode:
            bad.append(f"{path}: does not compile alone: {result.stderr[:160]}")
    rule("every header compiles alone", bad, n)


for check in (check_layers, check_owners, check_docstrings, check_sizes, check_money, check_small_processors, check_words, check_rules, check_globals, check_top, check_migrations, check_headers_alone, check_format):
    check()
print(f"lint: passed={passed} failed={len(failures)} assertions={assertions}")
sys.exit(1 if failures else 0)
