"""A shop's machine gets another version of the package. Needs what deb.py built.

    python3 tests/deb/upgrade.py     as root
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import deb
import machine as machines
from machine import labs

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import old_store  # noqa: E402

FIRST = "2317cdeaabd118fd28f0a5370fa5138d7910e3d2"  # the first commit whose package is set up by `hoadon setup`
DOORS = ("hoadond.socket", "hoadond-tcp.socket")


def version_of(machine, built, version):
    """The package as `version`, with another hoadon.conf: the same maintainer scripts, another conffile."""
    work = tempfile.mkdtemp(prefix="hoadon-upgrade.")
    try:
        subprocess.run(["dpkg-deb", "-R", glob.glob(f"{built}/hoadon-agent_*.deb")[0], f"{work}/tree"], check=True)
        with open(f"{work}/tree/DEBIAN/control", encoding="utf-8") as f:
            fields = f.read()
        with open(f"{work}/tree/DEBIAN/control", "w", encoding="utf-8") as f:
            f.writelines(f"Version: {version}\n" if line.startswith("Version: ") else line for line in fields.splitlines(True))
        with open(f"{work}/tree/etc/hoadon-agent/hoadon.conf", "a", encoding="utf-8") as f:
            f.write(f"# version {version}\n")
        target = machine.path(f"/root/hoadon-agent-{version}.deb")
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", f"{work}/tree", target], check=True, capture_output=True)
    finally:
        shutil.rmtree(work)
    return f"./hoadon-agent-{version}.deb"


def from_an_older_one(shop, built):
    """The older program left a store of an earlier schema, unsent invoices in it; it is brought up to date by the upgrade itself."""
    machine = shop.machine
    machine.run(f"apt-get install {version_of(machine, built, '0.0.9')}")
    machine.run(deb.readme("rehearse"))
    shop.sell(*(f"OLD-{i}" for i in range(5)))
    machine.run("systemctl stop hoadon-sandbox")
    shop.sell("OLD-UNSENT")
    site = machine.read("/etc/hoadon-agent/conf.d/50-site.conf")
    machine.run("systemctl stop hoadond.socket hoadond-tcp.socket hoadond.service")
    store = machine.path(f"{deb.STATE}/store/current.db")
    owner = os.stat(store)
    old_store.forget(store, old_store.NEWEST - 1)
    os.chown(store, owner.st_uid, owner.st_gid)
    machine.run(deb.readme("install"))
    machine.wait(lambda: shop.show("ActiveState") == "active", "the new version to run")
    machine.run("systemd-run --unit=hoadon-sandbox hoadon-sandbox run --dir /var/lib/hoadon-sandbox --port 8743")
    assert shop.sql("PRAGMA user_version") == [(old_store.NEWEST,)]
    assert machine.read("/etc/hoadon-agent/conf.d/50-site.conf") == site and "version 0.0.9" not in machine.read("/etc/hoadon-agent/hoadon.conf")
    shop.sell("NEW-1")
    shop.sell_by_folder("NEW-FOLDER")
    return 4 + shop.check()


def has_history():
    return subprocess.run(["git", "-C", labs.TOP, "cat-file", "-e", f"{FIRST}^{{commit}}"], capture_output=True, check=False).returncode == 0


def from_history(shop):
    """The package as it once was, built from that commit: its programs made and filled the store that the new ones take over."""
    machine = shop.machine
    os.makedirs(machine.path("/root/first"))
    with subprocess.Popen(["git", "-C", labs.TOP, "archive", FIRST], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-C", machine.path("/root/first"), "--no-same-owner", "-xf", "-"], stdin=archive.stdout, check=True)
    machine.run("cd first\nsh packaging/build-deb.sh", online=True)
    machine.run(f"apt-get install {version_of(machine, machine.path('/root/first/build/deb'), '0.0.8')}")
    machine.run(deb.readme("rehearse"))
    shop.sell(*(f"FIRST-{i}" for i in range(5)))
    machine.run("systemctl stop hoadon-sandbox")
    shop.sell("FIRST-UNSENT")
    records = shop.sql("SELECT seq, hash FROM ledger ORDER BY seq")
    machine.run(deb.readme("install"))
    machine.wait(lambda: shop.show("ActiveState") == "active", "the new version to run")
    machine.run("systemd-run --unit=hoadon-sandbox hoadon-sandbox run --dir /var/lib/hoadon-sandbox --port 8743")
    assert shop.sql("PRAGMA user_version") == [(old_store.NEWEST,)]
    assert shop.sql("SELECT seq, hash FROM ledger ORDER BY seq")[:len(records)] == records, "what was recorded changed"
    shop.sell("THEN-1")
    shop.sell("FIRST-0")  # asked again, it is the invoice of before
    return 3 + shop.check()


def while_tills_sell(shop, built):
    """No till is refused from the first file that is unpacked to the last script; what the owner wrote into hoadon.conf is kept."""
    machine = shop.machine
    newer = version_of(machine, built, "0.1.1")
    doors = [shop.show("InvocationID", unit) for unit in DOORS]
    own = machine.read("/etc/hoadon-agent/hoadon.conf") + "# our own line\n"
    machine.write("/etc/hoadon-agent/hoadon.conf", own)
    before, count = deb.main_pid(shop), 0
    worker = machine.start(f"DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Options::=--force-confold install {newer}")
    while worker.poll() is None or count < 20:
        count += shop.sell(f"UPGRADE-{count}", local=count % 2 == 1)
    assert worker.returncode == 0 and machine.run("dpkg-query -W -f '${Version}' hoadon-agent").stdout == "0.1.1"
    machine.wait(lambda: deb.main_pid(shop) not in (0, before), "the service of the new version")
    assert machine.read("/etc/hoadon-agent/hoadon.conf") == own
    assert doors == [shop.show("InvocationID", unit) for unit in DOORS], "a door was closed"
    return count + 4 + shop.check()


def main():
    report = labs.Report()
    built = f"{machines.CACHE}/bookworm.built"
    reason = machines.why_not() or (None if os.path.isdir(built) else "deb.py built nothing")
    if reason:
        report.skip("upgrades", reason)
        report.close()
    with machines.Machine() as machine:
        deb.bring(machine, built)
        shop = deb.Shop(machine)
        report.case("an older version with its store is upgraded", from_an_older_one, shop, built)
        report.case("an upgrade refuses no till", while_tills_sell, shop, built)
    case = "a package of the history is upgraded with the store that it made"
    if not has_history():
        report.skip(case, "no history: the clone is shallow")
        report.close()
    with machines.Machine() as machine:
        deb.bring(machine, built)
        report.case(case, from_history, deb.Shop(machine))
    report.close()


main()
