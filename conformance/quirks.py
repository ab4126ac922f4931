"""Tells which known quirk of real devices explains a finding, by spec/quirks.toml; it makes no I/O."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from conformance import spec
from conformance.verdict import Finding

_ODD_QUOTES = re.compile(r'(?<!\\)"(?:[^"\\]|\\[^"])*(?:(?:\\"(?:[^"\\]|\\[^"])*){2})*\\"(?:[^"\\]|\\[^"])*"')
"""A string with an odd number of escaped quotes."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One way in which a quirk shows; what is None or empty is not asked for."""

    clauses: tuple[str, ...]
    request: re.Pattern[str] | None
    id: re.Pattern[str] | None
    answer: re.Pattern[str] | None
    silent: bool
    malformed: bool
    unfinished: bool
    scripted: bool
    cases: tuple[str, ...]
    profiles: tuple[str, ...]

    def explains(
        self, clause: str, request: str, answer: str | None, profile: str, case_id: str, *, before: Sequence[str]
    ) -> bool:
        """Tell whether all that the sign asks for is there; whether Dobby is ``scripted`` was asked before."""
        return (
            profile in self.profiles
            and any(fnmatchcase(clause, pattern) for pattern in self.clauses)
            and not (self.cases and not any(fnmatchcase(case_id, pattern) for pattern in self.cases))
            and not (self.silent and answer)
            and not (self.malformed and (not request or _is_object(request)))
            and not (self.unfinished and not any(map(_is_unfinished, before)))
            and (self.request is None or self.request.search(request) is not None)
            and (self.id is None or self.id.match(_id(request)) is not None)
            and (self.answer is None or self.answer.search(answer or "") is not None)
        )


@dataclass(frozen=True, slots=True)
class KnownQuirk:
    """A quirk that real devices are known for: how it shows, or in ``unseen`` why no case meets it."""

    id: str
    sentence: str
    reference: str
    signs: tuple[Sign, ...]
    unseen: str


@cache
def known() -> dict[str, KnownQuirk]:
    """Return the known quirks by id, in the order in which they are tried."""
    return {
        name: KnownQuirk(
            name,
            entry["sentence"],
            entry["reference"],
            tuple(_sign(**sign) for sign in entry.get("seen", ())),
            entry.get("unseen", ""),
        )
        for name, entry in tomllib.loads(spec.text("quirks.toml")).items()
    }


def explain(
    finding: Finding,
    request_text: str,
    answer_text: str | None,
    profile: str,
    case_id: str = "",
    *,
    before: Sequence[str] = (),
    scripted: bool = False,
) -> str:
    """Return the id of the first known quirk that explains ``finding``, "" when none does.

    ``answer_text`` is None or empty when nothing was answered; ``before`` was sent earlier on the same WebSocket.
    ``scripted`` says that Dobby was told what to answer, odd things among it.
    """
    for quirk in known().values():
        for sign in quirk.signs:
            if (scripted or not sign.scripted) and sign.explains(
                finding.clause, request_text, answer_text, profile, case_id, before=before
            ):
                return quirk.id
    return ""


def _is_unfinished(text: str) -> bool:
    """Tell whether a text begins an object and does not end it, as a host sees it that miscounts escaped quotes."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text) or error.msg.startswith("Unterminated")
    except RecursionError:
        return False
    return _ODD_QUOTES.search(text) is not None


def _id(text: str) -> str:
    """Return the id of a request as JSON text, "" when it has none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return json.dumps(message["id"]) if isinstance(message, dict) and "id" in message else ""


def _is_object(text: str) -> bool:
    """Tell whether a text is a JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _sign(*, clauses: list[str], request: str = "", answer: str = "", **more: Any) -> Sign:
    """Return a sign as the file has it."""
    return Sign(
        tuple(clauses),
        re.compile(request) if request else None,
        re.compile(more.pop("id")) if "id" in more else None,
        re.compile(answer) if answer else None,
        more.pop("silent", False),
        more.pop("malformed", False),
        more.pop("unfinished", False),
        more.pop("scripted", False),
        tuple(more.pop("cases", ())),
        tuple(more.pop("profiles", spec.PROFILES)),
        **more,
    )
