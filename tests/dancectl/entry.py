#!/usr/bin/python3
#
# Entries of the cache as libdance/cache_entry.h has them, in files as
# libdance/cache_store_internal.h has these.
#
# usage: entry.py FOLDER OWNER [KEY=VALUE ...]
#
# Times (born, fresh, valid, signed, fault) are seconds from now, "none" for 0;
# records, proof: how many; min: bits of the zones' keys; rdata: of the first record, in hex; why; flags; name:
# the owner name within; many=N: as many entries, N.OWNER.

import os
import struct
import sys
import time

DEFAULTS = {"born": "-48", "fresh": "252", "valid": "252", "signed": "86400",
            "fault": "none", "why": "", "flags": "0", "records": "1",
            "proof": "1", "name": "", "many": "0", "min": "1024", "rdata": ""}


def string(octets):
    return struct.pack(">I", len(octets)) + octets


def when(text):
    return 0 if text == "none" else int(time.time()) + int(text)


def checksum(octets):
    total = 0xcbf29ce484222325
    for octet in octets:
        total = (total ^ octet) * 0x100000001b3 % 2 ** 64
    return total


def entry(owner, has):
    out = b"DANCERR2" + string((has["name"] or owner).encode())
    for key in ("born", "fresh", "valid", "signed", "fault"):
        out += struct.pack(">Q", when(has[key]))
    out += struct.pack(">I", int(has["min"])) + string(has["why"].encode("latin-1")) + bytes([int(has["flags"])])
    out += string(b"") + struct.pack(">I", int(has["records"]))
    for i in range(int(has["records"])):
        rdata = bytes.fromhex(has["rdata"]) if i == 0 else b""
        out += string(rdata or bytes([3, 1, 1, i]) + bytes(31))
    out += struct.pack(">I", int(has["proof"]))
    for i in range(int(has["proof"])):
        out += string(b".\0") + struct.pack(">I", 48) + string(b"packet")
    return out + struct.pack(">Q", checksum(out))


def seal(out):
    return out + struct.pack("=Q", checksum(out))


def head(has):
    asked = max(when(has["born"]), 1) * 10 ** 9
    denial = 1 if int(has["flags"]) & 1 else 0
    return seal(struct.pack("=8sqqQ", b"DANCECF1", asked, asked, denial))


def write(path, octets):
    with open(path, "wb", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(octets)
    folder = os.stat(os.path.dirname(path))
    os.chown(path, folder.st_uid, folder.st_gid)


def main():
    folder, owner, *values = sys.argv[1:]
    has = DEFAULTS | dict(value.split("=", 1) for value in values)
    if (n := int(has["many"])) == 0:
        write(f"{folder}/{owner}", head(has) + entry(owner, has))
    for i in range(n):
        octets = head(has) + entry(f"{i}.{owner}", has)
        write(f"{folder}/{i}.{owner}", octets)


main()
