"""The numbers that Dobby gives to containers."""

from collections.abc import Container

_SEED = 0x1BC
_PERIOD = 1023


class DescriptorSequence:
    """Dobby's sequence of descriptors: 734, 879, 439, 731, ... (facts/dobby.md 3).

    A 10-bit Fibonacci shift register with taps 0 and 3, so that a freed number comes back only after 1022 others.
    """

    def __init__(self) -> None:
        self._register = _SEED

    @property
    def next(self) -> int:
        """The number that comes next, whether or not a container has it."""
        bit = (self._register ^ self._register >> 3) & 1
        return self._register >> 1 | bit << 9

    def seek(self, number: int) -> None:
        """Have `number`, one of 1 to 1023, come next."""
        for _ in range(_PERIOD):
            if self.next == number:
                return
            self._register = self.next

    def take(self, used: Container[int]) -> int | None:
        """Return the next number that is not in `used`; None when all 1023 are."""
        for _ in range(_PERIOD):
            self._register = self.next
            if self._register not in used:
                return self._register
        return None
