"""A run as a JSON document: written, read again, and the baseline that is in the repository."""

import json
from pathlib import Path

from benchmarks.errors import BadRun
from benchmarks.figures import Figures

FORMAT = 1
HERE = Path(__file__).parents[1]
BASELINE = HERE / "baseline.json"
LAST = HERE / "last.json"


class Run:
    """The figures of a run, and how it was made (`about`); `broken` says which parts could not be measured, and why."""

    def __init__(self, figures, about, broken):
        self.figures = figures
        self.about = about
        self.broken = broken

    def write(self, path):
        document = {"format": FORMAT, "about": self.about, "broken": self.broken, "figures": self.figures.dump()}
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path):
    """Return the run in a file; raises BadRun."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise BadRun(path=path, reason=f"its format is {document['format']}, and not {FORMAT}")
        return Run(Figures.load(document["figures"]), document["about"], document["broken"])
    except OSError as problem:
        raise BadRun(path=path, reason=problem.strerror) from None
    except (ValueError, KeyError, TypeError) as problem:
        raise BadRun(path=path, reason=f"{type(problem).__name__}: {problem}") from None
