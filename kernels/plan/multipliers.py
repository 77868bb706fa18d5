"""The units of a core that multiply operands as they are stored."""

from bankside.arch.machine.machine import Core
from bankside.arch.machine.once import once
from bankside.arch.pe.product import ProductUnits, Turning
from bankside.arch.pe.unit import Decided
from bankside.kernels.formats import Format


def units_for(core: Core, *formats: Format, turned: str = "ab", pack: float = 0.0) -> ProductUnits:
    """Units that multiply operands a and b of these formats; those of `turned` are read as they are stored, and the
    other was made by the core in what it multiplies; `pack` as in `packing_of`."""
    decided = decided_by(formats)

    def make() -> ProductUnits:
        names = (format.computed for format in formats)
        return core.spec.multipliers(*names, turning=turning_of(formats, turned, pack), decided=decided)

    # what values decide is as large as they are, and not kept
    return make() if decided is not None else once(core, ("multipliers", formats, turned, pack), make)


def decided_by(formats: tuple[Format, ...]) -> Decided | None:
    """What the values of the second operand decide."""
    return formats[-1].decided if formats else None


def packing_of(out: Format, depth: int) -> float:
    """Operations that put results into their format, for each of the pairs of a product of that depth: lanes have as
    long for them as the product takes."""
    return float(out.conversion.per_element) / depth if out.conversion else 0.0


def turning_of(formats: tuple[Format, ...], turned: str = "ab", pack: float = 0.0) -> Turning:
    """What the lanes do to operands of these formats, and to results."""
    element, pair = {"a": 0.0, "b": 0.0}, pack
    for operand, format in zip("ab", formats, strict=False):
        if format.conversion is not None and operand in turned:
            element[operand] += float(format.conversion.per_element)
            pair += float(format.conversion.per_pair)
    return Turning(element["a"], element["b"], pair)
