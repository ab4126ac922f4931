"""Who may use the control API."""

import pytest

from thunderoci.control.access import Access
from thunderoci.control.problem import Problem
from thunderoci.requesthead import RequestHead

EVERYWHERE = "0.0.0.0"  # noqa: S104 (nothing is bound here)


def head_of(**headers):
    head = RequestHead(b"GET /emulator/health HTTP/1.1")
    for name, values in headers.items():
        for value in [values] if isinstance(values, str) else values:
            head.add(f"{name}: {value}".encode("latin-1"))
    return head


def refused(access, **headers):
    try:
        for check in (access.check_host, access.check_origin, access.check_token):
            check(head_of(**headers))
    except Problem as problem:
        return str(problem)
    return None


@pytest.mark.parametrize(
    ("host", "token", "on"),
    [
        ("127.0.0.1", None, True),
        ("127.9.9.9", None, True),
        ("::1", None, True),
        ("localhost", None, True),
        (EVERYWHERE, None, False),
        ("192.168.1.2", None, False),
        ("::", None, False),
        ("box.example", None, False),
        (EVERYWHERE, "T", True),
    ],
)
def test_beyond_this_machine_it_is_off_without_a_token(host, token, on):
    assert Access(host, (), token).is_on is on


@pytest.mark.parametrize(
    ("listens", "host", "ours"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1:9998", True),
        ("127.0.0.1", "localhost:1", True),
        ("127.0.0.1", "LOCALHOST", True),
        ("127.0.0.1", "[::1]:9998", True),
        ("127.0.0.1", "127.1.2.3:80", True),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "evil.example:9998", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "127.0.0.1@evil.example", False),
        ("127.0.0.1", "192.168.1.2", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", ["127.0.0.1", "evil.example"], False),
        ("127.0.0.1", [], False),
        ("192.168.1.2", "192.168.1.2:9998", True),
        ("192.168.1.2", "192.168.1.3:9998", False),
        ("box.example", "BOX.example:9998", True),
        (EVERYWHERE, "whatever.example:9998", True),
        ("::", "whatever.example:9998", True),
    ],
)
def test_a_request_has_to_name_us(listens, host, ours):
    sentence = refused(Access(listens), Host=host)
    assert (sentence is None) is ours


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ([], True),
        ("http://127.0.0.1:9998", True),
        ("HTTP://127.0.0.1:9998", True),
        ("https://127.0.0.1:9998", False),
        ("http://127.0.0.1:3000", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        ("http://app.example:3000", True),
        (["http://app.example:3000", "http://evil.example"], False),
    ],
)
def test_the_pages_of_others_may_not(origin, allowed):
    access = Access("127.0.0.1", ["http://App.example:3000"])
    sentence = refused(access, Host="127.0.0.1:9998", Origin=origin)
    assert (sentence is None) is allowed
    if origin == "http://evil.example":
        assert sentence == (
            "Pages from 'http://evil.example' may not do this; --allow-origin http://evil.example would let them."
        )


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        ("Bearer T", True),
        ("bearer   T ", True),
        (["Bearer no", "Bearer T"], True),
        ("Bearer t", False),
        ("Bearer", False),
        ("Basic T", False),
        ("T", False),
        ([], False),
    ],
)
def test_the_token_is_asked_for(sent, allowed):
    sentence = refused(Access("127.0.0.1", (), "T"), Host="localhost", Authorization=sent)
    assert (sentence is None) is allowed
    if not allowed:
        assert sentence == "This needs the header 'Authorization: Bearer T' with the T of --control-token."


def test_an_answer_is_readable_for_allowed_pages_only():
    access = Access("127.0.0.1", ["http://app.example"])
    assert access.allowed_origin(head_of(Origin="http://app.example")) == "http://app.example"
    assert access.allowed_origin(head_of(Origin="http://127.0.0.1", Host="127.0.0.1")) is None
    assert access.allowed_origin(head_of()) is None
