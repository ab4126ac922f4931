"""One value in a JSON text put in the place of another; all else keeps its spelling."""

import pytest

from thunderoci.jsonvalue import raw_of, replaced


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ('{"a":1e2,"b":{"c":[1, 2.50]}}', "a", "7", '{"a":7,"b":{"c":[1, 2.50]}}'),
        ('{"a":1e2,"b":{"c":[1, 2.50]}}', "a", None, '{"b":{"c":[1, 2.50]}}'),
        ('{"a":1e2,"b":{"c":[1, 2.50]}}', "b.c.0", '"x"', '{"a":1e2,"b":{"c":["x",2.50]}}'),
        ('{"a":1e2,"b":{"c":[1, 2.50]}}', "b.c.1", None, '{"a":1e2,"b":{"c":[1]}}'),
        ('{"a":1}', "new", "true", '{"a":1,"new":true}'),
        ('{"a":1}', "missing", None, '{"a":1}'),
        ('[{"x":"]"}, {"x":"\\u00e4"}]', "1.x", "0", '[{"x":"]"},{"x":0}]'),
        ("[]", "0", "1", "[]"),
        ("[1]", "-1", "2", "[1]"),
        ("[1]", "one", "2", "[1]"),
        ('{"a":1}', "a.b", "2", '{"a":1}'),
        ('{"a":[bare]}', "a.0", "2", '{"a":[bare]}'),
        ("null", "a", "2", "null"),
        ('"text"', "a", "2", '"text"'),
        ("", "a", "2", ""),
    ],
)
def test_replaced(text, path, value, expected):
    assert replaced(text, path, value) == expected


def test_values_are_written_as_thunder_writes_them():
    assert raw_of({"ä/": [1, 1.5, True, None, "\n"]}) == '{"\\u00E4\\/":[1,1.5,true,null,"\\n"]}'
    with pytest.raises(ValueError, match="JSON"):
        raw_of(float("nan"))
