"""The judge accuses no recorded item of the real programs, and all that is no pass stands in a committed table."""

import json

import judged
import pytest
from judging import filled
from recorded import PAIRS, STORIES, TRAFFIC


@pytest.fixture(scope="module")
def items():
    return judged.everything()


@pytest.fixture(scope="module")
def rows(items):
    return judged.verdicts(items)


def test_all_that_was_recorded_is_judged(items):
    assert {pair: sum(judged.kind(item) != "sessions" for item in items[pair].values()) for pair in items} == {
        "rdkservices@r4.4.1-rdk": 646,
        "entservices@r4.4.1-rdk": 646,
        "rdkservices@r4.4.7": 646,
        "rdkservices@r4.4.1": 156,
        "entservices@r4.4.7": 94,
    }
    assert {pair: len(STORIES[pair]) for pair in STORIES} == {
        "rdkservices@r4.4.1-rdk": 46,
        "entservices@r4.4.1-rdk": 49,
        "rdkservices@r4.4.7": 46,
    }


@pytest.mark.parametrize("pair", PAIRS)
def test_nothing_fails(pair, rows):
    assert {
        name: row for name, row in rows[pair].items() if row["verdict"] not in {"pass", "non-strict", "known quirk"}
    } == {}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_table_is_current(pair, rows):
    # written by: python tests/golden/judged.py
    found = {
        name: {field: value for field, value in row.items() if value}
        for name, row in rows[pair].items()
        if row["verdict"] != "pass"
    }
    assert judged.listed()[pair] == found


def test_the_page_is_current(items, rows):
    # written by: python tests/golden/judged.py
    assert judged.PAGE.read_text(encoding="utf-8") == judged.page(items, rows)


def test_other_recordings_are_judged_alike(tmp_path, capsys):
    good = TRAFFIC["entservices@r4.4.1-rdk"]["http/no_host"]
    item = STORIES["entservices@r4.4.1-rdk"]["sessions/info-running"]
    lost = {**item, "id": "sessions/lost", "steps": [step for step in item["steps"] if step["do"] != "events"]}
    for folder, found in (("exchanges", [good]), ("sessions", [item, lost])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "entservices@r4.4.7.jsonl").write_text("".join(json.dumps(one) + "\n" for one in found))
    assert judged.main(["--data", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert '"sessions/info-running" = { verdict = "known quirk", clauses = ["envelope.json"]' in out
    assert '"sessions/lost" = { verdict = "fail"' in out
    assert "http/no_host" not in out
    assert out.endswith("3 items: 1 pass, 1 known quirk, 1 fail\n")


def test_places_for_any_value_are_filled():
    assert filled({"a": {"$any": "list:int"}, "b": [{"$any": "int"}], "c": "x"}) == {"a": [1], "b": [1], "c": "x"}
