"""What is measured: the emulator in one process, or plugin host and fake daemon apart, with so many containers."""

import json
import sys
from contextlib import ExitStack

from benchmarks.connection import Connection, http_request
from benchmarks.errors import WrongAnswer
from benchmarks.program import Program, ready
from rawclient import RETURN, RawClient

ALL = {
    "up": "`up` on a dbus-daemon",
    "pair": "`serve` and `fakedobby` on a dbus-daemon",
    "embedded": "`up` on the embedded bus",
}
SPEC = {
    "version": "1.0",
    "cwd": "/",
    "args": ["sleep", "600"],
    "user": {"uid": 1000, "gid": 1000},
    "memLimit": 41943040,
}
OURS = (sys.executable, "-m")


def call(method, **params):
    """Return the body of a call of the plugin."""
    name = f"org.rdk.OCIContainer.1.{method}"
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": name, "params": params}).encode()


def start(container_id):
    """Return the body of the call that starts a container."""
    return call("startContainerFromDobbySpec", containerId=container_id, dobbySpec=SPEC)


LIST = call("listContainers")


class Arrangement:
    """A plugin host and a Dobby that run, with containers in them."""

    def __init__(self, name, *options, containers=0, leash=True):
        self.name = name
        self.containers = containers
        self._stack = ExitStack()
        try:
            self._start(name, options, leash)
            if containers:
                self.populate(containers)
        except BaseException:
            self.end()
            raise

    def _start(self, name, options, leash):
        ends = ("--until-eof",) if leash else ()
        if name == "pair":
            daemon = self._program("fakedobby", "--bus", "private", *options, *ends, leash=leash)
            bus = ready(daemon)["bus"]
            host = self._program("thunderoci", "serve", "--port", "0", "--bus", bus, *ends, leash=leash)
            self.programs = [daemon, host]
        else:
            bus = "embedded" if name == "embedded" else "private"
            host = self._program("thunderoci", "up", "--port", "0", "--bus", bus, *options, *ends, leash=leash)
            self.programs = [host]
        self.began = self.programs[0].began
        said = ready(host)
        self.bus = said["bus"]
        self.port = int(said["url"].rsplit(":", 1)[1].split("/")[0])

    def _program(self, *arguments, leash):
        program = Program(*OURS, *arguments, leash=leash)
        self._stack.callback(program.end)
        return program

    def end(self):
        self._stack.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def memory(self):
        """Return the resident memory of our processes in MiB."""
        return sum(program.memory() for program in self.programs)

    def processor_time(self):
        """Return the seconds for which our processes have had a processor."""
        return sum(program.processor_time() for program in self.programs)

    def ask(self, body):
        """Make one call over HTTP, and return the answer."""
        connection = Connection(self.port)
        try:
            return connection.ask(body)
        finally:
            connection.close()

    def control(self, verb, path, document=None):
        """Use the control API of the host; return the answer. Without a document the body is empty."""
        body = b"" if document is None else json.dumps(document).encode()
        connection = Connection(self.port)
        try:
            connection.send(http_request(body, f"/emulator/{path}", verb))
            return connection.next()
        finally:
            connection.close()

    def populate(self, count):
        """Put so many running containers in the place of those that are there."""
        containers = [{"id": name(number), "state": "Running", "program": {"runtime": None}} for number in range(count)]
        if self.name == "pair":  # the host cannot control a Dobby that is not its own
            with RawClient(self.bus) as client:
                where = ("org.rdk.dobby", "/org/thunderoci/emulator", "org.thunderoci.Emulator1")
                answer = client.call(*where, "SetState", "s", [json.dumps({"containers": containers})])
                if answer.kind != RETURN:
                    raise WrongAnswer(what="the control object", answer=answer.body)
        else:
            self.control("PUT", "state", {"containers": containers})
        answer = self.ask(LIST)
        if answer.count(b'"Id":') + answer.count(b'"id":') < count:
            raise WrongAnswer(what=f"listContainers with {count} containers", answer=answer[-200:])


def name(number):
    """Return the id of one of the containers that `populate` makes."""
    return f"com.example.app{number}"
