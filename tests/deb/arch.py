"""Other processors: the packages are cross-built for them, and the unit tests run under qemu.

    python3 tests/deb/arch.py [ARCH]…     (default arm64) as root
"""
import os
import re
import sys

import deb
import machine as machines
from machine import labs

# What ELF and the tools call them, and the word for a whole system in the name of the compiler.
CPUS = {"arm64": ("AArch64", "aarch64", "aarch64-linux-gnu")}
LAYERS = "base/*_test.c core/*_test.c"  # pure: what another processor could compute otherwise


def builds(machine, arch):
    """Programs of that processor, which say their version under qemu; the same packages otherwise."""
    deb.copy_source(machine)
    machine.run(f"cd hoadon-agent\nsh packaging/build-deb.sh --arch {arch}", online=True)
    name, cpu, _ = CPUS[arch]
    machine.run(f"mkdir tree\ndpkg-deb -x hoadon-agent/build/deb/hoadon-agent_*_{arch}.deb tree")
    for program in ("usr/bin/hoadon", "usr/bin/hoadon-verify", "usr/libexec/hoadon-agent/hoadon-reader", "usr/sbin/hoadond"):
        head = machine.run(f"readelf -h tree/{program}").stdout
        assert re.search(rf"Machine: +{name}$", head, re.M), head
    said = machine.run(f"qemu-{cpu}-static tree/usr/bin/hoadon version").stdout
    assert re.search(r"\b0\.\d+\.\d+", said), said
    pages = machine.run("find tree/usr/share/man -name '*.gz'").stdout.split()
    assert len(pages) == 8 and os.path.exists(machine.path("/root/tree/usr/share/bash-completion/completions/hoadon")), pages
    return 7


def unit_tests_pass(machine, arch):
    _, cpu, triplet = CPUS[arch]
    machine.run(f"apt-get install --no-install-recommends libcmocka-dev:{arch}", online=True)
    machine.run(f"""cd hoadon-agent
        cmake -S . -B build/cross -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR={cpu} \\
            -DCMAKE_C_COMPILER={triplet}-gcc -DPKG_CONFIG_EXECUTABLE=/usr/bin/{triplet}-pkg-config -DCMAKE_CROSSCOMPILING_EMULATOR=qemu-{cpu}-static
        ninja -C build/cross $(cd tests/unit; for test in {LAYERS}; do echo "$test" | sed 's|/|_|; s|_test.c$||; s|^|unit_|'; done)""")
    said = machine.run(f"""cd hoadon-agent/build/cross
        for test in unit/unit_*; do
            timeout 600 qemu-{cpu}-static $test >log 2>&1 || {{ echo "failed: $test"; grep -A3 -E 'FAILED|ERROR' log | head -n 12; tail -n 3 log; }}
            grep -c '       OK ' log
        done""", check=False).stdout
    assert "failed: " not in said, said[-2500:]
    counts = [int(line) for line in said.split()]
    assert len(counts) > 30 and all(counts), counts
    return sum(counts)


def main():
    report = labs.Report()
    reason = machines.why_not()
    for arch in sys.argv[1:] or CPUS:
        if reason:
            report.skip(f"packages of {arch}", reason)
            continue
        with machines.Machine() as machine:
            report.case(f"packages of {arch} are cross-built", builds, machine, arch)
            report.case(f"unit tests of {arch} pass under qemu", unit_tests_pass, machine, arch)
    report.close()


main()
