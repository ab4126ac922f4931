"""The packages that only the suite needs, which an emulator is installed without."""

from importlib.util import find_spec

from conformance.errors import MissingPackages

_NEEDED = {
    **{name: name for name in ("h11", "jsonschema", "pytest", "twisted", "wsproto")},
    "pytest_twisted": "pytest-twisted",
    "xdist": "pytest-xdist",
}
"""What the suite imports, and what it is called where it is installed from."""


def demand_packages() -> None:
    """Raise MissingPackages when the suite's own dependencies are not there."""
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise MissingPackages(names=" and ".join(missing))
