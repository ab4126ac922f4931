"""Keys that are too long to be read: found where they are, and nowhere else."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.tomlkeys import MOST_PARTS, line_of_long_key

MOST = ".".join(["a"] * MOST_PARTS)
LONG = f"{MOST}.a"
QUOTED = ".".join(['"."', "'.'"] * MOST_PARTS)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{MOST} = 1", None),
        (f"{LONG} = 1", 1),
        (f"[{MOST}]\n\n[[{LONG}]]", 3),
        (f"x = [\n{{ y = 1, {LONG} = 1 }}]", 2),
        (f"{' . '.join(['a'] * MOST_PARTS)}\t.\ta = 1", 1),
        (f"\n{QUOTED} = 1", 2),
        (f"'{LONG}' = '{LONG}'", None),
        (f'x = "\\"{LONG}" # {LONG}', None),
        (f"x = '''\n{LONG}'' '\n{LONG}'''''\n{LONG} = 1", 4),
        (f'x = """\n{LONG}\\""" "" \n{LONG}"""""\n{LONG} = 1', 4),
        # no TOML: whatever comes behind a text without an end is in it
        (f'x = """\n{LONG}\\', None),
        (f"x = '''\n{LONG}", None),
        (f"x = '{LONG}\n{LONG}", 2),
        (f'x = "{LONG}\\\n{LONG}', 2),
    ],
)
def test_where_a_key_is_too_long(text, line):
    assert line_of_long_key(text) == line


def length(text):
    """Return how many tables lie in one another, as the parser has it."""
    value, levels = tomllib.loads(text), 0
    while isinstance(value, dict):
        value, levels = next(iter(value.values()), None), levels + 1
    return levels


PARTS = st.one_of(st.from_regex(r"[a-z.]{0,5}", fullmatch=True).map(repr), st.just("a"), st.just('"\\".b"'))
DOTS = st.sampled_from([".", " . ", "\t."])


@given(st.lists(PARTS, min_size=MOST_PARTS - 2, max_size=MOST_PARTS + 3), DOTS)
def test_parts_are_what_the_parser_takes_for_them(parts, dot):
    text = f"{dot.join(parts)} = 'a.b'"
    assert (line_of_long_key(text) is not None) == (length(text) > MOST_PARTS)
