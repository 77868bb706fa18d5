"""The units of a core that multiply operands as they are stored."""

from bankside.arch.machine.machine import Core
from bankside.arch.pe.product import ProductUnits, Turning
from bankside.kernels.formats import Format


def units_for(core: Core, *formats: Format, turned: str = "ab") -> ProductUnits:
    """Units that multiply operands a and b of these formats; those of `turned` are read as they are stored, and the
    other was made by the core in what it multiplies."""
    names = tuple(format.computed for format in formats)
    return core.spec.multipliers(*names, turning=turning_of(formats, turned))


def turning_of(formats: tuple[Format, ...], turned: str = "ab") -> Turning:
    """What the lanes do to operands of these formats."""
    element, pair = {"a": 0.0, "b": 0.0}, 0.0
    for operand, format in zip("ab", formats, strict=False):
        if format.conversion is not None and operand in turned:
            element[operand] += format.conversion.per_element
            pair += float(format.conversion.per_pair)
    return Turning(element["a"], element["b"], pair)
