"""A file system of its own for the store of a lab (tests/lab.py), small enough to be filled."""
import errno
import os
import shutil
import subprocess
import tempfile


class SmallDisk:
    def __init__(self, kind, megabytes):
        """kind: tmpfs, or ext4 in a loop image."""
        self.kind, self.megabytes = kind, megabytes

    def mount(self, lab):
        self.where, image = f"{lab.dir}/store", f"{lab.dir}/disk.img"
        os.mkdir(self.where)
        if self.kind == "tmpfs":
            self.run("mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=700", "none", self.where)
            return
        with open(image, "wb") as f:
            f.truncate(self.megabytes << 20)
        self.run("mkfs.ext4", "-q", "-m", "0", image)
        self.run("mount", "-o", "loop", image, self.where)

    def run(self, *command):
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise OSError(f"{' '.join(command[:3])}: {result.stderr.strip()}")

    def fill(self):
        """To the last byte that root can have, also of what was given up since."""
        with open(f"{self.where}/ballast", "ab", buffering=0) as f:
            for size in (1 << 20, 4096, 1):
                try:
                    while f.write(b"x" * size) == size:
                        pass
                except OSError as error:
                    assert error.errno == errno.ENOSPC

    def free(self):
        os.unlink(f"{self.where}/ballast")

    def umount(self):
        subprocess.run(["umount", self.where], capture_output=True)


def why_no_mount(kind):
    """Why there is no such disk here; None when there is."""
    if os.geteuid():
        return "needs root to mount a file system of its own"
    if kind == "ext4" and not shutil.which("mkfs.ext4"):
        return "needs mkfs.ext4"
    disk = SmallDisk(kind, 8)
    with tempfile.TemporaryDirectory() as folder:
        try:
            disk.mount(type("Folder", (), {"dir": folder}))
        except OSError as error:
            return str(error)
        disk.umount()
    return None
