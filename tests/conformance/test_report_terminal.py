"""The report on a terminal and in a log."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.report.terminal import Terminal, describe
from made_reports import failure, finding, one_of_each, report, request, result, target, waiver

CLEAR = "\r\x1b[2K"


class Screen(io.StringIO):
    """A terminal without a size."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def written(do, stream=None):
    stream = io.StringIO() if stream is None else stream
    do(Terminal(stream))
    return stream.getvalue()


def test_one_line_a_case_and_more_under_what_is_broken():
    text = written(lambda terminal: [terminal.case(one) for one in (result("listContainers/1"), failure())])
    passed, failed, *more = text.splitlines()
    assert passed.split()[:3] == ["pass", "MUST", "ocicontainer/listContainers/1"]
    assert failed.startswith("fail        MUST   ocicontainer/pauseContainer/3 ")
    assert [line.split()[0] for line in more] == ["broken", "at", "expected", "got", "answer", "again"]
    assert more[4] == '    answer    HTTP 200 OK: {"result":{"success":true}}'


def test_findings_of_one_answer_share_their_evidence():
    lines = list(describe(failure(findings=[finding("a.b"), finding("a.c"), finding("a.d", step=None, curl="")])))
    assert [line.split()[0] for line in lines if line.split()[0] in {"broken", "answer", "again"}] == [
        *("broken", "broken", "answer", "again", "broken"),
    ]


def test_no_answer_a_frame_and_a_quirk_are_told():
    silent = request("x", status=None, error="no answer within 10 s")
    assert "answer    none: no answer within 10 s" in list(describe(failure(steps=[silent])))
    quirk = one_of_each()[3]
    assert list(describe(quirk))[:1] == [
        "quirk     T-silence explains onContainerStopped.payload (MUST) at $.result.success"
    ]
    assert list(describe(quirk))[1].startswith('received  {"jsonrpc":"2.0","method":"c.onContainerStopped"')
    (unneeded,) = describe(result("resumeContainer/1", waiver=waiver()))
    assert unneeded.startswith("waiver    the waiver is not needed")


def test_the_last_line_is_the_verdict_with_its_counts():
    passed = [result(f"listContainers/{number}") for number in range(31)]
    made = target(*passed, seconds=1.25)
    text = written(lambda terminal: terminal.summary(made, 0))
    assert text.splitlines()[-1] == "conformant: 31 passed, 0 failed, 0 skipped in 1.2 s"
    made = target(*one_of_each(), *one_of_each())
    last = written(lambda terminal: terminal.summary(made, 1)).splitlines()[-1]
    assert last == (
        "NOT conformant: 4 passed, 2 failed, 2 skipped, 2 non-strict, 2 known quirks, 2 waived, 2 errors in 4.1 s"
    )


@pytest.mark.parametrize(("code", "word"), [(3, "no verdict: "), (130, "interrupted: "), (2, "no verdict: ")])
def test_what_the_last_line_begins_with(code, word):
    assert written(lambda terminal: terminal.summary(target(result()), code)).splitlines()[-1].startswith(word)


def test_the_tables_of_clause_groups_and_of_times():
    text = written(lambda terminal: terminal.summary(target(*one_of_each()), 1))
    lines = [line.split() for line in text.splitlines()]
    assert ["clause", "group", "pass", "non-strict", "fail", "quirk", "waived", "skipped", "error"] in lines
    assert ["envelope", "-", "1", "-", "-", "-", "-", "-"] in lines
    assert ["all", "2", "1", "1", "1", "1", "1", "1"] in lines
    assert ["listContainers", "12", "0.40", "2.00"] in lines
    assert any(
        line.startswith("ocicontainer/resumeContainer/1: the waiver is not needed") for line in text.splitlines()
    )


def test_no_case_no_summary():
    assert written(lambda terminal: terminal.summary(target(), 3)) == ""


def test_progress_is_one_line_that_goes_away():
    def do(terminal):
        terminal.running("ocicontainer/listContainers/1", 0, 2)
        terminal.running("ocicontainer/listContainers/" + "9" * 100, 1, 2)
        terminal.case(result())
        terminal.header("u", "p")

    first, second, rest = written(do, Screen()).split(CLEAR)[1:4]
    assert first == "\x1b[2m1 of 2  ocicontainer/listContainers/1\x1b[0m"
    assert len(second) == len("\x1b[2m\x1b[0m") + 79
    assert rest.startswith("\x1b[32mpass       \x1b[0m MUST")
    assert rest.endswith("\ntarget u, profile p\n")


def test_a_log_gets_neither_progress_nor_colours():
    def do(terminal):
        terminal.running("x", 0, 1)
        terminal.case(failure())
        terminal.summary(target(failure()), 1)

    assert "\x1b" not in written(do)
    assert "1 of 1" not in written(do)


def test_no_color_leaves_the_progress(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = written(lambda terminal: [terminal.running("x", 0, 1), terminal.case(failure())], Screen())
    assert "\x1b[3" not in text
    assert f"{CLEAR}1 of 1  x" in text


def test_a_dumb_terminal_is_a_log(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    text = written(lambda terminal: [terminal.running("x", 0, 1), terminal.case(failure())], Screen())
    assert "\x1b" not in text


def test_an_answer_can_not_steer_the_terminal():
    evil = "\x1b]0;owned\x07\x9b2J\u202e\r\n"
    made = failure(title=evil, findings=[finding(path=evil, expected=evil, got=evil, curl=evil)])
    made["steps"] = [request("x", answer=evil * 200, reason=evil)]
    text = written(lambda terminal: [terminal.case(made), terminal.summary(target(made, url=evil), 1)])
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r"} & set(text)
    assert "\\x1b]0;owned\\x07\\x9b2J\\u202e\\r\\n" in text
    assert f"... ({200 * 32} characters)" in text


def test_a_terminal_that_knows_few_characters():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Terminal(stream).case(result(title="\u00fc"))
    stream.seek(0)
    assert stream.read().endswith("\\xfc\n")


def test_the_matrix_shows_what_does_not_pass_everywhere():
    here = target(*one_of_each())
    there = target(result("listContainers/1"), result("pauseContainer/3"), profile="entservices", problem="went away")
    text = written(lambda terminal: terminal.matrix(report(here, there)))
    lines = text.splitlines()
    assert lines[0].startswith("[1] http://127.0.0.1:9998/jsonrpc (rdkservices): NOT conformant, 2 passed, 1 failed")
    assert lines[1:3] == [
        "[2] http://127.0.0.1:9998/jsonrpc (entservices): conformant, 2 passed, 0 failed, 0 skipped",
        "    went away",
    ]
    assert lines[3].split() == ["[1]", "[2]"]
    assert ["ocicontainer/pauseContainer/3", "fail", "pass"] in [line.split() for line in lines]
    assert ["ocicontainer/onContainerStopped/2", "quirk", "-"] in [line.split() for line in lines]
    assert not any(line.startswith("ocicontainer/listContainers/1") for line in lines)
    assert lines[-2:] == ["1 of 8 cases pass on all 2 targets", "NOT conformant: 1 of 2 targets are conformant"]


PROGRAM = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), *sys.path]!r}
from conformance.report.terminal import Terminal
from made_reports import result
terminal = Terminal(sys.stdout)
terminal.running("x" * 200, 0, 1)
for _ in range(2000):
    terminal.case(result())
"""


def test_on_a_real_terminal():
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=theirs, stderr=subprocess.PIPE, text=True) as child:
        os.close(theirs)
        begun = os.read(ours, 4096).decode()
        os.close(ours)  # as when the window is closed
        assert child.stderr.read() == ""
    assert begun.startswith(f"{CLEAR}\x1b[2m1 of 1  xx")
    assert child.returncode == 0


def test_nobody_reads_to_the_end():
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == ""
    assert child.returncode == 0
