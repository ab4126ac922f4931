"""Reading curl commands out of documents: as a real shell splits them and as curl takes them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import curl, markdown
from conformance.commands import read
from conformance.errors import BadCurl
from conformance.exchange import Request
from conformance.shellwords import NeedsShell, Unfinished, simple_command

DOCUMENTS = Path(__file__).parent / "documents"
NASTY = (DOCUMENTS / "nasty.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def shell(tmp_path_factory):
    """Return the words that a real shell gives to a curl that prints them."""
    folder = tmp_path_factory.mktemp("bin")
    fake = folder / "curl"
    fake.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    fake.chmod(0o755)
    variables = {name: f"${{{name}}}" for name in ("NAME", "X_1")}

    def words(line):
        done = subprocess.run(
            ["bash", "-c", line],
            env={"PATH": f"{folder}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", **variables},
            capture_output=True,
            check=True,
        )
        return json.loads(done.stdout)

    return words


@pytest.mark.parametrize(
    "line",
    [
        """curl -X POST http://h/ -d '{"a": "it'"'"'s"}'""",
        'curl "http://h/?a=b&c" --data "{\\"a\\": \\"\\$5 \\`x\\` \\\\ \\n\\"}"',
        "curl http://h \\\n  -d 'two\nlines' \\\n  -s",
        "curl http://h -d a\\ b\\'c\\\"d\\#e # comment",
        "curl http://h/a#b -d ''\"\"",
        r"curl http://h -d $'a\tb\x41\101\u00e9\'\\\"\?\cA\e'",
        r"curl http://h -d $'nul\0here'x",
        'curl http://h -d $"local"e',
        'curl http://h -d "$NAME ${NAME} $X_1" $NAME',
        "curl http://h -d '$NAME ${NAME}' \"\\$NAME\" $ a$",
        "curl 2> /dev/null http://h </dev/null 2>&1 -d x2>&1 1<>/dev/stdout -s 2>>/dev/null",
        'curl "a\\\nb" c\\\nd',
    ],
)
def test_words_are_those_of_a_shell(shell, line):
    assert simple_command(line).words[1:] == shell(line)


@pytest.mark.parametrize(
    ("line", "words", "operator"),
    [
        ("curl a; b", ["curl", "a"], ";"),
        ("curl a && b", ["curl", "a"], "&&"),
        ("curl a | jq .", ["curl", "a"], "|"),
        ("curl a?x=1&y=2", ["curl", "a?x=1"], "&"),
        ("curl a\nb", ["curl", "a"], "\n"),
        ("curl http://<the box>/x <name> <in >out", ["curl", "http://<the box>/x", "<name>"], ""),
        ("curl [-THE HOST-]/x", ["curl", "[-THE HOST-]/x"], ""),
    ],
)
def test_where_a_command_ends(line, words, operator):
    simple = simple_command(line)
    assert (simple.words, simple.operator) == (words, operator)


@pytest.mark.parametrize("line", ["'", '"', "$'", 'a "b', "a \\", "a \\\n", '"${X}'])
def test_what_goes_on_behind_the_end(line):
    with pytest.raises(Unfinished):
        simple_command(line)


@pytest.mark.parametrize("line", ["$(x)", '"$(x)"', "`x`", '"`x`"', "$1", "$?", "${", "f(x)", "<(x)", r"$'\ud800'"])
def test_what_only_a_shell_knows(line):
    with pytest.raises(NeedsShell):
        simple_command(line)


FULL = ("http://h/", (("Accept", "*/*"), ("Content-Type", "application/x-www-form-urlencoded")))


@pytest.mark.parametrize(
    ("line", "method", "url", "headers", "body"),
    [
        ("curl -dx h", "POST", *FULL, "x"),
        ("curl -sSXPUT --data=x -d y --data-raw @z h", "PUT", *FULL, "x&y&@z"),
        ("curl h", "GET", "http://h/", {"Accept": "*/*"}, ""),
        ("curl -G h?a -d b -d c", "GET", "http://h/?a&b&c", {"Accept": "*/*"}, ""),
        (
            "curl h --json a --json b",
            "POST",
            "http://h/",
            dict.fromkeys(["Accept", "Content-Type"], "application/json"),
            "ab",
        ),
        (
            "curl h -d '' -H 'content-type:text/plain;' -H accept:",
            "POST",
            "http://h/",
            {"content-type": "text/plain;"},
            "",
        ),
        ("curl h -H 'X;' -H nothing -A me", "GET", "http://h/", {"Accept": "*/*", "X": "", "User-Agent": "me"}, ""),
        ("curl -- http://h/p#f", "GET", "http://h/p", {"Accept": "*/*"}, ""),
        ("curl http://h/é -m 5 --max-time=3 -o f -kLv", "GET", "http://h/%C3%A9", {"Accept": "*/*"}, ""),
        ("curl '[::1]:9998/x'", "GET", "http://[::1]:9998/x", {"Accept": "*/*"}, ""),
    ],
)
def test_options(line, method, url, headers, body):
    command = curl.parse(simple_command(line).words, "", "doc.md", 1)
    assert (command.method, command.url, dict(command.headers), command.body) == (method, url, dict(headers), body)


def test_everything_in_a_nasty_document_is_found_or_told():
    document = read(NASTY, "nasty.md")
    assert [(found.command.line, found.command.url.removeprefix("http://")) for found in document.commands] == [
        (9, "h/list"),
        (12, "h/still-inside"),
        (18, "h/quoted"),
        (20, "h/root"),
        (26, "h/indented"),
        (27, "h/second"),
        (36, "h/flags"),
        (36, "h/get?x=1&y=2"),
        (37, "h/json"),
        (38, "${HOST:-h}/default"),
        (41, "h/after"),
        (49, "h/pre"),
    ]
    assert [problem.facts["line"] for problem in document.problems] == [40, 42, 44, 45, 46, 61]
    bodies = {found.command.line: found.command.body for found in document.commands}
    assert (bodies[9], bodies[18], bodies[26], bodies[38]) == (
        '{"a": 1}',
        '{"c": "${VALUE}"}',
        "two\nlines",
        "tab\there",
    )
    assert bodies[49] == "<name>"
    titles = {found.command.line: found.command.title for found in document.commands}
    assert (titles[9], titles[26], titles[36]) == ("Nasty, but Markdown", "An indented block", "Several in one fence")
    answers = {found.command.line: found.answer and found.answer.value for found in document.commands}
    assert {line for line, answer in answers.items() if answer} == {18}
    assert answers[18]["result"] == 7


@pytest.mark.parametrize("second", ["curl http://h -d x # it's", "curl http://h -d 'x'"])
def test_a_quote_that_is_closed_too_late_hides_no_command(second):
    document = read(f"```\ncurl -d 'open\n{second}\n```\n", "doc.md")
    assert [problem.facts["line"] for problem in document.problems] == [2]
    assert [(found.command.line, found.command.body) for found in document.commands] == [(3, "x")]


@pytest.mark.parametrize(("name", "commands", "without"), [("newer.md", 13, 0), ("older.md", 5, 0)])
def test_answers_belong_to_their_commands(name, commands, without):
    document = read((DOCUMENTS / name).read_text(encoding="utf-8"), name)
    assert document.problems == []
    assert len(document.commands) == commands
    assert sum(found.answer is None for found in document.commands) == without
    for found in document.commands:
        result = found.answer.value["result"]
        method = json.loads(found.command.body)["method"].rpartition(".")[2]
        assert ("descriptor" in result) == method.startswith("start")
        assert name == "older.md" or found.command.title == method
        assert ("containers" in result) == (method == "listContainers")


@settings(deadline=None)
@given(
    st.sampled_from(["POST", "PUT", "GET"]),
    st.lists(
        st.tuples(st.sampled_from(["X-A", "accept", "Content-Type", "Y"]), st.text(st.sampled_from("ab;:'\"\\ $"))),
        max_size=3,
    ),
    st.binary() | st.text().map(str.encode),
)
def test_a_rendered_request_is_read_back(method, headers, body):
    headers = tuple({name.lower(): (name, value.strip()) for name, value in headers}.values())
    body = b"" if method == "GET" else body.replace(b"\0", b"0")
    line = curl.render(Request("http://h/x?[y]", headers, body, method))
    command = curl.parse(simple_command(line).words, "", "doc.md", 1)
    assert command is not None
    # curl's own headers come first; the place of one that is its default is not kept
    assert (command.request.method, command.request.url, command.request.body) == (method, "http://h/x?[y]", body)
    assert sorted(command.request.headers) == sorted(headers)


PIECES = st.sampled_from(
    [
        *(
            "curl ",
            "curl http://h ",
            "-d ",
            "-H ",
            "'",
            '"',
            "`",
            "$",
            "$'",
            "${",
            "}",
            "\\",
            "\n",
            "```",
            "~~~",
            "> ",
            "    ",
        ),
        *(
            "# ",
            "**t**",
            "- ",
            "{",
            "[-",
            "-]",
            "<",
            ">",
            "|",
            ";",
            "&",
            "(",
            "@",
            "a",
            "é",
            "\0",
            "\t",
            "<pre>",
            "</pre>",
        ),
        *("<!--", "-->", "---", '{"result": 1}', "--json", "http://", "\r\n", "%", ":", "[", "]"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES).map("".join) | st.text())
def test_no_text_breaks_the_reader(text):
    document = read(text, "any.md")
    assert all(isinstance(problem, BadCurl) for problem in document.problems)
    for found in document.commands:
        curl.render(found.command.request)


def test_what_looks_like_a_fence_in_an_indented_block_is_a_line_of_it():
    (block,) = markdown.blocks("    ```a`\n    curl x\n")
    assert block.text == "```a`\ncurl x\n"
