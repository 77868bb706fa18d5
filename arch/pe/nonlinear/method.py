"""How a function is evaluated: the options of a method, its stages, and how often it takes a new argument."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from pydantic import Field

from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.fit.pieces import Kind
from bankside.arch.spec import Spec

METHODS: Final = ("exact", "lut", "pwl", "poly", "cordic")
PRECISIONS: Final = ("fp32", "fp16", "bf16", "fixed", "real")

EXACT_DEGREE: Final = 5
"""Of the polynomial that an exact unit spends its time and energy on: 2^f to 7.5e-8, the precision of fp32."""

OWN: Final[dict[str, frozenset[str]]] = {
    "segments": frozenset({"pwl"}),
    "entries": frozenset({"lut"}),
    "degree": frozenset({"poly"}),
    "iterations": frozenset({"cordic"}),
    "folded": frozenset({"cordic"}),
    "fit": frozenset({"lut", "pwl", "poly"}),
    "spacing": frozenset({"lut", "pwl"}),
    "precision": frozenset({"lut", "pwl", "poly"}),
    "fraction": frozenset({"lut", "pwl", "poly", "cordic"}),
    "rounding": frozenset({"lut", "pwl", "poly"}),
    "low": frozenset({"lut", "pwl"}),
    "high": frozenset({"lut", "pwl"}),
}
"""Methods that an option belongs to."""

WHOLE: Final = frozenset({"exact", "poly", "cordic"})
"""Methods that make sigmoid and its kin from exp and reciprocal; tables hold such a function itself."""


class MethodSpec(Spec):
    """A method and its options; an option of another method is refused."""

    method: Literal["exact", "lut", "pwl", "poly", "cordic"] = Field(
        description="how functions are evaluated: a table, a line for each segment, a polynomial, shifts and adds, or "
        "correctly rounded"
    )
    segments: int = Field(default=16, ge=1, le=65536, description="lines of a piecewise linear function")
    entries: int = Field(default=256, ge=1, le=65536, description="values of a table")
    degree: int = Field(default=3, ge=1, le=12, description="degree of a polynomial")
    iterations: int = Field(default=16, ge=1, le=48, description="iterations of a CORDIC")
    folded: bool = Field(default=False, description="one stage is used for all iterations of a CORDIC")
    fit: Literal["best", "interpolating"] = Field(
        default="best",
        description="each piece by itself the best in the largest error, or pieces that meet on the function",
    )
    spacing: Literal["uniform", "optimal"] = Field(
        default="uniform", description="segments of equal length, or of equal error"
    )
    precision: Literal["fp32", "fp16", "bf16", "fixed", "real"] = Field(
        default="fp32", description="number format of the datapath; real: nothing is rounded inside"
    )
    fraction: int = Field(default=24, ge=4, le=24, description="bits of fraction of a fixed-point datapath")
    rounding: Literal["nearest", "truncate"] = Field(
        default="nearest", description="what a fixed-point multiplier does with the bits that it drops"
    )

    low: float | None = Field(
        default=None, description="low end of the table of a function that is not reduced"
    )
    high: float | None = Field(default=None, description="high end of that table")

    def span(self, name: str) -> tuple[float, float]:
        """Ends of the table of a function: of the range that reduction leaves, or as they are chosen."""
        element = ELEMENTS[name]
        if element.reduced:
            return element.low, element.high
        low = element.low if self.low is None else self.low
        return low, element.high if self.high is None else self.high

    def method_faults(self, where: str = "") -> Iterator[str]:
        """Options that belong to other methods, as sentences."""
        for name in sorted(self.model_fields_set & OWN.keys()):
            if self.method not in OWN[name]:
                yield f"{where}{name} belongs to {' and '.join(sorted(OWN[name]))}, not to {self.method}."
        if self.low is not None and self.high is not None and self.low >= self.high:
            yield f"{where}low must be below high, not {self.low:g} and {self.high:g}."
        fixed = self.method == "cordic" or self.precision == "fixed"
        for name in sorted({"fraction", "rounding"} & self.model_fields_set):
            if self.method in OWN[name] and not fixed:
                yield f"{where}{name} belongs to fixed-point datapaths (precision: fixed), not to {self.precision}."

    def table_faults(self, names: Iterable[str], where: str = "") -> Iterator[str]:
        """Functions whose table would end before it begins, because only one of its ends is chosen."""
        if (self.low is None) == (self.high is None):
            return
        for name in names:
            low, high = self.span(name)
            if low >= high:
                yield f"{where}low and high: the table of {name} would span {low:g} to {high:g}; give both."

    @property
    def pieces(self) -> int:
        """Pieces of its table."""
        return {"lut": self.entries, "pwl": self.segments}.get(self.method, 1)

    @property
    def order(self) -> int:
        """Degree of each piece; a table between whose entries the unit draws lines has lines."""
        if self.method == "lut":
            return int(self.fit == "interpolating")
        return 1 if self.method == "pwl" else self.degree

    @property
    def kind(self) -> Kind:
        """How its pieces are fitted: a polynomial that interpolates meets the function at the low end alone."""
        return "anchored" if self.method == "poly" and self.fit == "interpolating" else self.fit

    def stages(self, name: str) -> int:
        """Pipeline stages without range reduction: a read, a multiplication or an addition each [cycle].

        Table 1; piecewise linear 3 (read, multiply, add), and one to find a segment of unequal length; polynomial 2 a
        degree (Horner); CORDIC 1 an iteration, and of a reciprocal root as many again for the division.
        """
        if self.method == "exact":
            return 2 * EXACT_DEGREE
        if self.method == "cordic":
            return self.iterations * (2 if name == "rsqrt" else 1)
        if self.method == "poly":
            return 2 * self.degree
        return (3 if self.order else 1) + (self.spacing == "optimal")


Specs = Mapping[str, MethodSpec]
"""The method of every function."""


def parts_of(name: str, specs: Specs) -> tuple[str, ...]:
    """Functions that `name` is made of by its method; none where it is evaluated by itself."""
    return ELEMENTS[name].parts if specs[name].method in WHOLE else ()


def latency_cycle(name: str, specs: Specs) -> int:
    """Cycles from an argument to its result: range reduction and stages, or those of what it is made of."""
    element, parts = ELEMENTS[name], parts_of(name, specs)
    if parts:
        return element.joint_cycle + sum(latency_cycle(part, specs) for part in parts)
    return element.reduction_cycle + specs[name].stages(name)


def interval_cycle(name: str, specs: Specs) -> int:
    """Cycles between two arguments of one lane: all iterations of a folded CORDIC, else 1."""
    of = specs[name]
    if parts := parts_of(name, specs):
        paces = [interval_cycle(part, specs) for part in parts]
        return sum(pace for pace in paces if pace > 1) or 1
    return of.stages(name) if of.method == "cordic" and of.folded else 1
