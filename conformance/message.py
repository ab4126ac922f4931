"""The JSON-RPC requests that the suite sends: the documented ones, and the few it needs beside them."""

import json

from conformance import spec


def documented(method: str, container_id: str = "", bundle_path: str = "") -> bytes:
    """Return the body of the documented command for ``method``, with our container id and bundle path in it."""
    body = spec.documented()[method]
    for placeholder, value in ((spec.DOCUMENTED_ID, container_id), (spec.BUNDLE_PLACEHOLDER, bundle_path)):
        body = body.replace(placeholder, json.dumps(value)[1:-1])
    return body.encode()


def renamed(method: str, name: str, container_id: str) -> bytes:
    """Return the documented command for ``method``, sent to a method called ``name`` instead."""
    return documented(method, container_id).replace(
        f"{spec.CALLSIGN}.{method}".encode(), f"{spec.CALLSIGN}.{name}".encode()
    )


def forced_stop(container_id: str) -> bytes:
    """Return a stopContainer request that does not ask the container's leave."""
    params = {"containerId": container_id, "force": True}
    return json.dumps(
        {"jsonrpc": "2.0", "id": 3, "method": f"{spec.CALLSIGN}.stopContainer", "params": params}
    ).encode()
