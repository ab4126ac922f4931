"""A client as test suites are: session.py URL does the same as session.mjs, with the library websockets."""

import itertools
import json
import sys

from websockets.sync.client import connect

CALLSIGN = "org.rdk.OCIContainer.1"
EVENTS = ["onContainerStateChanged", "onContainerStarted", "onContainerStopped"]
SPEC = {
    "version": "1.0",
    "cwd": "/",
    "args": ["sleep", "60"],
    "user": {"uid": 1000, "gid": 1000},
    "memLimit": 41943040,
}
PATIENCE = 20

answers = []
events = []
numbers = itertools.count(1)


def receive():
    """Keep the next message; return the id of an answer."""
    message = json.loads(connection.recv(PATIENCE))
    if "id" in message:
        answers.append(message.get("result", message.get("error")))
    else:
        events.append([message["method"], message["params"]])
    return message.get("id")


def call(method, params):
    number = next(numbers)
    connection.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": f"{CALLSIGN}.{method}", "params": params}))
    while receive() != number:
        pass


def heard(event):
    while event not in (name for name, _ in events):
        receive()


# the host answers a close and leaves the connection to its client
with connect(sys.argv[1], subprotocols=["notification"], origin="http://app.example", close_timeout=0.1) as connection:
    container = {"containerId": "session"}
    for name in EVENTS:
        call("register", {"event": name, "id": "app"})
    call("startContainerFromDobbySpec", {**container, "dobbySpec": SPEC})
    heard("app.onContainerStarted")
    call("pauseContainer", container)
    call("getContainerState", container)
    call("resumeContainer", container)
    call("getContainerState", container)
    call("stopContainer", container)
    heard("app.onContainerStopped")
    call("stopContainer", container)
    for name in EVENTS:
        call("unregister", {"event": name, "id": "app"})
    connection.ping()  # its pong comes without what was sent in the ping, so this library waits for another one
    call("unregister", {"event": "nothing", "id": "app"})
    sys.stdout.write(json.dumps({"protocol": connection.subprotocol, "answers": answers, "events": events}) + "\n")
