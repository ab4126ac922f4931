"""Keeps one app running on a box: starts its container, and starts it again when it ended."""

import json
import sys
import time
import urllib.request

ATTEMPTS = 3


class NotStarted(Exception):
    """The box would not start the app."""


class Launcher:
    """Talks to the Thunder at a URL about one app, whose bundle is on the box."""

    def __init__(self, url, app, bundle):
        self.url, self.app, self.bundle = url, app, bundle

    def call(self, method, **params):
        """Return the result of a method, None where the box answers with an error."""
        body = {"jsonrpc": "2.0", "id": 1, "method": f"org.rdk.OCIContainer.1.{method}", "params": params}
        request = urllib.request.Request(self.url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer).get("result")

    def running(self):
        """Tell whether the app runs."""
        return any(container["Id"] == self.app for container in self.call("listContainers")["containers"])

    def launch(self):
        """Start the app; a box that is busy gets another chance or two."""
        for _ in range(ATTEMPTS):
            result = self.call("startContainer", containerId=self.app, bundlePath=self.bundle)
            if result and result["success"]:
                return result["descriptor"]
        raise NotStarted(self.app)

    def keep(self):
        """Start the app if it does not run."""
        if not self.running():
            self.launch()


def main():
    launcher = Launcher(*sys.argv[1:4])
    while True:
        launcher.keep()
        time.sleep(0.1)  # ten looks a second: an app that ends is back before its viewer notices


if __name__ == "__main__":
    main()
