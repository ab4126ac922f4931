import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.embeddedbus.authentication import Authentication
from fakedobby.embeddedbus.grammar import Malformed
from fakedobby.embeddedbus.limits import Limits

GUID = "0" * 32
OK = b"OK " + GUID.encode() + b"\r\n"


def authentication(**options):
    return Authentication(GUID, 1000, **{"welcome": True, "limits": Limits(), **options})


def test_everything_at_once_as_sd_bus_does():
    ours = authentication()
    sent = b"\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nl\1\r\n"
    assert ours.feed(sent) == b"DATA\r\n" + OK + b"AGREE_UNIX_FD\r\n"
    assert ours.begun
    assert ours.passes_fds
    assert ours.take_rest() == b"l\1\r\n"


def test_every_byte_by_itself():
    ours = authentication()
    sent = b"\0AUTH EXTERNAL 31303030\r\nBEGIN\r\n"
    assert b"".join(ours.feed(bytes([byte])) for byte in sent) == OK
    assert ours.begun
    assert not ours.passes_fds


def test_who_is_not_welcome_is_rejected():
    ours = authentication(welcome=False)
    assert ours.feed(b"\0AUTH EXTERNAL 31303030\r\nAUTH EXTERNAL\r\nDATA\r\n").count(b"REJECTED EXTERNAL\r\n") == 2


@pytest.mark.parametrize(
    "sent",
    [
        b"AUTH\r\n",
        b"\0BEGIN\r\n",
        b"\0AUTH EXTERNAL\r\nBEGIN\r\n",
        b"\0" + b"x" * 16384,
        b"\0" + b"x" * 20000 + b"\r\n",
        b"\0" + b"AUTH\r\n" * 7,
    ],
)
def test_what_ends_the_connection(sent):
    with pytest.raises(Malformed):
        authentication().feed(sent)


WORDS = [
    b"AUTH",
    b"EXTERNAL",
    b"DATA",
    b"BEGIN",
    b"CANCEL",
    b"ERROR",
    b"31303030",
    b" ",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff",
]


@given(st.lists(st.sampled_from(WORDS)).map(b"".join) | st.binary(), st.booleans())
def test_random_bytes_get_in_only_with_begin(noise, start):
    ours = authentication()
    try:
        ours.feed(b"\0" * start + noise)
    except Malformed:
        return
    assert not ours.begun or b"BEGIN" in noise
