"""X.509 certificates whose every octet may be chosen."""

import time

from clock import now

CN, EMAIL = "2.5.4.3", "1.2.840.113549.1.9.1"
UID = "0.9.2342.19200300.100.1.1"
CLIENT_AUTH, SERVER_AUTH = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"
SSH_CLIENT, ANY_EKU = "1.3.6.1.5.5.7.3.21", "2.5.29.37.0"
DIGITAL_SIGNATURE, CERT_SIGN, CRL_SIGN = 0, 5, 6
# The types of strings, and of what looks like one.
BIT_STRING, OCTET_STRING, UTF8, NUMERIC, PRINTABLE = 3, 4, 12, 18, 19
TELETEX, IA5, VISIBLE, GENERAL, UNIVERSAL, BMP = 20, 22, 26, 27, 28, 30

ALGORITHMS = {("ec", "sha1"): "1.2.840.10045.4.1",
    ("ec", "sha224"): "1.2.840.10045.4.3.1",
    ("ec", "sha256"): "1.2.840.10045.4.3.2",
    ("ec", "sha384"): "1.2.840.10045.4.3.3",
    ("rsa", "md5"): "1.2.840.113549.1.1.4",
    ("rsa", "sha1"): "1.2.840.113549.1.1.5",
    ("rsa", "sha256"): "1.2.840.113549.1.1.11",
    ("rsa", "sha512"): "1.2.840.113549.1.1.13"}


def octets_of(text):
    return text if isinstance(text, bytes) else text.encode()


def number_octets(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def tlv(tag, content):
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = number_octets(length)
    return bytes([tag, 0x80 | len(size)]) + size + content


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def set_of(*parts):
    return tlv(0x31, b"".join(parts))


def oid(text):
    first, second, *others = (int(number) for number in text.split("."))
    out = bytes([first * 40 + second])
    for number in others:
        septets = [number & 127]
        while number := number >> 7:
            septets.insert(0, 0x80 | number & 127)
        out += bytes(septets)
    return tlv(6, out)


def integer(number):
    return tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big",
        signed=True))


def bit_string(data, unused=0):
    return tlv(BIT_STRING, bytes([unused]) + data)


def octet_string(data):
    return tlv(OCTET_STRING, data)


def boolean(value):
    return tlv(1, b"\xff" if value else b"\0")


def text_of(text, tag=UTF8):
    return tlv(tag, octets_of(text))


def instant(seconds):
    text = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))
    if 1950 <= int(text[:4]) < 2050:
        return tlv(0x17, text[2:].encode())
    return tlv(0x18, text.encode())


# Names.  A value is a text, which becomes a UTF8String, or the DER of one.

def attribute(kind, value):
    return sequence(oid(kind),
        value if isinstance(value, bytes) else text_of(value))


def name(*attributes):
    """name((UID, "alice"), ...): each in a set of its own."""
    return sequence(*(set_of(attribute(*each)) for each in attributes))


def cn(text):
    return name((CN, text))


def dns_name(text):
    return tlv(0x82, octets_of(text))


def mail_name(text):
    return tlv(0x81, octets_of(text))


def uri_name(text):
    return tlv(0x86, octets_of(text))


def other_name(kind, value):
    return tlv(0xa0, oid(kind) + tlv(0xa0, value))


# Extensions: what they are, whether critical, and their value.

def alt_names(*names, critical=False):
    return ("2.5.29.17", critical, sequence(*names))


def basic_constraints(is_ca, path_length=None, critical=True):
    parts = [boolean(True)] if is_ca else []
    if path_length is not None:
        parts.append(integer(path_length))
    return ("2.5.29.19", critical, sequence(*parts))


def key_usage(*bits, critical=True):
    value = sum(0x8000 >> bit for bit in bits)
    data = value.to_bytes(2, "big")
    data = data if data[1] else data[:1]
    unused = 0
    while not data[-1] >> unused & 1:
        unused += 1
    return ("2.5.29.15", critical, bit_string(data, unused))


def extended_key_usage(*purposes, critical=False):
    return ("2.5.29.37", critical, sequence(*map(oid, purposes)))


def name_constraints(permitted=(), excluded=(), critical=True):
    parts = [tlv(tag, b"".join(map(sequence, names)))
        for tag, names in ((0xa0, permitted), (0xa1, excluded)) if names]
    return ("2.5.29.30", critical, sequence(*parts))


def algorithm_of(key, digest):
    if key.kind == "dsa":
        return sequence(oid("2.16.840.1.101.3.4.3.2"))
    if key.kind in ("ed25519", "ed448"):
        return sequence(oid({"ed25519": "1.3.101.112",
            "ed448": "1.3.101.113"}[key.kind]))
    parts = [oid(ALGORITHMS[key.kind, digest])]
    return sequence(*parts, *([b"\5\0"] if key.kind == "rsa" else []))


def extension(kind, critical, value):
    return sequence(oid(kind), *([boolean(True)] if critical else []),
        octet_string(value))


def certificate(subject, key, issuer, signer, extensions=(), digest="sha256",
        begin=None, end=None, serial=None, version=2, algorithm=None,
        signature=None, spki=None, unused=0):
    """The DER of a certificate of key, signed by the key signer."""
    algorithm = algorithm or algorithm_of(signer, digest)
    if serial is None:
        serial = time.monotonic_ns()
    content = sequence(
        *([tlv(0xa0, integer(version))] if version else []), integer(serial),
        algorithm, issuer,
        sequence(instant(now() - 3600 if begin is None else begin),
            instant(now() + 86400 if end is None else end)),
        subject, spki or key.spki,
        *([tlv(0xa3, sequence(*(extension(*each) for each in extensions)))]
            if extensions else []))
    if signature is None:
        signature = signer.sign(content, digest)
    return sequence(content, algorithm, bit_string(signature, unused))


def with_defaults(extensions, *defaults):
    """The extensions, behind those of the defaults that are not there."""
    have = {each[0] for each in extensions}
    return [each for each in defaults if each[0] not in have] + \
        list(extensions)


def ca(label, key, issuer=None, signer=None, extensions=(), **others):
    """A CA, by itself unless told."""
    others.setdefault("begin", now() - 7200)
    others.setdefault("end", now() + 10 * 86400)
    return certificate(cn(label), key, issuer or cn(label), signer or key,
        with_defaults(extensions, basic_constraints(True),
            key_usage(CERT_SIGN, CRL_SIGN)), **others)


def leaf(key, issuer, signer, names, extensions=(), subject=None, **others):
    """A certificate for a client, with these names as its SAN."""
    defaults = [alt_names(*names)] if names else []
    return certificate(subject or cn("leaf"), key, issuer, signer,
        with_defaults(extensions, *defaults, basic_constraints(False)),
        **others)
