"""A headless Chromium, driven through chromedriver by plain HTTP requests of the WebDriver protocol."""

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1200,900"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
ENTER = "\ue007"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def program(*names):
    """Return the first of these programs that is there; else skip, or fail where CI is to check it."""
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{names[0]} is not installed")
    return found


class Browser:
    """One session of a Chromium, with more flags if need be; use it as a context manager."""

    def __init__(self, folder, *flags):
        self._folder = folder
        self._flags = flags

    def __enter__(self):
        chromium, driver = program("chromium", "chromium-browser", "google-chrome"), program("chromedriver")
        self._driver = subprocess.Popen(
            [driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )
        try:
            lines = iter(self._driver.stdout.readline, "")
            port = next(found[1] for found in (re.search(r"on port (\d+)\.$", line.strip()) for line in lines) if found)
            self._base = f"http://127.0.0.1:{port}/session"
            options = {"binary": chromium, "args": [*FLAGS, *self._flags, f"--user-data-dir={self._folder}"]}
            capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            session = self._send("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
            self._base += f"/{session['sessionId']}"
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        try:
            self._send("DELETE", "")
        finally:
            self._end()

    def open(self, url):
        """Load a page; a URL that differs in its fragment alone only changes that."""
        self._send("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """Run the body of a function in the page; return its value."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def element(self, selector):
        """Return the element that a CSS selector finds."""
        return self._send("POST", "/element", {"using": "css selector", "value": selector})[_ELEMENT]

    def click(self, selector):
        """Click an element as a user does: it has to be visible, and nothing may cover it."""
        self._send("POST", f"/element/{self.element(selector)}/click", {})

    def type(self, selector, text):
        """Type into an element."""
        self._send("POST", f"/element/{self.element(selector)}/value", {"text": text})

    def press(self, key):
        """Press a key where the focus is."""
        keys = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": keys}]})

    def command(self, name, **parameters):
        """Run a command of the DevTools protocol."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def log(self):
        """Return what was written to the console since the last time."""
        return [entry["message"] for entry in self._send("POST", "/se/log", {"type": "browser"})]

    def _send(self, method, path, content=None):
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self._base + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as problem:
            with problem:
                pytest.fail(f"{method} {path}: {json.load(problem)['value']['message']}")

    def _end(self):
        with self._driver:
            self._driver.terminate()
