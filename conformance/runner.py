"""Runs the suite as `thunderoci check` does: pytest in a child process that nothing of the user's pytest reaches."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from conformance.address import normalise
from conformance.errors import ChildDied, MissingPackages, UserError, tell

_NEEDED = {"pytest": "pytest", "pytest_twisted": "pytest-twisted", "jsonschema": "jsonschema", "twisted": "twisted"}
"""What the suite imports, and what it is called where it is installed from."""
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
    *("-c", str(_HERE / "check.ini"), "--rootdir", str(_HERE), "--noconftest", "--thunder-check"),
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


def run(
    urls: Sequence[str], *, bundle_path: str | os.PathLike[str] = "", select: Sequence[str] = (), timeout: float = 10.0
) -> int:
    """Test each target in turn, write to standard output and standard error, and return the highest exit status.

    ``bundle_path`` is a bundle as the targets see it, ``select`` holds case ids or patterns of them, ``timeout`` is in
    seconds. The status is 0 conformant, 1 not, 2 usage, 3 no verdict, 130 interrupted.
    """
    try:
        _demand_packages()
        targets = [normalise(url) for url in urls]
    except UserError as error:
        tell(error)
        return _USAGE
    options = [f"--thunder-bundle-path={os.fspath(bundle_path)}", f"--thunder-timeout={timeout}"]
    options += [f"--thunder-select={pattern}" for pattern in select]
    highest = 0
    for target in targets:
        highest = max(highest, _run_one([f"--thunder-url={target}", *options]))
        if highest == _INTERRUPTED:
            break
    return highest


def _demand_packages() -> None:
    """Raise MissingPackages when the suite's own dependencies are not there."""
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise MissingPackages(names=" and ".join(missing))


def _run_one(options: list[str]) -> int:
    """Run pytest on one target and return its exit status."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path), *_PYTEST, *options, str(_HERE / "cases")]
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
            self._child = subprocess.Popen(command, env=environment, process_group=0)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if self.came:
            self._child.send_signal(signal.SIGTERM)
        return self._child

    def _take(self, number: int, _frame: FrameType | None) -> None:
        self.came = True
        if self._child is not None:
            self._child.send_signal(number)
