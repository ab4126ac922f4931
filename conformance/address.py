"""Where a target is: what users type, made into one JSON-RPC URL."""

import re
from urllib.parse import urlsplit, urlunsplit

from conformance.errors import BadURL

THUNDER_PORT = 9998
"""The port that is meant when a bare host name is given, as on RDK devices."""

_JSONRPC = re.compile(r"/jsonrpc(/|$)")


def normalise(text: str) -> str:
    """Return the JSON-RPC URL that ``text`` means: ``host``, ``host:port``, a base URL or a ``.../jsonrpc[/...]`` URL.

    Without a scheme and a port, Thunder's port 9998 is meant. Raises BadURL.
    """
    given = text.strip()
    schemeless = "://" not in given
    try:
        parts = urlsplit(f"http://{given}" if schemeless else given)
        port = parts.port
    except ValueError as error:
        raise BadURL(url=text, why=str(error)) from None
    if parts.scheme != "http":
        raise BadURL(url=text, why=f"only http is supported, not {parts.scheme}")
    if not parts.hostname or re.search(r"\s", given):
        raise BadURL(url=text, why="it names no host")
    if "@" in parts.netloc or parts.fragment:
        raise BadURL(url=text, why="user names and fragments have no place in it")
    try:
        given.encode("ascii")
    except UnicodeEncodeError:
        raise BadURL(url=text, why="it has characters that a URL cannot hold") from None
    if port == 0:
        raise BadURL(url=text, why="nobody can listen on port 0")
    netloc = f"{parts.netloc.rstrip(':')}:{THUNDER_PORT}" if schemeless and port is None else parts.netloc
    path = parts.path if _JSONRPC.search(parts.path) else f"{parts.path.rstrip('/')}/jsonrpc"
    return urlunsplit(("http", netloc, path, parts.query, ""))
