"""What an emulator says about itself in its status (no I/O)."""

from dataclasses import dataclass


@dataclass(slots=True)
class About:
    """Where it is to be reached, and as what it was started; addresses are known when it listens."""

    profile: str
    flavour: str
    url: str = ""
    ws: str = ""
    bus: str = ""
    progression: str | None = None
    """None where the Dobby is not ours."""
