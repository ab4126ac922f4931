"""How long a target gets to do what it has accepted."""

_BRIEF = 0.5


class Patience:
    """How long a target gets to end or to hibernate a container: the whole time-out, until it needed all of that once.

    From then on it gets ten times as long as it ever took, since the same happens again and again while a sequence is
    shortened.
    """

    def __init__(self, seconds: float) -> None:
        self._most = seconds
        self._longest = 0.0
        self._lost = False

    @property
    def seconds(self) -> float:
        """The time that is given now."""
        return min(self._most, max(_BRIEF, 10 * self._longest)) if self._lost else self._most

    def took(self, seconds: float) -> None:
        """Note how long it took."""
        self._longest = max(self._longest, seconds)

    def lost(self) -> None:
        """Note that it was in vain."""
        self._lost = True
