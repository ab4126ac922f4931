"""A well-behaved Thunder for the suite's own tests: nine methods, containers in a dictionary, faults on demand."""

# ruff: noqa: N802, N803 - methods and parameters are called as on the wire

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PREFIX = "org.rdk.OCIContainer.1."
UNKNOWN_METHOD = {"code": -32601, "message": "Unknown method."}
FAILED = {"code": 1, "message": "ERROR_GENERAL"}

Answer = dict[str, Any]
Fault = Callable[[str, Answer], Answer]
"""Takes a method's name and its good result, returns the one to be sent."""


class Refused(Exception):
    """The call fails."""


@dataclass
class Plugin:
    """The nine methods; ``containers`` maps ids to [descriptor, state], ``reach`` decides which one a call acts on."""

    containers: dict[str, list[Any]] = field(default_factory=dict)
    fault: Fault = lambda _method, result: result
    reach: Callable[[str, str, list[str]], str] = lambda _method, asked, _ids: asked
    descriptors: int = 700

    def answer(self, method: str, params: Answer) -> Answer:
        handler = getattr(self, f"do_{method}", None)
        if handler is None:
            return {"error": UNKNOWN_METHOD}
        if "containerId" in params:
            asked = self.reach(method, params["containerId"], sorted(self.containers))
            params = {**params, "containerId": asked}
        try:
            return {"result": self.fault(method, {**handler(**params), "success": True})}
        except Refused:
            return {"error": FAILED}

    def _container(self, container_id: str, *states: str) -> list[Any]:
        if container_id not in self.containers:
            raise Refused
        container = self.containers[container_id]
        if states and container[1] not in states:
            raise Refused
        return container

    def do_listContainers(self) -> Answer:
        return {
            "containers": [{"Descriptor": self.containers[name][0], "Id": name} for name in sorted(self.containers)]
        }

    def do_getContainerState(self, containerId: str) -> Answer:
        return {"containerId": containerId, "state": self._container(containerId)[1]}

    def do_getContainerInfo(self, containerId: str) -> Answer:
        state = self._container(containerId)[1]
        return {
            "info": {
                "cpu": {"usage": {"percpu": [1, 2], "total": 3}},
                "id": containerId,
                "memory": {"user": {"failcnt": 0, "limit": 2**64 - 1, "max": 5, "usage": None}},
                "pids": [12],
                "processes": [{"pid": 12}],
                "state": state.lower(),
                "timestamp": 854965987345,
            }
        }

    def do_startContainer(self, containerId: str, bundlePath: str = "/bundle") -> Answer:
        if containerId in self.containers or not bundlePath.startswith("/"):
            raise Refused
        self.descriptors += 1
        self.containers[containerId] = [self.descriptors, "Running"]
        return {"descriptor": self.descriptors}

    def do_startContainerFromDobbySpec(self, containerId: str, dobbySpec: Answer) -> Answer:
        assert dobbySpec["version"] == "1.0"
        return self.do_startContainer(containerId)

    def do_stopContainer(self, containerId: str, force: bool = False) -> Answer:
        self._container(containerId, "Running", *(["Paused"] if force else []))
        del self.containers[containerId]
        return {}

    def do_pauseContainer(self, containerId: str) -> Answer:
        self._container(containerId, "Running")[1] = "Paused"
        return {}

    def do_resumeContainer(self, containerId: str) -> Answer:
        self._container(containerId, "Paused")[1] = "Running"
        return {}

    def do_executeCommand(self, containerId: str, options: str, command: str) -> Answer:
        assert (options, command) == ("", "ls")
        self._container(containerId, "Running")
        return {}


class _Listener(ThreadingHTTPServer):
    """Says nothing of clients that hang up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Server:
    """Serves ``reply``, a function from request bodies to (status line, body) pairs, until the context ends.

    ``reply`` may return None to close the connection without an answer.
    """

    def __init__(self, reply: Callable[[bytes], tuple[int, str, bytes] | None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_POST(self) -> None:
                answer = reply(self.rfile.read(int(self.headers["Content-Length"])))
                if answer is None:
                    self.close_connection = True
                    return
                status, reason, body = answer
                self.send_response_only(status, reason)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = _Listener(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jsonrpc"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self.close()

    def close(self) -> None:
        self._server.server_close()


def thunder(plugin: Plugin, error: Answer | None = None) -> Server:
    """Return a server that answers for ``plugin`` as Thunder does: no content type, odd reasons, errors in a 202.

    With ``error``, all errors are that one.
    """

    def reply(body: bytes) -> tuple[int, str, bytes]:
        request = json.loads(body)
        outcome = plugin.answer(request["method"].removeprefix(PREFIX), request.get("params", {}))
        if error and "error" in outcome:
            outcome = {"error": error}
        answer = json.dumps({"jsonrpc": "2.0", "id": request["id"], **outcome}).encode()
        if "error" in outcome:
            return 202, f"Failure on JSONRPC: {outcome['error']['code'] % 2**32}", answer
        return 200, "JSONRPC executed succesfully", answer

    return Server(reply)
