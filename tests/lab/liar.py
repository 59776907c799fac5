#!/usr/bin/python3
"""A DNS server that misbehaves on purpose: liar.py ADDRESS CONTROL LOG

It stands between the product and a good server, and does to the answers what
a broken or hostile resolver may do.  The stories choose the mode by a line
"MODE [ARGUMENT]" to the Unix socket CONTROL; the answer is "ok" once the mode
is in force.  "upstream ADDRESS" chooses the good server.  Each query is one
line "TRANSPORT NAME TYPE" in LOG.
"""

import os
import random
import select
import socket
import struct
import sys
import threading
import time

from dnsmsg import (AA, AD, CD, DO, OPT, QR, RA, RD, RRSIG, TC, TLSA, TXT,
    Message, Record, name_text)

TIMEOUT = 5
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 28: "AAAA", 43: "DS",
    46: "RRSIG", 48: "DNSKEY", 52: "TLSA"}


def read_exactly(conn, size):
    data = b""
    while len(data) < size:
        part = conn.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def read_tcp(conn):
    return read_exactly(conn, struct.unpack("!H", read_exactly(conn, 2))[0])


def ask(query, transport, upstream):
    """Return the good server's answer, by the transport of the client."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect((upstream, 53))
        if transport == "udp":
            sock.send(query)
            return sock.recv(65535)
        sock.sendall(struct.pack("!H", len(query)) + query)
        return read_tcp(sock)


def tlsa_rdata(text):
    usage, selector, matching, data = text.split()
    return bytes([int(usage), int(selector), int(matching)]) + \
        bytes.fromhex(data)


def empty_answer(query, rcode=0, flags=0):
    msg = Message(query)
    msg.sections = [[], [], []]
    msg.flags = QR | RA | flags | rcode | msg.flags & (RD | CD)
    return msg


# The modes.  Each takes the query, the client's transport, the upstream
# address and the argument of the mode, and returns the datagrams to send.

def good(query, transport, upstream, _arg):
    return [ask(query, transport, upstream)]


def silent(_query, _transport, _upstream, _arg):
    return []


def slow(query, transport, upstream, arg):
    time.sleep(float(arg))
    return good(query, transport, upstream, arg)


def refused(query, _transport, _upstream, _arg):
    return [empty_answer(query, rcode=5).wire()]


def servfail(query, _transport, _upstream, _arg):
    return [empty_answer(query, rcode=2).wire()]


def nxdomain(query, _transport, _upstream, _arg):
    """A denial without any proof."""
    return [empty_answer(query, rcode=3).wire()]


def truncate(query, transport, upstream, _arg):
    if transport == "tcp":
        return good(query, transport, upstream, None)
    return [empty_answer(query, flags=TC).wire()]


def truncate_hang(query, transport, upstream, _arg):
    if transport == "tcp":
        return []
    return truncate(query, transport, upstream, None)


def lie(query, transport, upstream, arg):
    """Another TLSA record, with the signatures of the true one."""
    msg = Message(ask(query, transport, upstream))
    for record in msg.records():
        if record.rtype != TLSA:
            continue
        flipped = record.rdata[:-1] + bytes([record.rdata[-1] ^ 1])
        record.rdata = tlsa_rdata(arg) if arg else flipped
    return [msg.wire()]


def strip_signatures(msg):
    msg.keep(lambda record: record.rtype != RRSIG)
    for record in msg.records():
        if record.rtype == OPT:
            record.ttl &= ~DO
    msg.flags &= ~AD
    return msg


def strip(query, transport, upstream, _arg):
    msg = Message(ask(query, transport, upstream))
    return [strip_signatures(msg).wire()]


def forge_ad(query, transport, upstream, arg):
    """Unsigned answers that say of themselves that they are validated."""
    msg = Message(query)
    if msg.qtype == TLSA and arg:
        msg = empty_answer(query)
        msg.sections[0] = [Record(msg.qname, TLSA, 1, 60, tlsa_rdata(arg))]
    else:
        msg = strip_signatures(Message(ask(query, transport, upstream)))
    msg.flags |= AD
    return [msg.wire()]


def garbage(query, _transport, _upstream, _arg):
    """Noise, then noise that looks like the answer to this query."""
    noise = random.Random(query)
    return [noise.randbytes(40), noise.randbytes(600),
        query[:2] + struct.pack("!H", QR | AA | RD) + noise.randbytes(500)]


def wrongid(query, transport, upstream, _arg):
    answer = ask(query, transport, upstream)
    return [bytes([answer[0] ^ 0x55, answer[1]]) + answer[2:]]


def wrongname(query, transport, upstream, _arg):
    """The answer to a question that nobody asked."""
    msg = Message(ask(query, transport, upstream))
    msg.qname = b"\5wrong" + msg.qname
    return [msg.wire()]


def huge(query, transport, upstream, _arg):
    """The true answer below 60 kB of records that nobody asked for."""
    msg = Message(ask(query, transport, upstream))
    rdata = b"\xff" + b"x" * 255
    padding = [Record(msg.qname, TXT, 1, 1, rdata + bytes([1, 48 + i % 10]))
        for i in range(200)]
    msg.sections[2] = padding + msg.sections[2]
    return [msg.wire()]


MODES = {
    "good": good, "dead": silent, "silent": silent, "slow": slow,
    "refused": refused, "servfail": servfail, "nxdomain": nxdomain,
    "truncate": truncate, "truncate-hang": truncate_hang,
    "truncate-tcp-ok": truncate, "lie": lie, "strip": strip, "ad": forge_ad,
    "garbage": garbage, "wrongid": wrongid, "wrongname": wrongname,
    "huge": huge,
}


class Liar:
    def __init__(self, address, control, logfile):
        self.address, self.upstream = address, "127.0.0.53"
        self.log = os.open(logfile, os.O_WRONLY | os.O_APPEND | os.O_CREAT,
            0o644)
        self.mode, self.arg = "good", None
        self.udp = self.tcp = None
        self.listen()
        # Last, since the socket in the file system says that all is ready.
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.control.bind(control)
        self.control.listen()

    def listen(self):
        """Open and close the sockets as the mode wants them."""
        for sock in (self.udp, self.tcp):
            if sock is not None:
                sock.close()
        self.udp = self.tcp = None
        if self.mode != "dead":
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind((self.address, 53))
        if self.mode not in ("dead", "truncate"):
            self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.tcp.bind((self.address, 53))
            self.tcp.listen()

    def answers(self, query, transport):
        """Log the query and return what this mode answers."""
        mode, arg = self.mode, self.arg
        msg = Message(query)
        rtype = TYPES.get(msg.qtype, f"TYPE{msg.qtype}")
        line = f"{transport} {name_text(msg.qname)} {rtype}\n"
        os.write(self.log, line.encode())
        return MODES[mode](query, transport, self.upstream, arg)

    def serve_udp(self, sock, query, client):
        try:
            for answer in self.answers(query, "udp"):
                sock.sendto(answer, client)
        except (OSError, EOFError, ValueError, IndexError, struct.error):
            pass    # the client, or the server, is gone or mad: no answer

    def serve_tcp(self, conn):
        conn.settimeout(60)
        try:
            while True:
                for answer in self.answers(read_tcp(conn), "tcp"):
                    conn.sendall(struct.pack("!H", len(answer)) + answer)
        except (OSError, EOFError, ValueError, IndexError, struct.error):
            conn.close()

    def set_mode(self, line):
        mode, _, arg = line.strip().partition(" ")
        if mode == "upstream":
            self.upstream = arg
        elif mode in MODES:
            self.mode, self.arg = mode, arg or None
            self.listen()
        else:
            return "no such mode"
        return "ok"

    def serve_control(self):
        conn, _ = self.control.accept()
        with conn, conn.makefile("rw") as stream:
            stream.write(self.set_mode(stream.readline()) + "\n")

    def run_once(self):
        sockets = [s for s in (self.control, self.udp, self.tcp) if s]
        ready = select.select(sockets, [], [])[0]
        if self.udp in ready:
            query, client = self.udp.recvfrom(65535)
            start(self.serve_udp, self.udp, query, client)
        if self.tcp in ready:
            start(self.serve_tcp, self.tcp.accept()[0])
        # Last, since it may close the two others.
        if self.control in ready:
            self.serve_control()


def start(function, *args):
    threading.Thread(target=function, args=args, daemon=True).start()


def main():
    liar = Liar(*sys.argv[1:])
    while True:
        liar.run_once()


main()
