"""packaging/KEEP.md and INSTALL.md as they are printed: a signed repository that apt takes, and nothing else; the commands for looking, helping and handing over."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import lab as labs  # noqa: E402

GUIDES = {name: open(os.path.join(labs.TOP, f"packaging/{name}.md"), encoding="utf-8").read() for name in ("KEEP", "INSTALL")}


def block(name, guide="KEEP"):
    found = re.findall(rf"^```\w+ {name}\n(.*?)^```", GUIDES[guide], re.S | re.M)
    assert len(found) == 1, name
    return found[0]


class Apt:
    """A publisher with a key of gpg, and a shop's apt, in one folder."""

    def __init__(self, folder):
        self.dir, self.repo, self.root = folder, f"{folder}/srv", f"{folder}/apt"
        for name in ("gpg", "deb", "apt/etc/apt/sources.list.d", "apt/etc/apt/apt.conf.d", "apt/etc/apt/preferences.d", "apt/etc/apt/trusted.gpg.d",
                     "apt/var/lib/apt/lists/partial", "apt/var/cache/apt/archives/partial"):
            os.makedirs(f"{folder}/{name}", mode=0o700)
        self.write("gpg/gpg.conf", "batch\npinentry-mode loopback\npassphrase thu\n")
        self.write("apt/status", "")
        self.write("apt/apt.conf", f'Dir "{self.root}"; Dir::State::status "{self.root}/status"; APT::Architecture "amd64"; APT::Sandbox::User "root";\n')
        self.env = {**os.environ, "GNUPGHOME": f"{folder}/gpg", "APT_CONFIG": f"{self.root}/apt.conf", "LC_ALL": "C"}

    def write(self, name, text):
        with open(f"{self.dir}/{name}", "w", encoding="utf-8") as f:
            f.write(text)

    def run(self, command, check=True):
        result = subprocess.run(command, shell=True, capture_output=True, text=True, env=self.env, cwd=labs.TOP, timeout=2 * labs.PATIENCE)
        assert not check or result.returncode == 0, (command, result.stdout, result.stderr)
        return result

    def package(self, version, architecture="amd64"):
        tree = f"{self.dir}/tree-{version}"
        os.makedirs(f"{tree}/DEBIAN")
        self.write(f"tree-{version}/DEBIAN/control", f"Package: hoadon-agent\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: m <m@m.example>\nDescription: test\n")
        self.run(f"dpkg-deb --build {tree} {self.dir}/deb/hoadon-agent_{version}_{architecture}.deb")

    def publish(self, key="goi@nha-cung-cap.example", packages=True):
        command = block("publish").splitlines()[1].replace("/srv/hoadon", self.repo).replace("goi@nha-cung-cap.example", key)
        self.run(command.replace("build/deb", f"{self.dir}/deb") if packages else command.split(" build/deb")[0])

    def candidate(self, is_taken=True):
        result = self.run("apt-get update --error-on=any", check=False)
        assert (result.returncode == 0) == is_taken, (result.stdout, result.stderr)
        return re.search(r"Candidate: (\S+)", self.run("apt-cache policy hoadon-agent").stdout)[1] if is_taken else result.stderr

    def close(self):
        subprocess.run(["gpgconf", "--kill", "all"], env=self.env, capture_output=True)


def a_signed_repository_and_nothing_else():
    with tempfile.TemporaryDirectory(prefix="hoadon-apt.") as folder:
        apt = Apt(folder)
        try:
            apt.package("0.1.0")
            apt.package("9.9.9", "arm64")
            apt.run(block("publish").splitlines()[0])
            apt.publish()
            shutil.copy(f"{apt.repo}/hoadon-agent.asc", f"{folder}/key.asc")
            sources = block("sources").replace("https://goi.nha-cung-cap.example/hoadon", f"file://{apt.repo}").replace("/usr/share/keyrings/hoadon-agent.asc", f"{folder}/key.asc")
            apt.write("apt/etc/apt/sources.list.d/hoadon-agent.sources", sources)
            assert apt.candidate() == "0.1.0"
            apt.package("0.1.1")
            apt.publish()
            assert apt.candidate() == "0.1.1"
            apt.publish(packages=False)
            assert apt.candidate() == "0.1.1" and "0.1.0" in apt.run("apt-cache madison hoadon-agent").stdout
            release = open(f"{apt.repo}/dists/stable/Release", encoding="utf-8").read()
            apt.write("52hoadon-agent", block("unattended"))
            dump = apt.run(f"apt-config -c {folder}/52hoadon-agent dump").stdout
            pattern = re.search(r'Unattended-Upgrade::Origins-Pattern:: "([^"]*)"', dump)[1]
            for part in pattern.split(","):
                field, value = part.split("=")
                assert f"\n{field.capitalize()}: {value}\n" in "\n" + release, (part, release)
            assert 'APT::Periodic::Unattended-Upgrade "1"' in dump
            for path in (f"{apt.repo}/dists/stable/InRelease", f"{apt.repo}/dists/stable/main/binary-amd64/Packages"):
                whole = open(path, "rb").read()
                for packed in glob.glob(path + ".gz"):
                    os.unlink(packed)
                open(path, "wb").write(whole.replace(b"0.1.1", b"0.1.2").replace(b"Label: hoadon", b"Label: HOADON"))
                shutil.rmtree(f"{apt.root}/var/lib/apt/lists")
                os.makedirs(f"{apt.root}/var/lib/apt/lists/partial")
                apt.candidate(is_taken=False)
                open(path, "wb").write(whole)
            apt.run("gpg --quick-generate-key 'other <other@other.example>' ed25519 sign 1y")
            apt.publish(key="other@other.example")  # whoever has the web server, but not the key
            assert "NO_PUBKEY" in apt.candidate(is_taken=False)
            apt.publish()
            assert apt.candidate() == "0.1.1"
            return 12
        finally:
            apt.close()


def the_commands_work_as_they_are_printed():
    with labs.Lab(clock=labs.clock_at(labs.NOON)) as lab, tempfile.TemporaryDirectory(prefix="hoadon-words.") as words, labs.Lab(clock=labs.clock_at(labs.NOON)) as other:
        with open(f"{lab.dir}/conf/backup.pass", "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as f:
            f.write("năm từ trở lên để giữ kín\n")
        os.chmod(f"{lab.dir}/conf/password", 0o600)
        fleet = f"{lab.dir}/fleet"
        os.mkdir(fleet)
        lab.shape["extra"] = f"[fleet]\nfolder = {fleet}\n"
        lab.write_config()
        lab.set_machine("sys-1", "board-1", "disk-1")
        lab.start()
        lab.sell_bills("A1", "A2")
        lab.wait_accepted(2)
        lab.wait(lambda: os.listdir(fleet), "the file for the fleet")
        with open(f"{words}/hoadon", "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nexec {labs.BIN}/hoadon --config {lab.dir}/conf --test-root {lab.root} --test-clock {lab.clock_file} "$@"\n')
        with open(f"{words}/hoadon-verify", "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nexec {labs.BIN}/hoadon-verify "$@"\n')
        for word in ("hoadon", "hoadon-verify"):
            os.chmod(f"{words}/{word}", 0o755)
        env = {**os.environ, "PATH": f"{words}:{os.environ['PATH']}"}
        media, ran = f"{lab.dir}/usb", 0
        os.mkdir(media)
        for guide, name in (("INSTALL", "setup"), ("INSTALL", "till"), ("INSTALL", "look"), ("KEEP", "look"), ("KEEP", "handover")):
            for line in block(name, guide).splitlines():
                line = line.replace("/media/usb", media).replace("/etc/hoadon-agent", f"{lab.dir}/conf").replace("/srv/cua-hang", fleet)
                result = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=env, timeout=2 * labs.PATIENCE)
                assert result.returncode == 0, (line, result.returncode, result.stdout, result.stderr)
                ran += 1
        assert {"hoa-don", "so-doi-soat.jsonl", "hoadon.bak", "bao-cao.tar.gz"} <= set(os.listdir(media)), os.listdir(media)
        other.hoadon("restore", f"{media}/hoadon.bak", f"{other.dir}/store", "--passphrase", f"{lab.dir}/conf/backup.pass")
        assert other.sql("SELECT count(*) FROM invoice WHERE state = 'accepted'") == [(2,)]
        shown = {name for text in GUIDES.values() for name in re.findall(r"^```sh (\w+)", text, re.M)}
        assert shown == {"publish", "setup", "till", "look", "handover"}, f"a block that is not run: {shown}"
        assert not re.findall(r"^```sh\n", "".join(GUIDES.values()), re.M), "a block that is not run"
        return ran + 4


def main():
    report = labs.Report()
    missing = [program for program in ("gpg", "apt-get", "dpkg-scanpackages") if not shutil.which(program)]
    if missing:
        report.skip("a signed repository and nothing else", f"{missing[0]} is not installed")
    else:
        report.case("a signed repository and nothing else", a_signed_repository_and_nothing_else)
    report.case("the commands work as they are printed", the_commands_work_as_they_are_printed)
    report.close()


main()
