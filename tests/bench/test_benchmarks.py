"""The benchmarks' own parts: what they work out, what they read, and what they refuse to count."""

import socketserver
import threading

import pytest

from benchmarks import bars, cli, document, page, table, wrk
from benchmarks.connection import Connection, Frames, HTTPAnswers, WebSocket, frame, http_request
from benchmarks.errors import BadRun, Closed, NotReady, ProgramFailed, WrongAnswer
from benchmarks.figures import Figures, against
from benchmarks.load import always, load
from benchmarks.program import Program, run
from benchmarks.sample import Sample, median, percentile

ANSWER = b'HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{"success":true}'


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


@pytest.mark.parametrize("at", range(len(ANSWER) + 1))
def test_an_answer_may_come_in_two_pieces(at):
    answers = HTTPAnswers()
    for _ in range(2):  # the second is read as the first was
        assert [answers.feed(piece) for piece in (ANSWER[:at], ANSWER[at:]) if piece][-1] == ANSWER


def test_only_200_with_a_length_is_an_answer():
    with pytest.raises(WrongAnswer, match="503"):
        HTTPAnswers().feed(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(WrongAnswer):
        HTTPAnswers().feed(b"HTTP/1.1 200 OK\r\n\r\n")


def server_frame(payload):
    masked = frame(payload)
    head = 2 if len(payload) < 126 else 4
    return bytes([masked[0], masked[1] & 0x7F]) + masked[2:head] + payload


@pytest.mark.parametrize("size", [0, 125, 126, 300])
def test_frames_may_come_in_any_pieces_and_together(size):
    payload = b"x" * size
    raw = server_frame(payload)
    for at in range(len(raw) + 1):
        frames = Frames()
        given = [frames.feed(raw[:at]), frames.feed(raw[at:] + raw), frames.feed(b"")]
        assert [one for one in given if one is not None] == [payload] * 2


def test_a_frame_that_is_no_text_is_no_answer():
    with pytest.raises(WrongAnswer):
        Frames().feed(b"\x88\x00")


WRK = """Running 1s test @ http://127.0.0.1:1/jsonrpc
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.40ms    7.23ms  80.20ms   93.50%
    Req/Sec     2.46k     1.06k    3.76k    60.99%
  Latency Distribution
     50%  330.00us
     75%    1.02ms
     90%    2.00ms
     99%    1.50s
  2977 requests in 1.00s, 0.96MB read
Requests/sec:   2977.12
"""


def test_what_wrk_prints_is_read():
    assert wrk.read(WRK) == Sample(2977, 2977.12, 0.33, 1500.0)


@pytest.mark.parametrize(
    "line", ["  Non-2xx or 3xx responses: 5", "  Socket errors: connect 0, read 3, write 0, timeout 0"]
)
def test_a_run_of_wrk_with_errors_is_none(line):
    with pytest.raises(WrongAnswer, match=line.split()[0]):
        wrk.read(f"{WRK}{line}\n")


class Answering(socketserver.StreamRequestHandler):
    """Gives one answer after the other, then closes."""

    def handle(self):
        for answer in self.server.answers:
            length = None
            while (line := self.rfile.readline().lower()) not in {b"", b"\r\n"}:
                length = int(line.split()[1]) if line.startswith(b"content-length:") else length
            if length is None:
                return
            self.server.asked.append(self.rfile.read(length))
            self.wfile.write(answer)


@pytest.fixture
def answering():
    """Return what makes a server of answers; it keeps what it was asked."""
    servers = []

    def serve(answers):
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering)
        server.answers, server.asked = answers, []
        threading.Thread(target=server.serve_forever, args=[0.01]).start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_load_asks_as_often_as_it_is_told(answering):
    server = answering([ANSWER] * 100)
    sample = load(server.server_address[1], 4, always(b"{}"), count=40)
    assert sample.count == 40
    assert server.asked == [b"{}"] * 40


def test_a_unit_that_was_begun_is_finished_and_counted_once(answering):
    server = answering([ANSWER] * 100)

    def requests(_):
        for _ in range(50):
            yield http_request(b"1"), False
            yield http_request(b"2"), True

    sample = load(server.server_address[1], 1, requests, seconds=0)
    assert (sample.count, server.asked) == (1, [b"1", b"2"])


def test_a_load_stops_at_a_wrong_answer_and_at_an_end(answering):
    bad = ANSWER.replace(b"true", b"none")
    with pytest.raises(WrongAnswer, match="none"):
        load(answering([ANSWER, bad]).server_address[1], 1, always(b"{}"), count=10)
    with pytest.raises(Closed):
        load(answering([ANSWER]).server_address[1], 1, always(b"{}"), count=10)


def test_requests_are_made_for_the_kind_of_connection():
    assert next(always(b"{}", Connection)(0)) == (http_request(b"{}"), True)
    assert next(always(b"{}", WebSocket)(0)) == (b"\x81\x82\0\0\0\0{}", True)


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
