"""A scripted plugin host on a real port: prints the port, and a line for each client that left.

The argument is the most bytes that may wait for a client that does not read.
"""

import logging
import sys

from scripted_host import ScriptedHost
from twisted.internet import reactor

from thunderoci.http import ThunderFactory
from thunderoci.limits import Limits


class Host(ScriptedHost):
    """Pushes events when a call asks for them."""

    async def handle(self, request, client, direct=None):
        if request.method.endswith(".push"):
            for number in range(3):
                client.push(b'{"event":%d}' % number)
        if request.method.endswith(".flood"):
            for _ in range(200):
                client.push(b"x" * 100_000)
        return await super().handle(request, client, direct)

    def disconnect(self, client):
        if client in self.clients:
            self.clients.remove(client)
        sys.stdout.write("left\n")
        sys.stdout.flush()


logging.basicConfig(format="%(message)s")
limits = Limits(body=2**20, message=2**20, unread=int(sys.argv[1]))
port = reactor.listenTCP(0, ThunderFactory(Host(), reactor, limits), backlog=1000, interface="127.0.0.1")
sys.stdout.write(f"{port.getHost().port}\n")
sys.stdout.flush()
reactor.run()
