"""The fuzz targets use the bench of the host's tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "thunderoci"))
