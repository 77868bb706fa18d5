"""What the units of a core take together: instructions follow from what each of them counted."""

from bankside.arch.machine.power_spec import InstructionSpec
from bankside.arch.pe.core import core_instructions
from bankside.arch.pe.lanes.unit import VectorLanes
from bankside.arch.pe.nonlinear.unit import SpecialFunctions
from bankside.arch.pe.systolic.unit import SystolicArrays


def test_instructions_take_each_operation_once() -> None:
    units = {
        "matmul": SystolicArrays(rows=4, cols=4),
        "vector": VectorLanes(lanes=4),
        "nonlinear": SpecialFunctions(method="exact", lanes=4),
    }
    counted = {
        "matmul": {"mac": 640, "operands": 1280},
        "vector": {"mac": 64, "operands": 64, "vector_op": 32},
        "nonlinear": {"softmax": 10, "exp": 10, "lane_op": 30},
    }
    each = InstructionSpec(matmul=64, vector=32, nonlinear=1)
    assert core_instructions(each, units, counted) == 1280 / 64 + 96 / 32 + 40
    assert core_instructions(each, units, {}) == 0
