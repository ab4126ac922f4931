"""How one Thunder reads JSON, which depends on its version and on the quirks that are on.

Source of the rules: facts/thunder.md A.4, D.1 and D.2.
"""

from enum import Enum, auto
from typing import NamedTuple


class TextNull(Enum):
    """What becomes of the text "null"."""

    TEXT = auto()
    """It is a text as any other."""
    ABSENT = auto()
    """A text as any other, but an option with it counts as not given."""
    NULL = auto()
    """The parser takes it for null, though not in every respect."""


class Dialect(NamedTuple):
    """What one Thunder's parser does where others do something else."""

    takes_raw_utf8: bool = True
    """Whether a string may hold bytes from 0x80 upwards."""
    any_quote_counts: bool = False
    """Whether an escaped quote begins or ends a string, too, inside a value of a message that is passed on unread."""
    text_null: TextNull = TextNull.TEXT
    wraps_ids: bool = True
    """Whether an id of more than 32 bits loses its upper ones; else the message is refused."""


SANE = Dialect()
"""No flavour's in particular, but what they all come to when no quirk is on."""
