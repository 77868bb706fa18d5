"""A new kind of operator: what every layer has to know of it, registered at once."""

from inspect import isabstract
from typing import Final, TypeVar

from bankside.arch.spec import ConfigError
from bankside.kernels.lower.emitters import EMITTERS, Emit
from bankside.kernels.mapping.mappers import MAPPERS
from bankside.kernels.mapping.scene import Mapper
from bankside.kernels.operators import Operator
from bankside.kernels.operators.table import Table
from bankside.kernels.reference.operators import REFERENCES, Compute
from bankside.kernels.run.roofline import NEEDS, Bounding

LAYERS: Final = (MAPPERS, EMITTERS, NEEDS, REFERENCES)
Rule = TypeVar("Rule")


def register(
    kind: type[Operator],
    *,
    mapping: Mapper | None = None,
    lower: Emit | None = None,
    roofline: Bounding | None = None,
    reference: Compute | None = None,
) -> None:
    """Make a class of operators known to every layer.

    Parameters
    ----------
    mapping
        Which core kind computes one, and how it runs there.
    lower
        How its plan becomes operations of a program.
    roofline
        The least that it takes.
    reference
        What it computes, on named arrays.

    Raises
    ------
    ConfigError
        With a sentence for everything that is missing; nothing is registered then.
    """
    rules = {"mapping": mapping, "lower": lower, "roofline": roofline, "reference": reference}
    name = kind.__name__
    faults = [f"Operator {name} has no rule for {layer}." for layer, rule in rules.items() if rule is None]
    if not issubclass(kind, Operator):
        faults.append(f"Operator {name} must be a subclass of bankside.kernels.operators.Operator.")
    elif isabstract(kind):
        lacks = ", ".join(sorted(kind.__abstractmethods__))
        faults.append(f"Operator {name} does not say {lacks}.")
    if any(kind in table for table in LAYERS):
        faults.append(f"Operator {name} is registered already.")
    if faults:
        raise ConfigError(faults)
    _add(MAPPERS, kind, mapping)
    _add(EMITTERS, kind, lower)
    _add(NEEDS, kind, roofline)
    _add(REFERENCES, kind, reference)


def _add(table: Table[Rule], kind: type[Operator], rule: Rule | None) -> None:
    assert rule is not None
    table.add(kind, rule)
