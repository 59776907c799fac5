"""RSA keys that are too small for today's libraries, and for anything else."""

import collections
import hashlib
import secrets

from der import octet_string, oid, sequence

DIGESTS = {"md5": "1.2.840.113549.2.5", "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1", "sha512": "2.16.840.1.101.3.4.2.3"}
ROUNDS = 32

Numbers = collections.namedtuple("Numbers", "e n")


def is_prime(number):
    """Miller and Rabin's test, of an odd number."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(ROUNDS):
        power = pow(2 + secrets.randbelow(number - 3), odd, number)
        if power not in (1, number - 1) and all(
                (power := power * power % number) != number - 1
                for _ in range(twos - 1)):
            return False
    return True


def prime_make(bits, exponent):
    """The two highest bits are set, so that a product has all its bits."""
    while True:
        number = secrets.randbits(bits) | 3 << bits - 2 | 1
        if (number - 1) % exponent and is_prime(number):
            return number


class SmallRsa:
    """A private key; exponent is a prime."""

    def __init__(self, bits, exponent):
        p = q = prime_make(bits // 2, exponent)
        while p == q:
            q = prime_make(bits - bits // 2, exponent)
        self.numbers = Numbers(exponent, p * q)
        self.private = pow(exponent, -1, (p - 1) * (q - 1))
        self.size = (bits + 7) // 8

    def public_key(self):
        return self

    def public_numbers(self):
        return self.numbers

    def sign(self, data, digest):
        """By RSASSA-PKCS1-v1_5 (RFC 8017, 8.2)."""
        info = sequence(sequence(oid(DIGESTS[digest]), b"\5\0"),
            octet_string(hashlib.new(digest, data).digest()))
        padding = b"\xff" * (self.size - len(info) - 3)
        block = int.from_bytes(b"\0\1" + padding + b"\0" + info, "big")
        return pow(block, self.private, self.numbers.n).to_bytes(self.size,
            "big")
