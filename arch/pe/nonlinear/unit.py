"""The special-function unit as a unit of a core."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.lanes.unit import elementwise
from bankside.arch.pe.nonlinear.functions import FUNCTIONS, GATED, METHODS
from bankside.arch.pe.unit import ELEMENTWISE, SOFTMAX_STEP, Costs, Int64s, Price, Unit, costs_of
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
        """Every row-wise function, and the step between two tiles of attention."""
        return work == SOFTMAX_STEP or work in ELEMENTWISE or work in FUNCTIONS or work in GATED

    def peak(self, formats: Sequence[str] = (), work: str = "softmax") -> int:
        """An element a lane."""
        return self.lanes

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = "softmax") -> Costs:
        """Passes over the rows; what latency the rows do not hide fills and drains."""
        from bankside.arch.pe.nonlinear.cycles import function_tiles, online_tiles

        if work in ELEMENTWISE:
            return elementwise(self.lanes, tiles)
        method = METHODS.index(self.method)
        out = np.empty((2, tiles.shape[1]), dtype=np.int64)
        if work == SOFTMAX_STEP:
            online_tiles(method, self.order, self.folded, self.lanes, tiles, out)
        else:
            function = FUNCTIONS.index(GATED.get(work, work))
            function_tiles(function, method, self.order, self.folded, self.lanes, tiles, out)
        return costs_of(out[0], out[0], out[0] - out[1])

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = "softmax") -> Mapping[str, int]:
        """Elements."""
        return {"nonlinear_op": int((tiles[0] * tiles[1]).sum())}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """An evaluation of an element."""
        return {"nonlinear_op": Price("nonlinear", process.nonlinear.energy)}

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Lanes of the process."""
        return self.lanes * process.nonlinear.area
