"""The command line of the benchmarks."""

import argparse
import importlib
import resource
import signal
import sys
import time
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import document, machine, page, wrk
from benchmarks.arrangement import ALL
from benchmarks.bars import BARS
from benchmarks.errors import Failure, NoSuchTool, OutOfTime
from benchmarks.figures import Figures
from benchmarks.plan import PARTS, QUICK, Plan
from benchmarks.table import report

DESCRIPTORS = 8192


def main(arguments):
    """Measure, report and compare; return the exit status."""
    options = _parse(arguments)
    try:
        if options.page:
            page.write(document.read(document.BASELINE))
            return 0
        last = document.read(options.compare) if options.compare.exists() or options.named else None
        plan = _plan(options)
        run = measured(plan, quick=options.quick, note=options.note)
        run.write(options.json)
        sys.stdout.write(f"{report(run, last)}\n\nThe run is in {options.json}.\n")
        if options.save:
            run.write(document.BASELINE)
            page.write(document.read(document.BASELINE))  # with its figures as they are written, which are shorter
    except Failure as problem:
        sys.stderr.write(f"bench: {problem}\n")
        return 3
    return _status(run, options)


def _status(run, options):
    if run.broken:
        return 3
    return int(options.strict and any(bar.result(run.figures)[1] is False for bar in BARS))


def measured(plan, *, quick, note):
    """Measure all parts; one that cannot be measured does not keep the others from it."""
    figures, broken = Figures(), {}
    began, load = time.perf_counter(), machine.load()
    with _room_for_connections(), _limited(plan.limit):
        for part in plan.parts:
            try:
                importlib.import_module(f"benchmarks.{part}").measure(plan, figures)
            except OutOfTime as problem:
                broken[part] = str(problem)
                break
            except Failure as problem:
                broken[part] = str(problem)
            except Exception as problem:  # noqa: BLE001 (whatever it is, the figures of other parts are not to be lost)
                traceback.print_exc()
                broken[part] = f"{type(problem).__name__}: {problem}"
    figures.settle()
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "form": "quick" if quick else "full",
        "client": machine.client(plan),
        "rounds": plan.rounds,
        "seconds": round(time.perf_counter() - began, 1),
        "load": [load, machine.load()],
        "machine": machine.described(),
        "note": note,
    }
    return document.Run(figures, about, broken)


@contextmanager
def _room_for_connections():
    """Let us, and what we start, have more open files than a login has."""
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if most == resource.RLIM_INFINITY else min(DESCRIPTORS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(usual, wanted), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


@contextmanager
def _limited(seconds):
    """See to it that the run ends, and ends what it started, also when somebody ends it."""

    def over(*_):
        raise OutOfTime(seconds=seconds)

    def ended(*_):
        sys.exit(128 + signal.SIGTERM)

    before = {number: signal.signal(number, what) for number, what in ((signal.SIGALRM, over), (signal.SIGTERM, ended))}
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, what in before.items():
            signal.signal(number, what)


def _progress(line):
    sys.stderr.write(f"{line}\n")


def _plan(options):
    chosen = dict(QUICK) if options.quick else {"wrk": wrk.available()}
    if options.client is not None:
        chosen["wrk"] = options.client == "wrk"
    if chosen["wrk"] and not wrk.available():
        raise NoSuchTool(tool="wrk", instead="--client own")
    given = {
        "parts": options.only,
        "arrangements": options.on,
        "rounds": options.rounds,
        "connections": options.connections,
        "containers": options.containers,
        "subscribers": options.subscribers,
        "seconds": options.seconds,
        "limit": options.limit,
    }
    chosen |= {name: value for name, value in given.items() if value is not None}
    return Plan(**chosen, progress=_progress)


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="bench", description="How fast the emulator is, beside its floors.")
    parts = ", ".join(f"{name} ({what})" for name, what in PARTS.items())
    parser.add_argument("--quick", action="store_true", help="a look in about a minute: fewer rounds, fewer sizes")
    parser.add_argument("--only", type=_names(PARTS), metavar="PART,...", help=f"parts: {parts}")
    parser.add_argument(
        "--on", type=_names(ALL), metavar="WHAT,...", help=f"what to measure: {', '.join(ALL)} (up,pair)"
    )
    parser.add_argument("--rounds", type=_number, metavar="N", help="rounds whose median counts (5)")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long our own client calls in a round (0.5)")
    parser.add_argument("--connections", type=_numbers, metavar="N,...", help="HTTP connections (1,4,16,64)")
    parser.add_argument("--containers", type=_numbers, metavar="N,...", help="containers that run (0,20,1000)")
    parser.add_argument("--subscribers", type=_numbers, metavar="N,...", help="subscribers of an event (1,200,1000)")
    parser.add_argument("--client", choices=["own", "wrk"], help="who makes plain HTTP calls (wrk when it is there)")
    parser.add_argument("--limit", type=_number, metavar="S", help="seconds after which the run is given up (900)")
    parser.add_argument("--json", type=Path, default=document.LAST, metavar="FILE", help="where the run is written")
    parser.add_argument(
        "--compare", type=Path, metavar="FILE", help="the run to compare with (the one in the repository)"
    )
    parser.add_argument(
        "--save", action="store_true", help="make it the run in the repository, and write docs/performance.md"
    )
    parser.add_argument("--note", default="", help="a sentence about the run, for the page")
    parser.add_argument("--page", action="store_true", help="measure nothing, write docs/performance.md anew")
    parser.add_argument("--strict", action="store_true", help="exit status 1 when a bar does not hold")
    options = parser.parse_args(arguments)
    if options.quick and options.save:
        parser.error("a quick run is not for the repository: leave out --quick or --save")
    options.named = options.compare is not None
    options.compare = options.compare or document.BASELINE
    return options


def _number(text):
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _numbers(text):
    parts = text.split(",")
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers: give some like 1,16")
    return tuple(map(int, parts))


def _names(known):
    def read(text):
        names = tuple(text.split(","))
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return names

    return read
