"""The time of day of the machine jumps, as when somebody sets it: nobody who measures time may notice."""

import os
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crowd import SPEC
from watched import until

JUMPS = (-3600.0, 7200.0, *((0.0, 86_400.0, -86_400.0) if os.environ.get("SOAK") == "long" else ()))
"""By how many seconds the time of day is wrong."""
LATE = {"place": "dobby", "kind": "delay", "method": "List*", "seconds": 0.5}


@pytest.fixture
def jump(monkeypatch, tmp_path):
    """Let programs that are started from now on have a time of day that is wrong by as much as is said."""
    file = tmp_path / "shift"
    file.write_bytes(struct.pack("d", 0))
    folders = (str(Path(__file__).with_name("shiftedclock")), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("CLOCK_SHIFT", str(file))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, folders)))

    def by(seconds):
        with file.open("r+b") as stream:
            stream.write(struct.pack("d", seconds))

    return by


def emulated_seconds(box):
    return box.control("GET", "clock")["seconds"]


def held(box, begun, clock):
    """Whether the emulator's time has gone on as time does."""
    return 0 <= emulated_seconds(box) - clock <= time.monotonic() - begun + 1


def struck(box):
    """How many calls were delayed so far."""
    return box.control("GET", "faults")["faults"][0]["struck"]


def start_and_stop(client, name):
    """Start a container and stop it; tell whether both went well."""
    started = client.call("startContainerFromDobbySpec", {"containerId": name, "dobbySpec": SPEC})
    stopped = client.call("stopContainer", {"containerId": name})
    return started["result"]["success"] is stopped["result"]["success"] is True


def test_an_emulator_does_not_notice(watch, jump, bus):
    box = watch("up", "--port", "0", "--bus", bus)
    with box.connect() as client, box.connect() as idle:
        assert idle.call("listContainers")["result"]["success"] is True
        box.control("POST", "faults", LATE)
        for number, seconds in enumerate(JUMPS):
            begun, clock = time.monotonic(), emulated_seconds(box)
            # the late answer is waited for while the time of day jumps
            with ThreadPoolExecutor(1) as other:
                late = other.submit(box.call, "listContainers")
                until(lambda number=number: struck(box) > number)
                jump(seconds)
                assert late.result()["result"]["success"] is True
            # what starts and ends takes its time, and no more
            assert start_and_stop(client, f"c{number}")
            last = client.control("journal?limit=1")["last"]
            assert client.control(f"journal?since={last}&wait=0.1&kind=event")["last"] >= last
            assert held(box, begun, clock)
            assert time.monotonic() - begun < 30
        assert idle.call("listContainers")["result"]["success"] is True
    status, said = box.end()
    assert (status, "Traceback" in said, "ERROR" in said) == (0, False, False), said


@pytest.mark.parametrize("kind", ["start_dbus_daemon", "start_embedded_bus"])
def test_a_host_finds_its_bus_again(watch, jump, kind, request, tmp_path):
    socket = tmp_path / "bus"
    address = f"unix:path={socket}"
    options = ("--session", f"--address={address}") if kind == "start_dbus_daemon" else (socket,)
    bus = request.getfixturevalue(kind)(*options)
    watch("--bus", address, "--progression", "immediate", module="fakedobby")
    host = watch("serve", "--port", "0", "--bus", address)
    for number, seconds in enumerate(JUMPS, 1):
        assert start_and_stop(host, f"c{number}")
        bus.kill()
        bus.wait()
        until(lambda number=number: host.said().count("went away; looking for it") == number)
        jump(seconds)
        assert host.call("listContainers")["result"]["containers"] == []
        socket.unlink(missing_ok=True)
        bus = request.getfixturevalue(kind)(*options)
        watch("--bus", address, "--progression", "immediate", module="fakedobby")
        until(lambda number=number: host.said().count("is back") == number)
    assert start_and_stop(host, "last")
    status, said = host.end()
    assert (status, "Traceback" in said, "ERROR" in said) == (0, False, False), said
