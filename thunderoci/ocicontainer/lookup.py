"""Which container a containerId means, the same in both generations of the plugin.

Source of the rules: facts/thunder.md D.
"""

from __future__ import annotations

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


async def listed(dobby: DobbyProxy, quirks: Quirks) -> Raw:
    """Return Dobby's containers as listContainers shows them."""
    containers = [
        f'{{"Descriptor":{write_int32(descriptor, quirks)},"Id":{quote(container_id)}}}'
        for descriptor, container_id in await dobby.list_containers()
    ]
    return f"[{','.join(containers)}]"
