"""The report's JSON: the schema is one, our reader says what the schema says, and each error names file and place."""

import copy
import json
import stat

import pytest
from jsonschema import Draft202012Validator

from conformance.errors import ReportBroken, ReportNotJSON, ReportOfAnotherFormat, ReportUnreadable, ReportUnwritable
from conformance.report import files
from conformance.report import json as report_json
from made_reports import frame, one_of_each, report, request, result, target

WHOLE = report(target(*one_of_each(), left_behind=["conf-1a2b3c4d-x"]), target(exit_status=3, problem="gone"))


def places(value, path=()):
    """Yield the path of each value within a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(member, (*path, name))


def changed(path, change):
    """Return the whole report with a change at a path; the change gets the parent and the last name."""
    altered = copy.deepcopy(WHOLE)
    parent = altered
    for name in path[:-1]:
        parent = parent[name]
    change(parent, path[-1])
    return altered


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(report_json.schema())


def test_what_is_written_is_what_is_read(tmp_path):
    text = "\u00fc \U0001f600 \ud800 \x00 </script>"
    written = report(target(result(steps=[request("x", answer=text), frame("received", text)])))
    report_json.write(written, tmp_path / "a.json")
    assert report_json.read(tmp_path / "a.json") == written
    Draft202012Validator(report_json.schema()).validate(written)


def test_our_reader_and_the_schema_agree_on_each_change():
    validator = Draft202012Validator(report_json.schema())
    seen = set()
    for path in places(WHOLE):
        general = tuple("*" if isinstance(name, int) else name for name in path)
        if not path or (general in seen and "steps" not in path):
            continue
        seen.add(general)
        for value in (None, 7, -1, 0.5, "x", True, [], {}, "http"):
            altered = changed(path, lambda parent, name, value=value: parent.__setitem__(name, value))
            assert (report_json.difference(altered) is None) == validator.is_valid(altered), (path, value)
        without = changed(path, lambda parent, name: parent.pop(name))
        assert (report_json.difference(without) is None) == validator.is_valid(without), path


def test_each_member_is_demanded():
    for path in places(WHOLE):
        if path and isinstance(path[-1], str) and path[-1] != "call" and "latencies" not in path[:-1][-1:]:
            where, why = report_json.difference(changed(path, lambda parent, name: parent.pop(name)))
            assert f'"{path[-1]}" is missing' in why
            assert where.count(".") == len([name for name in path[:-1] if isinstance(name, str)])


def test_whether_a_run_was_strict_is_true_or_false_or_not_said():
    validator = Draft202012Validator(report_json.schema())
    assert report_json.difference(WHOLE) is None
    assert "strict" not in WHOLE
    for value in (True, False, None, 0, 1, "true", []):
        altered = {**WHOLE, "strict": value}
        wrong = None if isinstance(value, bool) else ("$.strict", "a boolean was expected")
        assert report_json.difference(altered) == wrong
        assert validator.is_valid(altered) is (wrong is None)


def test_members_that_a_later_suite_adds_are_passed_over():
    assert report_json.difference({**WHOLE, "more": 1}) is None


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b"", ReportNotJSON, "is not JSON: line 1, column 1: Expecting value"),
        (b'{"a":\n x}', ReportNotJSON, "line 2, column 2"),
        (b"\xff", ReportNotJSON, "byte 0 is no UTF-8"),
        (b'{"seconds":NaN}', ReportNotJSON, "NaN is no number of JSON"),
        (b"[" * 200_000, ReportNotJSON, "recursion"),
        (b"[]", ReportBroken, 'at $: an object whose "format" is a text was expected'),
        (b"{}", ReportBroken, 'at $: an object whose "format" is a text was expected'),
        (
            b'{"format":"thunderoci-conformance/2"}',
            ReportOfAnotherFormat,
            "'thunderoci-conformance/2', this version reads",
        ),
        (b'{"format":"thunderoci-conformance/1"}', ReportBroken, 'at $: the member "suite" is missing'),
    ],
)
def test_what_is_no_report(tmp_path, content, error, sentence):
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    with pytest.raises(error) as problem:
        report_json.read(file)
    assert str(problem.value).startswith(f"{file} is ")
    assert sentence in str(problem.value)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("targets", 0, "results", 1, "verdict"), "fine", 'at $.targets[0].results[1].verdict: one of ["pass", '),
        (("targets", 0, "results", 0, "seconds"), -1, "at $.targets[0].results[0].seconds: a number from 0 on was"),
        (("targets", 0, "url"), 7, "at $.targets[0].url: a string was expected"),
        (("seed",), 1.5, "at $.seed: an integer was expected"),
        (("targets", 0, "results", 3, "steps", 0), {"kind": "open"}, 'results[3].steps[0]: the member "connection" is'),
        (("targets", 0, "results", 0, "steps", 0, "headers"), [["a"]], "steps[0].headers[0]: 2 items were expected"),
    ],
)
def test_where_a_report_is_broken(tmp_path, path, value, sentence):
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(changed(path, lambda parent, name: parent.__setitem__(name, value))))
    with pytest.raises(ReportBroken, match="is no report of the suite") as problem:
        report_json.read(file)
    assert sentence in str(problem.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ReportUnreadable, match="can't be read: No such file or directory"):
        report_json.read(tmp_path / "none.json")


def test_a_byte_order_mark_is_no_harm(tmp_path):
    file = tmp_path / "bom.json"
    file.write_text(json.dumps(WHOLE), encoding="utf-8-sig")
    assert report_json.read(file) == WHOLE


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ReportUnwritable, match=r"x/a\.json can't be written: No such file or directory"):
        report_json.write(WHOLE, tmp_path / "x" / "a.json")


def test_a_report_that_can_not_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    file.write_text("before")
    monkeypatch.setattr(files.Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(ReportUnwritable, match="No space left on device"):
        files.write(file, "after")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["before"]


def test_who_may_read_a_report_remains(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("before")
    file.chmod(0o640)
    files.write(file, "after")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("after", 0o640)


def test_a_device_is_written_to_and_not_replaced():
    files.write("/dev/null", "after")
    assert stat.S_ISCHR(files.Path("/dev/null").stat().st_mode)
