"""A request that can't be answered, by a defect of ours, ends its connection: its client would wait for ever."""

import pytest
from hosting import Connection, call, post

from fakedobby.faults import Fault


class Control:
    """A control API whose answer can't be sent."""

    largest = 1000

    async def answer(self, _head, _body):
        return "no answer"


def broken(*_, **__):
    raise RuntimeError("a defect")


def test_an_answer_of_the_control_api_that_cannot_be_sent(caplog):
    connection = Connection()
    connection.factory.control = Control()
    assert connection.send(b"GET /emulator/status HTTP/1.1\r\n\r\n" + post()) == b""
    assert connection.transport.aborted
    assert "answering b'/emulator/status' broke; this is a defect of ours" in caplog.text
    assert "Traceback" in caplog.text
    assert not connection.plugin.calls


@pytest.mark.parametrize("method", ["echo", "wait"])
def test_a_fault_that_breaks(caplog, monkeypatch, method):
    connection = Connection()
    connection.host.emulation.faults.add(Fault.of({"place": "transport", "kind": "drip", "times": "once"}))
    monkeypatch.setattr(connection.channel.wire, "send", broken)
    connection.send(post(call(method)))
    for waiting in connection.plugin.waiting:
        waiting.callback("1")
    assert connection.transport.aborted
    assert caplog.text.count("this is a defect of ours") == 1
