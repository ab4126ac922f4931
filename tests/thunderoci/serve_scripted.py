"""A plugin host that echoes on a real port: prints the port, and a line for each client that left."""

import logging
import sys

from hosting import EchoPlugin, Hosted
from twisted.internet import reactor

from thunderoci.limits import Limits
from thunderoci.server import ThunderFactory


class Plugin(EchoPlugin):
    """Pushes events when a call asks for them."""

    def __init__(self):
        super().__init__()
        self.methods |= {"push": self.push, "flood": self.flood}

    async def push(self, call):
        for number in range(3):
            call.client.push(b'{"event":%d}' % number)
        return "0"

    async def flood(self, call):
        for _ in range(200):
            call.client.push(b"x" * 100_000)
        return "0"


def leave(client):
    forget(client)
    sys.stdout.write("left\n")
    sys.stdout.flush()


logging.basicConfig(format="%(message)s")
limits = Limits(message=2**20)
hosted = Hosted(Plugin())
forget, hosted.host.disconnect = hosted.host.disconnect, leave
factory = ThunderFactory(hosted.host, hosted.rest, reactor, limits=limits)
port = reactor.listenTCP(0, factory, backlog=1000, interface="127.0.0.1")
sys.stdout.write(f"{port.getHost().port}\n")
sys.stdout.flush()
reactor.run()
