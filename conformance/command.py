"""What ``thunderoci check`` does before there is a target: read its configuration, show it, hand out the bundle."""

import argparse
import os
import sys
from pathlib import Path

from conformance import bundle, configuration
from conformance.errors import UserError, tell
from conformance.options import PRINT_CONFIG
from conformance.output import Output
from conformance.packages import demand_packages
from conformance.settings import Settings

_DONE, _USAGE, _LOST = 0, 2, 3


def prepare(namespace: argparse.Namespace) -> Settings | int:
    """Return the settings of the run that the command line asks for, or an exit status when it asks for none."""
    output = Output(sys.stdout)
    try:
        read = configuration.read(namespace, os.environ, Path.cwd())
        if getattr(namespace, PRINT_CONFIG):
            output.write(read.as_toml())
        elif read.settings.bundle:
            bundle.hand_out(read.settings.bundle, output)
        else:
            demand_packages()
            from conformance import listing, preflight  # noqa: PLC0415 - they need the packages

            preflight.check(read.settings)
            if not (read.settings.list or read.settings.dry_run):
                return read.settings
            lines = listing.plan(read.settings) if read.settings.dry_run else listing.cases(read.settings)
            output.write("".join(f"{line}\n" for line in lines))
    except UserError as problem:
        tell(f"thunderoci: {problem}")
        return _USAGE
    return _LOST if output.lost else _DONE
