"""The emulators of one test process, kept for the tests to come."""

from collections.abc import Callable
from typing import Any

from thunderoci.errors import EmulatorFailed
from thunderoci.testing.emulated import PATIENCE
from thunderoci.testing.emulator import Emulator
from thunderoci.testing.errors import ControlFailed, TestingError
from thunderoci.testing.fakedobby import FakeDobby
from thunderoci.testing.options import Options

_MOST = 4
"""How many are kept of each kind; the one that was used the longest ago makes room."""


class Pool:
    """Emulators by their options; each is handed out as new. What could not start is not tried again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type, Options], Any] = {}
        self._failed: dict[tuple[type, Options], EmulatorFailed] = {}

    def emulator(self, options: Options) -> Emulator:
        """Return an emulator of Thunder with these options, as after its start. Raises EmulatorFailed."""
        emulator: Emulator = self._fresh(Emulator, options)
        return emulator

    def daemon(self, options: Options) -> FakeDobby:
        """Return a fake Dobby with what of these options is its business, as after its start. Raises EmulatorFailed."""
        daemon: FakeDobby = self._fresh(FakeDobby, options)
        return daemon

    def close(self) -> None:
        """End all."""
        while self._kept:
            _end(self._kept.popitem()[1])

    def _fresh(self, kind: Callable[[Options], Any], options: Options) -> Any:
        key: Any = (kind, options)
        if key in self._failed:
            raise self._failed[key].with_traceback(None)
        kept = self._kept.pop(key, None)
        if kept is not None and not _reset(kept):
            kept = None
        if kept is None:
            same = [one for one in self._kept if one[0] is kind]
            if len(same) >= _MOST:
                _end(self._kept.pop(same[0]))
            try:
                kept = kind(options)
            except EmulatorFailed as problem:
                self._failed[key] = problem
                raise
            try:
                kept.reset()  # what its own start left in the journal is no business of a test
            except BaseException:
                kept.close()
                raise
        self._kept[key] = kept
        return kept


def _reset(emulator: Any) -> bool:
    """Reset an emulator, or end it when it is not up to that any more; tell which."""
    if emulator.running:
        try:
            emulator.reset(PATIENCE)
        except ControlFailed:
            pass
        except TestingError:
            emulator.program.kill()  # it would not hear that it is to end
        else:
            return True
    emulator.close()
    return False


def _end(emulator: Any) -> None:
    """End an emulator, by force if it does not answer."""
    if emulator.running:
        try:
            emulator.control.do("getHealth", PATIENCE)
        except ControlFailed:
            pass
        except TestingError:
            emulator.program.kill()
    emulator.close()
