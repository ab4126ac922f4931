"""What whoever starts a plugin host can choose about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from thunderoci.control.access import Access
from thunderoci.controller import BOX
from thunderoci.limits import Limits
from thunderoci.plugin import Plugin
from thunderoci.profiles import FLAVOURS, PROFILES, Flavour
from thunderoci.quirks import NONE, Quirks


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults are what an RDK device ships, on a port of its own, without its misbehaviour."""

    profile: str = PROFILES[0]
    flavour: Flavour = FLAVOURS["r4.4.1-rdk"]
    quirks: Quirks = NONE
    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one."""
    dobby_timeout: float = 25.0
    """Seconds that a call to Dobby may take."""
    token: str | None = None
    """What requests must carry, as on a box with a security agent; None asks for nothing."""
    control: Access = field(default_factory=Access)
    """Who may use the control API."""
    limits: Limits = field(default_factory=Limits)
    """What one client may send, and for how long it may be silent."""
    plugins: Sequence[Plugin] = ()
    """Plugins besides org.rdk.OCIContainer."""
    environment: Mapping[str, str] = field(default_factory=lambda: BOX)
    """The environment variables of the box, by name: not those of whoever started us."""
    random: Random = field(default_factory=Random)
    """Chance, for the quirks that depend on it."""
