"""Where and with what it was measured."""

import os
import platform
from importlib import metadata
from pathlib import Path

from benchmarks import wrk

DISTRIBUTIONS = ("Twisted", "txdbus", "dbus-fast")


def described():
    """Return what has to be known of the machine to read a figure."""
    versions = {name: _version(name) for name in DISTRIBUTIONS}
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **versions,
    }


def client(plan):
    """Return by what plain HTTP calls are made."""
    return wrk.version() if plan.wrk else "own client"


def load():
    """Return how many processes wanted to run in the last minute."""
    return round(os.getloadavg()[0], 2)


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _processor():
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()
