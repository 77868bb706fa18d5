import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bankside.sample import result

from bankside import report
from bankside.report.contract import faults
from bankside.report.explain import sentences


def changed(path: list[str], value: Any) -> dict[str, Any]:
    """The sample with the value at `path` replaced, or removed when it is `...`."""
    data = copy.deepcopy(result())
    block: Any = data
    for name in path[:-1]:
        block = block[name]
    if value is ...:
        del block[path[-1]]
    else:
        block[path[-1]] = value
    return data


def paths(data: Any, above: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """The path of every block and leaf."""
    for name, value in data.items() if isinstance(data, dict) else ():
        yield [*above, name]
        yield from paths(value, (*above, name))


def test_a_sound_result_has_no_faults() -> None:
    assert faults(result()) == []


@pytest.mark.parametrize("data", [None, 3, [], {}, {"schema": "bankside/result/2"}, "text"])
def test_what_is_no_result_is_said_to_be_none(data: Any) -> None:
    (sentence,) = faults(data)
    assert sentence.startswith("This is not a result of Bankside")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("time_s", "fast", "'time_s' has a wrong value: 'fast'"),
        ("time_s", float("nan"), "'time_s' has a wrong value: nan"),
        ("time_fs", 1.5, "'time_fs' has a wrong value"),
        ("work.flops", 10**400, "'work.flops' has a wrong value"),
        ("machine.tap", None, "'machine.tap' has a wrong value"),
        ("bound", [], "'bound' must be a block"),
        ("bound", ..., "'bound' is missing"),
        ("cycle_stack.compute", -1, "'cycle_stack' has a wrong value"),
        ("cycle_stack.compute", 0, "The cycle stack sums to"),
        ("stack_fs.compute", 0, "The stack in femtoseconds sums to"),
        ("bound.fraction", 1.001, "outside (0, 1]"),
        ("bound.fraction", 0, "outside (0, 1]"),
        ("energy.parts_j.mac", -1e-6, "'energy.parts_j' has a wrong value"),
        ("energy.total_j", 1.0, "The parts of energy sum to"),
        ("bandwidth.dram", {"peak_Bps": "much"}, "'bandwidth' has a wrong value"),
        ("ops", [{}], "'ops' has a wrong value"),
    ],
)
def test_every_fault_is_named(path: str, value: Any, said: str) -> None:
    (sentence,) = faults(changed(path.split("."), value))
    assert said in sentence


def test_all_missing_blocks_are_named_at_once() -> None:
    data = result()
    del data["bound"], data["ops"]
    assert faults(data) == ["'ops' is missing.", "'bound' is missing."]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(path=st.sampled_from(list(paths(result()))), value=st.just(...) | ANYTHING)
def test_s8_a_damaged_result_is_refused_or_can_be_shown(path: list[str], value: Any) -> None:
    data = changed(path, value)
    if not faults(data):
        assert all(sentences(data))
        assert report.to_text([data])
