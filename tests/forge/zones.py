"""Signed zones and the resolver that serves them, with every field free."""

import hashlib
import struct

from clock import now
from keys import Key

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "TXT": 16, "DNAME": 39,
    "DS": 43, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "NSEC3": 50, "TLSA": 52}
NS, CNAME, SOA, DS, RRSIG, NSEC, DNSKEY, TLSA = 2, 5, 6, 43, 46, 47, 48, 52
RSA_HASHES = {1: "md5", 5: "sha1", 7: "sha1", 8: "sha256", 10: "sha512"}
DS_HASHES = {1: hashlib.sha1, 2: hashlib.sha256, 4: hashlib.sha384}
SERVFAIL, REFUSED = 2, 5


# Names: as text, or as octets of wire format, which nothing looks at.

def lower(name):
    if isinstance(name, bytes):
        return name
    return name.lower().rstrip(".") + "."


def wire(name):
    if isinstance(name, bytes):
        return name
    labels = [label.encode("latin-1") for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def labels_of(octets):
    labels, at = [], 0
    while octets[at]:
        labels.append(octets[at + 1:at + 1 + octets[at]])
        at += 1 + octets[at]
    return labels


def text(octets):
    return b"".join(label + b"." for label in labels_of(octets)) \
        .decode("latin-1") or "."


def canonical(name):
    return b"".join(bytes([len(label)]) + label.lower()
        for label in labels_of(wire(name))) + b"\0"


def label_count(name):
    """As a signature counts them: without the "*" of a wildcard."""
    labels = labels_of(wire(name))
    return len(labels) - (labels[:1] == [b"*"])


def parent(name):
    return name.split(".", 1)[1] or "."


# Records.

class RR:
    """One record; its type as text or as number."""

    def __init__(self, name, kind, rdata, ttl=60, rclass=1):
        self.name, self.rdata, self.ttl = name, rdata, ttl
        self.type, self.rclass = TYPES.get(kind, kind), rclass

    def wire(self):
        return wire(self.name) + struct.pack(">HHIH", self.type, self.rclass,
            self.ttl & 0xffffffff, len(self.rdata)) + self.rdata


def tlsa(usage, selector, matching, data):
    """The rdata for the DER of a certificate or of a public key."""
    if matching:
        data = {1: hashlib.sha256, 2: hashlib.sha512}[matching](data).digest()
    return bytes([usage, selector, matching]) + data


def type_bitmap(types):
    out = b""
    for window in sorted({each >> 8 for each in types}):
        low = [each & 255 for each in types if each >> 8 == window]
        octets = bytearray(max(low) // 8 + 1)
        for each in low:
            octets[each // 8] |= 0x80 >> each % 8
        out += bytes([window, len(octets)]) + octets
    return out


class ZoneKey:
    """A DNSKEY with its private half."""

    def __init__(self, algorithm=13, flags=257, bits=None, protocol=3,
            exponent=65537):
        self.algorithm, self.flags = algorithm, flags
        self.protocol = protocol
        kind, size = {13: ("ec", 256), 14: ("ec", 384), 15: ("ed25519", None),
            16: ("ed448", None)}.get(algorithm, ("rsa", bits))
        self.key = Key(kind, size, exponent)

    def public(self):
        if self.key.kind == "ec":
            return self.key.raw[1:]
        if self.key.kind != "rsa":
            return self.key.raw
        numbers = self.key.pub.public_numbers()
        exponent, modulus = (number.to_bytes((number.bit_length() + 7) // 8,
            "big") for number in (numbers.e, numbers.n))
        return bytes([len(exponent)]) + exponent + modulus

    @property
    def rdata(self):
        return struct.pack(">HBB", self.flags, self.protocol,
            self.algorithm) + self.public()

    @property
    def tag(self):
        total = sum(octet if i & 1 else octet << 8
            for i, octet in enumerate(self.rdata))
        return total + (total >> 16) & 0xffff

    def sign(self, data):
        if self.key.kind == "ec":
            digest, size = {13: ("sha256", 32),
                14: ("sha384", 48)}[self.algorithm]
            return b"".join(number.to_bytes(size, "big")
                for number in self.key.sign_pair(data, digest))
        return self.key.sign(data, RSA_HASHES.get(self.algorithm, "sha256"))

    def ds(self, owner, digest=2, tag=None, algorithm=None, data=None):
        """The rdata of the DS for this key."""
        if data is None:
            data = DS_HASHES[digest](canonical(owner) + self.rdata).digest()
        return struct.pack(">HBB", self.tag if tag is None else tag,
            algorithm or self.algorithm, digest) + data


def rrsig(rrset, zone_key, signer, inception=None, expiration=None,
        labels=None, original_ttl=None, algorithm=None, tag=None,
        covered=None, signature=None, owner=None, flip=False, ttl=None):
    """The signature over an RRset.  With fewer labels than the owner has, it
    is that of a wildcard; owner is what is signed instead."""
    first = rrset[0]
    count = label_count(first.name) if labels is None else labels
    if original_ttl is None:
        original_ttl = first.ttl
    head = struct.pack(">HBBIIIH", covered or first.type,
        algorithm or zone_key.algorithm, count, original_ttl & 0xffffffff,
        now() + 86400 if expiration is None else expiration,
        now() - 3600 if inception is None else inception,
        zone_key.tag if tag is None else tag) + canonical(signer)
    if owner is None and count < label_count(first.name):
        below = labels_of(wire(first.name))[-count:] if count else []
        owner = b"\1*" + b"".join(bytes([len(each)]) + each.lower()
            for each in below) + b"\0"
    owner = canonical(first.name if owner is None else owner)
    data = head + b"".join(owner + struct.pack(">HHIH", first.type, 1,
        original_ttl & 0xffffffff, len(rdata)) + rdata
        for rdata in sorted({record.rdata for record in rrset}))
    if signature is None:
        signature = zone_key.sign(data)
    if flip:
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    return RR(first.name, "RRSIG", head + signature,
        first.ttl if ttl is None else ttl)


class Zone:
    """A zone, and the arguments of rrsig() for all of it (sign_with), for its
    DNSKEY RRset and for the DS RRsets in it."""

    def __init__(self, name, **key_arguments):
        self.name = lower(name)
        self.key = ZoneKey(**key_arguments)
        self.keys = [self.key]
        self.sets = {}
        self.ds_set = None  # another than that for the key
        self.is_signed = True
        self.sign_with, self.dnskey_with, self.ds_with = {}, {}, {}

    def add(self, name, kind, *rdatas, ttl=60):
        self.sets[lower(name), TYPES[kind]] = [RR(name, kind, rdata, ttl)
            for rdata in rdatas]

    def sign(self, rrset, **arguments):
        arguments = {"signer": self.name, "zone_key": self.key,
            **self.sign_with, **arguments}
        return rrsig(rrset, **arguments)

    def has_below(self, name):
        """Is there anything at or below that name?"""
        return any(owner == name or owner.endswith("." + name)
            for owner, _ in self.sets)


class World:
    """A resolver over a root, example, good.example and evil.example.  Hooks
    may answer instead: the last one first, with (rcode, answer, authority),
    with None for silence by way of SILENCE, or with octets."""

    SILENCE = "silence"

    def __init__(self):
        self.zones, self.hooks = {}, []
        for name in (".", "example", "good.example", "evil.example"):
            self.zone(name)

    def zone(self, name, **key_arguments):
        """Add a zone, or put another in its place."""
        zone = Zone(name, **key_arguments)
        self.zones[zone.name] = zone
        return zone

    def zone_of(self, name, kind):
        name = lower(name)
        if kind == DS and name != ".":
            name = parent(name)
        while name not in self.zones:
            name = parent(name)
        return self.zones[name]

    def tlsa(self, name, *rdatas, ttl=60):
        self.zone_of(name, TLSA).add(name, "TLSA", *rdatas, ttl=ttl)

    def on(self, name, kind, answer):
        """answer() is asked for that name and type."""
        wanted = lower(name), TYPES[kind]
        self.hooks.append(lambda name, kind:
            answer() if (name, kind) == wanted else None)

    def rrset(self, name, kind):
        zone = self.zone_of(name, kind)
        if (name, kind) in zone.sets:
            return zone, zone.sets[name, kind]
        if kind == DNSKEY and name == zone.name:
            return zone, [RR(name, kind, key.rdata) for key in zone.keys]
        child = self.zones.get(name)
        if kind == DS and child is not None and child.is_signed:
            rdatas = child.ds_set or [child.key.ds(name)]
            return zone, [RR(name, kind, rdata) for rdata in rdatas]
        return zone, None

    @staticmethod
    def with_signature(zone, rrset, **arguments):
        if not zone.is_signed:
            return list(rrset)
        more = {DNSKEY: zone.dnskey_with,
            DS: zone.ds_with}.get(rrset[0].type, {})
        return [*rrset, zone.sign(rrset, **{**more, **arguments})]

    def soa(self, zone):
        numbers = struct.pack(">IIIII", 1, 3600, 600, 86400, 1)
        return self.with_signature(zone, [RR(zone.name, "SOA",
            wire("ns." + zone.name) + wire("hostmaster." + zone.name)
            + numbers, 1)])

    def nsec(self, zone, name, types, following=None):
        """By default, of that name alone and nothing behind it."""
        after = wire(following) if following else b"\1\0" + canonical(name)
        return self.with_signature(zone, [RR(name, "NSEC",
            after + type_bitmap(types | {RRSIG, NSEC}), 1)])

    def denial(self, name, kind):
        zone = self.zone_of(name, kind)
        if not zone.is_signed:
            return 0, [], self.soa(zone)
        types = {each for owner, each in zone.sets if owner == name}
        if name == zone.name:
            types |= {NS, SOA, DNSKEY}
        elif name in self.zones:
            types |= {NS, DS} if self.zones[name].is_signed else {NS}
        return 0, [], self.soa(zone) + self.nsec(zone, name, types - {kind})

    def wildcard(self, name, kind):
        """What the wildcard of the zone, if it has one, has for the name."""
        zone = self.zone_of(name, kind)
        star = "*." + zone.name
        below, relative = zone.name, name
        while relative != zone.name:
            below, relative = relative, parent(relative)
        if (star, kind) not in zone.sets or zone.has_below(below):
            return None
        rrset = [RR(name, kind, record.rdata, record.ttl)
            for record in zone.sets[star, kind]]
        return 0, self.with_signature(zone, rrset,
            labels=label_count(star)), self.nsec(zone, star, {kind}, zone.name)

    def answer(self, name, kind):
        """(rcode, answer, authority), octets, or SILENCE."""
        name, before = lower(name), []
        for hook in reversed(self.hooks):
            result = hook(name, kind)
            if result is not None:
                return result
        for _ in range(12):
            zone, rrset = self.rrset(name, kind)
            if rrset:
                return 0, before + self.with_signature(zone, rrset), []
            alias = zone.sets.get((name, CNAME))
            if not alias:
                rcode, records, authority = (self.wildcard(name, kind)
                    or self.denial(name, kind))
                return rcode, before + records, authority
            before += self.with_signature(zone, alias)
            name = lower(text(alias[0].rdata))
        return SERVFAIL, [], []


def anchor_line(zone_key, name="."):
    """A line of a trust anchor's file: the DS of that key."""
    rdata = zone_key.ds(name)
    return "%s IN DS %d %d %d %s\n" % (name,
        *struct.unpack(">HBB", rdata[:4]), rdata[4:].hex())
