"""No token and no field that the user named gets into a recording; everything else stays as it is."""

import tracemalloc

import pytest

from thunderoci.recording.jsonmembers import members_of, raw_member, with_member
from thunderoci.recording.redaction import Redactor

SECRET = b"eyJhbGciOi.JIUzI1"


@pytest.mark.parametrize(
    ("head", "clean"),
    [
        (b"Authorization: Bearer %b", b"Authorization: Bearer <redacted>"),
        (b"authorization:%b", b"authorization:<redacted>"),
        (b"Proxy-Authorization: Basic  %b", b"Proxy-Authorization: Basic  <redacted>"),
        (b"Cookie: a=%b", b"Cookie: <redacted>"),
        (b"Referer: http://x/?a=1&token=%b&b=2", b"Referer: http://x/?a=1&token=<redacted>&b=2"),
        (b"X-Api-Key: %b", b"X-Api-Key: <redacted>"),
        (b"Host: box", b"Host: box"),
        (b"no colon", b"no colon"),
        (b"Authorization:", b"Authorization:"),
    ],
)
def test_heads(head, clean):
    line = b"POST /jsonrpc HTTP/1.1\r\n"
    head = head.replace(b"%b", SECRET)
    assert Redactor(["x-api-key"]).head(line + head + b"\r\n\r\n") == line + clean + b"\r\n\r\n"


def test_a_token_in_the_request_line():
    assert (
        Redactor().head(b"GET /jsonrpc?token=abc HTTP/1.1\r\n\r\n") == b"GET /jsonrpc?token=<redacted> HTTP/1.1\r\n\r\n"
    )


def test_named_members_at_any_depth_and_nothing_else():
    body = (
        b'{ "id" :1, "params": {"pin": {"a": [1, {"pin": 2}]}, "x": 18446744073709551615, "y":["a", {"PIN" : "s"}]}}\n'
    )
    clean = (
        b'{ "id" :1, "params": {"pin": "<redacted>", "x": 18446744073709551615, "y":["a", {"PIN" : "<redacted>"}]}}\n'
    )
    assert Redactor(["pin"]).body(body) == clean
    assert Redactor(["other"]).body(body) == body


def test_members_with_escapes_in_their_names_and_json_inside_strings():
    redactor = Redactor(["pin"])
    assert redactor.body(rb'{"p\u0069n":"1"}') == b'{"p\\u0069n":"<redacted>"}'
    assert redactor.body(rb'{"spec":"{\"pin\":\"1234\",\"a\":1}"}') == rb'{"spec":"{\"pin\":\"<redacted>\",\"a\":1}"}'


def test_what_is_no_json_is_searched_all_the_same():
    assert Redactor(["pin"]).body(b'{"info":,"pin":"1","x":tru') == b'{"info":,"pin":"<redacted>","x":tru'
    assert Redactor(["pin"]).body(b'{"pin":{"a":"1') == b'{"pin":"<redacted>"'
    assert Redactor(["pin"]).body(b'{"a":[{"pin":"1\\') == b'{"a":[{"pin":"<redacted>"'
    for body in (b"", b"{", b'"pin', b"}}}", b'{"pin":', b"[[", b'{"pin"'):
        assert Redactor(["pin"]).body(body) == body


def test_a_token_once_seen_is_taken_out_everywhere():
    redactor = Redactor()
    redactor.head(b"GET / HTTP/1.1\r\nAuthorization: Bearer " + SECRET + b"\r\n\r\n")
    assert redactor.body(b'{"echo":"' + SECRET + b'"}') == b'{"echo":"<redacted>"}'
    assert redactor.body(b'{"result":{"token":"another-secret"}}') == b'{"result":{"token":"<redacted>"}}'
    assert redactor.body(b"it was another-secret") == b"it was <redacted>"


IN_JSON = (
    (b'{"token":"%b"}', b'{"token":"<redacted>"}'),
    (b'{"p":{"token":["%b",{"a":{"b":"%b"}}]}}', b'{"p":{"token":"<redacted>"}}'),
    (rb'{"token":"{\"x\":\"%b\"}"}', b'{"token":"<redacted>"}'),
    (b'{"token":["%b', b'{"token":"<redacted>"'),
    (b'{"url":"http://h/?token=%b"}', b'{"url":"http://h/?token=<redacted>"}'),
    (b'{"url":"http:\\/\\/h\\/?a=b&token=%b&c=d"}', b'{"url":"http:\\/\\/h\\/?a=b&token=<redacted>&c=d"}'),
    (rb'{"spec":"{\"url\":\"http://h/?token=%b\"}"}', rb'{"spec":"{\"url\":\"http://h/?token=<redacted>\"}"}'),
)
FORMS = (
    b"abcd/efgh+ijkl==",
    rb"abcd\/efgh+ijkl==",
    rb"abcd\\\/efgh+ijkl==",
    rb"abcd\u002Fefgh\u002bijkl==",
    rb"\u0061bcd\\u002fefgh+ijkl=\u003d",
    b"abcd%2Fefgh%2bijkl%3D%3D",
    b"abcd%252Fefgh%252Bijkl%3d=",
)


@pytest.mark.parametrize("later", FORMS)
@pytest.mark.parametrize("first", FORMS)
def test_a_secret_is_known_in_each_of_its_forms(first, later):
    for pattern, clean in IN_JSON:
        redactor = Redactor()
        assert redactor.body(pattern.replace(b"%b", first)) == clean
        assert redactor.body(b'{"echo":"a\\/b %b c"}' % later) == b'{"echo":"a\\/b <redacted> c"}'
        assert redactor.head(b"GET /%b/x HTTP/1.1\r\nX: %b\r\n" % (later, later)) == (
            b"GET /<redacted>/x HTTP/1.1\r\nX: <redacted>\r\n"
        )
    for head in (b"GET /?token=%b HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nAuthorization: Bearer %b\r\n\r\n"):
        redactor = Redactor()
        assert b"<redacted>" in redactor.head(head % first)
        assert redactor.body(b'{"echo":"%b"}' % later) == b'{"echo":"<redacted>"}'


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (rb'{"token":"h\u00e9 \ud83d\ude00 \"x\" \\ y"}', 'héX "'.encode()),
        (b"{}", b"?token=short&x=%zz \\u12 \\q"),
        (b'{"token":{"containerId":"abcdefgh"}}', b'{"containerId":"other"}'),
        (b'{"token":"1234567"}', b"1234567"),
    ],
)
def test_what_only_looks_like_a_secret_stays(first, later):
    redactor = Redactor()
    redactor.body(first)
    assert redactor.body(later) == later.replace(b"short", b"<redacted>")


def test_letters_beyond_ascii_are_known_however_they_are_written():
    redactor = Redactor()
    redactor.body(rb'{"token":"h\u00e9 \ud83d\ude00 \"x\" \\ y\n"}')
    assert redactor.body('"hé 😀 "x" \\ y\n"'.encode()) == b'"<redacted>"'
    assert redactor.body(rb'"h%C3%A9 \ud83D\uDE00 \u0022x\" \\ y\n"') == b'"<redacted>"'


def test_secrets_that_overlap_are_one_and_users_of_urls_are_learned():
    redactor = Redactor(["pin"])
    redactor.body(b'{"pin":["abcdefgh","efghijkl","abcdefgh"]}')
    assert redactor.body(b"abcdefghijkl abcdefgh-efghijklx") == b"<redacted> <redacted>-<redacted>x"
    redactor.head(b"GET http://me:password@box/ HTTP/1.1\r\n\r\n")
    assert redactor.body(b"me:password") == b"<redacted>"


def test_params_without_a_secret_that_cuts_an_escape_are_a_text():
    redactor = Redactor()
    redactor.body(b'{"token":"u00e9abcdefgh"}')
    assert redactor.params({"x": "\u00e9abcdefgh"}) == '{"x": "\\<redacted>"}'


def test_however_many_secrets_there_are_none_is_forgotten_and_each_costs_what_the_documents_say():
    redactor = Redactor()
    secrets = [f"{number:040x}".encode()[::-1] for number in range(5000)]
    tracemalloc.start()
    try:
        for secret in secrets:
            redactor.head(b"GET / HTTP/1.1\r\nAuthorization: Bearer %b\r\n\r\n" % secret)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / len(secrets) < 1000
    assert redactor.body(b" ".join(secrets)) == b" ".join([b"<redacted>"] * len(secrets))


def test_many_escapes_take_time_in_proportion():
    redactor = Redactor()
    redactor.body(b'{"token":"' + SECRET + b'"}')
    text = b'{"x":"' + b"\\/" * 200_000 + b"\\" * 200_000 + SECRET + b'"}'
    assert redactor.body(text).count(b"<redacted>") == 1


def test_the_members_of_a_text():
    text = b'{"id":"7","params":{"id":2,"a":[{"id":3}]},"id":-1}'
    found = [(each.depth, each.name, text[each.start : each.end]) for each in members_of(text)]
    assert found == [
        (1, "id", b'"7"'),
        (2, "id", b"2"),
        (4, "id", b"3"),
        (2, "a", b'[{"id":3}]'),
        (1, "params", b'{"id":2,"a":[{"id":3}]}'),
        (1, "id", b"-1"),
    ]
    assert raw_member(text, "id") == b"-1"
    assert raw_member(b"[]", "id") is None
    assert with_member(b'{"jsonrpc":"2.0", "id" : 3 ,"result":{"id":3}}', "id", b'"x"') == (
        b'{"jsonrpc":"2.0", "id" : "x" ,"result":{"id":3}}'
    )


def test_deep_nesting_is_no_recursion():
    assert len(members_of(b'{"a":' * 100_000)) == 99_999
