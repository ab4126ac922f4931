"""Method texts taken apart (facts/thunder.md B)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thunderoci.designator import Designator, parse_designator, version_of

NAMES = st.text(alphabet=st.characters(exclude_characters=".@"), min_size=1)
WORDS = NAMES.filter(lambda name: not (name.isascii() and name.isdigit()))
CALLSIGNS = st.lists(WORDS, min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a.b.1.m@i", ("a.b", 1, "m", "i")),
        ("a.b.m", ("a.b", None, "m", "")),
        ("a.m", ("a", None, "m", "")),
        ("m", (None, None, "m", "")),
        ("1.m", (None, 1, "m", "")),
        (".m", (None, None, "m", "")),
        ("", (None, None, "", "")),
        ("@", (None, None, "", "")),
        ("@i", (None, None, "", "i")),
        ("m@a@b", (None, None, "m@a", "b")),
        ("a.m@x.y", ("a", None, "m", "x.y")),
        ("a..m", ("a", None, "m", "")),
        ("a.1..m", ("a.1", None, "m", "")),
        ("a.1.", ("a", 1, "", "")),
        ("a.1.0.m", ("a.1", 0, "m", "")),
        ("a.x.m", ("a.x", None, "m", "")),
        ("a.².m", ("a.²", None, "m", "")),
        ("...", (".", None, "", "")),
    ],
)
def test_parts(text, parts):
    assert parse_designator(text) == Designator(*parts)


@pytest.mark.parametrize(
    ("digits", "version"),
    [
        *(("0", 0), ("1", 1), ("01", 1), ("000000001", 1), ("254", 254), ("255", None), ("256", None), ("", None)),
        *(("9" * 5000, None), ("0" * 5000 + "7", 7), ("0" * 5000, 0)),
    ],
)
def test_versions(digits, version):
    assert version_of(digits) == version


@given(CALLSIGNS, st.none() | st.integers(0, 254), NAMES, NAMES | st.just(""))
def test_what_is_put_together_is_taken_apart_again(callsign, version, method, instance):
    text = ".".join([callsign, *([] if version is None else [str(version)]), method])
    assert parse_designator(f"{text}@{instance}") == (callsign, version, method, instance)
    if not instance:
        assert parse_designator(text) == (callsign, version, method, "")


@given(st.text() | st.text(alphabet=".@019a²"))
@example("9" * 5000 + ".x")
def test_any_text_has_parts_and_none_of_it_is_made_up(text):
    callsign, version, method, instance = parse_designator(text)
    assert version is None or 0 <= version < 255
    assert "." not in method
    assert "@" not in instance
    rest = text.removesuffix(f"@{instance}").removesuffix(method)
    assert rest.startswith(callsign or "")
