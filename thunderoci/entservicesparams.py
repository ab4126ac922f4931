"""The params of a call as the profile `entservices` reads them: by another parser than `rdkservices`.

Every member is a text, whatever stands there, but for the few that are booleans. One member that can't be read spoils
all of them, and none is required. Source of the rules: facts/thunder.md D.2.
"""

from collections.abc import Container

from thunderoci.dialect import SANE, Dialect, TextNull
from thunderoci.rawjson import Members, NotJSON, Raw, is_string, members_of, text_of

_TRUE = frozenset(("true", "1"))
_FALSE = frozenset(("false", "0", "null"))
_WORDS = ("true", "false", "null")


class EntservicesParams:
    """The params of one call; `booleans` are the names of those that the method takes as booleans."""

    def __init__(self, params: Raw | None, dialect: Dialect = SANE, booleans: Container[str] = ()) -> None:
        self.problem: str | None = None
        """Why all members count as absent; None when they do not."""
        self._dialect = dialect
        self._members: Members = {}
        try:
            members = members_of(params or "null", dialect)
            for name, raw in members.items():
                if name in booleans:
                    _check_boolean(name, raw)
        except NotJSON as problem:
            self.problem = str(problem)
        else:
            self._members = members

    def text(self, name: str) -> str:
        """Return a member as text: "" when it is absent or null, the JSON text of what is no string."""
        raw = self._members.get(name, "null")
        text = text_of(raw)
        return "" if text == "null" and is_string(raw) and self._dialect.text_null is TextNull.NULL else text

    def flag(self, name: str) -> bool:
        """Return a member that is a boolean; False when it is absent."""
        return self._members.get(name) in _TRUE


def _check_boolean(name: str, raw: Raw) -> None:
    """Raise NotJSON for what does not pass for a boolean; the beginning of a word does, as false."""
    if raw not in _TRUE and raw not in _FALSE and not (raw and any(word.startswith(raw) for word in _WORDS)):
        raise NotJSON(f"{name!r} is no boolean")
