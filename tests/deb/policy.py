"""What Debian itself asks of a package: piuparts (install, remove, purge: nothing is left) and autopkgtest. Needs what deb.py built.

    python3 tests/deb/policy.py     as root
"""
import os
import re
import subprocess

import deb
import machine as machines
from machine import labs


def leaves_nothing(machine):
    """In a bare root without a running systemd. What useradd and the cache of certificates leave belongs to other packages."""
    machine.run("apt-get update\napt-get install --no-install-recommends piuparts", online=True)
    with open(f"{machines.CACHE}/bookworm.tar", "rb") as tar, open(machine.path("/root/base.tgz"), "wb") as tgz:
        subprocess.run(["gzip", "-1"], stdin=tar, stdout=tgz, check=True)
    said = machine.run("""piuparts --basetgz=base.tgz --distribution=bookworm --keep-sources-list --no-eatmydata --no-upgrade-test --bindmount=/dev \\
        ./build/deb/hoadon-agent_*.deb ./build/deb/hoadon-agent-sandbox_*.deb 2>&1""", online=True, check=False)
    machine.run("rm base.tgz")
    assert said.returncode == 0 and "PASS: All tests." in said.stdout, "\n".join(re.findall(r".*(?:ERROR|FAIL).*(?:\n  .*)*", said.stdout)[-8:])
    return len(re.findall(r"PASS: ", said.stdout))


def passes_its_own_tests(machine):
    machine.run("apt-get install --no-install-recommends autopkgtest apt-utils", online=True)
    said = machine.run("""mkdir result
        cd build/deb
        autopkgtest ./hoadon-agent_*.deb ./hoadon-agent-sandbox_*.deb ./*.dsc --output-dir=/root/result/it -- null 2>&1""", check=False)
    assert said.returncode == 0 and re.search(r"^smoke +PASS$", machine.read("/root/result/it/summary"), re.M), said.stdout[-2500:]
    assert re.search(r"^ .* accepted .*M1-26-VD7K2-00100000001", machine.read("/root/result/it/smoke-stdout"), re.M)
    return 2


def main():
    report = labs.Report()
    built = f"{machines.CACHE}/bookworm.built"
    reason = machines.why_not() or (None if os.path.isdir(built) else "deb.py built nothing")
    if reason:
        report.skip("Debian's own tests of packages", reason)
        report.close()
    with machines.Machine() as machine:
        deb.bring(machine, built)
        report.case("piuparts finds nothing that is left", leaves_nothing, machine)
        report.case("autopkgtest passes", passes_its_own_tests, machine)
    report.close()


main()
