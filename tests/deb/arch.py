"""Other processors: the packages are cross-built for them, and under qemu the unit tests run and the programs sell.

    python3 tests/deb/arch.py [ARCH]…     (default arm64 and armhf) as root
"""
import os
import re
import sys

import deb
import machine as machines
from machine import labs

# What ELF and the tools call them, and the word for a whole system in the name of the compiler.
CPUS = {"arm64": ("AArch64", "aarch64", "aarch64-linux-gnu"), "armhf": ("ARM", "arm", "arm-linux-gnueabihf")}
SECONDS_MAX = 5400  # of a step, on a machine that does other things too
PROGRAMS = "hoadond hoadon hoadon-verify hoadon-reader hoadon-sandbox"
FLOWS = ("conformance", "newyear")  # of those without a port: its reader shuts itself in by seccomp, which qemu does not have
LAYERS = "base|core|capture|drivers"  # what another processor could compute otherwise; the others are but slow under qemu


def builds(machine, arch):
    """Programs of that processor, which say their version under qemu; the same packages otherwise."""
    deb.copy_source(machine)
    machine.run(f"cd hoadon-agent\nsh packaging/build-deb.sh --arch {arch}", online=True, limit=SECONDS_MAX)
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
        ninja -C build/cross $(ninja -C build/cross -t targets all | grep -oE '^unit_({LAYERS})_[a-z0-9_]+: phony' | sed 's/:.*//')""", limit=SECONDS_MAX)
    said = machine.run(f"""cd hoadon-agent/build/cross
        mkdir said
        ls unit | xargs -P "$(nproc)" -I@ sh -c 'timeout {SECONDS_MAX // 3} qemu-{cpu}-static unit/@ >said/@ 2>&1 || echo "failed: @" >>said/@'
        grep -h -B12 '^failed: ' said/* || grep -hc '       OK ' said/*""", limit=SECONDS_MAX).stdout
    assert "failed: " not in said, said[-2500:]
    counts = [int(line) for line in said.split()]
    assert len(counts) > 60 and all(counts), counts
    return sum(counts)


def sells(machine, arch):
    """Agent and simulated authority of that processor, as tests/flow drives them."""
    _, cpu, _ = CPUS[arch]
    machine.run(f"""cd hoadon-agent
        ninja -C build/cross {PROGRAMS}
        mkdir build/qemu
        for program in {PROGRAMS}; do
            printf '#!/bin/sh\\nexec qemu-{cpu}-static %s "$@"\\n' "$PWD/build/cross/bin/$program" >build/qemu/$program
        done
        chmod +x build/qemu/*""", limit=SECONDS_MAX)
    compared = 0
    for flow in FLOWS:
        said = machine.run(f"cd hoadon-agent\nHOADON_FULL=0 HOADON_BIN=$PWD/build/qemu python3 tests/flow/{flow}.py", check=False).stdout
        result = re.search(r"^result: passed=[1-9]\d* failed=0 skipped=0 assertions=(\d+)", said, re.M)
        assert result, said[-2500:]
        compared += int(result[1])
    return compared


def main():
    report = labs.Report()
    for arch in sys.argv[1:] or CPUS:
        reason = machines.why_not(arch=arch)
        if reason:
            report.skip(f"packages of {arch}", reason)
            continue
        with machines.Machine(arch=arch) as machine:
            report.case(f"packages of {arch} are cross-built", builds, machine, arch)
            report.case(f"unit tests of {arch} pass under qemu", unit_tests_pass, machine, arch)
            report.case(f"agent and authority of {arch} sell under qemu", sells, machine, arch)
    report.close()


main()
