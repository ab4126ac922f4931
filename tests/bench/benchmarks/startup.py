"""Start: from exec to the first good answer, beside an interpreter that imports the libraries and ends."""

import os
import sys
import sysconfig
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.arrangement import ALL, LIST, Arrangement
from benchmarks.errors import WrongAnswer
from benchmarks.load import GOOD
from benchmarks.program import run

IMPORTS = "import twisted.web.server, twisted.internet.reactor, txdbus.client"
STATES = {
    "warm": "files in memory",
    "cold": "files out of memory",
}


def key_of(arrangement_name, state):
    return f"start.{arrangement_name}.{state}"


def floor_key(state):
    return f"start-floor.{state}"


def places():
    """Return the folders that Python loads from: the standard library, what is installed, and our own packages."""
    import fakedobby  # noqa: PLC0415 (to be found, not to be used)
    import thunderoci  # noqa: PLC0415

    paths = sysconfig.get_paths()
    found = {Path(paths[name]).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {Path(package.__file__).resolve().parent for package in (thunderoci, fakedobby)}
    return found


def forget(folders):
    """Ask the kernel to drop these folders' files from memory; it keeps what another process has mapped."""
    for folder in folders:
        for path in folder.rglob("*"):
            if not path.is_file():
                continue
            with suppress(OSError), path.open("rb", buffering=0) as file:  # not everything may be read by everybody
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(plan, figures):
    """Measure the floor and each arrangement in turn."""
    folders = places()
    for number in range(plan.rounds):
        for state in plan.starts:
            plan.progress(f"start, round {number + 1} of {plan.rounds}, {STATES[state]}")
            _bring_about(state, folders)
            seconds, _ = run(sys.executable, "-c", IMPORTS)
            figures.add(floor_key(state), f"python -c '{IMPORTS}', {STATES[state]}", "s", seconds)
            for one in plan.arrangements:
                _bring_about(state, folders)
                seconds = first_answer(one)
                what = f"from exec to the first good answer, {STATES[state]}, {ALL[one]}"
                figures.add(key_of(one, state), what, "s", seconds, floor=floor_key(state))


def first_answer(one):
    """Start an arrangement as a user does; return the seconds until a call is answered."""
    with Arrangement(one, leash=False) as emulator:
        answer = emulator.ask(LIST)
        seconds = time.perf_counter() - emulator.began
        if GOOD not in answer:
            raise WrongAnswer(what="the emulator", answer=answer)
        return seconds


def _bring_about(state, folders):
    """Bring the machine into a state."""
    if state == "cold":
        forget(folders)
