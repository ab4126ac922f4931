"""Runs the targets under atheris, which looks for input that takes new ways: the long form of the fuzzing.

python tests/fuzz/fuzz.py            10 CPU minutes, in equal parts for all targets
python tests/fuzz/fuzz.py port 30    one target, so many seconds
python tests/fuzz/fuzz.py port FILE  what is in a file, once
"""

import math
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
SECONDS = 600
"""What all targets have together."""
LONGEST = 4096
"""Bytes of one input at most."""


def fuzz(name, options):
    """Be the fuzzer of one target; this does not return."""
    import atheris  # noqa: PLC0415 (only the fuzzer needs it)

    with atheris.instrument_imports(include=["thunderoci", "fakedobby", "conformance"]):
        from targets import TARGETS  # noqa: PLC0415 (as above)
    atheris.Setup([sys.argv[0], *options], TARGETS[name].run)
    atheris.Fuzz()


def prepare(name, folder):
    """Write the seeds and the dictionary of a target, and return the options that name them."""
    from targets import TARGETS, dictionary  # noqa: PLC0415 (not instrumented here)

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(TARGETS[name].seeds):
        (corpus / str(number)).write_bytes(seed)
    words = folder / "words"
    words.write_text(dictionary(TARGETS[name].words))
    return [f"-dict={words}", f"-artifact_prefix={folder}/", str(corpus)]


def used():
    """Return the seconds of processor time that our children have taken."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def run(name, seconds):
    """Fuzz one target for so many seconds of processor time; return whether nothing was found."""
    with tempfile.TemporaryDirectory() as folder:
        options = [f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=1500", "-print_final_stats=1"]
        options += prepare(name, Path(folder))
        end, inputs = used() + seconds, 0
        # the fuzzer counts time that passes, of which a busy machine gives it a part: it goes on with what it has found
        while (left := end - used()) >= 1:
            command = [sys.executable, __file__, name, f"-max_total_time={math.ceil(left)}", *options]
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
            inputs += sum(map(int, re.findall(r"number_of_executed_units: +(\d+)", done.stderr)))
            if done.returncode:
                print(f"{name}: a defect after {inputs} inputs\n{done.stderr[-6000:]}")  # noqa: T201
                for found in Path(folder).glob("*-*"):
                    print(f"{found.name}: {found.read_bytes()!r}")  # noqa: T201
                return False
    print(f"{name}: {inputs} inputs, nothing found", flush=True)  # noqa: T201
    return True


def main():
    # the packages that are installed come first, where they are
    folders = (TESTS / folder for folder in ("thunderoci", "control", "fakedobby", "fuzz"))
    sys.path += [str(TESTS), *map(str, folders), str(ROOT)]
    name, *options = sys.argv[1:] or [None]
    if options and options[0].startswith("-"):
        fuzz(name, options)
    elif options and not options[0].isdigit():
        from targets import TARGETS  # noqa: PLC0415 (not instrumented here)

        TARGETS[name].run(Path(options[0]).read_bytes())
        return 0
    from targets import TARGETS  # noqa: PLC0415 (not instrumented here)

    names = [name] if name else list(TARGETS)
    seconds = int(options[0]) if options else SECONDS // len(names)
    good = [run(name, seconds) for name in names]
    print(f"{used():.0f} seconds of processor time")  # noqa: T201
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
