"""Runs the suite as `thunderoci check` does: pytest in a child process that nothing of the user's pytest reaches."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from conformance.errors import ChildDied, UserError, tell
from conformance.packages import demand_packages
from conformance.settings import Settings
from conformance.targets import endpoints

_HERE = Path(__file__).parent
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Until the suite handles signals itself there is nothing to clean up, so they end the child without a word. It is
# started with the signals blocked, so that none comes before it can do so.
_CHILD = f"""
import os, signal
for number in {[int(number) for number in _SIGNALS]}:
    signal.signal(number, lambda *_: os._exit(130))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
import json, sys
sys.path[:] = json.loads(sys.argv.pop(1))
import pytest
sys.exit(pytest.main())
"""
_PYTEST = (
    *("-c", str(_HERE / "check.ini"), "--rootdir", str(_HERE), "--noconftest"),
    *("-s", "--assert=plain", "-p", "pytest_twisted", "-p", "conformance.plugin"),
    *(
        word
        for plugin in ("terminal", "cacheprovider", "logging", "doctest", "junitxml")
        for word in ("-p", f"no:{plugin}")
    ),
)
_USAGE, _INTERRUPTED = 2, 130
_PYTESTS_USAGE = 4
"""What pytest exits with when it refuses the value of an option."""


def run(settings: Settings) -> int:
    """Test the targets of ``settings``, write to standard output and standard error, and return the exit status.

    The status is 0 conformant, 1 not, 2 usage, 3 no verdict, 130 interrupted.
    """
    try:
        demand_packages()
        from conformance import bench, preflight  # noqa: PLC0415 - they need the packages

        preflight.check(settings)
        targets = [endpoint.settings for endpoint in endpoints(settings, Path.cwd())]
        for target in targets:
            bench.target_of(target)
        spread = _spread(len(targets), settings)
    except UserError as error:
        tell(error)
        return _USAGE
    return _run([f"--thunder-settings={settings.seeded().to_json()}", *spread])


def _spread(targets: int, settings: Settings) -> list[str]:
    """Return how pytest-xdist shares several targets among processes (see spread.py)."""
    processes = min(targets, settings.jobs or os.cpu_count() or 1)
    return ["-p", "xdist", "-n", str(processes)] if processes > 1 else []


def _run(options: list[str]) -> int:
    """Run pytest in a child and return its exit status."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [
        sys.executable,
        "-P",
        "-c",
        _CHILD,
        json.dumps(sys.path),
        *_PYTEST,
        *options,
        str(_HERE / "test_catalogue.py"),
    ]
    relay = _Relay()
    with relay.listening():
        child = relay.start(command, environment)
        with child:
            status = child.wait()
    if relay.came:
        return _INTERRUPTED
    if status < 0:
        tell(ChildDied(signal=signal.Signals(-status).name))
        return 3
    return _USAGE if status == _PYTESTS_USAGE else status


class _Relay:
    """Passes signals on to a child instead of dying of them, and remembers that one came."""

    def __init__(self) -> None:
        self.came = False
        self._child: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals; outside the main thread, where Python lets nobody take them, leave them alone."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._take) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start the child with the signals blocked, and in a process group of its own: it gets Ctrl-C once, from us."""
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            # pytest does not start without standard error
            complaints = subprocess.DEVNULL if sys.stderr is None else None
            self._child = subprocess.Popen(command, env=environment, process_group=0, stderr=complaints)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if self.came:
            self._pass_on(signal.SIGTERM)
        return self._child

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.came = True
        self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        """Send a signal to the child and to its workers, which are in its process group."""
        if self._child is not None and self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, number)
