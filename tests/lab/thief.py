"""An ssh-agent that has what it must not have: thief.py SOCKET CERT KEY.

It offers the certificate in the file CERT, without its private key, and signs
with the ECDSA P-256 key in KEY (PEM), whatever it is asked for.
"""

import base64
import os
import socket
import struct
import subprocess
import sys

IDENTITIES_ASK, IDENTITIES_ANSWER = 11, 12
SIGN_ASK, SIGN_ANSWER = 13, 14
FAILURE = 5
TYPE = b"ecdsa-sha2-nistp256"


def string(data):
    return struct.pack(">I", len(data)) + data


def mpint_of_der(der):
    """The first INTEGER in der as an mpint, and what is behind it."""
    length = der[1]
    return string(der[2 : 2 + length]), der[2 + length :]


def sign(key, data):
    der = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", key],
        input=data,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    r, rest = mpint_of_der(der[2:])
    s, _ = mpint_of_der(rest)
    return string(TYPE) + string(r + s)


def answer(message, blob, key):
    if message[0] == IDENTITIES_ASK:
        return (
            struct.pack(">BI", IDENTITIES_ANSWER, 1)
            + string(blob)
            + string(b"stolen")
        )
    if message[0] == SIGN_ASK:
        asked_for = struct.unpack(">I", message[1:5])[0]
        at = 5 + asked_for
        length = struct.unpack(">I", message[at : at + 4])[0]
        data = message[at + 4 : at + 4 + length]
        print("signed", flush=True)
        return bytes([SIGN_ANSWER]) + string(sign(key, data))
    return bytes([FAILURE])


def exactly(connection, length):
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            return None
        data += part
    return data


def serve(connection, blob, key):
    while True:
        head = exactly(connection, 4)
        if head is None:
            return
        message = exactly(connection, struct.unpack(">I", head)[0])
        if not message:
            return
        connection.sendall(string(answer(message, blob, key)))


def main():
    path, cert, key = sys.argv[1:]
    with open(cert) as file:
        blob = base64.b64decode(file.read().split()[1])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o600)
    listener.listen()
    while True:
        connection, _ = listener.accept()
        with connection:
            serve(connection, blob, key)


main()
