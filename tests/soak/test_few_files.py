"""When file descriptors run out, clients are refused, and nothing else happens."""

import re
import resource
import socket
from contextlib import ExitStack

from conformance.bundle import write
from watched import until

CALL = {"containerId": "a", "bundlePath": "/nowhere"}


def connect(box):
    return socket.create_connection(("127.0.0.1", box.port), 20)


def is_ended(connection):
    connection.settimeout(20)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_clients_are_refused_while_there_are_too_many(up, tmp_path):
    box = up()
    bundle = str(write(tmp_path))
    files = box.open_files
    box.allow(resource.RLIMIT_NOFILE, 64)
    with ExitStack() as open_ones:
        client = open_ones.enter_context(box.connect())
        assert client.call("listContainers")["result"]["success"] is True
        others = [open_ones.enter_context(connect(box)) for _ in range(100)]
        assert all(map(is_ended, others[40:]))
        assert "refused a client" in box.said()
        # what needs files itself has them
        assert client.call("startContainer", {"containerId": "a", "bundlePath": bundle})["result"]["success"] is True
        assert client.call("stopContainer", {"containerId": "a"})["result"]["success"] is True
        # and nobody runs in a circle
        last = client.control("journal?limit=1")["last"]
        before = box.cpu
        assert client.control(f"journal?since={last + 10}&wait=1")["entries"] == []
        assert box.cpu - before < 0.5
    until(lambda: box.open_files == files)  # not fewer either: see Watched
    assert box.call("listContainers")["result"]["success"] is True
    status, said = box.end()
    assert status == 0
    assert said.count("refused a client") == 1
    assert "takes clients again; " in said
    assert "Traceback" not in said


def test_clients_of_the_bus_leave_what_others_need(up, tmp_path):
    box = up(bus="embedded")
    bundle = str(write(tmp_path))
    path = re.search("unix:path=([^,]*)", box.ready["bus"])[1]
    files = box.open_files
    box.allow(resource.RLIMIT_NOFILE, 64)
    with ExitStack() as open_ones:
        client = open_ones.enter_context(box.connect())
        assert client.call("listContainers")["result"]["success"] is True
        others = [open_ones.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(100)]
        for one in others:
            one.connect(path)
        assert all(map(is_ended, others[64 - files :]))
        assert box.open_files <= 64 - 16
        assert "refused a client of the bus, and refuses all others" in box.said()
        # who calls by HTTP is refused before they take what is left, and those that are there go on
        assert is_ended(open_ones.enter_context(connect(box)))
        assert client.call("startContainer", {"containerId": "a", "bundlePath": bundle})["result"]["success"] is True
        assert client.call("stopContainer", {"containerId": "a"})["result"]["success"] is True
    until(lambda: box.open_files <= files)
    assert box.call("listContainers")["result"]["success"] is True
    status, said = box.end()
    assert (status, said.count("refused a client of the bus"), said.count("refused a client, ")) == (0, 1, 1)
    assert "Traceback" not in said


def test_clients_leave_room_for_those_of_the_bus(up):
    box = up(bus="embedded")
    path = re.search("unix:path=([^,]*)", box.ready["bus"])[1]
    box.allow(resource.RLIMIT_NOFILE, 64)
    with ExitStack() as open_ones:
        others = [open_ones.enter_context(connect(box)) for _ in range(100)]
        assert all(map(is_ended, others[32:]))
        assert box.open_files <= 64 - 32
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(20)
            one.connect(path)
            one.sendall(b"\0AUTH EXTERNAL\r\n")
            assert one.recv(100).startswith((b"DATA", b"OK"))


def test_a_recorder_takes_two_files_for_a_client(up, watch, tmp_path):
    box = up()
    to = ("--upstream", box.ready["url"], "--output", str(tmp_path / "box.jsonl"))
    recorder = watch("record", "--port", "0", *to)
    files = recorder.open_files
    recorder.allow(resource.RLIMIT_NOFILE, 64)
    with ExitStack() as open_ones:
        client = open_ones.enter_context(recorder.connect())
        assert client.call("listContainers")["result"]["success"] is True
        others = [open_ones.enter_context(connect(recorder)) for _ in range(100)]
        assert all(map(is_ended, others[24:]))
        assert recorder.open_files <= 64 - 16
        assert client.call("listContainers")["result"]["success"] is True
    until(lambda: recorder.open_files <= files)
    assert recorder.call("listContainers")["result"]["success"] is True
    status, said = recorder.end()
    assert (status, said.count("refused a client"), said.count("can't be reached")) == (0, 1, 0), said


def test_there_is_no_file_left_at_all(up):
    box = up()
    with box.connect() as client:
        assert client.call("listContainers")["result"]["success"] is True
        box.allow(resource.RLIMIT_NOFILE, box.open_files)
        for _ in range(50):
            with connect(box) as refused:
                assert is_ended(refused)
            assert client.call("listContainers")["result"]["success"] is True
        assert client.call("startContainer", CALL)["error"]["code"] == 1
        box.allow(resource.RLIMIT_NOFILE, None)
        assert box.call("listContainers")["result"]["success"] is True
    status, said = box.end()
    assert (status, "Traceback" in said) == (0, False), said
