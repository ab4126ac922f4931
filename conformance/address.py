"""Where a target is: what users type, made into one JSON-RPC URL."""

import re
from ipaddress import IPv6Address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from conformance.errors import BadURL

THUNDER_PORT = 9998
"""The port that is meant when a bare host name is given, as on RDK devices."""

_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
"""What may stand before ``://``, and what it means here: HTTP and WebSocket share Thunder's port and path."""
_JSONRPC = re.compile(r"/jsonrpc(/|$)")
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_PRINTABLE = re.compile(r"[!-~]*")
_ONE_SLASH = re.compile(r"[A-Za-z]+:/(?!/)")


def normalise(text: str) -> str:
    """Return the JSON-RPC URL that ``text`` means: ``host``, ``host:port``, a base URL or a ``.../jsonrpc[/...]`` URL.

    Without a scheme and a port, Thunder's port 9998 is meant; with a scheme, the scheme's own. The query is kept.
    Raises BadURL.
    """
    given = text.strip()
    if _is_ipv6(given):
        given = f"[{given}]"
    schemeless = "://" not in given
    if schemeless and _ONE_SLASH.match(given):
        raise BadURL(url=text, why="one slash is missing behind its colon")
    try:
        parts = urlsplit(f"http://{given}" if schemeless else given)
        port = parts.port
    except ValueError as error:
        raise BadURL(url=text, why=str(error)) from None
    if parts.scheme not in _SCHEMES:
        raise BadURL(url=text, why=f"http, https, ws and wss are understood, not {parts.scheme or 'nothing'}")
    if why := _fault(given, parts):
        raise BadURL(url=text, why=why)
    if port == 0:
        raise BadURL(url=text, why="nobody can listen on port 0")
    netloc = f"{parts.netloc.rstrip(':')}:{THUNDER_PORT}" if schemeless and port is None else parts.netloc
    path = parts.path if _JSONRPC.search(parts.path) else f"{parts.path.rstrip('/')}/jsonrpc"
    return urlunsplit((_SCHEMES[parts.scheme], netloc, path, parts.query, ""))


def _fault(given: str, parts: SplitResult) -> str:
    """Return why a URL is no target's, empty when nothing speaks against it."""
    if not parts.hostname or re.search(r"\s", given):
        return "it names no host"
    if "@" in parts.netloc:
        return "user names and passwords have no place in it (see --token and --header)"
    if "#" in given:
        return "fragments have no place in it"
    if not _PRINTABLE.fullmatch(given):
        return "it has characters that a URL cannot hold"
    if parts.netloc.startswith("["):
        return "" if _is_ipv6(parts.hostname) else "what stands in its brackets is no IPv6 address"
    return "" if _HOST.fullmatch(parts.hostname) else "its host has characters that a host name cannot have"


def _is_ipv6(text: str) -> bool:
    """Tell whether a text is an IPv6 address without brackets."""
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
