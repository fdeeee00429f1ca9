"""Calls of a program that fail on request: drives tests/faulty.c, which is preloaded into hoadond."""
import errno
import mmap
import os
import struct
import subprocess

import lab as labs

ERRNO, OPS, NTH_WRITE, NTH_SYNC, NTH_MALLOC, FAILED, KEY_MS, KEY_TRIES, WORDS = range(9)
WRITE, SYNC, CHANGE = 1, 2, 4


class Faulty:
    def __init__(self, lab):
        """Files of the store are meant, the memory of the program, and its key."""
        library, path = f"{lab.dir}/faulty.so", f"{lab.dir}/faulty"
        source = os.path.join(labs.TOP, "tests/faulty.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        with open(path, "wb") as f:
            f.write(bytes(8 * WORDS))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8 * WORDS)
        self.env = {"LD_PRELOAD": library, "FAULTY": path, "FAULTY_DIR": os.path.realpath(f"{lab.dir}/store"),
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:detect_leaks=0"}
        self[ERRNO] = errno.EIO

    def __getitem__(self, word):
        return struct.unpack_from("<q", self.map, 8 * word)[0]

    def __setitem__(self, word, value):
        struct.pack_into("<q", self.map, 8 * word, value)

    def fail(self, error, ops):
        """From now on these calls fail."""
        self[ERRNO] = error
        self[OPS] = ops

    def mend(self):
        self[OPS] = 0
