"""A dbus-daemon that belongs to one program."""

import select
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from fakedobby.busaddress import escape
from fakedobby.errors import BusDidNotStart, BusDoesNotListen, NoDBusDaemon, UserError
from fakedobby.socketfile import claim, remove_stale
from fakedobby.tether import tether

_PATIENCE = 5.0
"""Seconds that a daemon has to end."""
_LISTENS = 10.0
"""Seconds that a daemon has to listen."""

# root may come in too, as it may on the embedded bus
CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="root"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def dbus_daemon() -> str | None:
    """Return where the program dbus-daemon is, None if it is not on PATH."""
    return shutil.which("dbus-daemon")


class PrivateBus:
    """A dbus-daemon of our own that ends with stop(), and with this process at the latest.

    It listens at `path`, or in a directory of its own; clients of the same user (and root) may connect.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, _reactor: Any) -> str:
        """Start the daemon and return its address; waits for the few milliseconds until the daemon listens.

        Raises NoDBusDaemon, PathInUse, CannotListenAt, BusDidNotStart, BusDoesNotListen, and OSError when its directory
        can't be made or the program can't be run.
        """
        program = dbus_daemon()
        if program is None:
            raise NoDBusDaemon
        if self._path is not None:
            claim(self._path)
        self._directory = Path(tempfile.mkdtemp(prefix="thunderoci-"))
        socket = self._path or str(self._directory / "bus")
        configuration = self._directory / "bus.conf"
        configuration.write_text(CONFIGURATION.format(socket=escape(socket)), encoding="utf-8")
        complaints = self._directory / "log"
        with complaints.open("wb") as log:
            self._process = subprocess.Popen(
                [program, f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                process_group=0,  # a Ctrl-C at the terminal is for us; we end the daemon ourselves, and last
                preexec_fn=tether(),  # noqa: PLW1509 (there are no other threads whose locks the child could need)
            )
        address = self._said(program)
        if not address:
            status = self._process.wait(_PATIENCE)
            reason = complaints.read_text(errors="replace").strip() or "it did not say why"
            raise BusDidNotStart(status=status, reason=reason)
        return address

    def _said(self, program: str) -> str:
        """Return the line that the daemon prints when it listens, "" when it ends before."""
        output = self._process.stdout if self._process else None
        if output is None:
            return ""
        if not select.select([output], [], [], _LISTENS)[0]:
            raise BusDoesNotListen(program=program, seconds=f"{_LISTENS:g}")
        return output.readline().decode().strip()

    def stop(self) -> None:
        """End the daemon and remove what it left; returns when that is done."""
        if self._process is not None:
            with self._process:
                self._process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_PATIENCE)
                self._process.kill()  # if it does not listen to us
            if self._path is not None:
                with suppress(UserError):  # somebody else listens there by now
                    remove_stale(self._path)
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
