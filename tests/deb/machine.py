"""A fresh Debian in a folder, booted with systemd in a container: what an installer finds on a new box.

Needs root, and the mirror that this machine uses.
Roots are cached as build/deb-root/SUITE.tar (SUITE-ARCH.tar with another architecture beside), downloaded packages beside them; `rm -r build/deb-root` begins anew.
"""
import contextlib
import ctypes
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

CACHE = os.path.join(labs.TOP, "build/deb-root")
PACKAGES = "systemd,systemd-sysv,dbus,udev,ca-certificates,curl,procps"  # of every installed Debian, and curl
APT = """APT::Get::Assume-Yes "true";
APT::Color "false";
Dpkg::Use-Pty "false";
Binary::apt::APT::Keep-Downloaded-Packages "true";
"""


def host_suite():
    with open("/etc/os-release", encoding="utf-8") as f:
        return re.search(r"^VERSION_CODENAME=(\w+)$", f.read(), re.M)[1]


def sources(suite):
    """What the mirror of this machine is for `suite`, as lines of sources.list; [] when it is not known."""
    here, lines = host_suite(), []
    for path in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        with open(path, encoding="utf-8") as f:
            for stanza in re.split(r"\n\s*\n", f.read()):
                fields = dict(re.findall(r"^(\w[\w-]*): *(.*)$", stanza, re.M))
                lines += [f"deb {uri} {one} main" for uri in fields.get("URIs", "").split() for one in fields.get("Suites", "").split()]
    for path in ["/etc/apt/sources.list", *sorted(glob.glob("/etc/apt/sources.list.d/*.list"))]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                lines += [f"deb {uri} {one} main" for uri, one in re.findall(r"^deb +(?:\[.*?\] +)?(\S+) +(\S+) +.*\bmain\b", f.read(), re.M)]
    return [line.replace(f" {here}", f" {suite}") for line in lines if re.search(rf" {here}(-updates|-security)? main$", line)]


def why_not(suite="bookworm", arch=None):
    """Why no root can be made here, as words; None when it can. `arch`: one that is cross-built for."""
    if os.geteuid() != 0:
        return "needs root"
    if not shutil.which("systemd-nspawn") or not shutil.which("mmdebstrap"):
        return "mmdebstrap or systemd-nspawn is missing (packaging/deps.sh root)"
    if not sources(suite):
        return f"no Debian mirror in the sources of apt that could have {suite}"
    return None if os.path.exists(base(suite, arch)) else make_base(suite, arch)


def base(suite, arch):
    return f"{CACHE}/{suite}{f'-{arch}' if arch else ''}.tar"


def make_base(suite, arch):
    """Why it failed, as words; None when the root is there. A mirror may lag behind with the security archive of an architecture:
    libraries of two architectures must be of one version, so the root has that archive for both or for none."""
    os.makedirs(CACHE, exist_ok=True)
    lines = sources(suite)
    choices = [lines, [line for line in lines if "-security" not in line]] if arch else [lines]
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    for i, choice in enumerate(choices):
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", *([f"--architectures={own},{arch}"] if arch else []),
                   suite, f"{CACHE}/new.tar", *choice]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            os.rename(f"{CACHE}/new.tar", base(suite, arch))
            if i:
                print(f"# {suite} for {arch} without the security archive, with which the mirror lags", flush=True)
            return None
    return f"the mirror gives no {suite}{f' for {arch}' if arch else ''}: {' '.join(result.stderr.split())[-300:]}"


def ended(*_):
    raise SystemExit("ended by a signal")  # so that the machine is taken away


signal.signal(signal.SIGTERM, ended)


def sweep():
    """What a run left that was killed."""
    for path in glob.glob(f"{CACHE}/root.*"):
        if not os.path.exists(f"/proc/{os.path.basename(path).split('.')[1]}"):
            Groups(os.path.basename(path)).close()
            shutil.rmtree(path, ignore_errors=True)


def share(source, target):
    """Downloaded packages that `target` does not have."""
    os.makedirs(target, exist_ok=True)
    for path in glob.glob(f"{source}/*_*.deb"):
        with contextlib.suppress(FileExistsError):
            os.link(path, f"{target}/{os.path.basename(path)}")


class Groups:
    """Control groups of the container's own where no systemd of this machine makes them."""

    def __init__(self, name):
        self.paths = []
        if os.path.isdir("/run/systemd/system"):
            return
        with open("/proc/self/mountinfo", encoding="utf-8") as f:
            for line in f:
                if " - cgroup2 " in line or "name=systemd" in line:
                    self.paths.append(f"{line.split()[4]}/hoadon-{name}")

    def enter(self):
        for path in self.paths:
            os.makedirs(path, exist_ok=True)
            with open(f"{path}/cgroup.procs", "w", encoding="ascii") as f:
                f.write("0")

    def close(self):
        for path in self.paths:
            for folder, _, _ in os.walk(path, topdown=False):
                os.rmdir(folder)


class Machine:
    """One container. Its network is its own and has no way out; `online` commands use that of this machine. Nothing is left behind."""

    def __init__(self, suite="bookworm", arch=None):
        self.leader = self.supervisor = None
        self.suite = suite
        sweep()
        self.dir = tempfile.mkdtemp(prefix=f"root.{os.getpid()}.", dir=CACHE)
        self.groups = Groups(os.path.basename(self.dir))
        os.chmod(self.dir, 0o755)
        subprocess.run(["tar", "-C", self.dir, "-xf", base(suite, arch)], check=True)
        self.write("/etc/apt/apt.conf.d/90test", APT)
        self.write("/etc/dpkg/dpkg.cfg.d/test", "force-unsafe-io\n")
        self.write("/etc/machine-id", "")
        share(f"{CACHE}/{suite}.archives", self.path("/var/cache/apt/archives"))
        shutil.copy("/etc/resolv.conf", f"{self.dir}/etc/resolv.conf")
        self.boot()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def path(self, name):
        return self.dir + name

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def boot(self):
        def prepare():
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            self.groups.enter()

        # The namespace of processes ends with its first one, that with unshare, and that with us.
        keep = "--keep-unit" if self.groups.paths else ""
        command = (f"systemd-nspawn --quiet -D {self.dir} --machine=hoadon-{os.getpid()} --boot --register=no {keep} --private-network "
                   "--console=pipe --resolv-conf=off --link-journal=no; exit")
        with open(self.path("/console.log"), "ab") as log:
            self.supervisor = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "sh", "-c", command],
                                               stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                               env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}, preexec_fn=prepare)
        try:
            self.wait(self.is_up, "the container to be up")
        except BaseException:
            self.close()
            raise

    def is_up(self):
        """Looks for the first process of the container as well: its forerunners look like it for a moment."""
        pid = str(self.supervisor.pid)  # unshare, sh, systemd-nspawn, systemd
        for _ in range(3):
            try:
                with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
                    pid = f.read().split()[-1]
            except (OSError, IndexError):
                return False
        self.leader = pid
        return self.run("systemctl is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def wait(self, condition, what, seconds=120):
        end = time.monotonic() + seconds
        while not condition():
            assert self.supervisor.poll() is None, f"the container ended while waiting for {what}: {self.read('/console.log')[-800:]}"
            assert time.monotonic() < end, f"waited {seconds} s for {what}: {self.journal() if self.leader else ''}"
            time.sleep(0.1)

    def journal(self):
        return self.run("journalctl -o cat --no-pager -n 25", check=False).stdout[-2500:]

    def command(self, script, online=False):
        spaces = ["-m", "-u", "-i", "-p", "-C", *([] if online else ["-n"])]
        return ["nsenter", "-t", self.leader, *spaces, "--", "env", "-i", "HOME=/root", "LANG=C.UTF-8",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-euc", f"cd\n{script}"]

    def run(self, script, online=False, check=True, limit=1800):
        """A script of sh as root in the container."""
        result = subprocess.run(self.command(script, online), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=limit, check=False)
        if check and result.returncode:
            raise AssertionError(f"{script.strip()[-200:]}: exit {result.returncode}: {result.stdout[-1200:]} {result.stderr[-1200:]}")
        return result

    def start(self, script):
        """The same, beside others; it ends with the container."""
        return subprocess.Popen(self.command(script), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        if self.supervisor:
            self.supervisor.kill()
            self.supervisor.wait()
        for _ in range(100):
            if not self.leader or not os.path.exists(f"/proc/{self.leader}"):
                break
            time.sleep(0.1)
        self.groups.close()
        share(self.path("/var/cache/apt/archives"), f"{CACHE}/{self.suite}.archives")
        shutil.rmtree(self.dir, ignore_errors=True)
