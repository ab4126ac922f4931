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
    poll: float = 0.058
    """Between two looks whether a process has taken its SIGTERM, the look included; ten looks, then SIGKILL."""
    creation_limit: float = 5.5
    """When crun has not made a container by then, it is killed; the same in every progression."""
    freeze: float = 0.010
    """Pausing and resuming."""
    checkpoint: float = 0.020
    """Hibernating one process of a container; nobody measured it, a stand-in answered at once."""
    restore: float = 0.0001
    """Waking up one process of a container."""
    exec: float = 0.020
    """Making a process in a running container."""
    tear_down: float = 0.090
    """From the end of the process to the Stopped signal."""
    leave: float = 0.050
    """From SIGTERM, or the call of Shutdown, to the first stop of a container, or to the end when there is none."""
    name_waits: tuple[float, ...] = (0.2, 0.4, 0.8, 1.6)
    """Between two attempts to get the bus name that somebody else owns (facts/dobby.md 0)."""
    early_name: float = 0.001
    """With the quirk D-early-name: how long each of its two phases lasts."""


IMMEDIATE = Timings(
    create=0,
    deliver_signal=0,
    poll=0,
    freeze=0,
    checkpoint=0,
    restore=0,
    exec=0,
    tear_down=0,
    leave=0,
    name_waits=(0, 0, 0, 0),
    early_name=0,
)

PROGRESSIONS = {"real": Timings(), "immediate": IMMEDIATE, "manual": Timings()}
"""What `--progression` chooses from; manual has the steps of real ones, which wait to be stepped (manualpace.py)."""
