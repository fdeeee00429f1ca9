"""
What a disk may hold after a power cut, computed from a trace of record.c.

Durable is what a sync made so: bytes and size of a file from the end of its fsync or fdatasync on, if they were written before its begin;
names (create, rename, unlink, mkdir) from the end of the fsync of their folder on. Of everything else a cut takes what it likes:
each sector of a file stands where it stood after some write, each file has the size of some moment, names are there or not. A rename is
atomic. What was never written where the size says there is something is zeros or rubbish. Sectors themselves are not torn.
"""
import os
import struct

HEAD = struct.Struct("=IIQqQ")
MAKE, MAKE_DIR, WRITE, SIZE, RENAME, LINK, REMOVE, SYNC, SYNC_END, ANSWER, TELL, PROMISE = "mdwtrlu()asp"
NOTHING = ""
FOLDER = object()
ALL, NONE = float("inf"), -1  # moments


class Event:
    __slots__ = ("index", "kind", "path", "object", "at", "data")

    def __init__(self, index, kind, path, object_, at, data):
        self.index, self.kind, self.path, self.object, self.at, self.data = index, kind, path, object_, at, data


def read_trace(path, top):
    """The events, with paths below `top`."""
    with open(path, "rb") as f:
        raw = f.read()
    events, at = [], 0
    while at < len(raw):
        kind, path_len, object_, place, size = HEAD.unpack_from(raw, at)
        at += HEAD.size
        name = os.path.relpath(raw[at:at + path_len].decode(), top) if path_len else ""
        data = raw[at + path_len:at + path_len + size]
        if chr(kind) in (RENAME, LINK):
            data = os.path.relpath(data.decode(), top)
        events.append(Event(len(events), chr(kind), "" if name == "." else name, object_, place, data))
        at += path_len + size
    return events


def note_promise(path, text):
    """Adds to the trace what somebody was told in another way than through a door."""
    with open(path, "ab", buffering=0) as f:
        f.write(HEAD.pack(ord(PROMISE), 0, 0, 0, len(text)) + text)


def without_folder_syncs(events, base):
    """The same events at the same places, but for the syncs of folders: they do nothing."""
    folders = {"", *(p for p, (_, data) in base.items() if data is None), *(e.path for e in events if e.kind == MAKE_DIR)}
    return [Event(e.index, NOTHING, "", 0, 0, b"") if e.kind in (SYNC, SYNC_END) and e.path in folders else e for e in events]


def object_of(info):
    """As record.c names a file."""
    return (info.st_ino ^ info.st_dev << 40) & (1 << 64) - 1


def read_folder(top, roots):
    """{path: (object, bytes or None for a folder)} of what lies below the roots; the wal-index is not for the disk."""
    found = {}
    for root in roots:
        for folder, folders, names in os.walk(os.path.join(top, root)):
            found[os.path.relpath(folder, top)] = (0, None)
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not name.endswith("-shm"):
                    with open(path, "rb") as f:
                        found[os.path.relpath(path, top)] = (object_of(os.fstat(f.fileno())), f.read())
    return found


def write_folder(image, top):
    for path in sorted(image):
        whole = os.path.join(top, path)
        if image[path] is None:
            os.makedirs(whole, mode=0o700, exist_ok=True)
        else:
            with open(whole, "wb") as f:
                f.write(image[path])
            os.chmod(whole, 0o600)


class File:
    """Bytes that are on the disk, and the writes since: events."""

    def __init__(self, data=b"", survives=False):
        self.data, self.pending, self.survives = bytearray(data), [], survives

    def settle(self, before):
        """A sync that began at event `before` has ended."""
        done = [e for e in self.pending if e.index < before]
        self.pending = self.pending[len(done):]
        for event in done:
            self.put(self.data, event)

    @staticmethod
    def put(data, event):
        if event.kind == SIZE:
            del data[event.at:]
            data.extend(bytes(event.at - len(data)))
        else:
            data.extend(bytes(max(0, event.at - len(data))))
            data[event.at:event.at + len(event.data)] = event.data

    def size_at(self, moment):
        size = len(self.data)
        for event in self.pending:
            if event.index <= moment:
                size = event.at if event.kind == SIZE else max(size, event.at + len(event.data))
        return size

    def after(self, cut):
        """The bytes as a cut leaves them."""
        data = bytearray(self.data)
        moment = cut.size_moment(self)
        for event in self.pending:
            if event.kind == SIZE:
                if event.index <= moment:
                    self.put(data, event)
                continue
            begin, end = event.at, event.at + len(event.data)
            if end > len(data):
                data.extend(cut.fill(end - len(data)))
            while begin < end:
                sector = begin // cut.sector
                stop = min(end, (sector + 1) * cut.sector)
                if event.index <= cut.moment(self, sector):
                    data[begin:stop] = event.data[begin - event.at:stop - event.at]
                begin = stop
        size = self.size_at(moment)
        del data[size:]
        data.extend(cut.fill(size - len(data)))
        return bytes(data)


class Names:
    """A change of names that no sync has made durable yet."""

    def __init__(self, index, drop=None, put=None, target=None):
        self.index, self.drop, self.put, self.target = index, drop, put, target
        self.folders = {os.path.dirname(p) for p in (drop, put) if p is not None}

    def apply(self, names):
        if self.drop is not None:
            names.pop(self.drop, None)
        if self.put is not None:
            names[self.put] = self.target


class Disk:
    """`base` is what read_folder() found before the trace; below the roots in `surviving` no power is cut."""

    def __init__(self, base, roots, surviving=()):
        self.roots, self.surviving = roots, surviving
        self.names, self.pending, self.begun, self.files = {}, [], {}, {}
        for path, (object_, data) in base.items():
            self.names[path] = FOLDER if data is None else File(data, self.survives(path))
            if data is not None:
                self.files[object_] = self.names[path]
        self.now = dict(self.names)

    def survives(self, path):
        return path.split("/")[0] in self.surviving

    def is_boundary(self, event):
        return event.kind == SYNC_END and not self.survives(event.path) and (event.path in self.now or event.path == "")

    def rename(self, change):
        change.apply(self.now)
        if any(self.survives(p) for p in (change.drop, change.put) if p):
            change.apply(self.names)
        else:
            self.pending.append(change)

    def apply(self, event):
        path, kind = event.path, event.kind
        if kind in (WRITE, SIZE):
            file = self.files.get(event.object)
            if file and file.survives:
                file.put(file.data, event)
            elif file:
                file.pending.append(event)
        elif kind == SYNC:
            self.begun[event.at] = event.index
        elif kind == SYNC_END:
            self.sync(event)
        elif kind == MAKE:
            self.files.pop(event.object, None)  # an inode is used again
        if kind in (ANSWER, TELL, PROMISE) or path.split("/")[0] not in self.roots:
            return
        if kind == MAKE:
            self.files[event.object] = File(survives=self.survives(path))
            self.rename(Names(event.index, put=path, target=self.files[event.object]))
        elif kind == MAKE_DIR:
            self.rename(Names(event.index, put=path, target=FOLDER))
        elif kind == REMOVE:
            self.rename(Names(event.index, drop=path))
        elif kind in (RENAME, LINK):
            if self.now[path] is FOLDER:
                raise NotImplementedError(f"{path}: a folder was renamed")
            self.rename(Names(event.index, path if kind == RENAME else None, event.data, self.now[path]))

    def sync(self, event):
        before = self.begun.pop(event.at)
        is_folder = not event.path or self.now.get(event.path) is FOLDER
        if not is_folder and event.object in self.files:
            self.files[event.object].settle(before)
        for change in [c for c in self.pending if is_folder and c.index < before and event.path in c.folders]:
            change.apply(self.names)
            self.pending.remove(change)

    def open_moments(self):
        """Indices of what no sync has made durable."""
        files = {f for f in list(self.names.values()) + [c.target for c in self.pending] if isinstance(f, File)}
        return sorted({e.index for f in files for e in f.pending} | {c.index for c in self.pending})

    def image(self, cut):
        """{path: bytes or None} after a cut."""
        names, data, image = dict(self.names), {}, {}
        for change in self.pending:
            if cut.takes(change):
                change.apply(names)
        for path, file in names.items():
            parent = os.path.dirname(path)
            while parent and names.get(parent) is FOLDER:
                parent = os.path.dirname(parent)
            if parent:
                continue  # its folder is not there
            if file is not FOLDER and id(file) not in data:
                data[id(file)] = file.after(cut)
            image[path] = None if file is FOLDER else data[id(file)]
        return image


class Cut:
    """Everything as it was at one moment: with ALL the cut that loses nothing, with NONE that which loses all it may."""
    sector = 1 << 40

    def __init__(self, moment, names=None):
        self.at, self.names_at = moment, moment if names is None else names

    def takes(self, change):
        return change.index <= self.names_at

    def size_moment(self, file):
        return self.at

    def moment(self, file, sector):
        return self.at

    def fill(self, size):
        return bytes(max(0, size))


class Torn(Cut):
    """Each sector as of a moment of its own."""

    def __init__(self, rng, moments, sector, is_all_or_none):
        self.rng, self.sector, self.seen = rng, sector, {}
        self.moments = [NONE, ALL] if is_all_or_none else [NONE, ALL] + moments
        self.weights = [rng.random() ** 3 + 0.01 for _ in self.moments]
        self.is_prefix, self.names_at, self.names_share = rng.random() < 0.5, rng.choice(moments or [ALL]), rng.random()
        self.rubbish = rng.randrange(1, 256) if rng.random() < 0.5 else 0

    def pick(self, key):
        if key not in self.seen:
            self.seen[key] = self.rng.choices(self.moments, self.weights)[0]
        return self.seen[key]

    def takes(self, change):
        return change.index <= self.names_at if self.is_prefix else self.rng.random() < self.names_share

    def size_moment(self, file):
        return self.pick((id(file), "size"))

    def moment(self, file, sector):
        return self.pick((id(file), sector))

    def fill(self, size):
        return bytes([self.rubbish]) * max(0, size)


def cuts(rng, moments, rounds):
    """[(kind, cut)]: the four plain ones, then `rounds` of each kind that chance decides."""
    found = [("none", Cut(NONE)), ("all", Cut(ALL)), ("names only", Cut(NONE, ALL)), ("bytes only", Cut(ALL, NONE))]
    for _ in range(rounds):
        found.append(("prefix", Cut(rng.choice(moments or [ALL]))))
        found.append(("pages", Torn(rng, moments, 4096, True)))
        found.append(("torn 4096", Torn(rng, moments, 4096, False)))
        found.append(("torn 512", Torn(rng, moments, 512, False)))
    return found
