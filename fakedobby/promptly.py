"""Writing to a transport in the same turn of the loop."""

from typing import Any


def write_promptly(transport: Any, data: bytes) -> None:
    """Write to a transport of Twisted's: what the system takes at once is sent at once, the rest as by its write().

    Twisted itself sends in the next turn of its loop only, which costs three system calls more and most of a turn.
    Other transports, those of tests, and connections that are ending are written to as ever.
    """
    if not getattr(transport, "connected", False) or not _is_idle(transport):
        transport.write(data)
        return
    try:
        sent = transport.socket.send(data)
    except OSError:  # it takes nothing now, or is lost: the loop will notice, and say so to whoever must know
        sent = 0
    if sent < len(data):
        transport.write(data[sent:])


def _is_idle(transport: Any) -> bool:
    """Tell whether nothing is waiting to be sent, through a socket that is ours alone."""
    return (
        hasattr(transport, "socket")
        and not transport.disconnecting
        and not transport._writeDisconnected  # noqa: SLF001 (Twisted has no question for this and the next one)
        and not transport._tempDataBuffer  # noqa: SLF001
        and not transport.dataBuffer
    )
