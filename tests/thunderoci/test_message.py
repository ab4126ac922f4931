"""JSON-RPC messages (facts/thunder.md A.4)."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thunderoci.errors import RPCError
from thunderoci.message import (
    Rejected,
    Request,
    Response,
    parse_request,
    write_error,
    write_event,
    write_int32,
    write_rejection,
    write_result,
)
from thunderoci.profiles import FLAVOURS
from thunderoci.quirks import (
    CATALOGUE,
    ESCAPED_QUOTES,
    NONE,
    RAW_UTF8,
    SILENCE,
    SMALLEST_NUMBER,
    TEXT_NULL,
    TRUNCATED,
)

RDK, NEW = FLAVOURS["r4.4.1-rdk"], FLAVOURS["r4.4.7"]
ALL = frozenset(CATALOGUE)


@pytest.mark.parametrize(("raw", "number"), [("12abc", 51900), ("010", 10), ("1e3", 303), ("-7", 4294967289)])
def test_odd_ids_come_through(raw, number):
    assert parse_request(f'{{"id":{raw},"method":"m"}}'.encode(), RDK).id == number


def test_request():
    body = b'{"jsonrpc":"2.0","id":3,"method":"a.1.b","params":{ "x" : "y z" } }'
    assert parse_request(body, RDK) == Request(3, "a.1.b", '{"x":"y z"}')


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b"{}", Request(None, "", None)),
        (b'{"id":1}', Request(1, "", None)),
        (b'{"id":1,"method":5}', Request(1, "5", None)),
        (b'{"id":1,"method":null}', Request(1, "", None)),
        (b'{"id":1,"method":a.1.b , "x":y}', Request(1, "a.1.b", None)),
        (b'{"id":1,"params":listContainers}', Request(1, "", "listContainers")),
        (b'{"id":1,"params":{"a":"\\x\t"}}', Request(1, "", '{"a":"\\x\t"}')),
        (b'{"id":1,"method":"m"}}', Request(1, "m", None)),
        (b'{"id":1,"method":"m"}{"id":2}', Request(1, "m", None)),
        (b'{"id":1,"method":"m"}\0', Request(1, "m", None)),
        (b'{"\\u0069d":1,"":2,"params":[ ] }', Request(1, "", "[]")),
        (b'{"id":1,"params":{ "a" : [ 1 , " 2 " ] } }', Request(1, "", '{"a":[1," 2 "]}')),
        (b'{"id":1,"method":"\xe9"}', Request(1, "\ufffd", None)),
        (b'{"id":1,"method":"m","jsonrpc":2.0,"other":[]}', Request(1, "m", None)),
        (b'{"id":1,"id":2,"method":"a","method":"b"}', Request(2, "b", None)),
        (b'  {"id":1,"method":"m"}garbage', Request(1, "m", None)),
        ('{"id":1,"method":"é"}'.encode(), Request(1, "é", None)),
    ],
)
def test_what_is_tolerated(body, request_):
    assert parse_request(body, RDK) == request_


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
            b'{"id":1}'[:-2] + b",}",
            b'{"id":+5}',
            b'{"id":NaN}',
            b'{"id":1\0}',
            b"{id:1}",
            b'{"id":1,"params":{"a":]}}',
            b'{"id":1,"params":a{}}',
            b'{"id":1,"method":"\\x"}',
            b'{"id":1,"method":"\\u12"}',
            b'{"id":1,"method":}',
            b'{,"id":1}',
            b'{"id" 1}',
            b"nul",
            pytest.param(b'{"a":' * 50_000, id="deep"),
            b'{"id":1,"method":"a\tb"}',
            b'"',
        ),
        b'{"id":1,"params":' + b"[" * 32 + b"]" * 32 + b"}",
    ],
)
def test_malformed(body):
    with pytest.raises(Rejected) as caught:
        parse_request(body, RDK)
    assert caught.value.error.code == -32700
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'[{"id":1}]',
        b"42",
        b"null",
        b'"text"',
        b" true",
        b'{"id":"abc"}',
        b'{"id":1.5}',
        b'{"id":{}}',
        b'{"id":true}',
    ],
)
def test_no_request(body):
    with pytest.raises(Rejected) as caught:
        parse_request(body, RDK)
    assert caught.value.error.code == -32600


def test_depth_that_is_allowed():
    body = b'{"id":1,"params":' + b"[" * 31 + b"]" * 31 + b"}"
    assert parse_request(body, RDK).id == 1


json_like = st.text(alphabet='{}[]",:\\\\u0dn1 \\t\\0é/', max_size=40).map(str.encode)


@given(
    st.binary(max_size=200)
    | json_like
    | (json_like | st.binary(max_size=5)).map(lambda text: b'{"id":1,"params":' + text)
    | st.binary(min_size=1, max_size=5).map(lambda word: b'{"id":1,"params":%b}' % word),
    st.sampled_from([RDK, NEW]),
    st.sampled_from([NONE, ALL]),
)
def test_any_bytes_give_a_request_or_a_rejection(body, flavour, quirks):
    try:
        assert isinstance(parse_request(body, flavour, quirks), Request)
    except Rejected as rejected:
        json.loads(write_rejection(rejected.error).body)


@given(
    st.integers(0, 2**32 - 1),
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text() | st.lists(st.text()), max_size=4),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_every_request_of_a_good_client_comes_through(number, method, params, ascii_only, indent):
    text = json.dumps({"id": number, "method": method, "params": params}, ensure_ascii=ascii_only, indent=indent)
    request = parse_request(text.encode("utf-8", "replace"), RDK)
    compact = json.dumps(params, ensure_ascii=ascii_only, separators=(",", ":"))
    assert request == Request(number, method, compact.encode("utf-8", "replace").decode())


def rejected(body, flavour=RDK, quirks=NONE):
    with pytest.raises(Rejected) as caught:
        parse_request(body, flavour, quirks)
    return caught.value.error.code, caught.value.quirk


CUT = [
    (b'{"id":1,"method":"a.b"', Request(1, "a.b", None)),
    (b'{"id":1,"method":"a.b', Request(1, "", None)),
    (b'{"id":1,"m', Request(1, "", None)),
    (b'{"method":"a.b","id":1', Request(None, "a.b", None)),
    (b'{"id":1,"params":{"a":1', Request(1, "", None)),
    (b'{"id":2,"method":"a","method":"b', Request(2, "b", None)),
    (b'{"id":2,"method":"a","method":"b\\u00', Request(2, "b", None)),
    (b'{"id":2,"params":[],"params":{"b":1', Request(2, "", '{"b":1')),
    (b"{", Request(None, "", None)),
]


@pytest.mark.parametrize(("body", "request_"), CUT)
def test_what_is_cut_off_is_refused_and_carried_out_by_the_quirk(body, request_):
    assert rejected(body) == (-32700, TRUNCATED)
    assert parse_request(body, RDK, frozenset({TRUNCATED})) == request_


def test_the_host_is_silent_about_the_rest():
    assert rejected(b"[]") == (-32600, SILENCE)
    assert rejected(b"", quirks=ALL) == (-32700, SILENCE)


def test_ids_of_more_than_32_bits():
    body = b'{"id":4294967297,"method":"m"}'
    assert parse_request(body, RDK).id == 1
    assert rejected(body, NEW) == (-32600, SILENCE)


def params_of(text, quirk, flavour=RDK):
    return parse_request(b'{"id":1,"params":' + text.encode() + b"}", flavour, frozenset({quirk})).params


def test_escaped_quotes():
    blanks = r'{"a":"sh -c \"echo  hi there\" x"}'
    assert params_of(blanks, SILENCE) == params_of(blanks, ESCAPED_QUOTES, NEW) == blanks
    assert params_of(blanks, ESCAPED_QUOTES) == r'{"a":"sh -c \"echohithere\" x"}'
    odd = rb'{"id":1,"params":{"a":"5\" wide"}}'
    assert rejected(odd, quirks=frozenset({ESCAPED_QUOTES})) == (-32700, TRUNCATED)
    assert parse_request(odd, RDK, frozenset({ESCAPED_QUOTES, TRUNCATED})) == Request(1, "", None)
    assert rejected(rb'{"id":1,"params":{"a":"\"}{\""}}', quirks=frozenset({ESCAPED_QUOTES})) == (-32700, SILENCE)


def test_raw_utf8():
    method = '{"id":1,"method":"é"}'.encode()
    assert parse_request(method, NEW, frozenset({RAW_UTF8})).method == "é"
    assert rejected(method, quirks=frozenset({RAW_UTF8}))[0] == -32700
    assert params_of('{"a":"é"}', RAW_UTF8) == '{"a":"é"}', "nobody reads params here"


def test_a_bare_word_of_bytes_that_are_no_utf_8():
    body = b'{"id":1,"method":"m","params":\x9d}'
    for flavour in FLAVOURS.values():
        assert parse_request(body, flavour) == Request(1, "m", "\ufffd")


def test_a_member_named_null():
    assert parse_request(b'{"id":1,"null":2}', NEW, frozenset({TEXT_NULL})).id == 1
    assert rejected(b'{"id":1,"null":2}', quirks=frozenset({TEXT_NULL})) == (-32700, SILENCE)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"id":' + b"1" * 5_000_000 + b"}", id="digits"),
        pytest.param(b'{"id":1,"method":"' + b"\\n" * 2_500_000 + b'"}', id="escapes"),
        pytest.param(b'{"id":1,"method":"' + b"\\n" * 100_000 + 'é"}'.encode(), id="escapes before raw UTF-8"),
        pytest.param(b'{"id":1,"params":[' + b"[]," * 1_600_000 + b"1]}", id="arrays"),
        pytest.param(b'{"id":1,"params":["' + b"x" * 5_000_000, id="unfinished"),
        pytest.param(b'{"id":1,"params":[' + b'["a' * 30 + b"x" * 5_000_000, id="unfinished and deep"),
        pytest.param(b'{"id":1,"params":[' + b"\n" * 5_000_000 + b"]}", id="blanks"),
        pytest.param(b'{"a":' * 1_000_000, id="deep"),
    ],
)
@pytest.mark.parametrize("quirks", [NONE, ALL])
def test_megabytes_cost_linear_time(body, quirks):
    began = time.process_time()
    with contextlib.suppress(Rejected):
        parse_request(body, RDK, quirks)
    assert time.process_time() - began < 20, "a quadratic one takes hours"


def test_events():
    assert write_event("me.onContainerStarted", '{"a":1}') == (
        b'{"jsonrpc":"2.0","method":"me.onContainerStarted","params":{"a":1}}'
    )
    assert write_event("a/b.x", "{}") == b'{"jsonrpc":"2.0","method":"a\\/b.x","params":{}}'


def test_numbers():
    assert write_int32(-(2**31)) == "-2147483648"
    assert write_int32(-(2**31), frozenset({SMALLEST_NUMBER})) == "-./,),(-*,("
    assert write_int32(-7, frozenset({SMALLEST_NUMBER})) == "-7"


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
