"""The Python front door: three calls, and a result that prints and draws itself."""

from typing import Any

import pytest

import bankside as bs


def test_three_calls_give_a_result_that_prints_itself() -> None:
    result = bs.simulate(bs.kernel("gemv", m=256, k=256), bs.machine("hybrid-3d"))
    text = str(result)
    assert "hybrid-3d" in text
    assert "Where the cycles go" in text
    assert sum(result.cycle_stack.values()) == result.cycles
    assert "<pre" in result._repr_html_() or "<table" in result._repr_html_()
    assert "\x1b" not in text


def test_parameters_of_another_kind_are_told_all_at_once() -> None:
    names: Any = ("gemv", "aim")
    with pytest.raises(bs.ConfigError) as caught:
        bs.simulate(*names, duty="half", mapping="pins.json")  # type: ignore[arg-type]
    assert caught.value.errors == [
        "The kernel must come from bankside.kernel(NAME, option=value), not be 'gemv'.",
        "The machine must come from bankside.machine(NAME), not be 'aim'.",
        "The duty must be a number, not be 'half'.",
        "The mapping must come from bankside.kernels.mapping.pin.load_pins(FILE), not be 'pins.json'.",
    ]


def test_overrides_and_stacks_of_another_kind_are_told() -> None:
    text: Any = "cores.pu.clock=1 GHz"
    with pytest.raises(
        bs.ConfigError, match=r"must be a list of texts such as .* not 'cores.pu.clock=1 GHz'"
    ):
        bs.machine("aim", text)
    for stacks in ("4", 2.5, 0):
        with pytest.raises(bs.ConfigError, match=f"must be a whole number from 1 to 4096, not {stacks!r}"):
            bs.machine("aim", stacks=stacks)  # type: ignore[arg-type]
