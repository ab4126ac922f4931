"""Leases: how a run tells later ones whether it lives, and so whose the containers are that a target lists.

Each run keeps a file in the user's state directory, locked while the process lives. The kernel gives the lock back
whatever ends the process, so a file that nobody has locked is a run that is dead. The file shows under its name only
once it is locked, and is asked about by a shared lock: runs that start or look at once do not disturb each other.
"""

import contextlib
import fcntl
import json
import os
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from conformance import names

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_FILE = re.compile(r"([0-9a-f]{8})\.json")
_MOST_BYTES = 64 * 1024


def state_directory(environ: Mapping[str, str]) -> Path | None:
    """Return where leases are kept: under $XDG_STATE_HOME, else ~/.local/state; None for a user without a home."""
    given = environ.get("XDG_STATE_HOME", "")
    if not given.startswith("/"):  # the standard has relative ones ignored
        home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - Path.home raises where there is none
        if not home.startswith("/"):
            return None
        given = f"{home}/.local/state"
    return Path(given) / "thunderoci" / "leases"


@dataclass(frozen=True, slots=True)
class Record:
    """What a lease says of its run; ``here`` tells whether its lock can be trusted on this machine."""

    run: str
    url: str
    pid: int
    started: str
    here: bool


class Lease:
    """The lease of a run that lives; ``note`` says why there is none, and is empty when there is one.

    As a context manager it is closed at the end; what is not ended before counts as dead from then on.
    """

    def __init__(self, path: Path | None, descriptor: int, note: str = "") -> None:
        self.note = note
        self._path = path
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def end(self) -> None:
        """Take the lease away: the run has cleaned up."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.close()

    def close(self) -> None:
        """Give up the lease and leave its file: the run ends, and may have left something behind."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Leases:
    """The leases in ``directory``; without one, or where it cannot be used, there are none and none can be taken."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def take(self, run_id: str, url: str) -> Lease:
        """Return a lease for the run ``run_id`` (8 hex digits) on the target ``url``. Never raises OSError."""
        if self._directory is None:
            return _without("there is no home directory")
        record = {
            "run": run_id,
            "url": _bare(url),
            "pid": os.getpid(),
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": socket.gethostname(),
            "boot": _boot(),
        }
        temporary = self._directory / f".{run_id}.{os.getpid()}"
        descriptor = -1
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(descriptor, json.dumps(record).encode())
            path = temporary.rename(self._path(run_id))
        except OSError as problem:
            if descriptor >= 0:
                os.close(descriptor)
                with contextlib.suppress(OSError):
                    temporary.unlink()
            return _without(f"{self._directory} cannot be used: {problem.strerror}")
        return Lease(path, descriptor)

    def dead(self) -> list[str]:
        """Return the ids of the runs that ended without taking their lease away."""
        return [run for run in self._runs() if self._state(run) == "dead"]

    def alive(self) -> list[str]:
        """Return the ids of the runs that live, those of this process too."""
        return [run for run in self._runs() if self._state(run) == "alive"]

    def record(self, run_id: str) -> Record | None:
        """Return what the lease of a run says, None when there is none or it cannot be read."""
        try:
            descriptor = self._open(run_id)
        except OSError:
            return None
        try:
            return _record(run_id, descriptor)
        finally:
            os.close(descriptor)

    def forget(self, run_id: str) -> None:
        """Take the lease of a dead run away: what it left behind is gone. A lease that is not dead stays."""
        if self._state(run_id) == "dead":
            with contextlib.suppress(OSError):
                self._path(run_id).unlink()

    def tidy(self, url: str, listed_ids: Iterable[str]) -> list[str]:
        """Forget the dead runs on ``url`` that have no container in its list any more, and return their ids."""
        there = {names.run_of(container) for container in listed_ids}
        forgotten = []
        for run in self.dead():
            record = self.record(run)
            if run not in there and record is not None and record.url == _bare(url):
                self.forget(run)
                forgotten.append(run)
        return forgotten

    def _runs(self) -> list[str]:
        """Return the ids of all runs that have a file here."""
        try:
            entries = os.listdir(self._directory) if self._directory else []  # noqa: PTH208 - names are what we need
        except OSError:
            return []
        return sorted(found.group(1) for entry in entries if (found := _FILE.fullmatch(entry)))

    def _state(self, run_id: str) -> str:
        """Return ``alive``, ``dead``, or ``unknown`` when another machine would have to be asked."""
        try:
            descriptor = self._open(run_id)
        except OSError:
            return "unknown"
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            taken_away = os.fstat(descriptor).st_nlink == 0  # by a run that ended well between the opening and the lock
            record = None if taken_away else _record(run_id, descriptor)
        except BlockingIOError:
            return "alive"
        except OSError:
            return "unknown"
        finally:
            os.close(descriptor)
        return "dead" if record is not None and record.here else "unknown"

    def _open(self, run_id: str) -> int:
        """Open the lease of a run for reading; never waits, whatever the file is. Raises OSError."""
        return os.open(self._path(run_id), os.O_RDONLY | os.O_NONBLOCK)

    def _path(self, run_id: str) -> Path:
        if self._directory is None or not _FILE.fullmatch(f"{run_id}.json"):
            raise FileNotFoundError(run_id)
        return self._directory / f"{run_id}.json"


@dataclass(frozen=True, slots=True)
class SortedOut:
    """The suite's containers on a target: ``dead`` can be removed, ``alive`` are another run's; others are named."""

    dead: tuple[str, ...]
    alive: tuple[str, ...]
    unknown: tuple[str, ...]


def sort_out(listed_ids: Iterable[str], own_run: str, leases: Leases) -> SortedOut:
    """Sort the ids that a target lists, leaving out those of the run ``own_run`` and those that are not the suite's."""
    dead, alive = set(leases.dead()), set(leases.alive())
    sorts: dict[str, list[str]] = {"dead": [], "alive": [], "unknown": []}
    for container in sorted(set(listed_ids)):
        run = names.run_of(container)
        if run is None or run == own_run:
            continue
        sorts["alive" if run in alive else "dead" if run in dead else "unknown"].append(container)
    return SortedOut(tuple(sorts["dead"]), tuple(sorts["alive"]), tuple(sorts["unknown"]))


def _without(why: str) -> Lease:
    """Return the lease of a run that goes on without one."""
    note = f"No lease is kept, so what this run leaves behind if it is killed cannot be recognised later: {why}."
    return Lease(None, -1, note)


def _record(run_id: str, descriptor: int) -> Record | None:
    """Read a lease, None when it is no lease of ours."""
    try:
        facts = json.loads(os.pread(descriptor, _MOST_BYTES, 0))
        here = facts["boot"] == _boot() != "" or facts["host"] == socket.gethostname()
        return Record(run_id, str(facts["url"]), int(facts["pid"]), str(facts["started"]), here)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def _boot() -> str:
    """Return what tells this boot of this kernel, whose locks hold in all its containers; empty when nobody says."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _bare(url: str) -> str:
    """Return a URL without its query, which may hold a token."""
    return url.partition("?")[0]


NO_LEASE = Lease(None, -1)
"""What a run has that needs none."""
