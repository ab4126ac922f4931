"""What the shell does by itself and without any time passing."""

import re
from collections.abc import Callable
from signal import SIGTERM, Signals

_FAILED = 1
_NO_TEST = 2


class Break(Exception):
    """Leave the loop."""


class Continue(Exception):
    """Begin the loop's next round."""


def signal_number(name: str) -> int | None:
    """Return the number of a signal that is given as 15, TERM or SIGTERM; None when there is no such signal."""
    if name.isdecimal():
        return int(name[:9])
    known = Signals.__members__.get("SIG" + name.upper().removeprefix("SIG"))
    return known.value if known else None


def kill_arguments(args: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    """Return the signal's number and the process ids of a `kill` command line; no ids when it is in error."""
    if args[:1] in {("-s",), ("-n",)}:
        name, targets = "".join(args[1:2]), args[2:]
    elif args and args[0].startswith("-"):
        name, targets = args[0][1:], args[1:]
    else:
        name, targets = str(SIGTERM.value), args
    number = signal_number(name)
    return (number, targets) if number is not None else (0, ())


def _true(_variables: dict[str, str], _args: tuple[str, ...]) -> int:
    return 0


def _false(_variables: dict[str, str], _args: tuple[str, ...]) -> int:
    return _FAILED


def _break(_variables: dict[str, str], _args: tuple[str, ...]) -> int:
    raise Break


def _continue(_variables: dict[str, str], _args: tuple[str, ...]) -> int:
    raise Continue


def _export(variables: dict[str, str], args: tuple[str, ...]) -> int:
    for arg in args:
        name, equals, value = arg.partition("=")
        if equals:
            variables[name] = value
    return 0


def _unset(variables: dict[str, str], args: tuple[str, ...]) -> int:
    for name in args:
        variables.pop(name, None)
    return 0


_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}


def _test(_variables: dict[str, str], args: tuple[str, ...]) -> int:  # noqa: PLR0911 (a table, a row a case)
    """Compare strings and integers; questions about files are answered with no."""
    match args:
        case ("!", *rest) if rest:
            code = _test(_variables, tuple(rest))
            return code if code == _NO_TEST else int(not code)
        case ():
            return _FAILED
        case (text,):
            return int(not text)
        case ("-n", text):
            return int(not text)
        case ("-z", text):
            return int(bool(text))
        case (left, "=" | "==", right):
            return int(left != right)
        case (left, "!=", right):
            return int(left == right)
        case (left, operator, right) if operator in _COMPARISONS:
            if not all(re.fullmatch(r"-?\d{1,18}", number) for number in (left, right)):
                return _NO_TEST
            return int(not _COMPARISONS[operator](int(left), int(right)))
    return _FAILED


def _bracket(variables: dict[str, str], args: tuple[str, ...]) -> int:
    return _test(variables, args[:-1]) if args[-1:] == ("]",) else _NO_TEST


BUILTINS: dict[str, Callable[[dict[str, str], tuple[str, ...]], int]] = {
    **dict.fromkeys((":", "true", "echo", "printf", "cd", "set", "umask", "ulimit", "pwd"), _true),
    "false": _false,
    "break": _break,
    "continue": _continue,
    "export": _export,
    "readonly": _export,
    "unset": _unset,
    "test": _test,
    "[": _bracket,
}
"""Commands that take variables and arguments and give an exit code."""
