"""What the tests of faults do with curl and the D-Bus tools."""

import json
import os
import shutil
import subprocess

import pytest

SPEC = {
    "version": "1.0",
    "cwd": "/",
    "args": ["sleep", "86400"],
    "user": {"uid": 1000, "gid": 1000},
    "memLimit": 41943040,
}
CALLSIGN = "org.rdk.OCIContainer"
NO_REPLY = "Message recipient disconnected from message bus without replying"
"""What a message bus says of a call whose receiver has gone."""
OBJECT = ("org.rdk.dobby", "/org/rdk/dobby", "org.rdk.dobby.ctrl1")


def run(*command, **options):
    """Run a command to its end; return exit status, standard output and standard error."""
    needs(command[0])
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)
    return done.returncode, done.stdout, done.stderr


def needs(tool):
    if shutil.which(tool) is None:
        # a developer may do without a tool; what CI would not have checked must not look as if it had
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{tool} is not installed")


def message(method, params=None, number=1):
    """Return a call; a method with a dot in it is a whole designator."""
    designator = method if "." in method else f"{CALLSIGN}.1.{method}"
    return {"jsonrpc": "2.0", "id": number, "method": designator} | ({} if params is None else {"params": params})


class Curled:
    """What curl says of a call."""

    def __init__(self, status, output, errors):
        self.status, self.errors = status, errors
        self.body, _, self.figures = output.rpartition("\n")

    @property
    def code(self):
        """The status of HTTP."""
        return int(self.figures.split()[0])

    @property
    def seconds(self):
        return float(self.figures.split()[1])

    @property
    def result(self):
        return json.loads(self.body)["result"]

    @property
    def error(self):
        return json.loads(self.body)["error"]


def curl(emulator, method, params=None, *options):
    """Call a method with curl."""
    call = json.dumps(message(method, params))
    figures = ("-w", "\n%{http_code} %{time_total}")
    return Curled(*run("curl", "-sS", "--max-time", "30", *figures, *options, "-d", call, emulator.ready["url"]))


def begin(emulator, name="x", **changes):
    """Start a container with curl."""
    return curl(emulator, "startContainerFromDobbySpec", {"containerId": name, "dobbySpec": SPEC | changes})


def busctl(emulator, *arguments, options=()):
    """Call Dobby with busctl; return exit status, standard output and standard error."""
    return run("busctl", f"--address={emulator.ready['bus']}", *options, "call", *OBJECT, *arguments)


_SIGNALS = "type='signal',path='/org/rdk/dobby'"


class Monitor:
    """dbus-monitor, which shows the signals of Dobby."""

    def __init__(self, emulator):
        needs("dbus-monitor")
        self._process = subprocess.Popen(
            # a signal that never comes ends the test, and not the patience of all
            ["timeout", "30", "dbus-monitor", "--address", emulator.ready["bus"], _SIGNALS],
            stdout=subprocess.PIPE,
            text=True,
        )
        # it loses its own name when it begins to watch
        assert any("member=NameLost" in line for line in self._process.stdout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self._process:
            self._process.terminate()

    def until(self, is_last):
        """Return the signals up to one: member, descriptor, container id, and a status if there is one."""
        heard = []
        for line in self._process.stdout:
            if line.startswith("signal "):
                heard.append([line.rpartition("member=")[2].strip()])
            elif line.startswith("   ") and heard:
                heard[-1].append(json.loads(line.split(maxsplit=1)[1]))
                if self._whole(heard[-1]) and is_last(heard[-1]):
                    return [tuple(one) for one in heard if one != ["Ready"]]
        raise AssertionError(heard)

    @staticmethod
    def _whole(signal):
        return len(signal) == (4 if signal[0] == "StoppedWithStatus" else 3)

    def until_member(self, member, container=None):
        return self.until(lambda one: one[0] == member and container in {None, one[2]})

    def until_end_of(self, container):
        return self.until_member("Stopped", container)
