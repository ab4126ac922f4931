"""What the benchmarks work out, write and read."""

import resource
import signal

import pytest

from benchmarks import bars, cli, document, page, startup, suite, table
from benchmarks.errors import BadRun, NotReady, ProgramFailed
from benchmarks.figures import Figures, against
from benchmarks.plan import Plan
from benchmarks.program import Program, run
from benchmarks.sample import Sample, median, percentile


def test_a_percentile_is_one_of_the_values():
    values = list(range(1, 101))
    assert [percentile(values, percent) for percent in (50, 99, 100, 0)] == [50, 99, 100, 1]
    assert percentile([7], 99) == 7


def test_the_median_of_an_even_number_is_between_the_two_in_the_middle():
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5


def test_a_sample_has_its_rate_and_milliseconds():
    assert Sample.of([0.001] * 98 + [0.5] * 2, 2) == Sample(100, 50.0, 1.0, 500.0)


def some(figure, floor, *, unit="calls/s", cost=1):
    figures = Figures()
    for value, beside in zip(figure, floor, strict=True):
        figures.add("floor", "the floor", unit, beside)
        figures.add("figure", "the figure", unit, value, floor="floor", cost=cost)
    figures.settle()
    return figures


def test_a_ratio_is_the_median_of_what_was_measured_side_by_side():
    # the machine was ten times as slow in the second round, which the ratio does not see
    assert some([50, 5, 60], [100, 10, 100]).get("figure").ratio == 0.5
    assert some([50, 5, 60], [100, 10, 100]).get("figure").value == 50


def test_a_cycle_counts_for_the_calls_that_it_is_made_of():
    assert some([25], [100], cost=2).get("figure").ratio == 0.5


@pytest.mark.parametrize(
    ("now", "last", "unit", "better"),
    [
        (([60], [100]), ([50], [100]), "calls/s", 1.2),
        (([120], [200]), ([50], [100]), "calls/s", 1.2),  # another machine, twice as fast
        (([2.0], [1.0]), ([1.5], [1.0]), "s", 0.75),
    ],
)
def test_runs_are_compared_by_their_ratios_to_the_floor(now, last, unit, better):
    now, last = some(*now, unit=unit), some(*last, unit=unit)
    assert against(now.get("figure"), last) == pytest.approx(better)


def test_what_has_no_floor_is_compared_as_it_is():
    now, last = some([1], [50], unit="MiB"), some([1], [60], unit="MiB")
    assert against(now.get("floor"), last) == pytest.approx(1.2)
    assert against(now.get("floor"), Figures()) is None


def a_run(figures):
    about = {
        "date": "2026-01-02",
        "client": "own client",
        "rounds": 5,
        "seconds": 600.0,
        "load": [0.1, 2.0],
        "machine": {"cores": 2, "dbus-fast": None},
        "note": "",
    }
    return document.Run(figures, about, {"suite": "It did not start."})


def test_a_run_is_the_same_when_it_was_written_and_read(tmp_path):
    figures = some([1 / 3, 2, 3], [3, 3, 3])
    figures.add_sample("call", "a call", Sample(10, 5.0, 1.0, 2.0), floor="floor", cpu=0.002)
    one = a_run(figures)
    one.write(tmp_path / "run.json")
    again = document.read(tmp_path / "run.json")
    assert (again.about, again.broken) == (one.about, one.broken)
    assert again.figures.dump() == one.figures.dump()
    assert again.figures.get("call").cpu == pytest.approx(200)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 0}', '{"format": 1, "figures": [{"key": 1}]}'])
def test_what_is_no_run_is_refused(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(BadRun):
        document.read(path)


def test_bars_hold_do_not_hold_or_were_not_measured():
    figures = Figures()
    figures.add("events.up.200", "", "ms", 12.0)
    figures.add("memory.up.0", "", "MiB", 61.0)
    figures.add("state.up.1.c1", "", "calls/s", 1000.0)
    figures.add("state.up.1000.c1", "", "calls/s", 400.0)
    said = {sentence: (measured, word) for sentence, measured, word in table.bar_rows(a_run(figures))}
    assert said["200 subscribers have an event within 12 ms"] == ("12", "holds")
    assert said["at most 60 MiB after the start"] == ("61", "does not hold")
    assert said["1,000 subscribers have an event within 60 ms"] == ("", "not measured")
    many = next(sentence for sentence in said if sentence.startswith("getContainerState"))
    assert said[many] == ("2.5", "holds")


def test_bars_that_are_a_least_are_no_most():
    bar = next(bar for bar in bars.BARS if "1 connection:" in bar.sentence)
    fast, slow = Figures(), Figures()
    fast.add("list.up.0.c1", "", "calls/s", 1.0).ratio = 0.5
    slow.add("list.up.0.c1", "", "calls/s", 1.0).ratio = 0.49
    assert (bar.result(fast), bar.result(slow)) == ((0.5, True), (0.49, False))


def test_the_report_has_figures_bars_and_what_is_missing():
    text = table.report(a_run(some([50], [100])), a_run(some([40], [100])))
    assert "to last run" in text
    assert [line.split() for line in text.splitlines() if line.startswith("the figure")] == [
        ["the", "figure", "50", "calls/s", "0.5", "1.25"]
    ]
    assert "suite could not be measured: It did not start." in text


def test_the_page_is_that_of_the_run_in_the_repository():
    text = page.PAGE.read_text(encoding="utf-8")
    message = "docs/performance.md is not from tests/bench/baseline.json: run python tests/bench --page"
    assert page.current(text, document.read(document.BASELINE)) == text, message


def test_a_page_without_the_place_for_it_is_refused():
    with pytest.raises(BadRun, match="has no lines"):
        page.current("# Performance\n", a_run(Figures()))


def test_a_part_that_breaks_does_not_take_the_others_with_it(monkeypatch, tmp_path, capsys):
    def broken(_, figures):
        figures.add("half", "what was measured before", "s", 1.0)
        raise ValueError("odd")

    def whole(_, figures):
        figures.add("whole", "what was measured after", "s", 2.0)

    monkeypatch.setattr(startup, "measure", broken)
    monkeypatch.setattr(suite, "measure", whole)
    out = tmp_path / "run.json"
    assert cli.main(["--only", "startup,suite", "--client", "own", "--json", str(out)]) == 3
    run_ = document.read(out)
    assert run_.broken == {"startup": "ValueError: odd"}
    assert [figure.key for figure in run_.figures] == ["half", "whole"]
    assert "startup could not be measured: ValueError: odd" in capsys.readouterr().out


def test_a_run_has_a_limit_and_leaves_the_process_as_it_was(monkeypatch):
    def for_ever(_, figures):
        figures.add("half", "", "s", 1.0)
        signal.pause()

    monkeypatch.setattr(suite, "measure", for_ever)
    before = [
        signal.getsignal(signal.SIGALRM),
        signal.getsignal(signal.SIGTERM),
        resource.getrlimit(resource.RLIMIT_NOFILE),
    ]
    run_ = cli.measured(Plan(parts=("suite", "calls"), limit=0.05, wrk=False), quick=True, note="")
    assert list(run_.broken) == ["suite"]
    assert "took more than 0.05 s" in run_.broken["suite"]
    assert len(run_.figures) == 1
    assert [signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGTERM)] == before[:2]
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before[2]


def test_programs_that_fail_say_so():
    with pytest.raises(NotReady, match="is missing"):
        Program("sh", "-c", "echo it is missing >&2")
    with pytest.raises(ProgramFailed, match=r"status 3: no$"):
        run("sh", "-c", "echo no >&2; exit 3")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "calls,speed"], "'speed' is none of calls,"),
        (["--on", "box"], "'box' is none of up, pair, embedded"),
        (["--connections", "1,x"], "'1,x' is no list of numbers"),
        (["--rounds", "0"], "'0' is no number above 0"),
        (["--quick", "--save"], "a quick run is not for the repository"),
    ],
)
def test_bad_usage_says_what_is_wrong(arguments, said, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert said in capsys.readouterr().err


def test_a_run_to_compare_with_that_is_not_there_is_refused_before_anything_is_measured(tmp_path, capsys):
    assert cli.main(["--compare", str(tmp_path / "none.json")]) == 3
    assert "none.json is no run of these benchmarks: No such file" in capsys.readouterr().err
