"""The command line options of what talks to the control API, and of who may."""

import argparse
import re

from fakedobby.journal import KINDS

DEFAULT_URL = "http://127.0.0.1:9998"


def add_log(parser: argparse.ArgumentParser) -> None:
    """Add the options of 'thunderoci log', and what runs it."""
    _add_emulator(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what happens from now on")
    parser.add_argument("--since", type=_number, default=0, metavar="N", help="only what came after entry N")
    parser.add_argument("--kind", type=_kinds, metavar="K", help=f"only these, with commas between: {','.join(KINDS)}")
    parser.add_argument(
        "--method", type=_not_empty, metavar="M", help="only what has this name, or a pattern like start*"
    )
    parser.add_argument(
        "--container", type=_not_empty, metavar="ID", help="only what is about containers of this pattern"
    )
    parser.set_defaults(run=_log)


def add_status(parser: argparse.ArgumentParser) -> None:
    """Add the options of 'thunderoci status', and what runs it."""
    _add_emulator(parser)
    parser.set_defaults(run=_status)


def origin(text: str) -> str:
    """Return an origin as a browser names it; raises ArgumentTypeError."""
    if text != "null" and not re.fullmatch(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:]+\]|[^/?#@:\s]+)(:[0-9]+)?", text.lower()):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no origin: give scheme, name and perhaps port, like http://localhost:3000, and no path"
        )
    return text


def _add_emulator(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, metavar="URL", help=f"the emulator ({DEFAULT_URL})")
    parser.add_argument("--json", action="store_true", help="write JSON, for programs")
    parser.add_argument("--token", type=_not_empty, metavar="T", help="the emulator's --control-token")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < len(str(2**53))):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of an entry: give 0 or more")
    return int(text)


def _kinds(text: str) -> str:
    for kind in text.split(","):
        if kind not in KINDS:
            raise argparse.ArgumentTypeError(f"there is no kind {kind!r}; these there are: {', '.join(KINDS)}")
    return text


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it must not be empty")
    return text


def _log(options: argparse.Namespace) -> int:
    from thunderoci.control.commands import show_log  # noqa: PLC0415 (it loads HTTP, which other commands do without)

    return show_log(
        options.url,
        token=options.token,
        as_json=options.json,
        follow=options.follow,
        since=options.since,
        kind=options.kind,
        method=options.method,
        container=options.container,
    )


def _status(options: argparse.Namespace) -> int:
    from thunderoci.control.commands import status  # noqa: PLC0415 (as in _log)

    return status(options.url, token=options.token, as_json=options.json)
