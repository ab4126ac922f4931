"""`thunderoci compare`: what changed between two runs, and its exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conformance import compare
from conformance.report import json as report_json
from made_reports import failure, finding, report, request, result, target, waiver
from thunderoci.cli import main
from thunderoci.recording.format import FORMAT

OLD = [result("a/1"), result("a/2", "non-strict"), failure("a/3"), result("a/4", "skipped", reason="no bundle")]

RECORDED = (
    {"kind": "header", "format": FORMAT},
    {
        "kind": "exchange",
        "connection": 1,
        "at": 1,
        "seconds": 0,
        "request": {
            "line": "POST /jsonrpc HTTP/1.1",
            "headers": [],
            "body": '{"jsonrpc":"2.0","id":1,"method":"a.1.b"}',
        },
        "answer": {"head": "HTTP/1.1 200 OK\r\n\r\n", "body": '{"jsonrpc":"2.0","id":1,"result":0}'},
    },
)


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command on two reports; return the exit status and what it printed."""

    def do(before, after, *options):
        for name, made in (("a", before), ("b", after)):
            report_json.write(made, tmp_path / f"{name}.json")
        status = main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), *options])
        return status, capsys.readouterr().out

    return do


def kinds(before, after):
    """Return what became of the cases as kind and whether it is worse."""
    (found,) = compare.compare(report(target(*before)), report(target(*after)))
    return {change.id.removeprefix("ocicontainer/"): (change.kind, change.worse) for change in found.changes}


def test_no_difference(run):
    assert run(report(target(*OLD)), report(target(*OLD))) == (0, "no difference\n")


@pytest.mark.parametrize(
    ("before", "after", "kind", "worse"),
    [
        ("pass", "fail", "newly failing", True),
        ("pass", "error", "newly failing", True),
        ("skipped", "fail", "newly failing", True),
        ("waived", "fail", "newly failing", True),
        (None, "fail", "newly failing", True),
        ("fail", "pass", "newly passing", False),
        ("skipped", "pass", "newly passing", False),
        ("pass", "non-strict", "changed verdict", True),
        ("pass", "skipped", "changed verdict", True),
        ("pass", "waived", "changed verdict", False),
        ("fail", "waived", "changed verdict", False),
        ("fail", "skipped", "changed verdict", False),
        ("fail", "error", "changed verdict", True),
        ("known quirk", "non-strict", "changed verdict", False),
        (None, "pass", "appeared", False),
        (None, "skipped", "appeared", False),
        ("pass", None, "gone", True),
        ("skipped", None, "gone", False),
        ("fail", None, "gone", False),
    ],
)
def test_what_became_of_a_case(run, before, after, kind, worse):
    sides = [[result("b/1"), *([result("a/1", verdict)] if verdict else [])] for verdict in (before, after)]
    assert kinds(*sides) == {"a/1": (kind, worse)}
    old, new = (report(target(*side)) for side in sides)
    status, text = run(old, new)
    assert status == 1
    assert text.splitlines()[-1] == f"1 {kind}"
    assert f"{before or '-'} -> {after or '-'}" in text
    assert run(old, new, "--regressions")[0] == worse


def test_another_clause_is_broken(run):
    other = failure("a/1", findings=[finding("x.new")])
    fewer = failure("a/1", findings=[])
    assert kinds([failure("a/1")], [other]) == {"a/1": ("other clauses broken", True)}
    assert kinds([failure("a/1")], [fewer]) == {"a/1": ("other clauses broken", False)}
    assert "breaks x.new" in run(report(target(failure("a/1"))), report(target(other)))[1]


def test_other_texts_are_no_difference():
    after = failure("a/1", seconds=9, title="x", steps=[request("other")], findings=[finding(got="7")])
    assert kinds([failure("a/1")], [after]) == {}


def test_a_waiver_that_ended_is_a_regression():
    before = result("a/1", "waived", waiver=waiver(), findings=[finding()])
    assert kinds([before], [failure("a/1", waiver=waiver())]) == {"a/1": ("newly failing", True)}


def test_targets_by_position_and_by_url(run):
    first, second = target(result("a/1"), url="http://a"), target(failure("a/1"), url="http://b", exit_status=1)
    swapped = report(second, first)
    assert run(report(first, second), swapped)[0] == 1
    assert run(report(first, second), swapped, "--by", "url") == (0, "no difference\n")
    status, text = run(report(first), report(first, second), "--by", "url")
    assert (status, "only the second report has this target" in text) == (1, True)
    assert run(report(first, second), report(first), "--regressions")[0] == 1
    assert run(report(first), report(first, target(result("a/1"))), "--regressions") == (0, "nothing got worse\n")


def test_the_same_url_twice():
    one, two = target(result("a/1"), profile="p"), target(failure("a/1"), profile="q")
    assert [found.changes for found in compare.compare(report(one, two), report(one, two), by="url")] == [[], []]


def test_a_target_that_is_lost(run):
    lost = target(exit_status=3, problem="Nothing can be reached.")
    status, text = run(report(target(*OLD)), report(lost), "--regressions")
    assert status == 1
    assert "problem: none -> Nothing can be reached." in text
    status, text = run(report(target(exit_status=3)), report(lost), "--regressions")
    assert (status, text.splitlines()[1:]) == (1, ["  problem: none -> Nothing can be reached.", "1 target changed"])


def times(p50, p99):
    return {"listContainers": {"count": 9, "p50": p50, "p99": p99}}


def test_latency_is_told_and_changes_nothing(run):
    old, new = (report(target(result(), latencies=times(*pair))) for pair in ((0.001, 0.010), (0.0021, 0.005)))
    status, text = run(old, new)
    assert status == 0
    assert "listContainers p50: 1.00 ms -> 2.10 ms (2.1 times)" in text
    assert "p99" not in text
    assert run(old, new, "--ignore-latency") == (0, "no difference\n")
    assert run(old, new, "--regressions") == (0, "nothing got worse\n")


def test_another_profile_is_noted(run):
    status, text = run(report(target(result())), report(target(result(), profile="entservices")))
    assert (status, "profile: rdkservices -> entservices" in text) == (0, True)


def test_markdown(run):
    evil = "a|b <script>"
    status, text = run(report(target(result("a|b/1"))), report(target(failure("a|b/1", title=evil))), "--markdown")
    assert status == 1
    row = "| newly failing | `ocicontainer/a\\|b/1` | pass → fail | `pauseContainer.refusal` | "
    assert f"{row}a&#124;b &#60;script&#62; |\n" in text
    assert text.endswith("**1 newly failing**\n")


def test_a_report_that_can_not_be_read(tmp_path, capsys):
    assert main(["compare", str(tmp_path / "no"), str(tmp_path / "no")]) == 3
    assert capsys.readouterr().err == f"thunderoci: {tmp_path / 'no'} can't be read: No such file or directory.\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["compare", "diff"])
def test_no_room_for_what_differs(command, unbuffered, tmp_path, monkeypatch):
    """It is no difference, nor none."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    file = tmp_path / "a.jsonl"
    if command == "diff":
        file.write_text("".join(json.dumps(line) + "\n" for line in RECORDED))
    else:
        report_json.write(report(), file)
    no_room = "Standard output can't be written: No space left on device.\n"
    for output, status, said in (("/dev/full", 3, no_room), ("/dev/null", 0, "")):
        with Path(output).open("w") as stdout:
            done = subprocess.run(
                [sys.executable, "-m", "thunderoci", command, str(file), str(file)],
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert (done.returncode, done.stderr) == (status, said)


@pytest.mark.parametrize("arguments", [["a"], ["a", "b", "--by", "name"], ["a", "b", "c"]])
def test_usage(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["compare", *arguments])
    assert ended.value.code == 2
    assert "usage: thunderoci " in capsys.readouterr().err


def test_it_needs_nothing_that_has_to_be_installed(tmp_path):
    report_json.write(report(), tmp_path / "a.json")
    blocked = ["twisted", "txdbus", "jsonschema", "pytest", "hypothesis", "h11", "wsproto"]
    code = f"import sys; sys.modules.update(dict.fromkeys({blocked!r})); from conformance import compare; "
    code += "from conformance.report import badge, html, json, junit, markdown, redact, terminal; "
    code += f"sys.exit(compare.run(*[{str(tmp_path / 'a.json')!r}] * 2))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no difference\n", "")
