"""Figures: what was measured in several rounds, and its ratio to the floor that was measured beside it."""

from dataclasses import asdict, dataclass, field

from benchmarks.sample import median


@dataclass
class Figure:
    """One thing that was measured; `value` is the median of its rounds.

    `floor` is the key of the figure that it is compared with, and `ratio` is the figure by its floor: of a rate 1 is as
    fast, of anything else 1 is as long, or as large. `cost` is how many of the floor's units
    one unit of the figure contains: a cycle of two calls has two. `cpus` are microseconds of processor time that our
    processes took for a unit: what else the machine does changes them little.
    """

    key: str
    what: str
    unit: str
    floor: str | None = None
    cost: int = 1
    rounds: list[float] = field(default_factory=list)
    p50s: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    ratio: float | None = None
    note: str = ""

    @property
    def value(self):
        return median(self.rounds)

    @property
    def p50(self):
        return median(self.p50s) if self.p50s else None

    @property
    def p99(self):
        return median(self.p99s) if self.p99s else None

    @property
    def cpu(self):
        return median(self.cpus) if self.cpus else None

    @property
    def higher_is_better(self):
        return self.unit.endswith("/s")


class Figures:
    """All figures of a run, in the order in which they were first measured."""

    def __init__(self, figures=()):
        self._by_key = {figure.key: figure for figure in figures}

    def __iter__(self):
        return iter(self._by_key.values())

    def __len__(self):
        return len(self._by_key)

    def get(self, key):
        return self._by_key.get(key)

    def add(self, key, what, unit, value, *, floor=None, cost=1, note=""):
        """Note the value of one round."""
        figure = self._by_key.setdefault(key, Figure(key, what, unit, floor, cost))
        figure.rounds.append(value)
        figure.note = note or figure.note
        return figure

    def add_sample(self, key, what, sample, *, unit="calls/s", floor=None, cost=1, cpu=None):
        """Note the rate and the times of one round, and the seconds of processor time in all."""
        figure = self.add(key, what, unit, sample.rate, floor=floor, cost=cost)
        figure.p50s.append(sample.p50)
        figure.p99s.append(sample.p99)
        if cpu is not None:
            figure.cpus.append(cpu / sample.count * 1e6)

    def settle(self):
        """Work out the ratios: the median over the rounds that figure and floor have in common."""
        for figure in self:
            floor = self.get(figure.floor) if figure.floor else None
            if floor is not None:
                pairs = zip(figure.rounds, floor.rounds, strict=False)
                figure.ratio = median([value * figure.cost / beside for value, beside in pairs])

    def dump(self):
        """Return the figures as a JSON value."""
        return [_written(figure) for figure in self]

    @classmethod
    def load(cls, written):
        """Make the figures again that `dump` wrote."""
        derived = ("value", "p50", "p99", "cpu")
        return cls(Figure(**{key: value for key, value in one.items() if key not in derived}) for one in written)


def _written(figure):
    derived = {"value": figure.value, "p50": figure.p50, "p99": figure.p99, "cpu": figure.cpu}
    return {key: _rounded(value) for key, value in (asdict(figure) | derived).items()}


def _rounded(value):
    match value:
        case float():
            return float(f"{value:.5g}")
        case list():
            return [_rounded(one) for one in value]
    return value


def against(figure, last):
    """Return how a figure compares with the same one of the last run, above 1 is better; None when it has none.

    What has a floor is compared by its ratio to it, so that another machine makes no difference.
    """
    before = last.get(figure.key) if last is not None else None
    if before is None or before.unit != figure.unit:
        return None
    now, then = (figure.ratio, before.ratio) if figure.ratio and before.ratio else (figure.value, before.value)
    if not now or not then or now < 0 or then < 0:
        return None
    return now / then if figure.higher_is_better else then / now
