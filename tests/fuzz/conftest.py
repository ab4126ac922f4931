"""The fuzz targets use the benches of the host's, the control API's and the daemon's tests."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("thunderoci", "control", "fakedobby")]
