"""Emulators for tests, with any test framework or none; the pytest plugin's fixtures are made of these.

Nothing here starts a reactor or a thread in the process that imports it.
"""

from thunderoci.errors import EmulatorFailed
from thunderoci.testing.bundle import bundle
from thunderoci.testing.connection import Answer
from thunderoci.testing.control import Control
from thunderoci.testing.emulator import Emulator
from thunderoci.testing.errors import (
    BadCall,
    BadOption,
    BusFailed,
    Closed,
    ControlFailed,
    DobbyError,
    NoAnswer,
    NoEvent,
    NotControl,
    NotJSON,
    NotRegistered,
    NotStarted,
    TestingError,
    ThunderError,
    UnknownOption,
)
from thunderoci.testing.events import Event, Events
from thunderoci.testing.fakedobby import FakeDobby
from thunderoci.testing.options import Options
from thunderoci.testing.thunder import CALLSIGN, Thunder

__all__ = [
    "CALLSIGN",
    "Answer",
    "BadCall",
    "BadOption",
    "BusFailed",
    "Closed",
    "Control",
    "ControlFailed",
    "DobbyError",
    "Emulator",
    "EmulatorFailed",
    "Event",
    "Events",
    "FakeDobby",
    "NoAnswer",
    "NoEvent",
    "NotControl",
    "NotJSON",
    "NotRegistered",
    "NotStarted",
    "Options",
    "TestingError",
    "Thunder",
    "ThunderError",
    "UnknownOption",
    "bundle",
]
