"""The lines of a TOML document's values."""

import json
import string
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedobby.tomllines import DEEPEST, Lines

DOCUMENT = """\
# a comment with [brackets] and "quotes
profile = "rdkservices" # = [x]
a.b . "c.d" = 1

[table]
key = 1
'literal [key]' = 2
"basic \\u00e9 \\"key\\"" = 3

[[program]]
name = "first ] # no comment"
memory = [
  [0, 100],   # one ]
  # [nothing]

  [5,
   200],
]
term = { after = 2, exit = 3 }

[[program]]
text = \"\"\"
[not.a.table]
key = 1 \\\""" still
five quotes\"\"\"\"\"
after = 1

[program.inner]
deep = 1

[[program.list]]
x = 1
[[program.list]]
x = 2
[program.list.y]
z = 1

[[ "program" ]] # the third
literal = '''
x = [''
'''
when = 1979-05-27 07:32:00
last = [{ a = [1, { b = "}" }] }, 'it'] # end
"""

LINES = {
    ("profile",): 2,
    ("a",): 3,
    ("a", "b"): 3,
    ("a", "b", "c.d"): 3,
    ("table",): 5,
    ("table", "key"): 6,
    ("table", "literal [key]"): 7,
    ("table", 'basic é "key"'): 8,
    ("program",): 10,
    ("program", 0): 10,
    ("program", 0, "name"): 11,
    ("program", 0, "memory"): 12,
    ("program", 0, "memory", 0): 13,
    ("program", 0, "memory", 0, 1): 13,
    ("program", 0, "memory", 1): 16,
    ("program", 0, "memory", 1, 0): 16,
    ("program", 0, "memory", 1, 1): 17,
    ("program", 0, "term"): 19,
    ("program", 0, "term", "after"): 19,
    ("program", 0, "term", "exit"): 19,
    ("program", 1): 21,
    ("program", 1, "text"): 22,
    ("program", 1, "after"): 26,
    ("program", 1, "inner"): 28,
    ("program", 1, "inner", "deep"): 29,
    ("program", 1, "list"): 31,
    ("program", 1, "list", 0): 31,
    ("program", 1, "list", 0, "x"): 32,
    ("program", 1, "list", 1): 33,
    ("program", 1, "list", 1, "x"): 34,
    ("program", 1, "list", 1, "y"): 35,
    ("program", 1, "list", 1, "y", "z"): 36,
    ("program", 2): 38,
    ("program", 2, "literal"): 39,
    ("program", 2, "when"): 42,
    ("program", 2, "last"): 43,
    ("program", 2, "last", 0): 43,
    ("program", 2, "last", 0, "a", 1, "b"): 43,
    ("program", 2, "last", 1): 43,
}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("path", LINES)
def test_where_each_value_stands(path, end):
    assert Lines(DOCUMENT.replace("\n", end)).of(path) == LINES[path]


def test_the_document_of_this_test_is_read_in_the_same_way_by_tomllib():
    document = tomllib.loads(DOCUMENT)
    for path in LINES:
        value = document
        for key in path:
            value = value[key]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("nothing",), 1),
        (("table", "nothing"), 5),
        (("program", 1, "inner", "x", 5), 28),
        (("program", 9), 10),
    ],
)
def test_what_is_not_there_is_looked_for_in_what_it_would_be_in(path, line):
    assert Lines(DOCUMENT).of(path) == line


@pytest.mark.parametrize("text", ["", "\n", "# x", "a = 1", "[a]", "[[a]]", "a = []", "a = {}", "a = ''", 'a = ""'])
def test_short_documents(text):
    tomllib.loads(text)
    assert Lines(text).of(("a",)) == 1


@pytest.mark.parametrize(
    "text", ["[", "[[", "]", "=", "a", "a =", "a = [", "a = {", "a = [1", 'a = """', "a = 'x", ".", ",", "}", "a = {b"]
)
def test_what_is_no_toml_does_not_hang(text):
    Lines(text)


KEYS = st.text(alphabet=string.ascii_letters + "-_ .é\"'#[]{}=,\\", max_size=6).filter(bool)
TEXTS = st.text(alphabet=string.ascii_letters + " \"'#[]{}=,\\é.", max_size=8)
VALUES = st.recursive(
    st.integers(-1000, 1000) | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


class Writer:
    """Writes a TOML document and remembers in which line each value was put."""

    def __init__(self):
        self.text = ""
        self.lines = {}

    def put(self, text):
        self.text += text

    def note(self, path):
        self.lines[path] = self.text.count("\n") + 1

    def value(self, value, path):
        if isinstance(value, list):
            self.put("[")
            for index, item in enumerate(value):
                self.put("\n # ], [\n ")
                self.note((*path, index))
                self.value(item, (*path, index))
                self.put(" ,")
            self.put("]")
        elif isinstance(value, dict):
            self.put("{")
            for index, (key, item) in enumerate(value.items()):
                self.put(", " if index else " ")
                self.note((*path, key))
                self.put(f"{json.dumps(key)} = ")
                self.value(item, (*path, key))
            self.put(" }")
        elif isinstance(value, str) and "'" not in value and len(value) % 2:
            self.put(f"'''\n{value}\n{value}'''")
        else:
            self.put(json.dumps(value))

    def table(self, table, path):
        for key, item in table.items():
            self.note((*path, key))
            self.put(f"{json.dumps(key)} = ")
            self.value(item, (*path, key))
            self.put(' # \' """ [[\n')


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=3), st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_document(tables, last):
    writer = Writer()
    for index, table in enumerate(tables):
        writer.put("\n")
        writer.note(("list", index))
        writer.put("[[ list ]]\n")
        writer.table(table, ("list", index))
    writer.put("[last]\n")
    writer.table(last, ("last",))
    tomllib.loads(writer.text)
    lines = Lines(writer.text)
    assert {path: lines.of(path) for path in writer.lines} == writer.lines


@pytest.mark.parametrize(("begin", "end"), [("{ a.b.c = ", "}"), ("[[", "]]"), ("[{ a.b = ", "}]")])
def test_what_is_too_deep_has_the_line_of_what_it_is_in_and_takes_no_room(begin, end):
    lines = Lines(f"\nk = {begin * 150}1{end * 150}\nlast = 1\n")
    assert lines.of(("k", *["a", "b", "c"] * 150)) == 2
    assert lines.of(("last",)) == 3
    assert max(map(len, lines._lines)) <= DEEPEST + 1
