"""The specification's documents against the meta-schemas of the people who define OpenRPC."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from conformance import spec

SPEC = Path(spec.__file__).parent


@pytest.fixture(scope="session")
def meta_schema(node_folder):
    """Return the validator of OpenRPC documents; it finds all that it refers to in what npm installed."""
    packages = node_folder / "node_modules"
    openrpc = json.loads((packages / "@open-rpc/spec/dist/1_3/schema.json").read_text(encoding="utf-8"))
    schemas = json.loads((packages / "@json-schema-tools/meta-schema/schema.json").read_text(encoding="utf-8"))
    # the meta-schema is referred to by its id with and without the slash; a registry alone retrieves nothing
    names = ("https://meta.json-schema.tools", "https://meta.json-schema.tools/")
    registry = Registry().with_resources((name, DRAFT7.create_resource(schemas)) for name in names)
    return Draft7Validator(openrpc, registry=registry)


def faults(validator, document):
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(document)]


@pytest.mark.parametrize("profile", spec.PROFILES)
def test_a_document_is_openrpc(meta_schema, profile):
    document = json.loads((SPEC / f"{profile}.openrpc.json").read_text(encoding="utf-8"))
    assert document["openrpc"] == "1.3.2"
    assert faults(meta_schema, document) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("info"),
        lambda document: document["methods"][0].pop("params"),
        lambda document: document["methods"][1]["params"][0].pop("schema"),
        lambda document: document["methods"][1]["params"][0].update(unknown=1),
        lambda document: document["components"]["schemas"]["plain"].update(type="thing"),
        lambda document: document.update(events=[]),
    ],
)
def test_what_is_no_openrpc_is_noticed(meta_schema, spoil):
    document = copy.deepcopy(spec.load("rdkservices").document)
    spoil(document)
    assert faults(meta_schema, document)
