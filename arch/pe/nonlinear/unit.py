"""The special-function unit as a unit of a core."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.lanes.unit import elementwise
from bankside.arch.pe.nonlinear.functions import EXP, FUNCTIONS, LIKE, METHODS
from bankside.arch.pe.unit import (
    ELEMENTWISE,
    SOFTMAX_STEP,
    STATE_STEPS,
    Costs,
    Int64s,
    Price,
    Unit,
    costs_of,
)
from bankside.arch.technology.process import ProcessSpec


class SpecialFunctions(Unit):
    """Lanes for exp, softmax, norms and activations."""

    slots: ClassVar[frozenset[str]] = frozenset({"nonlinear"})

    unit: Literal["nonlinear"] = "nonlinear"
    method: Literal["exact", "lut", "pwl", "poly", "cordic"] = Field(
        description="how functions are evaluated"
    )
    lanes: int = Field(ge=1, le=1_000_000, description="elements of a cycle")
    order: int = Field(default=3, ge=1, le=64, description="degree of a polynomial, iterations of a CORDIC")
    folded: bool = Field(default=False, description="one stage is used for all iterations of a CORDIC")

    def can(self, work: str) -> bool:
        """Every row-wise function, the step between two tiles of attention, and steps of a state."""
        known = (ELEMENTWISE, FUNCTIONS, LIKE, STATE_STEPS)
        return work == SOFTMAX_STEP or any(work in names for names in known)

    def peak(self, formats: Sequence[str] = (), work: str = "softmax") -> int:
        """An element a lane."""
        return self.lanes

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = "softmax") -> Costs:
        """Passes over the rows; what latency the rows do not hide fills and drains."""
        from bankside.arch.pe.nonlinear.cycles import function_tiles, online_tiles

        if work in ELEMENTWISE:
            return elementwise(self.lanes, tiles, work)
        method = METHODS.index(self.method)
        out = np.empty((2, tiles.shape[1]), dtype=np.int64)
        if work in STATE_STEPS:
            sums = elementwise(self.lanes, tiles, work)
            if work != "selective_step":
                return sums
            function_tiles(EXP, method, self.order, self.folded, self.lanes, tiles, out)
            total, exposed = out[0] + sums.interval, out[1]
            return costs_of(total, total, total - exposed)
        if work == SOFTMAX_STEP:
            online_tiles(method, self.order, self.folded, self.lanes, tiles, out)
        else:
            function = FUNCTIONS.index(LIKE.get(work, work))
            function_tiles(function, method, self.order, self.folded, self.lanes, tiles, out)
        return costs_of(out[0], out[0], out[0] - out[1])

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = "softmax") -> Mapping[str, int]:
        """Elements."""
        return {"nonlinear_op": STATE_STEPS.get(work, 1) * int((tiles[0] * tiles[1]).sum())}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """An evaluation of an element."""
        return {"nonlinear_op": Price("nonlinear", process.nonlinear.energy)}

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Lanes of the process."""
        return self.lanes * process.nonlinear.area
