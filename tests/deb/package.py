"""What is in the packages: built twice to the same bytes, clean by lintian, hardened, described. Needs what deb.py built.

    python3 tests/deb/package.py     as root
"""
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import deb
import machine as machines
from machine import labs

PROGRAMS = ["usr/bin/hoadon", "usr/bin/hoadon-verify", "usr/libexec/hoadon-agent/hoadon-reader", "usr/sbin/hoadond"]
SCRIPTS = ["usr/lib/cups/backend/hoadon", "usr/libexec/hoadon-agent/hoadon-gadget"]
PAGES = ["man1/hoadon.1", "man1/hoadon-verify.1", "man5/hoadon.conf.5", "man8/hoadond.8"]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def only(pattern):
    found = glob.glob(pattern)
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


def same_bytes(machine, built):
    """Another folder, time of files, mask, language and zone: the same source and packages."""
    deb.copy_source(machine)
    machine.run("""find hoadon-agent -exec touch -h -d 2020-02-02 {} +
        mv hoadon-agent elsewhere
        mkdir -m 700 /var/tmp/a-longer-name
        umask 077
        TMPDIR=/var/tmp/a-longer-name LC_ALL=POSIX TZ=Asia/Ho_Chi_Minh sh elsewhere/packaging/build-deb.sh""", online=True)
    names = sorted(name for name in os.listdir(built) if name.endswith((".deb", ".dsc", ".tar.xz")))
    assert len(names) == 6, names
    for name in names:
        sums = []
        for folder in (built, machine.path("/root/elsewhere/build/deb")):
            with open(f"{folder}/{name}", "rb") as f:
                sums.append(hashlib.sha256(f.read()).hexdigest())
        assert sums[0] == sums[1], f"{name} differs"
    return len(names)


def clean_by_lintian(machine):
    machine.run("apt-get install --no-install-recommends lintian", online=True)
    result = machine.run("lintian --allow-root --fail-on error,warning elsewhere/build/deb/*.changes", check=False)
    assert result.returncode == 0 and not re.search(r"^[EW]: ", result.stdout, re.M), result.stdout + result.stderr
    told = machine.run("lintian --allow-root --show-overrides elsewhere/build/deb/*.changes", check=False).stdout
    overridden = set(re.findall(r"^O: .*?: (\S+)", told, re.M))
    explained = set()
    for path in glob.glob(f"{labs.TOP}/packaging/debian/**/*lintian-overrides", recursive=True):
        with open(path, encoding="utf-8") as f:
            lines = f.read().splitlines()
        for before, line in zip([""] + lines, lines):
            if not line.startswith("#"):
                assert before.startswith("# "), f"{path}: nothing explains {line}"
                explained.add(line.split(": ")[1].split()[0])
    assert overridden == explained, f"{overridden} {explained}"
    return 2 + len(explained)


def accepted_by_their_readers(machine):
    """The profile by AppArmor's parser, the units by systemd, the pages by man."""
    machine.run("apt-get install --no-install-recommends apparmor man-db ./elsewhere/build/deb/hoadon-agent_*.deb", online=True)
    machine.run("apparmor_parser --skip-kernel-load --skip-cache /etc/apparmor.d/hoadond")
    said = machine.run("systemd-analyze verify hoadond.service hoadond.socket hoadond-tcp.socket").stderr
    assert "hoadond" not in said, said
    for page in PAGES:
        name, section = os.path.basename(page).rsplit(".", 1)
        english, vietnamese = (machine.run(f"LC_ALL=C.UTF-8 man --encoding=UTF-8 {option} {section} {name}").stdout for option in ("", "--locale=vi"))
        assert len(english) > 500 and len(vietnamese) > 500 and "ế" not in english and "ế" in vietnamese, page
    return 4 + len(PAGES)


def is_hardened(root):
    for name in PROGRAMS:
        head, dynamic, symbols = (output("readelf", "-W", option, f"{root}/{name}") for option in ("-hl", "-d", "--dyn-syms"))
        assert "DYN (Position-Independent" in head and "GNU_RELRO" in head and "BIND_NOW" in dynamic and "PIE" in dynamic, f"{name}: {dynamic}"
        assert re.search(r"GNU_STACK .* RW ", head) and "__stack_chk_fail" in symbols and "_chk@" in symbols, f"{name}: {symbols}"
    return 6 * len(PROGRAMS)


def is_described(package, root):
    """A bill of materials of what is in it, pages in two languages, a licence; no file that nobody named."""
    listed = output("dpkg-deb", "-c", package)
    sbom = json.load(open(f"{root}/usr/share/hoadon-agent/sbom/hoadon-agent.spdx.json", encoding="utf-8"))
    assert sbom["spdxVersion"] == "SPDX-2.3" and sbom["dataLicense"] == "CC0-1.0"
    sums = {one["fileName"][2:]: {c["algorithm"]: c["checksumValue"] for c in one["checksums"]} for one in sbom["files"]}
    assert sorted(sums) == sorted(PROGRAMS + SCRIPTS), sorted(sums)
    for name, known in sums.items():
        with open(f"{root}/{name}", "rb") as f:
            assert hashlib.sha256(f.read()).hexdigest() == known["SHA256"], name
    needed = set(re.findall(r"\b(lib[\w.+-]+?)(?: \(|,|$)", output("dpkg-deb", "-f", package, "Depends")))
    ids = {one["SPDXID"]: one["name"] for one in sbom["packages"]}
    linked = {ids[one["relatedSpdxElement"]] for one in sbom["relationships"] if one["relationshipType"] == "DEPENDS_ON"}
    assert linked and linked >= needed, needed - linked
    for page in PAGES:
        for place in ("", "vi/"):
            assert f"./usr/share/man/{place}{page}.gz\n" in listed, f"{place}{page}"
    with open(f"{root}/usr/share/doc/hoadon-agent/copyright", encoding="utf-8") as f:
        assert "Apache-2.0" in f.read()
    for name in ("etc/apparmor.d/hoadond", "lib/udev/rules.d/60-hoadon-agent.rules", "usr/share/bash-completion/completions/hoadon",
                 "lib/systemd/system/hoadond.service", "usr/share/doc/hoadon-agent/README.Debian"):
        assert re.search(rf"\./(usr/)?{name}(\.gz)?\n", listed), name
    foreign = [line for line in listed.splitlines() if " root/root " not in line or re.match(r"-rws|-r..r.s|.......rw", line)]
    assert not foreign, foreign
    return 10 + len(needed) + 2 * len(PAGES) + len(sums)


def main():
    report = labs.Report()
    built = f"{machines.CACHE}/bookworm.built"
    reason = machines.why_not() or (None if os.path.isdir(built) else "deb.py built nothing")
    if reason:
        report.skip("the packages", reason)
        report.close()
    root = tempfile.mkdtemp(prefix="hoadon-package.")
    try:
        package = only(f"{built}/hoadon-agent_*.deb")
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
        report.case("the programs are hardened", is_hardened, root)
        report.case("the package says what it is made of", is_described, package, root)
    finally:
        shutil.rmtree(root)
    with machines.Machine() as machine:
        report.case("two builds in different places give the same bytes", same_bytes, machine, built)
        report.case("lintian finds no error and no warning, and each override is explained", clean_by_lintian, machine)
        report.case("profile, units and pages are accepted by their readers", accepted_by_their_readers, machine)
    report.close()


if __name__ == "__main__":
    main()
