"""An ssh-agent that need not behave: agent.py SOCKET LOG MODE [UPSTREAM].

It stands before the true agent at the socket UPSTREAM and changes what goes
by.  LOG gets one line for each connection ("connect") and request ("list",
"sign TYPE", "other").  Modes, where MODE=ARGUMENT:

pass             changes nothing
close            closes a connection at once
silent           never answers; silent-sign: not to a request to sign
slow             one octet each 100 ms
garbage          random octets for an answer; garbage-sign
huge             says that 4 GB follow, and sends for ever; huge-sign
endless          a list of the longest answer that never comes to an end
count            a list that says it has 4294967295 keys, and has one
cut              a list that ends within a key
none             an empty list
many             300 keys of no use before the true ones
refuse           a failure for an answer; refuse-sign; refuse-once
odd              an answer of another type; odd-sign
extra=FILE,...   the blobs of these .pub files before the true ones
junk             a key of an unknown type, and an empty one, before the others
otherkey=FILE    the signature of the key in this .pub file
otherdata        the right key's signature, of other data
sha1             an RSA signature with SHA-1
replay=FILE      keeps its first signature in FILE, and sends what is there
longsig          the right signature with an octet behind it
hold=FILE        signs when FILE is there
deaf             takes no connection: its queue is full
"""

import base64
import os
import socket
import struct
import sys
import threading
import time

FAILURE = 5
LIST, LIST_ANSWER, SIGN, SIGN_ANSWER = 11, 12, 13, 14


def string(data):
    return struct.pack(">I", len(data)) + data


def take(data):
    """The string at the start of data, and what is behind it."""
    length = struct.unpack(">I", data[:4])[0]
    return data[4 : 4 + length], data[4 + length :]


def blob_of(path):
    with open(path) as file:
        return base64.b64decode(file.read().split()[1])


def exactly(connection, length):
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def message(connection):
    return exactly(connection, struct.unpack(">I", exactly(connection, 4))[0])


def prepend(answer, blobs):
    """The list with these blobs before what it has."""
    count = struct.unpack(">I", answer[1:5])[0]
    more = b"".join(string(blob) + string(b"") for blob in blobs)
    head = struct.pack(">BI", LIST_ANSWER, count + len(blobs))
    return head + more + answer[5:]


class Agent:
    def __init__(self, log, mode, upstream):
        self.log = open(log, "a", buffering=1)
        self.mode, _, self.argument = mode.partition("=")
        self.upstream = upstream

    def ask(self, request):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.upstream)
            connection.sendall(string(request))
            return message(connection)

    def list_changed(self, request):
        answer = self.ask(request)
        if self.mode == "extra":
            blobs = [blob_of(path) for path in self.argument.split(",")]
            return prepend(answer, blobs)
        if self.mode == "junk":
            odd = string(b"ssh-unheard-of@good.example") + os.urandom(40)
            return prepend(answer, [odd, b"", os.urandom(9)])
        if self.mode == "many":
            useless = string(b"ssh-ed25519")
            return prepend(
                answer,
                [useless + string(os.urandom(32)) for _ in range(300)],
            )
        if self.mode == "none":
            return struct.pack(">BI", LIST_ANSWER, 0)
        if self.mode == "count":
            return answer[:1] + b"\xff" * 4 + answer[5:]
        if self.mode == "cut":
            return answer[:-7]
        return answer

    def sign_changed(self, request):
        blob, rest = take(request[1:])
        data, flags = take(rest)
        if self.mode == "otherkey":
            blob = blob_of(self.argument)
        elif self.mode == "otherdata":
            data = data[:-1] + bytes([data[-1] ^ 1])
        elif self.mode == "sha1":
            flags = bytes(4)
        elif self.mode == "hold":
            while not os.path.exists(self.argument):
                time.sleep(0.01)
        elif self.mode == "replay" and os.path.exists(self.argument):
            with open(self.argument, "rb") as file:
                return file.read()
        answer = self.ask(bytes([SIGN]) + string(blob) + string(data) + flags)
        if self.mode == "replay":
            with open(self.argument, "wb") as file:
                file.write(answer)
        if self.mode == "longsig":
            answer = bytes([SIGN_ANSWER]) + string(take(answer[1:])[0] + b"x")
        return answer

    def note(self, request):
        if request[0] == SIGN:
            kind = take(take(request[1:])[0])[0].decode("ascii", "replace")
            self.log.write(f"sign {kind}\n")
        else:
            self.log.write("list\n" if request[0] == LIST else "other\n")

    def misbehave(self, connection, is_sign):
        """Do what the mode says instead of an answer, if it says so."""
        if self.mode == "refuse-once":
            self.mode = "pass"
            connection.sendall(string(bytes([FAILURE])))
            return True
        mode, _, when = self.mode.partition("-")
        if (when == "sign") != is_sign:
            return False
        if mode == "silent":
            time.sleep(3600)
        elif mode == "garbage":
            connection.sendall(os.urandom(4096))
        elif mode == "refuse":
            connection.sendall(string(bytes([FAILURE])))
        elif mode == "odd":
            connection.sendall(string(b"\x06"))
        elif mode == "huge":
            connection.sendall(b"\xff\xff\xff\xff")
            while True:
                connection.sendall(bytes(65536))
        elif mode == "endless":
            head = struct.pack(">BI", LIST_ANSWER, 2**31)
            connection.sendall(struct.pack(">I", 262144) + head)
            for _ in range(1000):
                connection.sendall(string(b"x") + string(b""))
                time.sleep(0.02)
        else:
            return False
        return True

    def serve(self, connection):
        while True:
            request = message(connection)
            self.note(request)
            is_sign = request[0] == SIGN
            if self.misbehave(connection, is_sign):
                continue
            if is_sign:
                answer = self.sign_changed(request)
            elif request[0] == LIST:
                answer = self.list_changed(request)
            else:
                answer = self.ask(request)
            answer = string(answer)
            while self.mode == "slow" and answer:
                connection.sendall(answer[:1])
                answer = answer[1:]
                time.sleep(0.1)
            connection.sendall(answer)

    def run(self, connection):
        self.log.write("connect\n")
        with connection:
            try:
                if self.mode != "close":
                    self.serve(connection)
            except (EOFError, OSError):
                pass


def main():
    path, log, mode = sys.argv[1:4]
    agent = Agent(log, mode, sys.argv[4] if len(sys.argv) > 4 else None)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    os.chmod(path + ".new", 0o600)
    listener.listen(0 if mode == "deaf" else 64)
    if mode == "deaf":
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(path + ".new")
    os.rename(path + ".new", path)
    while mode == "deaf":
        time.sleep(3600)
    while True:
        connection, _ = listener.accept()
        threading.Thread(
            target=agent.run, args=(connection,), daemon=True
        ).start()


main()
