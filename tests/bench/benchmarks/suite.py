"""The conformance suite: how long it takes against an emulator that it starts itself."""

import sys

from benchmarks.program import run

OPTIONS = {"read-only": ("--read-only",), "whole": ()}
LIMIT = 300


def measure(plan, figures):
    """Measure each form once: it is long enough to be steady."""
    for form in plan.suites:
        options = OPTIONS[form]
        plan.progress(f"the conformance suite, {form}")
        # what it finds is not the question here; that it ran to its end is
        seconds, _ = run(sys.executable, "-m", "thunderoci", "check", *options, limit=LIMIT, statuses=(0, 1))
        figures.add(f"suite.{form}", " ".join(("thunderoci check", *options)), "s", seconds)
