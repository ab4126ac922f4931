"""JSON-RPC messages (facts/thunder.md A.4)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.errors import RPCError
from thunderoci.message import (
    Rejected,
    Request,
    Response,
    convert_id,
    parse_request,
    write_error,
    write_rejection,
    write_result,
)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        *(("0", 0), ("1", 1), ("null", 0), ("-1", 4294967295), ("2147483648", 2147483648)),
        *(("4294967295", 4294967295), ("4294967296", 0), ("4294967297", 1)),
        *(("123456789012345678901234567890", 1312754386), ("1e3", 303), ("12abc", 51900), ("010", 10)),
        *(('""', 0), ('"7"', 7), ('"-5"', 4294967291), ('"0x1F"', 31)),
    ],
)
def test_ids_that_are_converted(raw, number):
    assert convert_id(raw) == number


@pytest.mark.parametrize("raw", ["1.5", "1.0", '"-"', '"abc"', '"1-2"', "true", "[1]", "{}", "+5", "0x10", '"', '" 7"'])
def test_ids_that_are_refused(raw):
    assert convert_id(raw) is None


@pytest.mark.parametrize(("raw", "number"), [("12abc", 51900), ("010", 10), ("1e3", 303), ("-7", 4294967289)])
def test_odd_ids_come_through(raw, number):
    assert parse_request(f'{{"id":{raw},"method":"m"}}'.encode()).id == number


def test_request():
    body = b'{"jsonrpc":"2.0","id":3,"method":"a.1.b","params":{ "x" : "y z" } }'
    assert parse_request(body) == Request(3, "a.1.b", '{"x":"y z"}')


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b"{}", Request(None, "", None)),
        (b'{"id":1}', Request(1, "", None)),
        (b'{"id":1,"method":5}', Request(1, "", None)),
        (b'{"id":1,"method":"m","jsonrpc":2.0,"other":[]}', Request(1, "m", None)),
        (b'{"id":1,"id":2,"method":"a","method":"b"}', Request(2, "b", None)),
        (b'  {"id":1,"method":"m"}garbage', Request(1, "m", None)),
        ('{"id":1,"method":"é"}'.encode(), Request(1, "é", None)),
    ],
)
def test_what_is_tolerated(body, request_):
    assert parse_request(body) == request_


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"  ", b"{", b"hello", b"a=b", b'{"id":1', b'{"id":1,}', b"{'id':1}", b'x{"id":1}', b"\xff\xfe"),
        *(
            b'\xef\xbb\xbf{"id":1}',
            b'{"id":1 2}',
            b"[",
            b'1,"x":2',
            b"[1]\xc2\xa0",
            b'{"params":12abc,"id":1}',
            b'{"id":NaN}',
            pytest.param(b'{"a":' * 50_000, id="deep"),
            b'{"id":1,"method":"a\tb"}',
            b'"',
        ),
        b'{"id":1,"params":' + b"[" * 32 + b"]" * 32 + b"}",
    ],
)
def test_malformed(body):
    with pytest.raises(Rejected) as caught:
        parse_request(body)
    assert caught.value.error.code == -32700
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "body",
    [b"[]", b'[{"id":1}]', b"42", b"null", b'"text"', b" true", b'{"id":"abc"}', b'{"id":1.5}', b'{"id":{}}'],
)
def test_no_request(body):
    with pytest.raises(Rejected) as caught:
        parse_request(body)
    assert caught.value.error.code == -32600


def test_depth_that_is_allowed():
    body = b'{"id":1,"params":' + b"[" * 31 + b"]" * 31 + b"}"
    assert parse_request(body).id == 1


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_request_or_a_rejection(body):
    try:
        assert isinstance(parse_request(body), Request)
    except Rejected as rejected:
        json.loads(write_rejection(rejected.error).body)


def test_answers():
    assert write_result(1, '{"success":true}') == Response(b'{"jsonrpc":"2.0","id":1,"result":{"success":true}}')
    assert write_error(7, RPCError(1, "ERROR_GENERAL")) == Response(
        b'{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"ERROR_GENERAL"}}', 1
    )
    assert write_error(7, RPCError(-32602, None)) == Response(
        b'{"jsonrpc":"2.0","id":7,"error":{"code":-32602}}', -32602
    )
    assert write_rejection(RPCError(-32700, "no")) == Response(
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}'
    )
