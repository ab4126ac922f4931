"""Files that reports are written to: either the whole report is there, or the file that was there before."""

import os
import tempfile
from pathlib import Path

from conformance.errors import ReportUnwritable


def write(path: str | os.PathLike[str], text: str) -> None:
    """Put ``text`` into the file at ``path`` as UTF-8, all at once. Raises ReportUnwritable."""
    place = Path(path)
    content = text.encode("utf-8", "backslashreplace")  # a lone surrogate of an answer is no reason to lose the report
    try:
        if place.exists() and not place.is_file():  # a pipe or a terminal takes the text as it is
            place.write_bytes(content)
            return
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(mode)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise ReportUnwritable(file=place, why=problem.strerror or problem) from None


def _umask() -> int:
    """Return the process's mask for new files, which can only be asked for by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
