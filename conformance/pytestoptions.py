"""The settings of a run that plain pytest was asked for, by the options of plugin.py."""

from typing import Any

import pytest

from conformance.errors import BadOption
from conformance.kinds import Impossible
from conformance.options import OPTIONS
from conformance.settings import Settings


def of_pytest(config: pytest.Config) -> Settings:
    """Return the settings that the plugin's own options give. Raises UserError."""
    known: dict[str, Any] = {}
    for option in OPTIONS:
        value = config.getoption(f"thunder_{option.short or option.name}", None)
        if value in (None, []):
            continue
        try:
            read = option.kind.read
            known[option.name] = tuple(map(read, value)) if option.kind.split else value is True or read(value)
        except Impossible as problem:
            raise BadOption(option=f"--thunder{option.flag[1:]}", why=problem, expected=option.kind.expected) from None
    return Settings(**known)
