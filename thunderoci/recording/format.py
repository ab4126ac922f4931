"""The format of a recording: JSON lines, each complete in itself (docs/record.md describes them).

Heads of HTTP messages are text in which each character is a byte. Bodies and messages are `body` where they are UTF-8,
else `body64`: the exact bytes come back either way.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

FORMAT = "thunderoci-recording/1"
"""What the header line says of itself."""
CLIENT, BOX = "client", "box"
"""Who says something."""
LOST = "lost"
"""The kind of a line in the place of lines that were lost, since the disk had no room for them."""

Line = dict[str, Any]
"""One line of a recording."""


def written(data: bytes) -> dict[str, str]:
    """Return how a line holds bytes."""
    try:
        return {"body": data.decode()}
    except UnicodeDecodeError:
        return {"body64": b64encode(data).decode()}


def bytes_in(holder: Mapping[str, Any]) -> bytes:
    """Return the bytes that a line, or a part of one, holds; raises KeyError, TypeError or ValueError."""
    if "body64" in holder:
        return b64decode(holder["body64"], validate=True)
    body = holder["body"]
    if not isinstance(body, str):
        raise TypeError(f"a body is text, not {type(body).__name__}")
    return body.encode()
