"""Who may sell at a port is known by a network card too: a till with a changing address in a network of its own (as root: two namespaces and a cable between them)."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.path.insert(0, os.path.dirname(__file__))
import lab as labs  # noqa: E402
from paper import bill  # noqa: E402
from tap import Shop  # noqa: E402

BOX, CARD = "10.77.0.1", "02:00:5e:00:00:21"
PRINT = "import socket, sys\ns = socket.create_connection((sys.argv[1], 9100), timeout=180)\ns.sendall(sys.stdin.buffer.read())\ns.shutdown(socket.SHUT_WR)\nassert s.recv(1) == b''\n"


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Machine:
    """The till's own: another network namespace, at the other end of a cable."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 1000"], stdout=subprocess.PIPE)

    def __enter__(self):
        self.process.stdout.readline()  # it has one
        ip("link", "set", "lo", "up")
        ip("link", "add", "box", "type", "veth", "peer", "name", "till")
        ip("addr", "add", f"{BOX}/24", "dev", "box")
        ip("link", "set", "box", "up")
        ip("link", "set", "till", "netns", str(self.process.pid))
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def run(self, *words, data=None):
        subprocess.run(["nsenter", "-t", str(self.process.pid), "-n", *words], input=data, check=True, timeout=240)

    def print(self, card, address, data):
        self.run("ip", "link", "set", "till", "address", card, "up")
        self.run("ip", "addr", "flush", "dev", "till")
        self.run("ip", "addr", "add", f"{address}/24", "dev", "till")
        self.run(sys.executable, "-c", PRINT, BOX, data=data)


def a_till_is_known_by_its_card():
    with Machine() as machine, Shop((None, {"listen": f"{BOX}:9100", "peers": f"mac:{CARD.upper()}"})) as shop:
        for n, address in enumerate(("10.77.0.21", "10.77.0.99"), 1):
            machine.print(CARD, address, bill(f"HD{n}"))
            shop.wait_sales(n)
        machine.print("02:00:5e:00:00:66", "10.77.0.98", bill("HD3"))
        shop.wait_sales(1, "parked")
        machine.print("02:00:5e:00:00:66", "10.77.0.21", bill("HD4"))
        shop.wait_sales(2, "parked")
        assert shop.sql("SELECT reason, detail FROM sale WHERE state = 'parked' ORDER BY id") == [("peer.unknown", "10.77.0.98"), ("peer.unknown", "10.77.0.21")]
        machine.print(CARD, "10.77.0.98", bill("HD5"))
        shop.wait_sales(3)
        return 6


def why_not():
    if os.geteuid() or not shutil.which("ip"):
        return "needs root and iproute2"
    return None if subprocess.run(["unshare", "-n", "ip", "link", "add", "box", "type", "veth", "peer", "name", "till"], capture_output=True).returncode == 0 else "no network namespaces here"


if __name__ == "__main__":
    if sys.argv[1:] == ["inside"]:
        labs.run_cases([a_till_is_known_by_its_card])
    report, reason = labs.Report(), why_not()
    if reason:
        report.skip("a till is known by its card", reason)
        report.close()
    os.execvp("unshare", ["unshare", "-n", sys.executable, os.path.abspath(__file__), "inside"])
