"""Which container ids Dobby takes."""

import re

from fakedobby.errors import CreationFailed, Refused

_ALLOWED = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_LETTER = re.compile(r"[A-Za-z]", re.ASCII)
_HOSTNAME_LENGTH = 64


def check_id(container_id: str) -> None:
    """Raise Refused when Dobby's own rule forbids this id (facts/dobby.md 3)."""
    if not _ALLOWED.fullmatch(container_id):
        raise Refused(f"container id {container_id[:140]!r}: 1 to 128 characters of A-Z a-z 0-9 . _ - are allowed")
    if ".." in container_id:
        raise Refused(f"container id {container_id!r}: two dots in a row are not allowed")
    if not _LETTER.search(container_id):
        raise Refused(f"container id {container_id!r}: at least one letter is needed")


def check_runtime_id(container_id: str) -> None:
    """Raise CreationFailed when crun or the kernel rejects an id that Dobby lets through (facts/dobby.md 3)."""
    if len(container_id) > _HOSTNAME_LENGTH:
        raise CreationFailed(f"container id {container_id!r}: the kernel takes host names of {_HOSTNAME_LENGTH} bytes")
    if container_id.startswith("."):
        raise CreationFailed(f"container id {container_id!r}: crun can't make a keyring whose name starts with a dot")
    if container_id.startswith("-"):
        raise CreationFailed(f"container id {container_id!r}: crun takes it for an option")
