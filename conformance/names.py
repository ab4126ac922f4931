"""The ids of the suite's containers, by which nothing else on a box is ever touched: conf-<8 hex run id>-<name>."""

import re
from hashlib import sha256

LONGEST = 64
"""The most characters that an id of ours has."""
_OURS = re.compile(r"conf-([0-9a-f]{8})-.+", re.DOTALL)
_DIGEST = 8


def container_id(run_id: str, name: str) -> str:
    """Return the id of the container ``name`` of the run ``run_id`` (8 hex digits), at most 64 characters long.

    A name that is too long is cut, and told apart from others that begin the same by a digest at its end.
    """
    whole = f"conf-{run_id}-{name}"
    if len(whole) <= LONGEST:
        return whole
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{whole[: LONGEST - _DIGEST - 1]}-{digest}"


def run_of(container: str) -> str | None:
    """Return the id of the run that a container belongs to, None when it is no container of the suite."""
    ours = _OURS.fullmatch(container)
    return ours.group(1) if ours else None
