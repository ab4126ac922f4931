"""The option `up --replay`, and what goes with it: nothing that is about a Dobby or a plugin host of ours."""

import argparse

_WITH_IT = frozenset({"replay", "port", "host", "until_eof", "verbose", "command", "run"})
_FLAGS = {"memcr": "--no-memcr"}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the option to a parser."""
    parser.add_argument(
        "--replay", metavar="FILE", help="serve what 'thunderoci record' wrote, without a bus and without a Dobby"
    )


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with the usage when an option is given that a recording has no use for."""
    if options.replay is None:
        return
    for name, value in vars(options).items():
        if name not in _WITH_IT and value != parser.get_default(name):
            flag = _FLAGS.get(name, f"--{name.replace('_', '-')}")
            parser.error(f"{flag} has no meaning with --replay: a recording answers as it was recorded")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    from thunderoci.replaying import program  # noqa: PLC0415 (it loads Twisted, which --help does without)

    return program.run(options)
