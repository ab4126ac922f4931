"""Which generation of the plugin's API is emulated, and inside which Thunder.

A profile is the plugin's generation, a flavour the Thunder around it. What differs between flavours stands here as
data, so that no other module asks for a flavour's name.
"""

from dataclasses import dataclass

from thunderoci.errors import ERRORS, Failure
from thunderoci.rawjson import Raw, compact, members_of, rewrite_object

PROFILES = ("rdkservices",)


@dataclass(frozen=True, slots=True)
class Flavour:
    """One Thunder and what is particular to it."""

    name: str
    errors: dict[Failure, tuple[int, str | None]]
    null_is_string: bool
    """Whether JSON null passes the plugin's test for a string (facts/thunder.md D.1)."""
    missing_object: Raw
    """What an object parameter that is not there reaches Dobby as."""
    info_is_value: bool
    """Whether Dobby's information is shown as one value: null stays null, and no blanks are left anywhere in it."""
    no_callsign: bytes = b"400 After the //Service/ URL a Callsign is expected."
    """The status line for a path that names no plugin (facts/thunder.md A.1)."""
    large_frame_is_last: bool = True
    """Whether the quirk T-large-frame is one of this Thunder's."""

    def show_info(self, info: str) -> Raw:
        """Return Dobby's information as getContainerInfo shows it; raises NotJSON."""
        members = members_of(compact(info) if self.info_is_value else info)
        return "null" if self.info_is_value and info.strip() == "null" else rewrite_object(members)


FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour("r4.4.1-rdk", ERRORS["r4.4.1-rdk"], null_is_string=True, missing_object="{}", info_is_value=False),
        Flavour("r4.4.1", ERRORS["r4.4.1"], null_is_string=True, missing_object="{}", info_is_value=False),
        Flavour(
            "r4.4.7",
            ERRORS["r4.4.7"],
            null_is_string=False,
            missing_object="null",
            info_is_value=True,
            no_callsign=b"404 Not Found",
            large_frame_is_last=False,
        ),
    )
}
