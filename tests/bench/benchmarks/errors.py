"""What can go wrong with a measurement; the docstring is the message."""


class Failure(Exception):
    """A measurement could not be made."""

    def __str__(self):
        return " ".join(self.__doc__.split()).format(**self.__dict__)

    def __init__(self, **facts):
        super().__init__()
        self.__dict__.update(facts)


class NotReady(Failure):
    """{program} was not ready within {seconds} s: {said}"""


class TookTooLong(Failure):
    """Nothing came from {what} for {seconds} s."""


class WrongAnswer(Failure):
    """{what} answered what no measurement may count: {answer}"""


class Closed(Failure):
    """{what} closed the connection."""


class NoSuchTool(Failure):
    """{tool} is not installed: install it, or do without by {instead}."""


class ProgramFailed(Failure):
    """{program} ended with status {status}: {said}"""


class OutOfTime(Failure):
    """The whole run took more than {seconds} s and was given up: choose fewer parts with --only."""


class BadRun(Failure):
    """{path} is no run of these benchmarks: {reason}"""
