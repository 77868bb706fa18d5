"""What --parallel says, and what it is refused for."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.sharding.layout import Layout, layout_of


@pytest.mark.parametrize(
    ("text", "packages", "found"),
    [
        ("tp", 8, Layout(tp=8)),
        ("pp=4", 4, Layout(pp=4)),
        ("tp=8,pp", 32, Layout(8, 4)),
        ("ep", 64, Layout(ep=64)),
    ],
)
def test_a_way_without_a_number_takes_what_is_left(text: str, packages: int, found: Layout) -> None:
    assert layout_of(text, packages) == found
    assert found.packages == packages


@pytest.mark.parametrize(
    ("text", "packages", "sentence"),
    [
        ("dp", 8, "it must be tp, pp or ep"),
        ("tp,tp", 8, "it must be tp, pp or ep"),
        ("tp=3", 8, "asks for 3 packages, but 8 packages run"),
        ("tp=3,pp", 8, "asks for 3 packages, but 8 packages run"),
        ("tp,pp", 8, "state numbers that make them up"),
        ("tp=2,ep=4", 8, "give ep or tp, not both"),
    ],
)
def test_what_does_not_make_up_the_packages_is_told(text: str, packages: int, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        layout_of(text, packages)
