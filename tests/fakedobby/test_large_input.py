"""What is large and legal: it costs its size, and nobody else's time (each of these was worse once)."""

import json
from time import process_time

import pytest
from twisted.internet.defer import fail

from bench import Bench, spec
from fakedobby.errors import Refused
from fakedobby.jsontext import LARGEST, indented
from fakedobby.mounts import Mounts
from fakedobby.protocol import ADMIN_INTERFACE, DEBUG_INTERFACE, LARGEST_MESSAGE
from fakedobby.spec import read_spec
from fakedobby.timings import IMMEDIATE
from wire import ask, call, published

GENEROUS = 4.0
"""Seconds of a processor; before, each of these took many times that, or never ended."""


@pytest.fixture
def connection():
    connection = published(timings=IMMEDIATE)
    call(connection, "StartFromSpec", "ssah", "app", spec(console=None), [])
    connection.take()
    return connection


@pytest.fixture(autouse=True)
def in_time():
    before = process_time()
    yield
    assert process_time() - before < GENEROUS


def deep(levels, leaves):
    """A spec whose plugin data is short, and long when it is indented."""
    data = {"list": [1] * leaves}
    for _ in range(levels):
        data = {"a": data}
    return spec(rdkPlugins={"unknown": {"data": data}})


def test_an_answer_that_no_bus_takes_is_a_failure_and_others_are_answered(connection, caplog):
    quarter = "x" * (LARGEST_MESSAGE // 4)
    for number in range(5):
        assert ask(connection, "Annotate", "iss", 734, f"k{number}", quarter) == ("b", [True])
    assert ask(connection, "GetInfo", "i", 734) == ("s", [""])
    assert "larger than a message bus takes" in caplog.text
    assert ask(connection, "List") == ("aias", [[734], ["app"]])


def test_a_spec_that_is_mostly_blanks_when_it_is_indented_is_refused(connection):
    assert ask(connection, "StartFromSpec", "ssah", "deep", deep(180, 100_000), []) == ("i", [-1])
    assert ask(connection, "CreateBundle", "ss", "deep", deep(180, 100_000), interface=DEBUG_INTERFACE) == (
        "b",
        [False],
    )
    assert ask(connection, "StartFromSpec", "ssah", "flat", deep(2, 100_000), []) == ("i", [879])
    with pytest.raises(Refused, match="indentation"):
        indented([[1] * 3_000_000])


def test_a_large_spec_does_not_hold_up_others_for_long(connection):
    text = spec(env=["A=1"] * (LARGEST // 8))
    assert len(text) < LARGEST
    assert ask(connection, "StartFromSpec", "ssah", "large", text, []) == ("i", [879])
    assert ask(connection, "StartFromSpec", "ssah", "larger", text + " " * LARGEST, []) == ("i", [-1])


@pytest.mark.parametrize("doubled", ["a=$a$a; ", 'a="${a}${a}"; ', "export a=$a$a; "])
def test_a_shell_that_doubles_its_variables_runs_until_it_is_stopped(doubled):
    bench = Bench(timings=IMMEDIATE)
    bench.start(text=spec(args=["sh", "-c", "a=xxxxxxxx; " + doubled * 60 + "echo $a"]))
    bench.clock.advance(1000)
    assert bench.ask("GetState", 734) == 2


@pytest.mark.parametrize(
    "script",
    [
        "a=" + "x" * 100_000 + "; echo " + "$a " * 100_000,
        "a=" + "x" * 100_000 + "; echo " + "$a" * 100_000,
        "a=" + "x" * 100_000 + "; " + "".join(f"a{number}=$a; " for number in range(10_000)),
    ],
)
def test_a_shell_with_large_words_and_many_variables(script):
    bench = Bench(timings=IMMEDIATE)
    bench.start(text=spec(args=["sh", "-c", script]))
    assert bench.ask("GetState", 734) == 2


def test_a_word_as_long_as_a_kernel_takes_is_fine():
    bench = Bench(timings=IMMEDIATE)
    bench.start(text=spec(args=["sh", "-c", "a=" + "x" * 100_000 + '; test "$a" && exit 7']))
    bench.clock.advance(0)
    assert bench.take()[-2] == ("StoppedWithStatus", 734, "app", 1792)


def test_a_path_that_no_kernel_takes(tmp_path):
    mounts = Mounts(read_spec(spec()))
    for path in ("/a" * 2048, "/mnt/" + "x" * 10**6):
        with pytest.raises(Refused, match="less than 4096 bytes"):
            mounts.mount(str(tmp_path), path, ["bind"])
        with pytest.raises(Refused, match="less than 4096 bytes"):
            mounts.unmount(path)


def test_many_variables(connection):
    variables = [f"A{number}=1" for number in range(100_000)]
    arguments = ["many", spec(), [], "", "", variables]
    assert ask(connection, "StartFromSpec", "ssahssas", *arguments) == ("i", [879])
    text = ask(connection, "GetOCIConfig", "i", 879, interface=DEBUG_INTERFACE)[1][0]
    assert json.loads(text)["process"]["env"] == variables


@pytest.mark.parametrize("port", ["9" * 5000, "65536", "-1", "٣"])
def test_an_address_with_an_odd_port(connection, port):
    connection.transport = type("Transport", (), {"reactor": None})
    address = f"tcp:host=a,port={port}"
    assert ask(connection, "SetAIDbusAddress", "bs", False, address, interface=ADMIN_INTERFACE) == ("b", [False])


def test_a_defect_while_an_address_is_tried_is_no_silence(connection, monkeypatch, caplog):
    monkeypatch.setattr("fakedobby.administration.connect", lambda *_: fail(RuntimeError("a defect")))
    connection.transport = type("Transport", (), {"reactor": None})
    answer = ask(connection, "SetAIDbusAddress", "bs", False, "unix:path=/x", interface=ADMIN_INTERFACE)
    assert answer == ("b", [False])
    assert "a defect" in caplog.text


def test_the_log_is_short_though_an_argument_is_long(connection, caplog):
    caplog.set_level("INFO")
    ask(connection, "Exec", "iss", 734, "x" * 10**6, "ls")
    ask(connection, "RemoveAnnotation", "is", 734, "x" * 10**6)
    assert max(len(record.getMessage()) for record in caplog.records) < 600


def test_an_answer_that_breaks_blocks_nobody(caplog):
    bench = Bench(timings=IMMEDIATE)

    def broken(_):
        raise RuntimeError("a defect")

    bench.manager.call("List", [], broken)
    assert "a defect" in caplog.text
    assert bench.ask("List") == ([], [])
