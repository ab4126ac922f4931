"""Which generation of the plugin's API is emulated, and inside which Thunder.

A profile is the plugin's generation, a flavour the Thunder around it. What differs between flavours stands here as
data, so that no other module asks for a flavour's name.
"""

from dataclasses import dataclass
from functools import cache

from thunderoci.dialect import Dialect, TextNull
from thunderoci.errors import ERRORS, Failure
from thunderoci.quirks import ESCAPED_QUOTES, NONE, RAW_UTF8, TEXT_NULL, Quirks
from thunderoci.rawjson import Raw, compact, members_of, rewrite_object

PROFILES = ("rdkservices", "entservices")


@dataclass(frozen=True, slots=True)
class Flavour:
    """One Thunder and what is particular to it."""

    name: str
    errors: dict[Failure, tuple[int, str | None]]
    old_parser: bool
    """Whether its JSON parser is the one before R4.4.3 (facts/thunder.md A.4)."""
    null_is_string: bool
    """Whether JSON null passes the plugin's test for a string (facts/thunder.md D.1)."""
    missing_object: Raw
    """What an object parameter that is not there reaches Dobby as."""
    info_is_value: bool
    """Whether Dobby's information is shown as one value: null stays null, and no blanks are left anywhere in it."""
    exists: dict[bool, Raw]
    """What `exists` answers for a method that is there and for one that is not (facts/thunder.md C)."""
    version: tuple[int, int, int]
    flat_version: bool = False
    """Whether a plugin's status has its version in its own members, too."""
    no_configuration: Raw = "null"
    """What the Controller answers for the configuration of a plugin that has none."""
    stores_configuration: bool = True
    """Whether the Controller keeps its configuration when it is asked to."""
    no_callsign: bytes = b"400 After the //Service/ URL a Callsign is expected."
    """The status line for a path that names no plugin (facts/thunder.md A.1)."""
    large_frame_is_last: bool = True
    """Whether the quirk T-large-frame is one of this Thunder's."""

    def dialect(self, quirks: Quirks = NONE) -> Dialect:
        """Return how this Thunder reads JSON when these quirks are on."""
        return _dialect(self.old_parser, quirks)

    def show_info(self, info: str, quirks: Quirks = NONE) -> Raw:
        """Return Dobby's information as getContainerInfo shows it; raises NotJSON."""
        dialect = self.dialect(quirks)
        members = members_of(compact(info) if self.info_is_value else info, dialect)
        return "null" if self.info_is_value and info.strip() == "null" else rewrite_object(members, dialect)


@cache
def _dialect(old_parser: bool, quirks: Quirks) -> Dialect:
    text_null = TextNull.NULL if old_parser else TextNull.ABSENT
    return Dialect(
        takes_raw_utf8=not (old_parser and RAW_UTF8 in quirks),
        any_quote_counts=old_parser and ESCAPED_QUOTES in quirks,
        text_null=text_null if TEXT_NULL in quirks else TextNull.TEXT,
        wraps_ids=old_parser,
    )


FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour(
            "r4.4.1-rdk",
            ERRORS["r4.4.1-rdk"],
            old_parser=True,
            null_is_string=True,
            missing_object="{}",
            info_is_value=False,
            exists={True: "0", False: "22"},
            version=(4, 4, 1),
        ),
        Flavour(
            "r4.4.1",
            ERRORS["r4.4.1"],
            old_parser=True,
            null_is_string=True,
            missing_object="{}",
            info_is_value=False,
            exists={True: "1", False: "0"},
            version=(4, 4, 1),
        ),
        Flavour(
            "r4.4.7",
            ERRORS["r4.4.7"],
            old_parser=False,
            null_is_string=False,
            missing_object="null",
            info_is_value=True,
            exists={True: "0", False: "22"},
            version=(4, 4, 7),
            flat_version=True,
            no_configuration='""',
            stores_configuration=False,
            no_callsign=b"404 Not Found",
            large_frame_is_last=False,
        ),
    )
}
