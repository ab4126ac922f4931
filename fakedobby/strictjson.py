"""The JSON that is given to the control API, read strictly: what two readers could understand differently is refused.

So there is one member of a name, no number that a double does not hold, and no half of a character (no I/O).
"""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

from fakedobby.errors import BadInput

_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(text: bytes | str, what: str) -> Any:
    """Return the value of a JSON text, as bytes in UTF-8; raises BadInput, which calls the text `what`."""
    try:
        data = text.encode() if isinstance(text, str) else text
        value = _decoder.decode(data.decode())
        if _HALF_PAIR.search(data):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as problem:
        raise _bad(f"{what} is not UTF-8: byte {problem.start} is wrong") from None
    except UnicodeEncodeError:
        raise _bad(f"{what} holds half of a surrogate pair, which is no character") from None
    except RecursionError:
        raise _bad(f"{what} is nested too deep") from None
    except ValueError as problem:
        raise _bad(f"{what} is not JSON: {problem}") from None
    return value


def _bad(problem: str) -> BadInput:
    return BadInput(where="$", problem=problem)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        numbers = Counter(name for name, _ in pairs)
        twice = next(name for name, number in numbers.items() if number > 1)
        raise ValueError(f"the member {twice!r} is there twice")
    return members


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text} is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)
