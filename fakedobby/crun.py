"""The part of crun that callers of Dobby can meet: the options that its exec command takes."""

from fakedobby.errors import Refused

_FLAGS = frozenset({"-d", "--detach", "-t", "--tty", "--no-new-privs", "--no-subreaper"})
_WITH_VALUE = frozenset(
    {
        *(
            "-c",
            "--cap",
            "-e",
            "--env",
            "-p",
            "--process",
            "-u",
            "--user",
            "--apparmor",
            "--cgroup",
            "--console-socket",
        ),
        *("--cwd", "--pid-file", "--preserve-fds", "--process-label"),
    }
)


def check_exec_options(options: str) -> None:
    """Raise Refused for options that make `crun exec` fail; they are split at blanks (facts/dobby.md 5).

    A word that is no option stands where crun looks for the container's id, and finds no such container.
    """
    words = iter(options.split())
    for word in words:
        name, _, value = word.partition("=")
        if name in _FLAGS or (name in _WITH_VALUE and (value or next(words, None) is not None)):
            continue
        if word.startswith("-"):
            raise Refused(f"crun exec knows no option {word!r}, or its value is missing")
        raise Refused(f"crun exec takes {word!r} for a container's id")
