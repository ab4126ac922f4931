"""Reads from the control API of an emulator that runs elsewhere."""

import http.client
import json
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from fakedobby.operations.document import BASE
from thunderoci.errors import BadURL, NoControl, NoEmulator

_PATIENCE = 10.0
"""Seconds that an answer may take, besides those that it was asked to wait."""


class ControlReader:
    """Asks the emulator of a URL, of which host and port are enough; raises BadURL, NoEmulator and NoControl."""

    def __init__(self, url: str, token: str | None = None) -> None:
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme != "http":
            raise BadURL(url=url)
        self._connection = http.client.HTTPConnection(host, port or http.client.HTTP_PORT)
        self._url = f"http://{f'[{host}]' if ':' in host else host}:{self._connection.port}{BASE}"
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str, wait: float = 0, **query: Any) -> Any:
        """Return what is at a path below the API's; `wait` is how many seconds the emulator may take to have it."""
        if wait:
            query["wait"] = wait
        target = f"{BASE}{path}?{urlencode(query)}" if query else f"{BASE}{path}"
        try:
            # a connection of its own each time: none can have gone stale in the meantime
            self._connection.timeout = wait + _PATIENCE
            self._connection.request("GET", target, headers=self._headers | {"Connection": "close"})
            response = self._connection.getresponse()
            status, body = response.status, response.read()
        except (OSError, http.client.HTTPException, UnicodeError) as problem:
            raise NoEmulator(url=self._url, reason=str(problem) or type(problem).__name__) from None
        finally:
            self._connection.close()
        return self._value(status, body)

    def _value(self, status: int, body: bytes) -> Any:
        try:
            value = json.loads(body)
        except ValueError:
            value = None
        if status == HTTPStatus.OK and value is not None:
            return value
        detail = value.get("detail") if isinstance(value, dict) else None
        reason = detail or f"a Thunder without a control API answers so: status {status}"
        raise NoControl(url=self._url, reason=str(reason).removesuffix("."))
