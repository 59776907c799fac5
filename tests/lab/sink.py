#!/usr/bin/python3
"""The syslog daemon of the laboratory: sink.py SOCKET FILE

Appends each datagram that arrives at SOCKET as one line to FILE.  It never
interprets a message: what a program logs is what a story sees, except that
control characters are escaped, so that one message is always one line.
"""

import os
import socket
import sys


def printable(datagram):
    """Return the datagram as one line; what could fake a line is escaped."""
    text = datagram.rstrip(b"\n\0").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def main():
    path, logfile = sys.argv[1:]
    out = os.open(logfile, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    os.chmod(path, 0o666)
    while True:
        line = printable(sock.recv(65536)) + "\n"
        os.write(out, line.encode("utf-8", "backslashreplace"))


main()
