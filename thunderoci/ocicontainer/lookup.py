"""Which container a containerId means, the same in both generations of the plugin.

Source of the rules: facts/thunder.md D.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from thunderoci.message import write_int32
from thunderoci.quirks import Quirks
from thunderoci.rawjson import Raw, quote

if TYPE_CHECKING:  # a plugin makes no I/O of its own, and so loads no D-Bus
    from thunderoci.dobby import DobbyProxy


async def find(dobby: DobbyProxy, container_id: str) -> int | None:
    """Return the descriptor of the first container with this id or, as text, this descriptor; None without one.

    A negative descriptor is found, and counts as none.
    """
    meant = _descriptor_in(container_id)
    for descriptor, listed_id in await dobby.list_containers():
        if listed_id == container_id or descriptor == meant:
            return descriptor if descriptor >= 0 else None
    return None


def _descriptor_in(text: str) -> int | None:
    """Return the descriptor that a text is, spelt as Thunder spells it; None when it is none."""
    try:
        number = int(text)
    except ValueError:
        return None
    return number if str(number) == text else None


class Listing:
    """Dobby's containers as listContainers shows them, written anew when they have changed."""

    def __init__(self, dobby: DobbyProxy, quirks: Quirks) -> None:
        self._dobby = dobby
        self._quirks = quirks
        self._written_of: Sequence[tuple[int, str]] | None = None
        self._written: Raw = ""

    async def shown(self) -> Raw:
        """Ask Dobby, and return the array."""
        containers = await self._dobby.list_containers()
        if containers is not self._written_of:
            written = [
                f'{{"Descriptor":{write_int32(descriptor, self._quirks)},"Id":{quote(container_id)}}}'
                for descriptor, container_id in containers
            ]
            self._written_of, self._written = containers, f"[{','.join(written)}]"
        return self._written
