"""An emulator in a process of its own, for as long as somebody needs it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from thunderoci.errors import EmulatorFailed

# -P: a folder of our name in the user's working directory must not be taken for us
_COMMAND = (sys.executable, "-P", "-m", "thunderoci", "up", "--port", "0", "--progression", "immediate")
_READY = "READY "
_GRACE = 10.0
"""Seconds that the emulator has to end."""


@contextmanager
def running_emulator(profile: str) -> Iterator[str]:
    """Start an emulator of a profile on a free port and give its URL; end it afterwards. Raises EmulatorFailed.

    It takes no part in a Ctrl-C at the terminal, so that whoever uses it can still clean up.
    """
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            (*_COMMAND, "--profile", profile),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )
        with process:
            try:
                line = process.stdout.readline().decode() if process.stdout else ""
                if not line.startswith(_READY):
                    process.wait(_GRACE)
                    complaints.seek(0)
                    reason = complaints.read().decode(errors="replace").strip().removesuffix(".")
                    raise EmulatorFailed(reason=reason or "it said nothing")
                yield json.loads(line.removeprefix(_READY))["url"]
            finally:
                process.terminate()
                try:
                    process.wait(_GRACE)
                except subprocess.TimeoutExpired:
                    process.kill()
        if process.returncode:  # what it says while all goes well (what a real box would do here) is for its own users
            complaints.seek(0)
            sys.stderr.write(complaints.read().decode(errors="replace"))
