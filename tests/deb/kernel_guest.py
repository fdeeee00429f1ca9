"""Runs in the virtual machine of kernel.py: does what a line at the serial port asks for, and answers with a line. The till is the kernel's own printer driver
(/dev/usb/lp0), the real printer the kernel's printer function at the second port of dummy_hcd (/dev/g_printer1)."""
import base64
import fcntl
import glob
import json
import os
import struct
import subprocess
import threading
import time
import tty

GADGETS = "/sys/kernel/config/usb_gadget"
SET_STATUS = 0xC0016722  # GADGET_SET_PRINTER_STATUS
GET_STATUS = 0x060B  # LPGETSTATUS of the driver: 0x18 when all is well
GET_ID = 0x84005001  # LPIOC_GET_DEVICE_ID, 1,024 bytes


class Printer:
    """The far end of the printer's cable."""

    def __init__(self):
        self.paper, self.says, self.status, self.does_take = bytearray(), [], 0x18, True
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                fd = os.open("/dev/g_printer1", os.O_RDWR | os.O_NONBLOCK)
            except OSError:
                time.sleep(0.1)
                continue
            try:
                self.serve(fd)
            except OSError:  # the cable is out
                os.close(fd)

    def serve(self, fd):
        while True:
            fcntl.ioctl(fd, SET_STATUS, self.status)
            if self.says:
                os.write(fd, self.says.pop(0))
            try:
                if self.does_take:
                    self.paper += os.read(fd, 65536)
                    continue
            except BlockingIOError:
                pass
            time.sleep(0.02)


class Till:
    """Prints to whatever hangs at the cable between till and box."""

    def __init__(self):
        self.fd, self.went, self.heard = None, 0, bytearray()

    def path(self):
        for found in glob.glob("/sys/bus/usb/devices/*/idVendor"):
            with open(found, encoding="ascii") as f:
                if f.read().strip() == "0525":
                    for name in glob.glob(f"{os.path.dirname(found)}/*/usbmisc/lp*"):
                        return f"/dev/usb/{os.path.basename(name)}"
        return None

    def open(self):
        if self.fd is None:
            self.fd = os.open(self.path(), os.O_RDWR)

    def close(self):
        if self.fd is not None:
            os.close(self.fd)
        self.fd = None

    def print(self, data):
        self.open()
        try:
            while data:
                n = os.write(self.fd, data)
                self.went += n
                data = data[n:]
        except OSError:  # the cable is out
            self.close()

    def hear(self):
        """In a thread of its own: the driver gives what came, and waits where nothing did."""
        self.open()
        self.heard += os.read(self.fd, 1024)

    def ask(self):
        self.open()
        answer = bytearray(4)
        fcntl.ioctl(self.fd, GET_STATUS, answer)
        return struct.unpack("i", answer)[0]

    def id(self):
        self.open()
        answer = bytearray(1024)
        fcntl.ioctl(self.fd, GET_ID, answer)
        return answer[2:struct.unpack(">H", answer[:2])[0]].decode()


PRINTER, TILL = Printer(), Till()


def put(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def make_printer(device_id):
    """The real printer, as its maker made it; it holds 8 KiB."""
    gadget = f"{GADGETS}/real"
    for folder in ("strings/0x409", "configs/c.1/strings/0x409", "functions/printer.0"):
        os.makedirs(f"{gadget}/{folder}")
    for name, text in (("idVendor", "0x04b8"), ("idProduct", "0x0e15"), ("strings/0x409/serialnumber", "X4CF001"), ("strings/0x409/manufacturer", "EPSON"),
                       ("strings/0x409/product", "TM-T20"), ("functions/printer.0/pnp_string", device_id + "  "), ("functions/printer.0/q_len", "1")):
        put(f"{gadget}/{name}", text)
    os.symlink(f"{gadget}/functions/printer.0", f"{gadget}/configs/c.1/printer.0")
    put(f"{gadget}/UDC", "dummy_udc.1")


def plug(cable, is_in):
    """The hub's port without power is a cable that is out."""
    TILL.close()
    put(f"/sys/bus/usb/devices/usb{cable}/{cable}-0:1.0/usb{cable}-port1/disable", "0" if is_in else "1")


def do(what, value):
    if what == "sh":
        result = subprocess.run(["sh", "-euc", value], capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, check=False)
        return [result.returncode, result.stdout[-8000:], result.stderr[-2000:]]
    if what == "print":
        threading.Thread(target=TILL.print, args=(base64.b64decode(value),), daemon=True).start()
    elif what == "went":
        return TILL.went
    elif what == "ask":
        return TILL.ask()
    elif what == "id":
        return TILL.id()
    elif what == "listen":
        threading.Thread(target=TILL.hear, daemon=True).start()
    elif what == "heard":
        return base64.b64encode(TILL.heard).decode()
    elif what == "till":
        return TILL.path()
    elif what == "paper":
        return base64.b64encode(PRINTER.paper[value:value + 4096]).decode()
    elif what == "say":
        PRINTER.says.append(base64.b64decode(value))
    elif what == "printer":
        make_printer(value)
    elif what == "stand":
        PRINTER.status, PRINTER.does_take = value
    elif what == "plug":
        plug(*value)
    return None


def main():
    fd = os.open("/dev/ttyS1", os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd)
    with os.fdopen(fd, "rb", buffering=65536, closefd=False) as lines:
        os.write(fd, b"ready\n")
        for line in lines:
            try:
                answer = {"is": do(*json.loads(line))}
            except Exception as error:  # the other end says which case it was
                answer = {"error": f"{type(error).__name__}: {error}"}
            rest = json.dumps(answer).encode() + b"\n"
            while rest:
                rest = rest[os.write(fd, rest):]


main()
