"""The pytest plugin (entry point ``thunderoci``): emulators as fixtures, loaded when a test asks for one."""

from __future__ import annotations

import importlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from thunderoci.testing import FakeDobby, Options, Thunder
    from thunderoci.testing.pool import Pool

_PREFIX = "thunderoci"
_SETTINGS = {
    "profile": "the generation of the plugin's API: rdkservices or entservices",
    "flavour": "the Thunder around it: r4.4.1-rdk, r4.4.1 or r4.4.7",
    "scenario": "a scenario file for all tests that name none of their own",
    "clock": "what moves the emulator's time: real or virtual",
    "progression": "how long transitions of containers take: immediate, real or manual",
    "seed": "a number that makes what is random the same in every run",
}
"""Options on the command line and in the configuration file, each a setting of the emulator."""
_QUIRKS = "misbehave as the real programs do, see 'thunderoci quirks'; may be given again"
_WITNESS: pytest.StashKey[list[tuple[Any, int]]] = pytest.StashKey()
"""The emulators of a test, and how much each had logged when the test began."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all with a prefix of their own."""
    group = parser.getgroup(_PREFIX, "emulators of Thunder's org.rdk.OCIContainer and of Dobby")
    for name, text in _SETTINGS.items():
        group.addoption(f"--{_PREFIX}-{name}", metavar=name[0].upper(), help=text)
        parser.addini(f"{_PREFIX}_{name}", text, default="")
    group.addoption(f"--{_PREFIX}-quirk", metavar="ID", action="append", default=[], help=_QUIRKS)
    parser.addini(f"{_PREFIX}_quirks", "ids of the misbehaviour that emulators have", "args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest about the marker, and refuse options that no emulator could have. Raises UsageError."""
    config.addinivalue_line(
        "markers",
        "scenario(file, **options): the emulator of this test has this scenario file (relative to the test's own "
        "folder) and these other options",
    )
    _check(config)


@pytest.fixture(scope="session")
def thunder_options(pytestconfig: pytest.Config) -> Mapping[str, Any]:
    """Return the options of emulators: what the command line or the configuration file says; override it at will.

    Options are those of thunderoci.testing.Options: `{"profile": "entservices", "clock": "virtual"}`.
    """
    return _configured(pytestconfig)


@pytest.fixture(scope="session")
def _thunderoci_pool() -> Iterator[Pool]:
    """Keep the emulators of this pytest process."""
    pool = importlib.import_module("thunderoci.testing.pool").Pool()
    yield pool
    pool.close()


@pytest.fixture
def thunder(
    request: pytest.FixtureRequest, thunder_options: Mapping[str, Any] | Options, _thunderoci_pool: Pool
) -> Iterator[Thunder]:
    """Give an emulated Thunder with a client (thunderoci.testing.Thunder), as new for each test."""
    with _told():
        emulator = _thunderoci_pool.emulator(_options_of(request, thunder_options))
    _witness(request, emulator)
    yield emulator
    emulator.hang_up()


@pytest.fixture
def fakedobby(
    request: pytest.FixtureRequest, thunder_options: Mapping[str, Any] | Options, _thunderoci_pool: Pool
) -> FakeDobby:
    """Give a fake Dobby on a message bus of its own (thunderoci.testing.FakeDobby), as new for each test."""
    with _told():
        daemon = _thunderoci_pool.daemon(_options_of(request, thunder_options))
    _witness(request, daemon)
    return daemon


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the journal of the emulators to the report of a test that failed."""
    report = yield
    if report.failed:
        for emulator, said in item.stash.get(_WITNESS, []):
            report.sections += emulator.testimony(said)
    return report


@contextmanager
def _told() -> Iterator[None]:
    """Have a sentence of ours reported as it is: nothing in a traceback of this plugin would add to it."""
    testing: Any = importlib.import_module("thunderoci.testing")
    try:
        yield
    except (testing.TestingError, testing.EmulatorFailed) as problem:
        raise pytest.fail.Exception(str(problem), pytrace=False) from None


def _witness(request: pytest.FixtureRequest, emulator: Any) -> None:
    request.node.stash.setdefault(_WITNESS, []).append((emulator, emulator.program.said()))


def _configured(config: pytest.Config) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name in _SETTINGS:
        value = config.getoption(f"{_PREFIX}_{name}") or config.getini(f"{_PREFIX}_{name}")
        if value:
            chosen[name] = value
    if chosen.get("scenario"):
        given = config.getoption(f"{_PREFIX}_scenario")
        chosen["scenario"] = config.invocation_params.dir / given if given else config.rootpath / chosen["scenario"]
    if quirks := [*config.getoption(f"{_PREFIX}_quirk"), *config.getini(f"{_PREFIX}_quirks")]:
        chosen["quirks"] = quirks
    return chosen


def _check(config: pytest.Config) -> None:
    """Raise UsageError for a setting that every emulator would stumble over; nothing is loaded when there is none."""
    for name, value in _configured(config).items():
        given = name in _SETTINGS and config.getoption(f"{_PREFIX}_{name}")
        where = f"--{_PREFIX}-{name}" if given else f"{_PREFIX}_{name} in {config.inipath}"
        testing: Any = importlib.import_module("thunderoci.testing")
        try:
            testing.Options.of({name: value})
        except testing.TestingError as problem:
            raise pytest.UsageError(f"{where}: {problem}") from None
        if name == "scenario" and not value.is_file():
            raise pytest.UsageError(f"{where}: there is no scenario file {value}.")


def _options_of(request: pytest.FixtureRequest, chosen: Mapping[str, Any] | Options) -> Options:
    """Return the options of a test: those of `thunder_options`, then those of its marker."""
    options: Any = importlib.import_module("thunderoci.testing").Options
    marker = request.node.get_closest_marker("scenario")
    if marker is None:
        return options.of(chosen)  # type: ignore[no-any-return]
    if len(marker.args) > 1 or not marker.args:
        pytest.fail('@pytest.mark.scenario takes one file: @pytest.mark.scenario("file.toml")', pytrace=False)
    file = Path(request.node.path).parent / marker.args[0]
    if not file.is_file():
        pytest.fail(f"there is no scenario file {file}; its path begins in the folder of the test", pytrace=False)
    return options.of(chosen, scenario=file, **marker.kwargs)  # type: ignore[no-any-return]
