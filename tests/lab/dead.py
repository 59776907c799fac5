#!/usr/bin/python3
"""A file system that never answers, as one of a server that is gone.

usage: dead.py FOLDER     mounts it there, prints a line, and serves until it
                          is killed; then who waits for it gets an error
"""
import ctypes
import os
import struct
import sys

FUSE_INIT = 26


def main(folder):
    fd = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    data = f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other"
    if libc.mount(b"dead", folder.encode(), b"fuse", 0, data.encode()) != 0:
        sys.exit(f"dead.py: {folder}: {os.strerror(ctypes.get_errno())}")
    while request := os.read(fd, 1 << 17):
        _, opcode, unique = struct.unpack_from("=IIQ", request)
        if opcode == FUSE_INIT:
            answer = struct.pack("=IIIIHHIIHHI28x", 7, 31, 0, 0, 0, 0, 4096,
                                 0, 0, 0, 0)
            head = struct.pack("=IiQ", 16 + len(answer), 0, unique)
            os.write(fd, head + answer)
            print("dead", flush=True)


main(sys.argv[1])
