"""A DNS server that answers whatever a World says, over UDP and TCP."""

import socket
import struct
import threading
import traceback

from zones import REFUSED, RR, World, text

UDP_SIZE = 1232
QR, TC, RA, RD, CD, DO = 0x8000, 0x0200, 0x0080, 0x0100, 0x0010, 0x8000


def thread_start(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


class Server:
    """At an address, until the program ends.  world is what it knows, and
    queries what it was asked: a list of (name, type)."""

    def __init__(self, address, port=53):
        self.world, self.queries = None, []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, port))
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((address, port))
        self.tcp.listen(200)
        thread_start(self.serve_udp)
        thread_start(self.serve_tcp)

    def asked(self, kind):
        """How many questions there were for that type."""
        return sum(each == kind for _, each in self.queries)

    def reply(self, query, limit):
        """The octets of the answer, or None for silence."""
        end = 12
        while query[end]:
            end += query[end] + 1
        name = text(query[12:end + 1])
        kind, = struct.unpack(">H", query[end + 1:end + 3])
        self.queries.append((name.lower(), kind))
        result = (REFUSED, [], []) if self.world is None \
            else self.world.answer(name, kind)
        if result == World.SILENCE:
            return None
        if isinstance(result, bytes):
            return query[:2] + result[2:]
        return self.message(query, query[12:end + 5], result, limit)

    @staticmethod
    def message(query, question, result, limit):
        rcode, answer, authority = result
        flags, = struct.unpack(">H", query[2:4])
        flags = QR | RA | flags & (RD | CD) | rcode
        options = RR(b"\0", 41, b"", DO, UDP_SIZE).wire()
        message = query[:2] + struct.pack(">HHHHH", flags, 1, len(answer),
            len(authority), 1) + question \
            + b"".join(record.wire() for record in answer + authority) \
            + options
        if len(message) <= limit:
            return message
        return query[:2] + struct.pack(">HHHHH", flags | TC, 1, 0, 0, 1) \
            + question + options

    def reply_udp(self, query, client):
        try:
            message = self.reply(query, UDP_SIZE)
            if message is not None:
                self.udp.sendto(message, client)
        except Exception:
            traceback.print_exc()

    def serve_udp(self):
        while True:
            query, client = self.udp.recvfrom(65535)
            thread_start(self.reply_udp, query, client)

    def reply_tcp(self, connection):
        with connection:
            try:
                while True:
                    size, = struct.unpack(">H", read_exactly(connection, 2))
                    message = self.reply(read_exactly(connection, size),
                        65535)
                    if message is not None:
                        connection.sendall(struct.pack(">H", len(message))
                            + message)
            except (EOFError, OSError):
                pass

    def serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            thread_start(self.reply_tcp, connection)
