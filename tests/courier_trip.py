"""A courier's way from a shop to a machine with a line and back, for tests of it (schemas/store/COURIER.md)."""
import hashlib
import json
import os


class Trip:
    """A shop without a line, a stick, and a machine that has one, which knows nothing of the shop."""

    def __init__(self, lab):
        self.lab, self.stick, self.station = lab, f"{lab.dir}/stick", f"{lab.dir}/station"
        os.mkdir(self.stick)
        os.mkdir(self.station)
        self.at_station("key", f"{self.station}/station.crt")

    def at_station(self, *args, check=True):
        return self.lab.run("hoadon", "--config", self.station, "courier", *args, check=check)

    def export(self, check=True):
        return self.run("export", self.stick, "--to", f"{self.station}/station.crt", check=check)

    def run(self, *args, check=True):
        result = self.lab.hoadon("courier", *args, "--json", check=check)
        return result.returncode, json.loads(result.stdout) if result.stdout else None, result.stderr.decode()

    def send(self, check=True, wait=20):
        result = self.at_station("send", self.stick, "--wait", str(wait), "--json", check=check)
        return result.returncode, [m["outcome"] for m in json.loads(result.stdout)["messages"]]

    def deliver(self, check=True, wait=20):
        """The shop has no line while the station has one."""
        self.lab.stop()
        self.lab.start_authority()
        result = self.send(check, wait)
        self.lab.stop_authority()
        self.lab.start()
        return result

    def import_back(self, check=True):
        return self.run("import", self.stick, check=check)

    def files(self, end=""):
        return sorted(n for n in os.listdir(self.stick) if n.endswith(end))

    def digests(self):
        return {n: hashlib.sha256(open(f"{self.stick}/{n}", "rb").read()).hexdigest() for n in self.files()}

    def spoil(self, name):
        with open(f"{self.stick}/{name}", "r+b") as f:
            f.seek(-40, os.SEEK_END)
            byte = f.read(1)
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([byte[0] ^ 1]))
