"""What ``thunderoci check`` does before there is a target: read its configuration, show it, hand out the bundle."""

import argparse
import os
import sys
from pathlib import Path

from conformance import bundle, configuration
from conformance.errors import UserError, tell
from conformance.options import PRINT_CONFIG
from conformance.packages import demand_packages
from conformance.settings import Settings

_DONE, _USAGE = 0, 2


def prepare(namespace: argparse.Namespace) -> Settings | int:
    """Return the settings of the run that the command line asks for, or an exit status when it asks for none."""
    try:
        read = configuration.read(namespace, os.environ, Path.cwd())
        if getattr(namespace, PRINT_CONFIG):
            sys.stdout.write(read.as_toml())
            return _DONE
        if read.settings.bundle:
            bundle.hand_out(read.settings.bundle)
            return _DONE
        demand_packages()
        from conformance import listing, preflight  # noqa: PLC0415 - they need the packages

        preflight.check(read.settings)
        if read.settings.list or read.settings.dry_run:
            lines = listing.plan(read.settings) if read.settings.dry_run else listing.cases(read.settings)
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            return _DONE
    except UserError as problem:
        tell(f"thunderoci: {problem}")
        return _USAGE
    return read.settings
