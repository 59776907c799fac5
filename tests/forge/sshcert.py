"""OpenSSH certificates whose every field may be chosen."""

import base64
import os

from clock import now
from keys import string, uint32, uint64

CHAIN = b"x509-chain@dance-login"
USER, HOST = 1, 2
SUFFIX = "-cert-v01@openssh.com"


def chain_extension(*certificates):
    """The extension that carries a chain, leaf first."""
    return (CHAIN, string(base64.b64encode(b"".join(certificates))))


def options(pairs):
    return b"".join(string(name) + string(value) for name, value in pairs)


def principal_string(principal):
    return string(principal if isinstance(principal, bytes)
        else principal.encode())


def sshcert(key, signer, principals, extensions=(), critical=(), role=USER,
        serial=1, key_id=b"forge", begin=None, end=None, nonce=None,
        reserved=b"", algorithm=None, signature=None, signer_blob=None,
        fields=None, kind=None):
    """A certificate of key by the key signer: its type and its blob."""
    kind = kind or key.ssh_type + SUFFIX
    extensions = sorted([*extensions, (b"permit-pty", b"")])
    content = (string(kind.encode())
        + string(os.urandom(32) if nonce is None else nonce)
        + (fields or key.fields) + uint64(serial) + uint32(role)
        + string(key_id)
        + string(b"".join(map(principal_string, principals)))
        + uint64(now() - 600 if begin is None else begin)
        + uint64(now() + 3600 if end is None else end)
        + string(options(sorted(critical))) + string(options(extensions))
        + string(reserved) + string(signer_blob or signer.blob))
    if signature is None:
        signature = signer.sign_ssh(content, algorithm)
    return kind, content + string(signature)


def carrier(key, identity, *certificates, **others):
    """A certificate by the key itself that carries a chain."""
    return sshcert(key, key, [identity],
        extensions=[chain_extension(*certificates)], **others)
