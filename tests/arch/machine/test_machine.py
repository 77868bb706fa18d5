"""Stacks: as many as asked for, or a sentence that says how many there can be."""

import pytest

from bankside.arch.machine.machine import load_machine, one_package
from bankside.arch.spec import ConfigError
from bankside.arch.spec.library import names


@pytest.mark.parametrize("name", names("machines"))
def test_the_asked_for_stacks_or_a_refusal(name: str) -> None:
    own = load_machine(name).stacks
    for stacks in (1, own, own + 1, 2 * own, 6, 16):
        if stacks % own == 0:
            assert load_machine(name, (), stacks).stacks == stacks
        else:
            with pytest.raises(ConfigError, match=f"multiples of {own} up to"):
                load_machine(name, (), stacks)


@pytest.mark.parametrize(
    ("name", "stacks", "told"),
    [
        ("xpu-h100", 6, "next to 6: 5 or 10"),
        ("aim", 1, r"next to 1: 16\)"),
        ("xpu-h100", 4096, r"multiples of 5 up to 4095 \(next to 4096: 4095\)"),
    ],
)
def test_the_next_possible_numbers_are_told(name: str, stacks: int, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_machine(name, (), stacks)


def test_a_package_of_another_size_is_an_override() -> None:
    machine = load_machine("xpu-h100", ["memories.hbm.stacks=6"], 6)
    assert (machine.stacks, machine.packages) == (6, 1)


@pytest.mark.parametrize(("by", "share"), [("bisection", 1 / 2), ("links", 256 / 384)])
def test_links_among_packages_are_as_fast_as_makes_networks_equal(by, share):
    plain, equal = (
        load_machine("base-die", ["path.host.network.topology=fat_tree", *more], 64)
        for more in ([], [f"path.host.network.equal={{to: torus, by: {by}}}"])
    )
    rates = [each.levels[-1].network.link.bytes_per_s for each in (plain, equal, one_package(equal))]
    assert rates == [rates[0], pytest.approx(share * rates[0]), rates[1]]


def test_only_networks_among_packages_are_made_equal():
    with pytest.raises(ConfigError, match=r"path.vault.network.equal: Networks among packages"):
        load_machine("hybrid-3d", ["path.vault.network.equal={to: torus}"])
    with pytest.raises(ConfigError, match="The links of a custom are not all alike"):
        load_machine("base-die", ["path.host.network.equal={to: custom}"])
