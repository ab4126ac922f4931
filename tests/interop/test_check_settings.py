"""What `thunderoci check` says of settings and targets that cannot lead to a verdict, before it sends anything."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests_support import run

CHECK = (sys.executable, "-m", "thunderoci", "check")
NOBODY = "127.0.0.1:1"


@pytest.fixture
def portal():
    """A server that answers everything with a page, as a router does; it counts what it is asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>please log in</p>")

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_is_no_thunder_and_gets_no_second_request(portal):
    url, asked = portal
    status, output, errors = run(*CHECK, url)
    assert status == 3
    assert "There is no Thunder JSON-RPC" in errors
    assert "with a page" in errors
    assert "pass" not in output
    assert len(asked) == 1


def test_the_last_line_is_about_all_targets(emulator):
    status, output, _ = run(*CHECK, emulator.ready["url"], NOBODY, "--select", "ocicontainer/listContainers/1")
    assert status == 3
    assert output.splitlines()[-1] == "no verdict: 1 of 2 targets are conformant"


def test_a_callsign_that_is_not_there_is_named(emulator):
    status, _, errors = run(*CHECK, emulator.ready["url"], "--callsign", "org.rdk.Nobody", "--read-only")
    assert status == 3
    assert "The plugin org.rdk.Nobody is absent or deactivated" in errors


def test_a_token_that_is_wanted_is_asked_for(spawn):
    host = spawn("thunderoci", "up", "--port", "0", "--require-token", "hush")
    status, _, errors = run(*CHECK, host.ready["url"], "--read-only")
    assert status == 3
    assert "wants a security token" in errors
    assert "--token" in errors
    status, _, _ = run(*CHECK, host.ready["url"], "--token", "hush", "--select", "ocicontainer/events/10")
    assert status == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--tag", "not-lifecyle"), "No case has the tag of '--tag not-lifecyle'"),
        (("--tag", "read-only", "--tag", "nonsense"), "No case has the tag of '--tag nonsense'"),
        (("--exclude", "nope/*"), "--exclude nope/* matches no case"),
        (("--select", "ocicontainer/events/1?", "--select", "ocicontainer/evens/2"), "--select ocicontainer/evens/2"),
        (("--json", "/no/such/place/x.json"), "/no/such/place/x.json can't be written: there is no such directory"),
        (("--html", "/"), "can't be written: it is a directory"),
    ],
)
@pytest.mark.parametrize("how", [(), ("--list",), ("--dry-run",)], ids=["run", "list", "dry run"])
def test_slips_are_told_before_anything_is_sent(options, sentence, how):
    status, output, errors = run(*CHECK, NOBODY, *options, *how)
    assert (status, output) == (2, "")
    assert sentence in errors


def test_a_list_reads_the_waivers(tmp_path):
    waivers = tmp_path / "waivers.toml"
    waivers.write_text('[[waiver]]\ncase = "nope/*"\nreason = "r"\nexpires = 2999-01-01\n')
    status, _, errors = run(*CHECK, "--list", "--waivers", str(waivers))
    assert status == 2
    assert "nope/*" in errors


def test_a_dry_run_takes_each_target_of_a_file_by_its_own_settings(tmp_path):
    targets = tmp_path / "targets.toml"
    targets.write_text(
        f'[[target]]\nurl = "http://{NOBODY}"\nname = "old"\nprofile = "rdkservices"\n'
        f'[[target]]\nurl = "http://{NOBODY}"\nname = "new"\nprofile = "entservices"\nbundle-path = "/b"\n'
    )
    status, output, errors = run(*CHECK, "--dry-run", "--targets", str(targets), "--select", "*/startContainer/1")
    assert (status, errors) == (0, "")
    old, _, new = output.partition("target new, profile entservices")
    assert old.startswith("target old, profile rdkservices")
    assert "would be skipped: no --bundle-path" in old
    assert "would be skipped" not in new
