"""The program `thunderoci record`."""

import logging
from argparse import Namespace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from fakedobby.program import Program, say_ready
from thunderoci import __version__
from thunderoci.errors import BadUpstream, RecordingUnwritable, UserError
from thunderoci.listening import Listening
from thunderoci.recording.conversation import Conversation
from thunderoci.recording.format import FORMAT
from thunderoci.recording.proxy import ProxyFactory
from thunderoci.recording.recordingfile import APPEND, NEW, REPLACE, RecordingFile
from thunderoci.recording.redaction import Redactor

log = logging.getLogger(__name__)

_THUNDER_PORT = 9998


def run(options: Namespace) -> int:
    """Record as the options of the command line say; return the exit status."""
    return Recorder(options).run()


class Recorder:
    """A proxy with its port, its box and its file."""

    def __init__(self, options: Namespace) -> None:
        self._options = options
        self._program = Program("thunderoci", (UserError,))

    def run(self) -> int:
        """Serve until a signal comes; return the exit status."""
        return self._program.run(self._serve)

    async def _serve(self, reactor: Any) -> None:
        options = self._options
        host, port = address(options.upstream)
        began = reactor.seconds()
        numbers = count(1)
        redactor = Redactor(options.redact)
        factory = ProxyFactory(
            reactor,
            host,
            port,
            lambda: Conversation(next(numbers), file.write, lambda: reactor.seconds() - began, redactor),
            options.idle_time,
        )
        header = {
            "kind": "header",
            "format": FORMAT,
            "version": __version__,
            "upstream": factory.upstream,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "redacted": list(options.redact),
        }
        mode = APPEND if options.append else REPLACE if options.force else NEW
        # the port first: where it is taken no file is to be left, and the one of whoever has it not to be replaced
        listening = Listening(reactor, options.host, options.port, factory)
        file = RecordingFile(options.output, mode, header)

        async def part() -> None:
            await listening.stop()
            try:
                file.close()
            except RecordingUnwritable as problem:
                self._program.fail(problem)

        self._program.before_ending(part)
        say_ready(url=listening.url, ws=listening.ws, control=None, upstream=factory.upstream, output=options.output)


def address(given: str) -> tuple[str, int]:
    """Return host and port of a box; raises BadUpstream. Credentials in it are left out: clients bring their own."""
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise BadUpstream(given=_shown(given), reason=str(problem)) from None
    if parts.scheme not in {"http", "ws"}:
        raise BadUpstream(given=_shown(given), reason=f"plain HTTP is recorded, not {parts.scheme}")
    if not host or port == 0:
        raise BadUpstream(given=_shown(given), reason="it names no host" if not host else "nobody listens on port 0")
    if parts.username is not None or parts.query:
        log.warning("What --upstream says besides host and port is not used: clients bring their own credentials.")
    default = _THUNDER_PORT if "://" not in given else 80
    return host, port or default


def _shown(given: str) -> str:
    """Return an address without what may be secret in it."""
    before, at, behind = given.partition("?")[0].rpartition("@")
    scheme, slashes, _ = before.partition("://")
    return f"{scheme}{slashes}{behind}" if at and slashes else behind
