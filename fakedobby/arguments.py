"""What the real daemon makes of the arguments in a message (facts/dobby.md 0).

It reads basic types and arrays of them. A double, a signature or a variant is dropped as if it had not been sent; a
struct, or an array of containers, makes its reading loop for ever.
"""

from typing import Any

from fakedobby.embeddedbus.grammar import complete_types
from fakedobby.quirks import HANG_ON_STRUCT, Provokes

_DROPPED = ("d", "g", "v")
_ENDLESS = ("(", "a(", "a{", "aa")


def understood(signature: str, values: list[Any]) -> tuple[str, list[Any]]:
    """Return the signature and the values that remain when the daemon has read a message.

    Raises Provokes for arguments whose reading never ends.
    """
    if not signature:
        return signature, values
    types = complete_types(signature)
    kept = []
    for type_, value in zip(types, values, strict=True):
        if type_.startswith(_ENDLESS):
            raise Provokes(HANG_ON_STRUCT, f"an argument has the type {type_}")
        if type_ not in _DROPPED:
            kept.append((type_, value))
    return "".join(type_ for type_, _ in kept), [value for _, value in kept]
