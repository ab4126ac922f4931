"""The plugin org.rdk.OCIContainer, one module a generation of its API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from thunderoci.ocicontainer import entservices, rdkservices
from thunderoci.plugin import Plugin
from thunderoci.profiles import Flavour
from thunderoci.quirks import Quirks

if TYPE_CHECKING:  # a plugin makes no I/O of its own, and so loads no D-Bus
    from thunderoci.dobby import DobbyProxy

CALLSIGN = rdkservices.OCIContainer.callsign
GENERATIONS: dict[str, Callable[[DobbyProxy, Flavour, Quirks], Plugin]] = {
    "rdkservices": rdkservices.OCIContainer,
    "entservices": entservices.OCIContainer,
}
"""By the name of the profile."""

__all__ = ["CALLSIGN", "GENERATIONS"]
