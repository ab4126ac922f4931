"""A port that clients come to, the same for all programs that serve them."""

from typing import Any

from twisted.internet.error import CannotListenError

from thunderoci.errors import CannotListen
from thunderoci.limits import BACKLOG


class Listening:
    """An open port; `factory` makes what serves the clients, and ends that with hang_up(). Raises CannotListen."""

    def __init__(self, reactor: Any, host: str, port: int, factory: Any) -> None:
        self._factory = factory
        try:
            self._port = reactor.listenTCP(port, factory, BACKLOG, interface=host)
        except CannotListenError as problem:
            reason = getattr(problem.socketError, "strerror", None) or problem.socketError
            raise CannotListen(port=port, host=host, reason=reason) from None
        self.address = f"{f'[{host}]' if ':' in host else host}:{self._port.getHost().port}"
        self.url = f"http://{self.address}/jsonrpc"
        """Where to send JSON-RPC over HTTP."""
        self.ws = f"ws://{self.address}/jsonrpc"
        """Where to open a WebSocket."""

    async def stop(self) -> None:
        """Stop listening, and end all connections."""
        await self._port.stopListening()
        await self._factory.hang_up()
