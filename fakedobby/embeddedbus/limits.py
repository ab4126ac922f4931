"""How much one connection may ask of the bus."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Settings of a bus; sizes in bytes, times in seconds, the rest are numbers per connection.

    Message and header sizes are those of the D-Bus specification, "Message Format".
    """

    message: int = 128 << 20
    header: int = 64 << 20
    authentication_line: int = 16384
    authentication_failures: int = 6
    authentication_time: float = 30.0
    """From the connection to the call of Hello, at most."""
    outgoing: int = 256 << 20
    """Bytes that wait for a peer to read them; more than one message of full size, or such messages can't be sent."""
    bus_call: int = 1 << 20
    """The body of a call to the bus itself, which turns it into Python objects."""
    names: int = 4096
    match_rules: int = 4096
    match_rule_text: int = 1024
    pending_replies: int = 50_000
    unix_fds: int = 253
    """File descriptors in one message; Linux passes no more at a time (SCM_MAX_FD)."""
