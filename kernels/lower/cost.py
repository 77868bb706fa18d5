"""What tiles cost on a core's units, in cycles of the core's clock."""

from collections.abc import Callable
from functools import cache

from bankside.arch.causes import COMPUTE, FILL_DRAIN
from bankside.arch.machine.spec import CoreSpec, MatmulSpec, NonlinearSpec, VectorSpec
from bankside.arch.pe.nonlinear import FUNCTIONS, METHODS, online_tile_cycles
from bankside.arch.pe.nonlinear import cycles as unit_cycles
from bankside.arch.pe.systolic.fold import DATAFLOWS
from bankside.arch.pe.systolic.physical import ported_cycles
from bankside.arch.pe.vector import dot_cycles, elementwise_cycles, lane_cycles, tapped_dot_cycles
from bankside.arch.spec import ConfigError

TileCycles = Callable[[int, int, int], tuple[int, int, str]]


@cache
def tile_cycles(matmul: MatmulSpec | None, vector: VectorSpec | None) -> TileCycles:
    """(m, n, k) -> (cycles alone, cycles when it follows its like, unit), on the faster of matrix unit and lanes.

    Vector lanes add up in a tree, or each lane makes an output of its own, whichever is faster.
    """

    @cache
    def cycles(m: int, n: int, k: int) -> tuple[int, int, str]:
        options = []
        if matmul is not None:
            options.append((*_matmul_cycles(matmul, m, n, k), "matrix"))
        if vector is not None:
            total, fill = tapped_dot_cycles(vector.lanes, m, n, k)
            options.append((total, total - fill, "vector"))
            apart = lane_cycles(vector.lanes, m, n, k)
            options.append((apart, apart, "vector"))
        return min(options, key=lambda option: (option[1], option[0]))

    return cycles


def _matmul_cycles(unit: MatmulSpec, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles of a tile whose columns are dealt out to the unit's arrays, alone and following its like."""
    if unit.unit == "lanes":
        total, fill = dot_cycles(unit.lanes, m, n, k)
        return total, total - fill
    columns = -(-n // min(unit.arrays, n))
    return ported_cycles(
        DATAFLOWS.index(unit.dataflow), unit.rows, unit.cols, m, columns, k, unit.shadow, 0, 0, 0
    )


@cache
def macs_per_cycle(matmul: MatmulSpec | None, vector: VectorSpec | None) -> int:
    """Peak multiply-accumulates of one core in a cycle: its widest unit."""
    peak = vector.lanes if vector is not None else 0
    if matmul is not None:
        wide = matmul.rows * matmul.cols * matmul.arrays if matmul.unit == "systolic" else matmul.lanes
        peak = max(peak, wide)
    return peak


def steady_and_fill(core: CoreSpec, m: int, n: int, k: int, cycles: int) -> tuple[tuple[int, int], ...]:
    """Split a tile's cycles into those that its MACs need at peak and those that fill and drain the unit."""
    steady = min(cycles, -(-m * n * k // macs_per_cycle(core.matmul, core.vector)))
    return (COMPUTE, steady), (FILL_DRAIN, cycles - steady)


GATED = {"swiglu": "silu", "geglu": "gelu", "reglu": "relu"}
LANE_FUNCTIONS = frozenset({"add", "mul", "weighted_sum", "gather"})


def rowwise_cost(core: CoreSpec, function: str, rows: int, cols: int, operands: int) -> tuple[int, int, str]:
    """(cycles, exposed latency in them, unit) of a row-wise function on one core.

    Sums and products of matrices run on the vector lanes where there are any; a gated activation is its activation
    on the nonlinear unit, whose product with the second operand hides behind it.
    """
    if function in LANE_FUNCTIONS and core.vector is not None:
        return elementwise_cycles(core.vector.lanes, rows * cols, max(1, operands - 1)), 0, "vector"
    unit = core.nonlinear
    if unit is None:
        raise ConfigError([f"No unit of the core runs {function}: it has no nonlinear unit."])
    if function in LANE_FUNCTIONS:
        return elementwise_cycles(unit.lanes, rows * cols, max(1, operands - 1)), 0, "nonlinear"
    number = FUNCTIONS.index(GATED.get(function, function))
    method = METHODS.index(unit.method)
    total, exposed = unit_cycles(number, method, unit.order, unit.folded, unit.lanes, rows, cols)
    return total, exposed, "nonlinear"


def softmax_tile_cost(unit: NonlinearSpec, rows: int, cols: int, head_dim: int) -> tuple[int, int]:
    """(cycles, exposed latency in them) of the online-softmax step between two tiles of attention."""
    return online_tile_cycles(
        METHODS.index(unit.method), unit.order, unit.folded, unit.lanes, rows, cols, head_dim
    )
