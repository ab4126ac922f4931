"""When file descriptors run out, clients are refused, and nothing else happens."""

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
