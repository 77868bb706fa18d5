"""What one layer does with operators, by their class."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from bankside.kernels.operators.operator import Operator

Rule = TypeVar("Rule")


class Table(Generic[Rule]):
    """The rules of a layer. What is to be known of a new class is added by `bankside.kernels.extend`, in all layers at
    once.

    Parameters
    ----------
    layer
        Its name in sentences.
    rules
        The rule of each class.
    """

    def __init__(self, layer: str, rules: Mapping[type[Operator], Rule]) -> None:
        self.layer = layer
        self._rules = dict(rules)

    def __contains__(self, kind: type[Operator]) -> bool:
        return kind in self._rules

    def kinds(self) -> frozenset[type[Operator]]:
        """Classes that have a rule."""
        return frozenset(self._rules)

    def add(self, kind: type[Operator], rule: Rule) -> None:
        """The rule of one more class."""
        self._rules[kind] = rule

    def of(self, op: Operator) -> Rule:
        """The rule of an operator.

        Raises
        ------
        TypeError
            If its class was not registered.
        """
        rule = self._rules.get(type(op))
        if rule is None:
            raise TypeError(f"{type(op).__name__} has no rule in {self.layer}: see bankside.kernels.extend.")
        return rule
