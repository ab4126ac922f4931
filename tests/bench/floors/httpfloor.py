"""The floor of an HTTP call: a bare twisted.web resource that reads JSON and answers JSON with the same id."""

import json
import os
import sys
import threading

from twisted.internet import reactor
from twisted.web.resource import Resource
from twisted.web.server import Site


class Echo(Resource):
    isLeaf = True

    def render_POST(self, request):  # noqa: N802 (twisted.web's name)
        call = json.loads(request.content.read())
        request.setHeader(b"content-type", b"application/json")
        return json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": {"success": True}}).encode()


def leash():
    """End when whoever started us is gone."""
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=leash, daemon=True).start()
port = reactor.listenTCP(0, Site(Echo()), interface="127.0.0.1")
sys.stdout.write(f"{port.getHost().port}\n")
sys.stdout.flush()
reactor.run()
