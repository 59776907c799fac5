"""
Name servers that are far away: take questions by UDP at port 53 of the given
addresses, and hand them to another port there after a while.

usage: delay.py SECONDS PORT ADDRESS...
"""

import asyncio
import sys


class Question(asyncio.DatagramProtocol):
    """One question to the real server; its answer goes to reply."""

    def __init__(self, question, reply):
        self.question = question
        self.reply = reply

    def connection_made(self, transport):
        self.transport = transport
        transport.sendto(self.question)

    def datagram_received(self, data, _address):
        self.reply(data)
        self.transport.close()


class Server(asyncio.DatagramProtocol):
    """What listens at one of the addresses."""

    def __init__(self, seconds, port, address):
        self.seconds = seconds
        self.there = (address, port)
        self.tasks = set()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, client):
        task = asyncio.ensure_future(self.ask(data, client))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def ask(self, data, client):
        await asyncio.sleep(self.seconds)
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Question(
                data, lambda answer: self.transport.sendto(answer, client)),
            remote_addr=self.there)


async def main(seconds, port, addresses):
    loop = asyncio.get_running_loop()
    for address in addresses:
        await loop.create_datagram_endpoint(
            lambda address=address: Server(seconds, port, address),
            local_addr=(address, 53))
    await asyncio.Event().wait()


asyncio.run(main(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
