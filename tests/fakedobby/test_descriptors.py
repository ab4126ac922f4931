"""The descriptor sequence (facts/dobby.md 3)."""

import pytest

from fakedobby.descriptors import DescriptorSequence

# the first thirty that a real daemon gave after its start
OBSERVED = [734, 879, 439, 731, 365, 182, 91, 45, 22, 11, 5, 514, 257, 640, 320, 160, 80, 40, 532, 266]
OBSERVED += [645, 834, 417, 720, 360, 692, 346, 685, 342, 171]


@pytest.mark.fact("D3-descriptor-first", "D3-descriptor-register")
def test_first_values():
    sequence = DescriptorSequence()
    assert [sequence.take(()) for _ in OBSERVED] == OBSERVED


@pytest.mark.fact("D3-descriptor-period", "D3-descriptor-register")
def test_period_is_1023_and_covers_every_number():
    sequence = DescriptorSequence()
    values = [sequence.take(()) for _ in range(1023)]
    assert sorted(values) == list(range(1, 1024))
    assert sequence.take(()) == OBSERVED[0]


@pytest.mark.fact("D3-descriptor-used")
def test_used_numbers_are_skipped():
    sequence = DescriptorSequence()
    assert sequence.take({734, 439}) == 879
    assert sequence.take({734, 439}) == 731


def test_none_when_all_are_used():
    assert DescriptorSequence().take(range(1, 1024)) is None
