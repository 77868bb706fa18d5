"""The special-function unit by the contract of units."""

import numpy as np
import pytest

from bankside.arch.pe.nonlinear.cycles import cycles, online_tile_cycles
from bankside.arch.pe.nonlinear.functions import FUNCTIONS, METHODS
from bankside.arch.pe.nonlinear.unit import SpecialFunctions
from bankside.arch.pe.unit import FILL, SOFTMAX_STEP
from bankside.arch.technology.process import load_process

UNIT = SpecialFunctions(method="pwl", lanes=16)
TILES = np.array([[3, 1], [40, 7], [1, 1]], dtype=np.int64)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("method", METHODS)
def test_a_function_takes_its_passes_and_what_they_do_not_hide(function: str, method: str) -> None:
    unit = SpecialFunctions(method=method, lanes=16, order=4, folded=True)  # type: ignore[arg-type]
    costs = unit.cycles(TILES, work=function)
    for i, (rows, cols) in enumerate(TILES[:2].T.tolist()):
        number = FUNCTIONS.index(function), METHODS.index(method)
        total, exposed = cycles(*number, 4, True, 16, rows, cols)
        assert (costs.interval[i], costs.each[i, FILL]) == (total, exposed)


def test_the_product_of_a_gate_hides_behind_its_activation() -> None:
    gated, plain = (UNIT.cycles(TILES, work=work) for work in ("swiglu", "silu"))
    assert (gated.each == plain.each).all()


def test_the_step_of_attention_and_elementwise_work() -> None:
    step = UNIT.cycles(np.array([[4], [100], [128]], dtype=np.int64), work=SOFTMAX_STEP)
    assert int(step.interval[0]) == online_tile_cycles(METHODS.index("pwl"), 3, False, 16, 4, 100, 128)[0]
    assert UNIT.cycles(TILES, work="gather").interval.tolist() == [8, 1]
    assert UNIT.events(TILES, work="softmax") == {"nonlinear_op": 127}
    assert not UNIT.can("product")


def test_it_is_priced_and_sized_by_the_process() -> None:
    n5 = load_process("n5")
    assert UNIT.area_m2(n5, ("bf16",)) == 16 * n5.nonlinear.area
    assert UNIT.prices(n5, "bf16")["nonlinear_op"].count_j == n5.nonlinear.energy


def test_a_selective_step_takes_an_exp_and_five_operations_of_every_element() -> None:
    unit, tiles = SpecialFunctions(method="exact", lanes=8), np.array([[4], [6], [1]], dtype=np.int64)
    exp = int(unit.cycles(tiles, work="exp").each[0, 0])
    assert exp == 3
    assert unit.cycles(tiles, work="selective_step").each[0, 0] == exp + 5 * 24 // 8
    assert unit.events(tiles, work="selective_step") == {"nonlinear_op": 5 * 24}


@pytest.mark.parametrize("name", ["relu2", "softplus", "sqrtsoftplus"])
def test_functions_like_another_are_known(name: str) -> None:
    assert SpecialFunctions(method="exact", lanes=8).can(name)
