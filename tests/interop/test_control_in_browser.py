"""The control API in a real browser: what the pages of others can do, and what those that are allowed to can."""

import http.server
import json
import threading
from urllib.request import urlopen

import pytest

from webdriver import Browser

FETCH = """
return fetch(arguments[0], arguments[1]).then(
    response => response.text().then(text => [response.type, response.status, text]), problem => String(problem));
"""
FAULT = {"id": "bad", "place": "dobby", "kind": "gone"}
ADD = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": json.dumps(FAULT)}
NO_ANSWER = "TypeError: Failed to fetch"


class Page(http.server.BaseHTTPRequestHandler):
    """Answers with an empty page."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def origin():
    """The origin of a page that is not the emulator's."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """A browser for which the names of somebody's domain point to this machine."""
    with Browser(tmp_path_factory.mktemp("chromium"), "--host-resolver-rules=MAP *.example 127.0.0.1") as browser:
        yield browser


@pytest.fixture(scope="module")
def emulator(spawn):
    """An emulator that lets no page in."""
    return spawn("thunderoci", "up", "--port", "0", "--bus", "embedded")


def faults(emulator):
    with urlopen(emulator.ready["control"] + "faults", timeout=20) as answer:
        return json.load(answer)["faults"]


def test_a_foreign_page_can_neither_read_nor_change_anything(chromium, origin, emulator):
    control = emulator.ready["control"]
    chromium.open(origin)
    assert chromium.run(FETCH, f"{control}status", {}) == NO_ANSWER
    assert chromium.run(FETCH, f"{control}faults", ADD) == NO_ANSWER
    # what needs no permission is sent all the same, and has to be refused here
    simple = {"method": "POST", "mode": "no-cors", "body": json.dumps(FAULT)}
    assert chromium.run(FETCH, f"{control}faults", simple) == ["opaque", 0, ""]
    assert chromium.run(FETCH, f"{control}clock/freeze", {"method": "POST", "mode": "no-cors"}) == ["opaque", 0, ""]
    assert faults(emulator) == []
    with urlopen(f"{control}clock", timeout=20) as answer:
        assert json.load(answer)["speed"] == 1


def test_a_name_that_somebody_makes_point_here_opens_nothing(chromium, emulator):
    rebound = emulator.ready["control"].replace("127.0.0.1", "evil.example")
    chromium.open(f"{rebound}status")
    assert '"error":"Forbidden"' in chromium.run("return document.body.innerText")
    kind, status, text = chromium.run(FETCH, "/emulator/faults", ADD)
    assert (kind, status, json.loads(text)["error"]) == ("basic", 403, "Forbidden")
    assert faults(emulator) == []


def test_a_page_that_is_allowed_to_can_do_everything(chromium, origin, spawn):
    emulator = spawn(
        "thunderoci", "up", "--port", "0", "--bus", "embedded", "--allow-origin", origin, "--control-token", "T"
    )
    control, token = emulator.ready["control"], {"Authorization": "Bearer T"}
    chromium.open(origin)
    added = chromium.run(FETCH, f"{control}faults", ADD | {"headers": ADD["headers"] | token})
    assert added[:2] == ["cors", 201]
    assert json.loads(chromium.run(FETCH, f"{control}faults", {"headers": token})[2])["faults"][0]["id"] == "bad"
    assert chromium.run(FETCH, f"{control}faults/bad", {"method": "DELETE", "headers": token}) == ["cors", 204, ""]
    kind, status, text = chromium.run(FETCH, f"{control}faults/bad", {"headers": token})
    assert (kind, status, json.loads(text)["error"]) == ("cors", 404, "NoSuchThing")
    assert chromium.run(FETCH, f"{control}faults", {})[1] == 403
