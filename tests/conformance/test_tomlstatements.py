"""The statements of TOML texts, and the keys that are too long for the parser."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import LongKey
from conformance.tomlfile import TomlFile
from conformance.tomlstatements import MOST_PARTS, statements

MOST = ".".join(["a"] * MOST_PARTS)
LONG = f"{MOST}.a"

TEXT = """\
# [
a = "# [" # ]

b = [ # [
  '{', # ]

  { c = 1 },
]
[t]
'[' = '''
]
'' # '''''
  [[u]]
"]" = 2000-01-01 00:00:00.5"""


def test_where_statements_begin_and_end():
    found = {line: statement.strip() for line, statement in statements(TEXT)}
    assert list(found) == [1, 2, 4, 9, 10, 13, 14]
    assert (found[4][:5], found[4][-2:]) == ("b = [", "\n]")
    assert found[10] == "'[' = '''\n]\n'' # '''''"


STATEMENTS = st.sampled_from(
    [
        "# ' \"",
        "",
        "[t#]",
        "[[u#]]",
        "k# = 1",
        'k#.\'a.b\' = [\n[ # ]\n], \'}\', """\n]\\""""""\n]',
        'k# = { a = "}", b = [ 1,\n 2 ] }',
    ]
)


@given(st.lists(STATEMENTS, max_size=8))
def test_together_statements_are_the_text_and_each_is_one_for_the_parser(pieces):
    pieces = [piece.replace("#", str(at), 1) if piece[:1] != "#" else piece for at, piece in enumerate(pieces)]
    text = "\n".join(pieces)
    tomllib.loads(text)
    found = list(statements(text))
    assert [statement for _, statement in found] == [piece for piece in pieces if piece]
    lines = text.split("\n")
    for line, statement in found:
        tomllib.loads(statement)
        assert "\n".join(lines[line - 1 :]).startswith(statement)


@pytest.mark.parametrize(
    ("text", "line"),
    [(f"x = '{LONG}' # {LONG}\n{LONG} = 1", 2), (f"[{LONG}]", 1), (f"x = '''\n{LONG}'''\ny = {{ {LONG} = 1 }}", 3)],
)
def test_a_key_that_is_too_long_is_refused_with_its_line(text, line):
    with pytest.raises(LongKey) as refused:
        TomlFile("c.toml", text)
    sentence = f"c.toml, line {line}: a key has more than {MOST_PARTS} parts between dots; write a shorter one."
    assert str(refused.value) == sentence


def test_the_parser_reads_each_statement_once_more_for_its_line(monkeypatch):
    text = "".join(f"a{at} = [\n" + "1,\n" * 100 + "]\n" for at in range(20))
    read, loads = [], tomllib.loads
    monkeypatch.setattr(tomllib, "loads", lambda said: read.append(said) or loads(said))
    assert TomlFile("c.toml", text).line("absent") == 1
    assert len(text) * 2 - len(read) <= sum(map(len, read)) <= len(text) * 2


def test_the_line_of_what_is_deeper_than_anybody_looks_is_that_of_its_statement():
    text = "\nx = " + f"{{ {MOST} = " * 100 + "1" + "}" * 100
    file = TomlFile("c.toml", text)
    assert file.table["x"]["a"]["a"]
    assert file.line("x", *["a"] * 4000) == 2
    assert file.line("y") == 1
