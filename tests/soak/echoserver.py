"""A WebSocket server that echoes, made of the host's own port and frames: what protocol suites want to talk to.

It prints the port. Nothing but what is done with a text message is other than in the host.
"""

import logging
import sys

from hosting import EchoPlugin, Hosted
from twisted.internet import reactor

from thunderoci.server import ThunderFactory
from thunderoci.websocket import WebSocketSession
from thunderoci.websocket_frames import text_frame


def echo(session, text, **_):
    session._send(text_frame(text))


WebSocketSession._call = echo
logging.basicConfig(format="%(message)s")
hosted = Hosted(EchoPlugin())
port = reactor.listenTCP(0, ThunderFactory(hosted.host, hosted.rest, reactor), interface="127.0.0.1")
sys.stdout.write(f"{port.getHost().port}\n")
sys.stdout.flush()
reactor.run()
