"""Keys, as SSH, X.509 and DNSKEY need them."""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (dsa, ec, ed448,
    ed25519, padding, rsa, utils)
from cryptography.hazmat.primitives.serialization import (Encoding,
    NoEncryption, PrivateFormat, PublicFormat)

from small_rsa import SmallRsa

HASHES = {"md5": hashes.MD5, "sha1": hashes.SHA1, "sha224": hashes.SHA224,
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
CURVES = {192: (ec.SECP192R1, "nistp192"), 224: (ec.SECP224R1, "nistp224"),
    256: (ec.SECP256R1, "nistp256"), 384: (ec.SECP384R1, "nistp384"),
    521: (ec.SECP521R1, "nistp521")}
SSH_RSA_HASHES = {"ssh-rsa": "sha1", "rsa-sha2-256": "sha256",
    "rsa-sha2-512": "sha512"}


def uint32(number):
    return struct.pack(">I", number & 0xffffffff)


def uint64(number):
    return struct.pack(">Q", number & 0xffffffffffffffff)


def string(data):
    return uint32(len(data)) + data


def mpint(number):
    return string(number.to_bytes((number.bit_length() + 8) // 8, "big")
        if number else b"")


def key_make(kind, bits, exponent):
    if kind == "ec":
        return ec.generate_private_key(CURVES[bits or 256][0]())
    if kind == "rsa" and bits is not None and bits < 1024:
        return SmallRsa(bits, exponent)
    if kind == "rsa":
        return rsa.generate_private_key(exponent, bits or 2048)
    if kind == "dsa":
        return dsa.generate_private_key(bits or 2048)
    if kind == "ed448":
        return ed448.Ed448PrivateKey.generate()
    return ed25519.Ed25519PrivateKey.generate()


class Key:
    """A key pair of kind ec, rsa, ed25519, ed448 or dsa.  RSA below 1024 bits
    is for DNSKEY alone."""

    def __init__(self, kind="ec", bits=None, exponent=65537):
        self.kind = kind
        self.priv = key_make(kind, bits, exponent)
        self.pub = self.priv.public_key()

    def sign(self, data, digest="sha256"):
        """A signature as X.509 has it; Edwards curves know no digest."""
        if self.kind == "ec":
            return self.priv.sign(data, ec.ECDSA(HASHES[digest]()))
        if isinstance(self.priv, SmallRsa):
            return self.priv.sign(data, digest)
        if self.kind == "rsa":
            return self.priv.sign(data, padding.PKCS1v15(), HASHES[digest]())
        if self.kind == "dsa":
            return self.priv.sign(data, HASHES[digest]())
        return self.priv.sign(data)

    def sign_pair(self, data, digest):
        """An ECDSA signature as its two numbers."""
        return utils.decode_dss_signature(self.sign(data, digest))

    @property
    def raw(self):
        """The public key without any wrapping; not of RSA and DSA."""
        if self.kind == "ec":
            return self.pub.public_bytes(Encoding.X962,
                PublicFormat.UncompressedPoint)
        return self.pub.public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def spki(self):
        return self.pub.public_bytes(Encoding.DER,
            PublicFormat.SubjectPublicKeyInfo)

    @property
    def curve(self):
        return CURVES[self.pub.curve.key_size][1]

    @property
    def ssh_type(self):
        if self.kind == "ec":
            return "ecdsa-sha2-" + self.curve
        return {"rsa": "ssh-rsa", "ed25519": "ssh-ed25519"}[self.kind]

    @property
    def fields(self):
        """What follows the type in a key of SSH."""
        if self.kind == "ec":
            return string(self.curve.encode()) + string(self.raw)
        if self.kind == "rsa":
            numbers = self.pub.public_numbers()
            return mpint(numbers.e) + mpint(numbers.n)
        return string(self.raw)

    @property
    def blob(self):
        return string(self.ssh_type.encode()) + self.fields

    @property
    def fingerprint(self):
        digest = base64.b64encode(hashlib.sha256(self.blob).digest())
        return "SHA256:" + digest.decode().rstrip("=")

    def sign_ssh(self, data, algorithm=None):
        if self.kind == "ec":
            digest = {256: "sha256", 384: "sha384",
                521: "sha512"}[self.pub.curve.key_size]
            signature = b"".join(map(mpint, self.sign_pair(data, digest)))
            algorithm = algorithm or self.ssh_type
        elif self.kind == "rsa":
            algorithm = algorithm or "rsa-sha2-256"
            signature = self.sign(data, SSH_RSA_HASHES[algorithm])
        else:
            algorithm = algorithm or self.ssh_type
            signature = self.sign(data)
        return string(algorithm.encode()) + string(signature)

    def save(self, path):
        """Write the private key to path and the public one to path.pub."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with open(os.open(path, flags, 0o600), "wb") as file:
            file.write(self.priv.private_bytes(Encoding.PEM,
                PrivateFormat.OpenSSH, NoEncryption()))
        with open(path + ".pub", "w", encoding="ascii") as file:
            file.write("%s %s\n" % (self.ssh_type,
                base64.b64encode(self.blob).decode()))
        return path
