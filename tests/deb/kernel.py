"""The packaged service with its whole sandbox and what only Debian's own kernel has: a virtual machine of its own. USB, where dummy_hcd joins the kernel's printer
driver and printer function, and a bad line to the authority, by netem.

    till (/dev/usb/lp0) ─ cable ─ /dev/g_printer0 ─ hoadond ─ libusb ─ cable ─ /dev/g_printer1, the printer

Needs what deb.py built, root, and QEMU; without KVM it takes some minutes.
"""
import base64
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import deb
import machine as machines
from machine import labs

sys.path.insert(0, os.path.join(labs.TOP, "tests/flow"))
from paper import CATALOGUE, annexes_of, bill, text_of  # noqa: E402

PATIENCE = 900  # seconds: the processor is emulated, as one within another virtual machine may stand still, and may be shared
GOOD, NO_PAPER = 0x18, 0x30
TILLS, PRINTERS = 1, 2  # cables, by the number of their bus
DEVICE_ID = "MFG:EPSON;MDL:TM-T20;CMD:ESC/POS;CLS:PRINTER;"
PORT = """[port bar]
till = T01
listen = gadget:/dev/g_printer0
printer = usb:04b8:0e15
catalogue = /etc/hoadon-agent/catalogue.csv
idle_ms = 20000
hold_ms = 1500
"""
GUEST = """[Unit]
After=basic.target
[Service]
ExecStart=/usr/bin/python3 /root/kernel_guest.py
[Install]
WantedBy=multi-user.target
"""
# What an emulated processor would be busy with and nobody here needs.
MASKED = ("serial-getty@ttyS0.service", "getty@tty1.service", "systemd-udev-trigger.service", "systemd-logind.service", "e2scrub_reap.service", "apt-daily.timer",
          "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer", "systemd-timesyncd.service", "systemd-pstore.service", "apparmor.service")
MODULES = ("crypto", "drivers/block/loop.ko", "drivers/usb/common", "drivers/usb/core", "drivers/usb/class", "drivers/usb/gadget", "fs/configfs", "fs/ext4", "fs/jbd2",
           "fs/mbcache.ko", "lib", "net/sched/sch_netem.ko")
WAITING = 300  # bills
LINE = "delay 300ms loss 5% rate 256kbit limit 10000"  # each way


def make_image(root, work):
    """(kernel, everything in `root` with what of the kernel is needed as its first file system); the kernel's package lies in the root's cache."""
    package = max(glob.glob(f"{root}/var/cache/apt/archives/linux-image-6*_*.deb"), key=os.path.getmtime)
    subprocess.run(["dpkg-deb", "-x", package, f"{work}/kernel"], check=True)
    kernel, = glob.glob(f"{work}/kernel/boot/vmlinuz-*")
    version = os.path.basename(kernel).removeprefix("vmlinuz-")
    modules, there = f"{work}/kernel/lib/modules/{version}", f"{root}/usr/lib/modules/{version}"
    for name in MODULES:
        os.makedirs(os.path.dirname(f"{there}/kernel/{name}"), exist_ok=True)
        subprocess.run(["cp", "-r", f"{modules}/kernel/{name}", f"{there}/kernel/{name}"], check=True)
    for path in glob.glob(f"{modules}/modules.*"):
        shutil.copy(path, there)
    shutil.copy(os.path.join(os.path.dirname(__file__), "kernel_guest.py"), f"{root}/root")
    for unit in MASKED:
        os.symlink("/dev/null", f"{root}/etc/systemd/system/{unit}")
    with open(f"{root}/etc/systemd/system/guest.service", "w", encoding="ascii") as f:
        f.write(GUEST)
    os.symlink("../guest.service", f"{root}/etc/systemd/system/multi-user.target.wants/guest.service")
    if not os.path.lexists(f"{root}/init"):
        os.symlink("/lib/systemd/systemd", f"{root}/init")
    subprocess.run(["chroot", root, "depmod", version], check=True)
    with open(f"{work}/image", "wb") as f:
        subprocess.run(["chroot", root, "sh", "-c", "find . -xdev -path ./var/cache -prune -o -path ./usr/share/doc -prune -o -path ./root/build -prune -o -print0 |"
                        " cpio --null -o -H newc --quiet"], stdout=f, check=True)
    return kernel, f"{work}/image"


class Guest:
    """The virtual machine; `ask` is what kernel_guest.py does."""

    def __init__(self, kernel, image, work):
        self.console = f"{work}/console.log"
        here, there = socket.socketpair()
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2048", "-display", "none", "-no-reboot",
                   "-nic", "none", "-rtc", "base=2026-11-22T05:40:00", "-kernel", kernel, "-initrd", image, "-append", "console=ttyS0 quiet panic=-1",
                   "-serial", f"file:{self.console}", "-chardev", f"socket,id=asks,fd={there.fileno()}", "-serial", "chardev:asks"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=[there.fileno()])
        there.close()
        here.settimeout(PATIENCE)
        self.here, self.lines = here, here.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def line(self):
        try:
            line = self.lines.readline()
        except TimeoutError:
            line = b""
        assert line, f"the virtual machine says nothing: {self.said()}"
        return line

    def said(self):
        with open(self.console, errors="replace", encoding="utf-8") as f:
            return f.read()[-1500:]

    def wait_up(self):
        while self.line() != b"ready\n":
            pass
        return 1

    def ask(self, what, value=None):
        self.here.sendall(json.dumps([what, value]).encode() + b"\n")
        answer = json.loads(self.line())
        assert "error" not in answer, f"{what}: {answer['error']}"
        return answer["is"]

    def run(self, script, check=True):
        code, out, err = self.ask("sh", script)
        assert code == 0 or not check, f"{script.strip()[-200:]}: exit {code}: {out[-1500:]} {err[-1500:]}"
        return out

    def wait(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"waited {PATIENCE} s for {what}: {self.run('journalctl -o cat --no-pager -n 20', check=False)[-1500:]} {self.said()}"
            time.sleep(0.5)

    # ---- the till, the printer and the shop ----

    def print(self, data):
        self.ask("print", base64.b64encode(data).decode())

    def paper(self, since=0):
        found = b""
        while part := base64.b64decode(self.ask("paper", since + len(found))):
            found += part
        return found

    def heard(self):
        return base64.b64decode(self.ask("heard"))

    def sales(self, state="issued"):
        return json.loads(self.run(f"hoadon --json sale list --state {state} --limit 50"))["sales"]

    def wait_sale(self, number, state="issued"):
        self.wait(lambda: [sale for sale in self.sales(state) if sale["bill_no"] == number], f"the sale {number}")

    def standing(self):
        return json.loads(self.run("hoadon --json status || [ $? = 3 ]"))

    def ports(self):
        return json.loads(self.run("curl -s --unix-socket /run/hoadon-agent/api.sock http://localhost/health/ready"))["ports"]

    def print_bill(self, number):
        """The paper of a bill that was sold."""
        before = len(self.paper())
        sent = bill(number)
        self.print(sent)
        self.wait_sale(number)
        self.wait(lambda: self.paper(before).endswith(b"\x1dVB\x00"), f"the bill {number} on paper")
        return self.paper(before), sent


def is_set_up(guest):
    """The README's rehearsal makes the shop; both cables are plugged in."""
    # The key that passwords are sealed with is never put on a file system in memory.
    guest.run("truncate -s 64M /disk\nmkfs.ext4 -q /disk\nmount -o loop /disk /var/lib/systemd")
    guest.run(re.sub(r"^apt install .*\n", "", deb.readme("rehearse"), flags=re.M))
    guest.run(f"cat >/etc/hoadon-agent/catalogue.csv <<'END'\n{CATALOGUE}END\ncat >/etc/hoadon-agent/conf.d/60-port.conf <<'END'\n{PORT}END")
    guest.run(f"modprobe usblp\nmodprobe dummy_hcd num=2\ncat >/etc/hoadon-agent/gadget.conf <<'END'\nPORT=dummy_udc.0\nDEVICE_ID=\"{DEVICE_ID}\"\nEND\n"
              "systemctl enable --now hoadon-gadget")
    guest.ask("printer", DEVICE_ID)
    guest.run("udevadm settle\nsystemctl restart hoadond")
    guest.wait(lambda: guest.ports() == "ok", "the port to be open")
    assert guest.run("stat -c '%G %a' /dev/g_printer0").split() == ["hoadon-agent", "660"]
    return 2


def is_confined(guest):
    """Nothing of the unit was taken out, and the kernel keeps it: no capability, no new one, system calls and devices by list."""
    pid = guest.run("systemctl show hoadond --property=MainPID --value").strip()
    status = dict(line.split(":", 1) for line in guest.run(f"cat /proc/{pid}/status").splitlines())
    assert (int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == (0, 0, "1", "2"), status
    exposure = float(re.search(r"Overall exposure level for hoadond.service: ([\d.]+)", guest.run("systemd-analyze security hoadond --no-pager | tail -n 1"))[1])
    assert exposure <= deb.EXPOSURE_MAX, exposure
    return 5


def a_till_prints_through_the_box(guest):
    """Both cables at once: the paper is what the till sent, with the code before the cut."""
    for n in range(8):  # an emulated processor may be late: the code comes on a slip then, and the next bill is tried
        before = len(guest.paper())
        paper, sent = guest.print_bill(f"HD{n}")
        assert guest.paper(before).startswith(sent[:-4])
        if len(paper) > len(sent) and paper.endswith(sent[-4:]):
            annex, = annexes_of(paper, sent)
            code = guest.run("hoadon --json invoice list")
            found = re.findall(r"M1-26-\w{5}-\d{11}", text_of(annex))
            assert found and found[0] in code, (found, code)
            return 3
    raise AssertionError(f"no code in time: {guest.run('journalctl -o cat --no-pager -n 20 -u hoadond')}")


def the_till_sees_its_printer(guest):
    """What the printer says of itself, how it stands, and what it says while the till prints."""
    assert guest.ask("id").strip() == DEVICE_ID, guest.ask("id")
    assert guest.ask("ask") == GOOD
    guest.ask("listen")
    guest.print(b"\x10\x04\x01")
    time.sleep(1)
    guest.ask("say", base64.b64encode(b"\x12").decode())
    guest.wait(lambda: guest.heard().endswith(b"\x12"), "what the printer says at the till")
    return 3


def any_length_comes_through(guest):
    """What fills its last packet (512 bytes) the kernel gives out with what comes behind it: at the latest then it is there, in order."""
    for size, more in ((511, 0), (512, 1), (513, 0), (8192, 1)):
        before, went = len(guest.paper()), guest.ask("went")
        sent = (bytes(range(32, 127)) * 90)[:size]
        guest.print(sent)
        guest.wait(lambda: guest.ask("went") == went + size, "the bytes to leave the till")
        guest.print(b"\n" * more)
        guest.wait(lambda: guest.paper(before) == sent + b"\n" * more, f"{size} bytes on paper")
    return 4


def without_paper_the_till_waits(guest):
    """It asks, and hears why; then all of it comes out, once."""
    before, went = len(guest.paper()), guest.ask("went")
    sent = b"".join(f"{n:>46}\r\n".encode() for n in range(900)) + b"\x1dVB\x00"
    guest.ask("stand", [NO_PAPER, False])
    guest.print(sent)
    guest.wait(lambda: guest.ask("ask") == NO_PAPER, "the till to hear that the paper is out")
    status = guest.run("hoadon --lang en status || true")
    assert "printer" in status, status
    guest.ask("stand", [GOOD, True])
    guest.wait(lambda: len(guest.paper(before)) >= len(sent), "all of it on paper")
    guest.wait(lambda: guest.ask("ask") == GOOD, "the till to hear that all is well")
    assert guest.paper(before) == sent and guest.ask("went") - went == len(sent)
    return 4


def the_tills_cable_is_pulled_in_mid_receipt(guest):
    """Half a bill is for a person; when the cable is back, selling goes on, and no byte of it is printed twice."""
    before = len(guest.paper())
    half = bill("HP1")[:300]
    guest.print(half)
    guest.wait(lambda: guest.paper(before) == half, "half a bill on paper")
    guest.ask("plug", [TILLS, False])
    guest.wait(lambda: [sale for sale in guest.sales("parked") if sale["reason"] == "paper.partial"], "half a bill to be for a person")
    guest.wait(lambda: guest.ports() == "closed", "the port to be closed")
    guest.ask("plug", [TILLS, True])
    guest.wait(lambda: guest.ask("till") and guest.ports() == "ok", "the till's cable to be in again")
    before = len(guest.paper())
    paper, sent = guest.print_bill("HP2")
    assert guest.paper(before).startswith(sent[:-4]), paper
    return 5


def the_printers_cable_is_pulled_in_mid_receipt(guest):
    """The bill is issued, nothing of it is printed again, and its code comes on a slip when the printer is back."""
    sent = bill("HQ1")
    before = len(guest.paper())
    guest.print(sent[:300])
    guest.wait(lambda: guest.paper(before) == sent[:300], "half a bill on paper")
    guest.ask("plug", [PRINTERS, False])
    guest.print(sent[300:])
    guest.wait_sale("HQ1")
    guest.wait(lambda: guest.ports() == "printer-away", "the printer to be missed")
    guest.ask("plug", [PRINTERS, True])
    guest.wait(lambda: guest.paper(before)[300:].endswith(b"\x1dVB\x00"), "the slip")
    slip = guest.paper(before)[300:]
    assert b"Cho phieu so" in slip and b"HQ1" in slip and sent[300:400] not in slip, slip
    paper, sent = guest.print_bill("HQ2")
    assert sent[:-4] in paper
    return 5


def under_apparmor(guest):
    """The profile of the package, enforced: all goes on, and the kernel had nothing to deny."""
    guest.run("sed 's/ flags=(complain)//' /etc/apparmor.d/hoadond >/etc/apparmor.d/enforced\napparmor_parser --replace /etc/apparmor.d/enforced\nsystemctl restart hoadond")
    guest.wait(lambda: guest.ports() == "ok", "the port to be open")
    pid = guest.run("systemctl show hoadond --property=MainPID --value").strip()
    assert guest.run(f"cat /proc/{pid}/attr/current").strip() == "hoadond (enforce)"
    paper, sent = guest.print_bill("HA1")
    assert sent[:-4] in paper
    guest.run("hoadon --lang en status || [ $? = 3 ]")  # half a bill waits for a person
    denied = guest.run("dmesg | grep 'apparmor=\"DENIED\"' || true")
    assert not denied, denied
    return 4


def a_bad_line_brings_everything(guest):
    """256 kbit/s, 600 ms there and back, 5 % of all packets lost: what waited arrives, and nobody takes the service for stuck."""
    guest.run("printf '[spool]\\ntill = T01\\n' >/etc/hoadon-agent/conf.d/70-spool.conf\nsystemctl restart hoadond\nsystemctl stop hoadon-sandbox")
    day = guest.run("TZ=Asia/Ho_Chi_Minh date +%F").strip()
    rows = "".join(f"L{n},{day},Bún bò Huế,2,45000,90000,90000,8\n" for n in range(WAITING))
    guest.run(f"cat >/var/spool/hoadon-agent/day.tmp <<'END'\nbill,date,name,qty,price,amount,total,rate\n{rows}END\n"
              "chown hoadon-agent /var/spool/hoadon-agent/day.tmp\nmv /var/spool/hoadon-agent/day.tmp /var/spool/hoadon-agent/day.csv")
    guest.wait(lambda: "day.csv.answer.json" in guest.run("ls /var/spool/hoadon-agent/done || true"), "the file to be taken")
    begin, before = time.monotonic(), guest.standing()
    assert before["sales"]["issued"] >= WAITING and before["invoices"]["accepted"] <= before["sales"]["issued"] - WAITING, before
    guest.run(f"modprobe sch_netem\nip link set lo mtu 1500 gso_max_segs 1\ntc qdisc add dev lo root netem {LINE}")
    guest.run(re.search(r"systemd-run .*--port 8743", deb.readme("rehearse"))[0])
    guest.wait(lambda: guest.standing()["invoices"]["accepted"] == before["sales"]["issued"], "everything to be accepted")
    deb.measured("bad_line", WAITING / (time.monotonic() - begin), "invoices/s")
    guest.run("tc qdisc del dev lo root")
    stuck = guest.run("journalctl -u hoadond -o cat --no-pager | grep 'event=stuck' || true")
    assert not stuck and guest.run("systemctl show hoadond --property=NRestarts --value").strip() == "0", stuck
    return 4


def main():
    report = labs.Report()
    built = f"{machines.CACHE}/bookworm.built"
    reason = machines.why_not() or (None if os.path.isdir(built) else "deb.py built nothing") or \
        (None if shutil.which("qemu-system-x86_64") and os.uname().machine == "x86_64" else "QEMU for this machine is missing")
    if reason:
        report.skip("the service at USB", reason)
        report.close()
    with tempfile.TemporaryDirectory(dir=machines.CACHE, prefix="usb.") as work:
        with machines.Machine("bookworm") as machine:
            deb.bring(machine, built)
            machine.run("apt-get install --no-install-recommends apparmor iproute2 kmod cpio python3-minimal libpython3-stdlib ./build/deb/hoadon-agent_*.deb ./build/deb/hoadon-agent-sandbox_*.deb\n"
                        "apt-get install --no-install-recommends --download-only linux-image-amd64", online=True)
            machine.run("systemctl stop hoadond hoadond.socket hoadond-tcp.socket")
            kernel, image = make_image(machine.dir, work)
        with Guest(kernel, image, work) as guest:
            run(report, guest)
    report.close()


def run(report, guest):
    report.case("Debian's kernel is up", guest.wait_up)
    for case in (is_set_up, is_confined, a_till_prints_through_the_box, the_till_sees_its_printer, any_length_comes_through, without_paper_the_till_waits,
                 the_tills_cable_is_pulled_in_mid_receipt, the_printers_cable_is_pulled_in_mid_receipt, under_apparmor,
                 a_bad_line_brings_everything):
        report.case(case.__name__.replace("_", " "), case, guest)


if __name__ == "__main__":
    main()
