"""Clients that misbehave, and what others notice of it: nothing."""

import contextlib
import os
import socket
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakedobby.embeddedbus.reader import read_body
from rawclient import BUS, BUS_PATH, CALL, RETURN, SIGNAL, Closed, body_of, encode

CALL_FIELDS = {"path": "/a", "interface": "x.y", "member": "Z"}
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


def pair(bus):
    return bus.client(), bus.client()


def gone(client):
    """The bus has ended the connection."""
    with contextlib.suppress(Closed):
        while True:
            client.next()
    return True


def test_a_body_passes_unchanged_in_either_byte_order(either_bus):
    a, b = pair(either_bus)
    for little in [True, False]:
        a.send(CALL, "sv", ["x", {"a": 1}], little=little, destination=b.name, sender="org.forged", **CALL_FIELDS)
        received = b.next_call()
        assert received.sender == a.name
        assert received.rest == body_of("sv", ["x", {"a": 1}], little=little)


@pytest.mark.parametrize(("either_bus", "most"), [("bus", 64), ("real_bus", 16)], indirect=["either_bus"])
def test_file_descriptors_arrive_with_their_message_and_none_stay_behind(either_bus, most):
    a, b = pair(either_bus)
    own = len(list(Path(f"/proc/{either_bus.pid}/fd").iterdir()))
    with contextlib.ExitStack() as files:
        for count in [1, 3, most]:
            pipes = [os.pipe() for _ in range(count)]
            for descriptor in [end for pipe in pipes for end in pipe]:
                files.callback(os.close, descriptor)
            a.send(SIGNAL, "s", ["before"], destination=b.name, **CALL_FIELDS)
            a.send(CALL, "ah", [list(range(count))], fds=[pipe[1] for pipe in pipes], destination=b.name, **CALL_FIELDS)
            received = b.next_call()
            assert received.unix_fds == count
            for number, (descriptor, (reading, _)) in enumerate(zip(received.fds[:count], pipes, strict=True)):
                os.write(descriptor, bytes([number]))
                os.close(descriptor)
                assert os.read(reading, 2) == bytes([number])
        b.fence()
        assert len(list(Path(f"/proc/{either_bus.pid}/fd").iterdir())) == own


def test_a_large_message_passes(either_bus):
    a, b = pair(either_bus)
    text = "x" * (8 << 20)
    serial = a.send(CALL, "s", [text], destination=b.name, **CALL_FIELDS)
    received = b.next_call()
    assert received.body == [text]
    b.send(RETURN, "s", [text], destination=a.name, reply_serial=received.serial)
    assert a.answer(serial).body == [text]


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n" + bytes(16),
        b"l\1\0\1" + b"\xff" * 12,
        encode(CALL, 1, b"\2\0\0\0", signature="b", destination=BUS, **CALL_FIELDS),
        encode(CALL, 1, destination=BUS, unix_fds=1, **CALL_FIELDS),
        encode(CALL, 0, destination=BUS, **CALL_FIELDS),
    ],
)
def test_who_sends_no_dbus_is_disconnected_and_nobody_else(either_bus, sent):
    good, bad = pair(either_bus)
    good.bus("AddMatch", "s", ["member=NameOwnerChanged"])
    bad.socket.sendall(sent)
    assert gone(bad)
    assert good.next().body == [bad.name, bad.name, ""]


def test_who_passes_file_descriptors_without_a_message_is_disconnected(bus):
    good, bad = pair(bus)
    with open(os.devnull, "rb") as file, contextlib.suppress(ConnectionError):  # noqa: PTH123 (a descriptor)
        for _ in range(20):
            socket.send_fds(bad.socket, [b"l"], [file.fileno()] * 64)
    assert gone(bad)
    assert good.bus("GetId").body


def test_who_does_not_read_is_disconnected(small_bus):
    good, bad = pair(small_bus)
    good.bus("AddMatch", "s", ["member=NameOwnerChanged"])
    for _ in range(20):
        good.send(SIGNAL, "s", ["x" * 100_000], destination=bad.name, **CALL_FIELDS)
    message = good.next()
    while message.member != "NameOwnerChanged":  # behind it some signals find nobody
        message = good.next()
    assert message.body == [bad.name, bad.name, ""]


@SHARED
@given(st.binary(max_size=300), st.booleans())
def test_random_bytes_instead_of_authentication(bus, noise, start):
    good = bus.client()
    bad = bus.client(authenticate=False)
    with contextlib.suppress(ConnectionError):
        bad.socket.sendall(b"\0" * start + noise)
    assert good.bus("GetId").body
    good.socket.close()
    bad.socket.close()


LINES = ["AUTH EXTERNAL", "DATA", "AUTH EXTERNAL UID", "NEGOTIATE_UNIX_FD", "CANCEL", "BEGIN"]


@SHARED
@given(st.lists(st.sampled_from(LINES).map(str.encode) | st.binary(max_size=20), max_size=8), st.binary(max_size=64))
def test_random_bytes_between_the_lines_of_authentication(bus, lines, rest):
    uid = str(os.getuid()).encode().hex().encode()
    sent = b"\0" + b"".join(line.replace(b"UID", uid) + b"\r\n" for line in lines) + rest
    good = bus.client()
    bad = bus.client(authenticate=False)
    with contextlib.suppress(ConnectionError):
        for start in range(0, len(sent), 7):
            bad.socket.sendall(sent[start : start + 7])
    assert good.bus("GetId").body
    good.socket.close()
    bad.socket.close()


@SHARED
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3),
    st.sampled_from(
        [("ss", ["a", "b"]), ("a{sv}", [{"a": 1, "b": "c"}]), ("aas", [[["a"], []]]), ("dgo", [1, "i", "/"])]
    ),
    st.booleans(),
)
def test_what_reaches_another_client_is_valid_whatever_was_sent(bus, changes, body, little):
    good, bad = pair(bus)
    signature, values = body
    fields = {"signature": signature, "destination": good.name, **CALL_FIELDS}
    message = bytearray(encode(CALL, 5, body_of(signature, values, little=little), little=little, **fields))
    for place, byte in changes:
        message[place % len(message)] = byte
    with contextlib.suppress(ConnectionError):
        bad.socket.sendall(bytes(message))
        bad.socket.shutdown(socket.SHUT_WR)
    assert gone(bad)
    for received in good.fence():
        read_body(received.signature, received.rest, little=received.raw[:1] == b"l")
    good.socket.close()
    bad.socket.close()


VALID = encode(CALL, 5, body_of("su", ["x.y", 1]), signature="su", path=BUS_PATH, member="RequestName", destination=BUS)


@SHARED
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), max_size=4), st.binary(max_size=64))
def test_random_bytes_instead_of_messages(bus, changes, noise):
    good = bus.client()
    bad = bus.client()
    message = bytearray(VALID)
    for place, byte in changes:
        message[place] = byte
    with contextlib.suppress(ConnectionError):
        bad.socket.sendall(bytes(message) + noise)
    assert good.bus("GetId").body
    good.socket.close()
    bad.socket.close()


@SHARED
@given(
    st.sampled_from(["Hello", "RequestName", "AddMatch", "Get", "Set", "Ping", "BecomeMonitor", "GetNameOwner"]),
    st.sampled_from(["", "s", "su", "ss", "asu", "ssv", "a{ss}", "v", "ah"]),
    st.binary(max_size=40),
)
def test_random_arguments_of_the_bus_itself(bus, member, signature, body):
    good = bus.client()
    bad = bus.client()
    fields = {"signature": signature} if signature else {}
    bad.socket.sendall(encode(CALL, 9, body, path=BUS_PATH, member=member, destination=BUS, **fields))
    assert good.bus("GetId").body
    good.socket.close()
    bad.socket.close()


def test_the_kernel_says_who_a_client_is(either_bus):
    client = either_bus.client()
    credentials = client.bus("GetConnectionCredentials", "s", [client.name]).body[0]
    assert credentials["ProcessID"] == os.getpid()
    assert credentials["UnixUserID"] == os.getuid()
    pid, _, _ = struct.unpack("3i", client.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    assert client.bus("GetConnectionUnixProcessID", "s", [BUS]).body == [pid]
