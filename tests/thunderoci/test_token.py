"""A box with a security agent: no request without the token (facts/thunder.md F)."""

import pytest
from hosting import UPGRADE, Connection, post, result, status_of

TOKEN = "top+secret/1="  # noqa: S105 (of the test)
REFUSED = "401 Request needs authorization. Missing or invalid token."


def bearer(value):
    return b"Authorization: " + value + b"\r\n"


@pytest.fixture
def connection():
    return Connection(token=TOKEN)


@pytest.mark.parametrize(
    "headers",
    [
        bearer(b"Bearer top+secret/1="),
        bearer(b"bearer  top+secret/1= "),
        bearer(b"x") + bearer(b"Bearer top+secret/1="),
    ],
)
def test_in_the_headers(connection, headers):
    assert connection.send(post(headers=headers)).endswith(result())


@pytest.mark.parametrize(
    "path",
    [b"/jsonrpc?token=top%2Bsecret/1%3D", b"/jsonrpc?x=1&token=top%2bsecret%2F1=", b"/jsonrpc?token=top+secret/1="],
)
def test_in_the_query(connection, path):
    assert connection.send(post(path=path)).endswith(result())


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (b"/jsonrpc", b""),
        (b"/jsonrpc", bearer(b"Bearer other")),
        (b"/jsonrpc", bearer(b"Bearer ")),
        (b"/jsonrpc", bearer(b"Bearer")),
        (b"/jsonrpc", bearer(b"Basic top+secret/1=")),
        (b"/jsonrpc", bearer(b"top+secret/1=")),
        (b"/jsonrpc", bearer(b"Bearer \xe9")),
        (b"/jsonrpc?token=", b""),
        (b"/jsonrpc?token=top", b""),
        (b"/jsonrpc?token=%e9%ff\xe9", b""),
        (b"/jsonrpc?token=%u20ac", b""),
        (b"/jsonrpc#?token", b""),
        (b"/Service/Controller", b""),
        (b"/nope", b""),
    ],
)
def test_without_it_nothing_is_carried_out_and_the_connection_goes_on(connection, path, headers):
    assert status_of(connection.send(post(path=path, headers=headers))) == REFUSED
    assert connection.plugin.calls == []
    assert not connection.transport.ended
    assert connection.send(post(headers=bearer(b"Bearer top+secret/1="))).endswith(result())


def test_a_websocket_needs_it_too(connection):
    assert status_of(connection.send(UPGRADE)) == "403 Security prohibites this connection."
    opened = connection.send(UPGRADE.replace(b"/jsonrpc", b"/jsonrpc?token=top%2Bsecret/1="))
    assert status_of(opened) == "101 SWITCH_PROTOCOL"


def test_where_none_is_asked_for_any_will_do():
    assert Connection().send(post(path=b"/jsonrpc?token=x", headers=bearer(b"Bearer y"))).endswith(result())
