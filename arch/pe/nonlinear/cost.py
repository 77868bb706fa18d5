"""Energy and area of an evaluation: what a datapath does, priced relative to the lane that a process states.

A process states one lane, of a table lookup and an fp32 multiply-add (`nonlinear`): a piecewise linear unit of 16
segments. Other datapaths take as many times its energy and area as the sum of their parts takes that of its parts.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.method import EXACT_DEGREE, MethodSpec, Specs, parts_of
from bankside.arch.technology.process import SRAM_REFERENCE_BYTE, OperationSpec, ProcessSpec

MULTIPLY_SHARE: Final = 0.7
"""Of the energy of an int8 multiply-accumulate; the rest is its 32-bit adder: 0.07 of 0.1 pJ at 7 nm (Jouppi et al.,
ISCA 2021, Table 2, the adder recalled). Assumed of its area too."""

WORD_BITS: Final = {"fp32": 32, "fp16": 16, "bf16": 16, "real": 32}
FUSED: Final = {"fp32": "fp32", "fp16": "fp16", "bf16": "bf16", "real": "fp32"}


class Datapath(NamedTuple):
    """What an evaluation does, or what a lane holds.

    Attributes
    ----------
    fused : tuple of (str, float)
        Multiply-adds by floating-point format.
    product_bit2 : float
        Sum over integer multipliers of the product of their widths [bit^2].
    add_bit : float
        Sum of the widths of adders, shifters, comparators [bit].
    read_bit, stored_bit : float
        Bits that tables give, and bits that they hold.
    """

    fused: tuple[tuple[str, float], ...] = ()
    product_bit2: float = 0.0
    add_bit: float = 0.0
    read_bit: float = 0.0
    stored_bit: float = 0.0

    def __add__(self, other: "Datapath") -> "Datapath":  # type: ignore[override]
        return Datapath(self.fused + other.fused, *(a + b for a, b in zip(self[1:], other[1:], strict=True)))


def evaluation(name: str, specs: Specs) -> Datapath:
    """What one evaluation of a function does, its range reduction included."""
    if parts := parts_of(name, specs):
        joint = _arithmetic(specs["exp"], ELEMENTS[name].joint_cycle)
        return sum((evaluation(part, specs) for part in parts), joint)
    of = specs[name]
    word = _word(of)
    reduced = Datapath(add_bit=float(word * ELEMENTS[name].reduction_cycle))
    if of.method == "exact":
        return reduced + _arithmetic(of, EXACT_DEGREE) + _table(32, EXACT_DEGREE + 1, 1)
    if of.method == "cordic":
        passes = of.stages(name)
        return reduced + Datapath(add_bit=3.0 * passes * word, stored_bit=float(word * of.iterations))
    search = Datapath(add_bit=float(word * (of.pieces - 1).bit_length() * (of.spacing == "optimal")))
    return reduced + search + _arithmetic(of, of.order) + _table(word, of.order + 1, of.pieces)


def lane(name: str, specs: Specs) -> Datapath:
    """What a lane holds that takes a new argument every interval: the same, but of a folded CORDIC one stage, which
    the functions that another one is made of take in turn."""
    of = specs[name]
    if of.method == "cordic" and of.folded:
        word = _word(of)
        reductions = sum(ELEMENTS[each].reduction_cycle for each in parts_of(name, specs) or (name,))
        stage = Datapath(add_bit=float(word * (3 + reductions)), stored_bit=float(word * of.iterations))
        return _arithmetic(of, ELEMENTS[name].joint_cycle) + stage
    return evaluation(name, specs)


def _word(of: MethodSpec) -> int:
    """Bits of a word of the datapath; of fixed point two before the point."""
    if of.method == "cordic" or of.precision == "fixed":
        return of.fraction + 2
    return WORD_BITS[of.precision]


def _arithmetic(of: MethodSpec, count: int) -> Datapath:
    """`count` multiply-adds."""
    if of.method == "cordic" or of.precision == "fixed":
        word = _word(of)
        return Datapath(product_bit2=float(count * word * word), add_bit=float(count * word))
    return Datapath(fused=((FUSED[of.precision], float(count)),))


def _table(word: int, values: int, pieces: int) -> Datapath:
    """A table of `values` words for each piece, of which one piece is read; a single piece is wired."""
    if pieces == 1:
        return Datapath()
    return Datapath(read_bit=float(word * values), stored_bit=float(word * values * pieces))


ANCHOR: Final = {"exp": MethodSpec(method="pwl", segments=16)}
"""What the lane of a process is."""


def energy_j(path: Datapath, process: ProcessSpec) -> float:
    """Energy of an evaluation [J]."""
    return process.nonlinear.energy * _parts_j(path, process) / _parts_j(evaluation("exp", ANCHOR), process)


def area_m2(path: Datapath, process: ProcessSpec) -> float:
    """Area of a lane [m2]."""
    return process.nonlinear.area * _parts_m2(path, process) / _parts_m2(lane("exp", ANCHOR), process)


def _parts_j(path: Datapath, process: ProcessSpec) -> float:
    """Reading a bit of a table takes less the smaller it is, as the root of its bits: lines are as long as its side
    (assumed; 10 to 20 pJ from 8 to 32 KiB at 45 nm, Horowitz, ISSCC 2014)."""
    bits = max(path.stored_bit, 1.0) / (8 * SRAM_REFERENCE_BYTE)
    read = path.read_bit * process.sram.energy / process.sram.access * bits**0.5
    return float(_logic(path, process, lambda unit: unit.energy) + read)


def _parts_m2(path: Datapath, process: ProcessSpec) -> float:
    stored = path.stored_bit * process.sram.cell / process.sram.efficiency
    return float(_logic(path, process, lambda unit: unit.area) + stored)


def _logic(path: Datapath, process: ProcessSpec, of: Callable[[OperationSpec], float]) -> float:
    """Multipliers by the product of their widths, adders by their width, both from the process's int8 unit."""
    fused = sum(count * of(process.multiplier(name)) for name, count in path.fused)
    small = of(process.multiplier("int8"))
    products = path.product_bit2 / 64 * MULTIPLY_SHARE * small
    return fused + products + path.add_bit / 32 * (1 - MULTIPLY_SHARE) * small
