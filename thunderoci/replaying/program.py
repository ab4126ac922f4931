"""The program `thunderoci up --replay`."""

import logging
from argparse import Namespace
from typing import Any

from fakedobby.program import Program, say_ready
from thunderoci.errors import UserError
from thunderoci.listening import Listening
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
        listening = Listening(reactor, options.host, options.port, factory)
        program.before_ending(listening.stop)
        say_ready(
            url=listening.url,
            ws=listening.ws,
            control=None,
            bus=None,
            profile=None,
            flavour=None,
            replay=options.replay,
        )

    return program.run(serve, until_eof=options.until_eof)
