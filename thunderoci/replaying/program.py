"""The program `thunderoci up --replay`."""

import logging
from argparse import Namespace
from typing import Any

from twisted.internet.error import CannotListenError

from fakedobby.program import Program, say_ready
from thunderoci.errors import CannotListen, UserError
from thunderoci.limits import BACKLOG
from thunderoci.recording.recording import load
from thunderoci.recording.redaction import Redactor
from thunderoci.replaying.server import ReplayFactory
from thunderoci.replaying.timeline import timeline

log = logging.getLogger(__name__)


def run(options: Namespace) -> int:
    """Serve the recording that the options name; return the exit status."""
    program = Program("thunderoci", (UserError,))

    async def serve(reactor: Any) -> None:
        recording = load(options.replay)
        for number, lines in recording.lost:
            log.warning(
                "%s lines are missing at line %s of the recording: what was said there can't be served", lines, number
            )
        found = timeline(recording)
        if found.stray:
            log.warning("%d events came before any call when this was recorded; nobody gets them", found.stray)
        factory = ReplayFactory(reactor, found, Redactor(recording.redacted))
        try:
            listening = reactor.listenTCP(options.port, factory, BACKLOG, interface=options.host)
        except CannotListenError as problem:
            reason = getattr(problem.socketError, "strerror", None) or problem.socketError
            raise CannotListen(port=options.port, host=options.host, reason=reason) from None

        async def part() -> None:
            await listening.stopListening()
            await factory.hang_up()

        program.before_ending(part)
        here = f"[{options.host}]" if ":" in options.host else options.host
        here = f"{here}:{listening.getHost().port}"
        say_ready(
            url=f"http://{here}/jsonrpc",
            ws=f"ws://{here}/jsonrpc",
            control=None,
            bus=None,
            profile=None,
            flavour=None,
            replay=options.replay,
        )

    return program.run(serve, until_eof=options.until_eof)
