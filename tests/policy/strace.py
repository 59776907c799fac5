"""What programs of ours did, from the files that "strace -ff -y" has written.

Each process is the program that it, or the process that has forked it, was
started as.
"""

import os
import re

PROGRAMS = {
    "/usr/libexec/dance/dance-authorized-keys": "keys",
    "/usr/libexec/dance/dance-pam-helper": "pam",
}
CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+|0x[0-9a-f]+|\?)(?:<(.*?)>)?")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
DESCRIPTOR = re.compile(r"(?:^|[ ,(])(\d+|AT_FDCWD)<([^>]*)>")
FORKS = {"clone", "clone3", "fork", "vfork"}
STATS = {"access", "faccessat2", "lstat", "newfstatat", "readlink", "stat"}
IDS = {"setgroups": "setgid", "setresgid": "setgid", "setresuid": "setuid"}


def absolute(name, args):
    """The name that is a call's argument, without the links on its way."""
    if not name.startswith("/"):
        folder = DESCRIPTOR.search(args)
        name = os.path.join(folder.group(2) if folder else "/", name)
    return os.path.join(os.path.realpath(os.path.dirname(name)),
                        os.path.basename(name))


def open_events(args, path):
    flags = STRING.sub("", args)
    if "O_DIRECTORY" in flags:
        yield "list", path
        return
    if "O_RDWR" in flags or "O_RDONLY" in flags:
        yield "read", path
    if "O_RDWR" in flags or "O_WRONLY" in flags:
        yield "write", path
    if "O_CREAT" in flags:
        yield "create", path


def map_events(args):
    found = DESCRIPTOR.search(args)
    if found:
        yield "load" if "PROT_EXEC" in args else "map", found.group(2)


def socket_events(args):
    name = re.search(r'sun_path="([^"]+)"', args)
    if name:
        yield "connect", absolute(name.group(1), "")


def call_events(call, args, result):
    """The events of one call that has succeeded: pairs of a verb and a path."""
    names = [absolute(name, args) for name in STRING.findall(args)
             if name] if call not in ("connect", "sendto") else []
    if call in ("open", "openat", "creat") and result:
        yield from open_events(args, result)
    elif call == "mmap":
        yield from map_events(args)
    elif call in ("connect", "sendto"):
        yield from socket_events(args)
    elif call in ("unlink", "unlinkat", "rmdir"):
        yield "unlink", names[0]
    elif call in ("rename", "renameat", "renameat2", "link", "linkat"):
        yield "unlink", names[0]
        yield "create", names[1]
    elif call in ("mkdir", "mkdirat", "mknod", "mknodat", "symlink"):
        yield "create", names[-1]
    elif call == "flock" or call == "fcntl" and "SETLK" in args:
        yield "lock", DESCRIPTOR.search(args).group(2)
    elif call in STATS and names:
        yield "stat", names[0]
    elif call in IDS:
        yield "capability", IDS[call]


class Trace:
    def __init__(self, prefix):
        folder, name = os.path.split(prefix)
        self.files = {}
        for entry in os.listdir(folder):
            if re.fullmatch(re.escape(name) + r"\.\d+", entry):
                pid = entry.rsplit(".", 1)[1]
                self.files[pid] = os.path.join(folder, entry)
        self.events = set()

    def lines(self, pid):
        with open(self.files[pid], encoding="ascii", errors="replace") as file:
            for line in file:
                found = CALL.match(line)
                if found and found.group(3)[0] not in "-?":
                    yield found.groups()

    def started(self, program, args):
        """What a process is after it has started another program."""
        path = os.path.realpath(STRING.search(args).group(1))
        if path in PROGRAMS:
            self.events.add((PROGRAMS[path], "read", path))
            return PROGRAMS[path]
        if path == "/usr/bin/dancectl" and '"compile"' in args:
            return "compile"
        if program in ("keys", "pam"):
            self.events.add((program, "start", path))
            return None
        return None

    def walk(self, pid, program):
        for call, args, value, result in self.lines(pid):
            if call in FORKS:
                if value in self.files and value != pid:
                    self.walk(value, program)
            elif call == "execve":
                program = self.started(program, args)
            elif program:
                for verb, what in call_events(call, args, result):
                    if not what.startswith(("/", "set")):
                        continue
                    what = re.sub(r"\s\(deleted\)$", "", what)
                    self.events.add((program, verb, what))

    def all(self):
        children = {value for pid in self.files
                    for call, _, value, _ in self.lines(pid) if call in FORKS}
        for pid in self.files:
            if pid not in children:
                self.walk(pid, None)
        return sorted(self.events)
