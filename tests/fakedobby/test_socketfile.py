"""The file of a socket: who may take it, and who must leave it alone."""

import contextlib
import socket

import pytest

from fakedobby.errors import CannotListenAt, PathInUse
from fakedobby.socketfile import claim, remove_stale


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bus"


def test_a_free_path_stays_free(path):
    claim(str(path))
    assert not path.exists()


def test_a_dead_socket_is_removed(path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    claim(str(path))
    assert not path.exists()


@pytest.mark.parametrize("crowded", [False, True])
def test_a_live_one_is_not(path, crowded):
    with contextlib.ExitStack() as sockets:
        live = sockets.enter_context(socket.socket(socket.AF_UNIX))
        live.bind(str(path))
        live.listen(0)
        with contextlib.suppress(BlockingIOError):  # until the next one would have to wait for an answer
            while crowded:
                caller = sockets.enter_context(socket.socket(socket.AF_UNIX))
                caller.setblocking(False)
                caller.connect(str(path))
        for take in (claim, remove_stale):
            with pytest.raises(PathInUse, match=r"Somebody listens at .*/bus already"):
                take(str(path))
    assert path.is_socket()


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("nowhere/bus", "there is no directory .*/nowhere"),
        ("file", "something that is no socket is there"),
        ("folder", "something that is no socket is there"),
        ("loose", "something that is no socket is there"),
        ("file/bus", "Not a directory"),
    ],
)
def test_where_nothing_can_listen(tmp_path, place, reason):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loose").symlink_to("nowhere")
    with pytest.raises(CannotListenAt, match=reason):
        claim(str(tmp_path / place))
    assert (tmp_path / "file").read_text() == "precious"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "folder", "loose"]


def test_a_directory_that_may_not_be_written():
    # root may write everywhere else
    with pytest.raises(
        CannotListenAt, match=r"/sys/bus-of-ours: (Permission denied|Operation not permitted|Read-only)"
    ):
        claim("/sys/bus-of-ours")


def test_a_socket_that_speaks_otherwise_is_left_alone(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(str(path))
        with pytest.raises(CannotListenAt, match="Protocol wrong type"):
            claim(str(path))
        assert path.is_socket()
