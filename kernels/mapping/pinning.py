"""Pinned plans meet the operators of a kernel, by label and occurrence."""

from collections.abc import Iterable, Sequence

from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.pin import PinSpec, differences
from bankside.kernels.plan.operator_plan import OperatorPlan


class Pins:
    """Entries by key: "label#occurrence", or a label for all operators of that name."""

    def __init__(self, pins: Sequence[PinSpec]) -> None:
        self._by_key: dict[str, PinSpec] = {}
        self.repeated: dict[str, None] = {}
        for pin in pins:
            if pin.operator in self._by_key:
                self.repeated[pin.operator] = None
            self._by_key[pin.operator] = pin

    def of(self, key: str) -> PinSpec | None:
        """What is said of an operator: of itself, or else of all of its label."""
        return self._by_key.get(key) or self._by_key.get(key.rpartition("#")[0])

    def check_names(self, kernel: str, keys: Iterable[str]) -> None:
        """Whether every entry is of an operator.

        Raises
        ------
        ConfigError
            With a sentence for each that is of none, and for each that stands twice.
        """
        known = list(keys)
        labels = dict.fromkeys(key.rpartition("#")[0] for key in known)
        faults = [f"The mapping pins {name!r} more than once." for name in self.repeated]
        for name in self._by_key:
            label = name.rpartition("#")[0]
            if name in known or name in labels:
                continue
            if label in labels:
                count = sum(key.rpartition("#")[0] == label for key in known)
                faults.append(f"The mapping pins {name!r}, but kernel {kernel} has {count} of {label}.")
            else:
                has = ", ".join(labels)
                faults.append(f"The mapping pins {name!r}, but kernel {kernel} has the operators {has}.")
        if faults:
            raise ConfigError(faults)

    def check(self, ran: Iterable[OperatorPlan]) -> None:
        """Whether everything that the entries say is what runs.

        Raises
        ------
        ConfigError
            With a sentence for each difference.
        """
        faults: dict[str, None] = {}
        for plan in ran:
            if (pin := self.of(plan.key)) is not None:
                for fault in differences(pin.stated(), plan.as_dict(), plan.limits):
                    faults[f"The mapping of {plan.key} {fault}: that is not a choice of its own."] = None
        if faults:
            raise ConfigError(list(faults))
