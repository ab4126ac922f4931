"""Any name of an app that is a container id will do; two hundred of them, each on a box as new."""

import pytest

from launcher import Launcher, NotStarted
from thunderoci.testing import bundle

GOOD = [f"{kind}{number}" for kind in ("app", "com.example.app-", "App_", "a.b-c_") for number in range(48)]
BAD = [f"{character}app" for character in ' /:"\\$%&']


@pytest.mark.parametrize("name", GOOD)
def test_a_name_that_is_an_id(thunder, name):
    assert Launcher(thunder.url, name, bundle()).launch() == 734


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_is_none(thunder, name):
    with pytest.raises(NotStarted):
        Launcher(thunder.url, name, bundle()).launch()
    thunder.assert_called("startContainer", times=3, containerId=name)
