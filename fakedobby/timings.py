"""How long the real daemon takes, as settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds that each step of a container's life takes.

    The defaults are the middle of what was observed on the real daemon (facts/dobby.md 2); IMMEDIATE is all zeros.
    """

    create: float = 0.080
    """From the call of Start... to the Started signal."""
    deliver_signal: float = 0.008
    """From the call of Stop to the moment that the process has its signal."""
    poll: float = 0.050
    """Between two looks whether a process has taken its SIGTERM; ten looks, then SIGKILL."""
    freeze: float = 0.010
    """Pausing and resuming."""
    exec: float = 0.020
    """Making a process in a running container."""
    tear_down: float = 0.090
    """From the end of the process to the Stopped signal."""


IMMEDIATE = Timings(create=0, deliver_signal=0, poll=0, freeze=0, exec=0, tear_down=0)

PROGRESSIONS = {"real": Timings(), "immediate": IMMEDIATE}
"""What `--progression` chooses from."""
