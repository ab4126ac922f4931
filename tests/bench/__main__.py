"""The benchmarks: `python tests/bench --help` says what can be asked of them, docs/performance.md what they found."""

import sys
from pathlib import Path

# a folder that is run by its path is in sys.path; the tests' own D-Bus client is one above
sys.path.append(str(Path(__file__).parents[1]))

from benchmarks.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
