import pytest

from launcher import Launcher
from thunderoci.testing import bundle


@pytest.fixture
def launcher(thunder):
    """The launcher of an app named `player`, on an emulated box."""
    return Launcher(thunder.url, "player", bundle())
