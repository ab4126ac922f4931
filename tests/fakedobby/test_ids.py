"""Which container ids are taken (facts/dobby.md 3)."""

import pytest

from fakedobby.errors import CreationFailed, Refused
from fakedobby.ids import check_id, check_runtime_id


@pytest.mark.parametrize("container_id", ["a", "a.", "A-_.z", "com.example.app", "1a", "a" * 64])
@pytest.mark.fact("D3-id-odd", "D3-id-characters")
def test_good(container_id):
    check_id(container_id)
    check_runtime_id(container_id)


@pytest.mark.parametrize(
    "container_id",
    ["", "1", "123", "-", ".", "_", "a..b", "a b", "a/b", "a:b", "é", "aé", "a\n", "a\0b", "a" * 129],
)
@pytest.mark.fact("D3-id-length", "D3-id-characters", "D3-id-two-dots", "D3-id-letter")
def test_refused_by_dobby(container_id):
    with pytest.raises(Refused, match="container id"):
        check_id(container_id)


@pytest.mark.parametrize("container_id", ["a" * 65, "a" * 128, ".a", "-a"])
@pytest.mark.fact("D3-id-length", "D3-id-hostname", "D3-id-leading-dot", "D3-id-leading-hyphen")
def test_let_through_by_dobby_and_refused_by_the_runtime(container_id):
    check_id(container_id)
    with pytest.raises(CreationFailed, match="container id"):
        check_runtime_id(container_id)
