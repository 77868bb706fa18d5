"""The special-function unit as a unit of a core."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Final, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.lanes.unit import elementwise
from bankside.arch.pe.nonlinear.accuracy import ALL, DEVIATION, ROWS, USUAL, error, softmax_error
from bankside.arch.pe.nonlinear.cost import area_m2, energy_j, evaluation, lane
from bankside.arch.pe.nonlinear.cycles import Taken, depth, passes, pointwise
from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.functions import FUNCTIONS, LIKE, MADE_OF, NORMS, SIMPLE
from bankside.arch.pe.nonlinear.method import MethodSpec, Specs, interval_cycle, latency_cycle
from bankside.arch.pe.nonlinear.rounding import FLOATS
from bankside.arch.pe.nonlinear.softmax.integer import ONE, WIDEN, division_cycle
from bankside.arch.pe.nonlinear.softmax.units import SOFTMAX_UNITS, SoftmaxUnit
from bankside.arch.pe.unit import (
    ELEMENTWISE,
    SOFTMAX_STEP,
    STATE_STEPS,
    Costs,
    Int64s,
    Numerics,
    Price,
    Unit,
    costs_of,
)
from bankside.arch.technology.process import ProcessSpec

LANE_OP: Final = "lane_op"
"""An addition, multiplication or comparison of a lane."""

SOFTMAX: Final = "softmax"

STEP_OPS: Final = 3
"""Operations of a new score between two tiles of attention: comparison, subtraction, addition (FlashAttention); each
row has an exponential and the width of the output multiplied beside."""


class SpecialFunctions(MethodSpec, Unit):
    """Lanes for exp, softmax, norms and activations.

    The options of `method` hold for every function that has no block of its own.
    """

    slots: ClassVar[frozenset[str]] = frozenset({"nonlinear"})

    unit: Literal["nonlinear"] = "nonlinear"
    lanes: int = Field(ge=1, le=1_000_000, description="elements of a cycle")
    adders: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="elements of a cycle that are only compared, added or multiplied; as many as lanes without it",
    )
    softmax: Literal["three-pass", "recomputed", "online", "softermax", "ita", "sole", "consmax"] = Field(
        default="online", description="how rows are normalised, as published"
    )
    exp: MethodSpec | None = Field(default=None, description="method of exponentials")
    reciprocal: MethodSpec | None = Field(default=None, description="method of reciprocals")
    rsqrt: MethodSpec | None = Field(default=None, description="method of reciprocal roots")
    sigmoid: MethodSpec | None = Field(default=None, description="method of the sigmoid")
    tanh: MethodSpec | None = Field(default=None, description="method of the hyperbolic tangent")
    gelu: MethodSpec | None = Field(default=None, description="method of GELU")
    silu: MethodSpec | None = Field(default=None, description="method of SiLU")
    rope: MethodSpec | None = Field(
        default=None,
        description="method of the sines of rotary embedding, which are read from memory without one",
    )

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """Options of other methods, and ends of tables whose range is reduced."""
        yield from self.method_faults()
        yield from self.default.table_faults(name for name in ELEMENTS if name not in self.own)
        for name, of in self.own.items():
            yield from of.method_faults(f"{name}.")
            yield from of.table_faults((name,), f"{name}.")
            if ELEMENTS[name].reduced:
                for end in sorted({"low", "high"} & of.model_fields_set):
                    yield f"{name}.{end}: the range of {name} is reduced to that of its table."

    @cached_property
    def own(self) -> dict[str, MethodSpec]:
        """Methods of functions that have a block of their own."""
        found = {name: getattr(self, name) for name in ELEMENTS if name in type(self).model_fields}
        return {name: of for name, of in found.items() if of is not None}

    @cached_property
    def default(self) -> MethodSpec:
        """The method of functions without a block of their own."""
        given = self.model_fields_set & MethodSpec.model_fields.keys()
        return MethodSpec(**{name: getattr(self, name) for name in given})

    @cached_property
    def specs(self) -> dict[str, MethodSpec]:
        """The method of every function."""
        return dict.fromkeys(ELEMENTS, self.default) | self.own

    def methods(self, name: str) -> Specs:
        """Methods of a function and of what it is made of: its own block holds for its parts too."""
        if name in self.own:
            return dict.fromkeys((name, *ELEMENTS[name].parts), self.own[name])
        return self.specs

    def latency(self, name: str) -> int:
        """Cycles from an argument to its result."""
        return latency_cycle(name, self.methods(name))

    def pace(self, name: str) -> int:
        """Cycles from an argument of a lane to its next."""
        return interval_cycle(name, self.methods(name))

    @property
    def simple(self) -> int:
        """Elements of a cycle that no function is evaluated of."""
        return self.adders or self.lanes

    @property
    def normaliser(self) -> SoftmaxUnit:
        """How it makes a softmax."""
        return SOFTMAX_UNITS[self.softmax]

    @property
    def longest_row(self) -> int:
        """What the sum of its softmax unit is wide enough for."""
        return self.normaliser.longest

    def can(self, work: str) -> bool:
        """Every row-wise function, the step between two tiles of attention, and steps of a state."""
        known = (ELEMENTWISE, FUNCTIONS, LIKE, STATE_STEPS)
        return work == SOFTMAX_STEP or any(work in names for names in known)

    def row_passes(self, work: str) -> int:
        """Those of the softmax unit; a norm is finished when its row has been summed up."""
        return len(self.normaliser.passes) if work == SOFTMAX else 1 + (work in NORMS)

    def peak(self, formats: Sequence[str] = (), work: str = SOFTMAX) -> int:
        """An element a lane."""
        return self.lanes

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = SOFTMAX) -> Costs:
        """Passes over the rows; what latency the rows do not hide fills and drains."""
        if work in ELEMENTWISE:
            return elementwise(self.simple, tiles, work)
        if work in STATE_STEPS:
            sums = elementwise(self.simple, tiles, work)
            if work != "selective_step":
                return sums
            taken = self._taken(tiles, "exp")
            total = taken.total + sums.interval
            return costs_of(total, total, total - taken.exposed)
        taken = self._step(tiles) if work == SOFTMAX_STEP else self._taken(tiles, LIKE.get(work, work))
        return costs_of(taken.total, taken.total, taken.total - taken.exposed)

    def _taken(self, tiles: Int64s, work: str) -> Taken:
        rows, cols = np.maximum(tiles[0], 0), np.maximum(tiles[1], 0)
        if work == SOFTMAX:
            of = self.normaliser
            waits = [self._waited(each) for each in of.waits]
            return passes(rows, [self._pass(pace, cols) for pace in of.passes], waits[:-1], waits[-1])
        if work in NORMS:
            step = self._pass("vector", cols)
            wait = 1 + depth(self.lanes) + self.latency("rsqrt")
            return passes(rows, [step, step], [wait], 2)
        name = MADE_OF.get(work, ())
        latency = sum(self.latency(each) for each in name) + SIMPLE.get(work, 0)
        pace = max((self.pace(each) for each in name), default=1)
        if work == "rope" and self.rope is not None:
            latency, pace = latency + self.latency("rope"), self.pace("rope")
        return pointwise(rows * cols, self.lanes, pace, latency)

    def _pass(self, pace: str, cols: Int64s) -> Int64s:
        """Cycles of one row in a pass."""
        if pace == "exp":
            return np.asarray(-(-cols // self.lanes) * self.pace("exp"))
        if pace == "quotient":
            return np.asarray(-(-cols // self.lanes) * (self.pace("exp") + self.pace("reciprocal")))
        return np.asarray(-(-cols // (self.simple * (WIDEN if pace == "wide" else 1))))

    def _waited(self, names: Sequence[str]) -> int:
        """Latencies one after the other; the first cycles of an exponential are those in which its pass issues it."""
        each: dict[str, int] = {
            "exp": self.latency("exp") - self.pace("exp"),
            "reciprocal": self.latency("reciprocal"),
            "tree": depth(self.lanes),
            "stage": 1,
            "divide": division_cycle(ONE),
        }
        return sum(each[name] for name in names)

    def _step(self, tiles: Int64s) -> Taken:
        """The step between two tiles of attention: passes over the new scores of each row, an exponential more and the
        width of the output multiplied where what was summed before is rescaled."""
        rows, cols, width = (np.maximum(tiles[axis], 0) for axis in range(3))
        of = self.normaliser
        steps = [self._pass(pace, cols + (pace == "exp") * of.rescale_exp) for pace in of.tile]
        rescale = self._pass("vector", width) if of.rescales else np.zeros_like(cols)
        first, last = self._waited(of.waits[0]), self._waited(("exp", "tree", "stage"))
        if of.own is not None:
            wait, last = 0, first + int(of.rescales)
        else:
            wait = depth(self.lanes)
        exposed = np.maximum(0, wait - (rows - 1) * steps[0]) + last
        busy = rows * (sum(steps) + rescale)
        exposed = np.where((rows > 0) & (cols > 0), exposed, 0)
        busy = np.where(cols > 0, busy, 0)
        return Taken(busy + exposed, exposed)

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = SOFTMAX) -> Mapping[str, int]:
        """Evaluations by function, and other operations of lanes."""
        rows, elements = int(tiles[0].sum()), int((tiles[0] * tiles[1]).sum())
        if work in ELEMENTWISE or work in STATE_STEPS:
            found = {LANE_OP: STATE_STEPS.get(work, 1) * elements}
            return found | ({"exp": elements} if work == "selective_step" else {})
        work = LIKE.get(work, work)
        of = self.normaliser
        if work == SOFTMAX_STEP:
            rescaled = int((tiles[0] * tiles[2]).sum()) if of.rescales else 0
            if of.own is not None:
                return {SOFTMAX: elements} | ({LANE_OP: rescaled} if rescaled else {})
            return {SOFTMAX: elements, "exp": elements + rows, LANE_OP: STEP_OPS * elements + rescaled}
        if work == SOFTMAX:
            if of.own is not None:
                return {SOFTMAX: elements}
            divided = elements if "quotient" in of.passes else rows
            each = {"exp": of.exps * elements, LANE_OP: of.steps * elements, "reciprocal": divided}
            return {SOFTMAX: elements} | each
        if work in NORMS:
            return {"rsqrt": rows, LANE_OP: NORMS[work] * elements}
        found = dict.fromkeys(MADE_OF.get(work, ()), elements) | {LANE_OP: SIMPLE.get(work, 0) * elements}
        if work == "rope" and self.rope is not None:
            found["rope"] = elements
        return {name: count for name, count in found.items() if count}

    def operations(self, counted: Mapping[str, int]) -> int:
        """All that is counted, but elements of a softmax whose parts are."""
        own = self.normaliser.own is not None
        return sum(count for name, count in counted.items() if own or name != SOFTMAX)

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """An evaluation of each function, an element of a softmax of its own datapath (of others its parts are
        counted), an operation of a lane."""
        found = {name: energy_j(evaluation(name, self.methods(name)), process) for name in ELEMENTS}
        own = self.normaliser.own
        found[SOFTMAX] = 0.0 if own is None else energy_j(own, process)
        found[LANE_OP] = process.vector.energy
        return {name: Price("nonlinear", each) for name, each in found.items()}

    def numerics(self, counted: Iterable[str], number_format: str) -> Mapping[str, Numerics]:
        """Errors of functions over every argument that kernels give them, and of the softmax that is made with them."""
        format_ = number_format if number_format in FLOATS else "bf16"
        names = set(counted)
        found = {}
        for name in ELEMENTS:
            if name in names:
                low, high = USUAL.get(name, ALL)
                of = self.methods(name)
                specs = tuple((each, of[each]) for each in (name, *ELEMENTS[name].parts))
                over = f"every value from {low:.6g} to {high:.6g}"
                found[name] = Numerics(*error(name, specs, format_, low, high), format_, over)
        if SOFTMAX in names:
            specs = tuple((each, self.specs[each]) for each in ("exp", "reciprocal"))
            over = f"{ROWS[0]} rows of {ROWS[1]} normal scores of deviation {DEVIATION:g}"
            found[SOFTMAX] = Numerics(*softmax_error(self.softmax, specs, self.lanes), format_, over)
        return found

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Lanes: one datapath for functions of one method, whose tables are small beside it, more for others of their
        own, and that of a softmax unit."""
        paths = {self.default: lane("exp", dict.fromkeys(ELEMENTS, self.default))}
        paths |= {of: lane(name, self.methods(name)) for name, of in self.own.items()}
        total = sum(area_m2(path, process) for path in paths.values())
        if self.normaliser.own is not None:
            total += area_m2(self.normaliser.own, process)
        return self.lanes * total
