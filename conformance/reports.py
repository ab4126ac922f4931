"""Writes the reports of a run to the files that the user named."""

import importlib
from pathlib import Path
from typing import Any

from conformance.errors import CannotWrite
from conformance.settings import Settings

FORMATS = ("json", "junit", "html", "markdown", "badge")


def write(report: dict[str, Any], settings: Settings) -> None:
    """Write each report that ``settings`` ask for. Raises CannotWrite."""
    for name in FORMATS:
        path = getattr(settings, name)
        if not path:
            continue
        text = importlib.import_module(f"conformance.report.{name}").render(report, path)
        try:
            Path(path).write_text(text, encoding="utf-8")
        except OSError as problem:
            raise CannotWrite(path=path, why=problem.strerror) from None
