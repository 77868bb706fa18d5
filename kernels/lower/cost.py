"""What tiles cost on a core's units, in cycles of the core's clock."""

from collections.abc import Callable
from functools import cache

from bankside.arch.causes import COMPUTE, FILL_DRAIN
from bankside.arch.machine.spec import CoreSpec, MatmulSpec, NonlinearSpec, VectorSpec
from bankside.arch.pe.nonlinear import FUNCTIONS, METHODS, online_tile_cycles
from bankside.arch.pe.nonlinear import cycles as unit_cycles
from bankside.arch.pe.product import FASTER, VECTOR, packed_units, product_cycles
from bankside.arch.pe.vector import elementwise_cycles
from bankside.arch.spec import ConfigError

TileCycles = Callable[[int, int, int], tuple[int, int, str]]


@cache
def tile_cycles(matmul: MatmulSpec | None, vector: VectorSpec | None, packed: int = 1) -> TileCycles:
    """(m, n, k) -> (cycles alone, cycles when it follows its like, unit), on the faster of matrix unit and lanes.

    packed: see `CoreSpec.packed`.
    """
    units = packed_units(matmul, vector, packed)

    @cache
    def cycles(m: int, n: int, k: int) -> tuple[int, int, str]:
        alone, interval, unit, _ = product_cycles(units, m, n, k, FASTER)
        return alone, interval, "vector" if unit == VECTOR else "matrix"

    return cycles


@cache
def macs_per_cycle(
    matmul: MatmulSpec | None, vector: VectorSpec | None, together: bool = False, packed: int = 1
) -> int:
    """Peak multiply-accumulates of one core in a cycle: its widest unit, or matrix unit and lanes together.

    packed: see `CoreSpec.packed`.
    """
    lanes = vector.lanes if vector is not None else 0
    if matmul is None:
        return lanes
    wide = packed * (matmul.rows * matmul.cols * matmul.arrays if matmul.unit == "systolic" else matmul.lanes)
    return wide + lanes if together else max(wide, lanes)


def steady_and_fill(
    core: CoreSpec, m: int, n: int, k: int, cycles: int, packed: int
) -> tuple[tuple[int, int], ...]:
    """Split a tile's cycles into those that its MACs need at peak and those that fill and drain the unit."""
    steady = min(cycles, -(-m * n * k // macs_per_cycle(core.matmul, core.vector, packed=packed)))
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
