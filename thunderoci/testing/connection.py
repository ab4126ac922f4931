"""A connection to the emulator that is kept for many requests."""

import http.client
import select
import socket
from collections.abc import Mapping
from typing import NamedTuple


class Answer(NamedTuple):
    """What came back."""

    status: int
    reason: str
    body: bytes


class Connection:
    """Sends requests one after another; raises OSError or http.client.HTTPException when there is no whole answer."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._http = http.client.HTTPConnection(host, port, timeout=timeout)

    def request(
        self,
        verb: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Send a request and return its answer; `timeout` is for this one, in seconds."""
        if self._http.sock is not None and _stale(self._http.sock):
            self._http.close()
        try:
            if self._http.sock is None:
                self._http.connect()
            if timeout is not None:
                self._http.sock.settimeout(timeout)
            self._http.request(verb, path, body, dict(headers or {}))
            response = self._http.getresponse()
            answer = Answer(response.status, response.reason, response.read())
        except BaseException:  # also a Ctrl-C: an answer that is still to come must not be taken for the next one
            self._http.close()
            raise
        if timeout is not None and self._http.sock is not None:
            self._http.sock.settimeout(self._http.timeout)
        return answer

    def close(self) -> None:
        """End the connection; the next request opens one."""
        self._http.close()


def _stale(sock: socket.socket) -> bool:
    """Tell whether the other side ended an idle connection, or sent what nobody asked for: an event."""
    return bool(select.select([sock], [], [], 0)[0])
