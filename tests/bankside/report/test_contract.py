import copy
from typing import Any

import pytest
from tests.bankside.sample import result

from bankside.report.contract import faults


def test_a_sound_result_has_no_faults() -> None:
    assert faults(result()) == []


@pytest.mark.parametrize("data", [None, 3, [], {}, {"schema": "bankside/result/2"}, "text"])
def test_what_is_no_result_is_said_to_be_none(data: Any) -> None:
    (sentence,) = faults(data)
    assert sentence.startswith("This is not a result of Bankside")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("time_s", "fast", "'time_s' has the wrong kind"),
        ("time_fs", 1.5, "'time_fs' has the wrong kind"),
        ("machine.tap", None, "'machine.tap' has the wrong kind"),
        ("bound", [], "'bound' must be a block"),
        ("cycle_stack.compute", -1, "'cycle_stack.compute' must be a number"),
        ("cycle_stack.compute", 0, "The cycle stack sums to"),
        ("stack_fs.compute", 0, "The stack in femtoseconds sums to"),
        ("bound.fraction", 1.001, "outside (0, 1]"),
        ("bound.fraction", 0, "outside (0, 1]"),
        ("energy.parts_j.mac", -1e-6, "'energy.parts_j.mac' must be a number"),
        ("energy.total_j", 1.0, "The parts of energy sum to"),
        ("bandwidth.dram", {"peak_Bps": "much"}, "'bandwidth.dram' must hold numbers"),
        ("ops", [{}], "'ops' holds an entry without"),
    ],
)
def test_every_fault_is_named(path: str, value: Any, said: str) -> None:
    data = copy.deepcopy(result())
    *above, last = path.split(".")
    block: Any = data
    for name in above:
        block = block[name]
    block[last] = value
    assert any(said in sentence for sentence in faults(data))


def test_all_missing_blocks_are_named_at_once() -> None:
    data = result()
    del data["bound"], data["ops"]
    assert faults(data) == ["'ops' is missing.", "'bound' is missing."]
