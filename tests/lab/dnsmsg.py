"""Just enough of a DNS message (RFC 1035) to take one apart, change it and
put it together again, for liar.py.  Names are kept as uncompressed wire
format, so that records can be dropped without breaking pointers."""

import struct

CNAME, NS, SOA, PTR, MX, TXT = 5, 2, 6, 12, 15, 16
OPT, RRSIG, TLSA, DNAME = 41, 46, 52, 39
QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x400, 0x200, 0x100, 0x80, 0x20, 0x10
DO = 0x8000


def read_name(msg, off):
    """Return the name at off, uncompressed, and the offset behind it."""
    wire, end = b"", None
    for _ in range(256):
        size = msg[off]
        if size >= 0xC0:
            if end is None:
                end = off + 2
            off = (size & 0x3F) << 8 | msg[off + 1]
            continue
        wire += msg[off:off + 1 + size]
        off += 1 + size
        if size == 0:
            return wire, off if end is None else end
    raise ValueError("a name that does not end")


def name_text(wire):
    """Return a wire-format name as text without the last dot."""
    labels, off = [], 0
    while wire[off]:
        labels.append(wire[off + 1:off + 1 + wire[off]].decode("latin-1"))
        off += 1 + wire[off]
    return ".".join(labels) or "."


def read_rdata(msg, off, size, rtype):
    """Return the rdata at off; the names in it are uncompressed."""
    if rtype in (CNAME, NS, PTR, DNAME):
        return read_name(msg, off)[0]
    if rtype == MX:
        return msg[off:off + 2] + read_name(msg, off + 2)[0]
    if rtype == SOA:
        mname, next_off = read_name(msg, off)
        rname, next_off = read_name(msg, next_off)
        return mname + rname + msg[next_off:next_off + 20]
    return msg[off:off + size]


class Record:
    """One resource record; for an OPT record ttl holds the flags."""

    def __init__(self, name, rtype, rclass, ttl, rdata):
        self.name, self.rtype, self.rclass = name, rtype, rclass
        self.ttl, self.rdata = ttl, rdata

    def wire(self):
        return self.name + struct.pack("!HHIH", self.rtype, self.rclass,
            self.ttl, len(self.rdata)) + self.rdata


class Message:
    """A query or an answer with its first question."""

    def __init__(self, msg):
        self.id, self.flags, qdcount, *counts = struct.unpack("!6H", msg[:12])
        if qdcount != 1:
            raise ValueError("not exactly one question")
        self.qname, off = read_name(msg, 12)
        self.qtype, self.qclass = struct.unpack("!HH", msg[off:off + 4])
        off += 4
        self.sections = []
        for count in counts:
            records = []
            for _ in range(count):
                record, off = self.read_record(msg, off)
                records.append(record)
            self.sections.append(records)

    @staticmethod
    def read_record(msg, off):
        name, off = read_name(msg, off)
        rtype, rclass, ttl, size = struct.unpack("!HHIH", msg[off:off + 10])
        rdata = read_rdata(msg, off + 10, size, rtype)
        return Record(name, rtype, rclass, ttl, rdata), off + 10 + size

    def records(self):
        return [r for section in self.sections for r in section]

    def keep(self, wanted):
        """Drop the records for which wanted(record) is false."""
        self.sections = [[r for r in s if wanted(r)] for s in self.sections]

    def wire(self):
        out = struct.pack("!6H", self.id, self.flags, 1,
            *(len(s) for s in self.sections))
        out += self.qname + struct.pack("!HH", self.qtype, self.qclass)
        return out + b"".join(r.wire() for r in self.records())
