"""Running claims: our value beside the published one, and whether the difference is allowed."""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bankside.arch.spec import ConfigError
from bankside.validation.claims import ClaimSpec


@dataclass(frozen=True)
class Verdict:
    """A claim with our value, or with the sentence that says why there is none."""

    claim: ClaimSpec
    ours: float | None
    fault: str = ""

    @property
    def difference(self) -> float | None:
        """Ours minus the published value, in the unit of the value."""
        return None if self.ours is None else self.ours - self.claim.value

    @property
    def error(self) -> float | None:
        """The difference as a fraction of the published value; None where that is zero."""
        if self.difference is None or not self.claim.value:
            return None
        return self.difference / self.claim.value

    @property
    def holds(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference is not None and abs(self.difference) <= self.claim.allowed()

    @property
    def fails(self) -> bool:
        """Whether this claim makes the run fail."""
        return self.claim.gated and not self.holds

    @property
    def outcome(self) -> str:
        """One word for tables; what is met by a constant that stands on it shows that the constant acts, no more."""
        if not self.claim.gated:
            return "shown"
        if not self.holds:
            return "FAIL"
        return "fitted" if self.claim.stands_on else "pass"

    def data(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        claim = self.claim
        return {
            "id": claim.id,
            "unit": claim.unit,
            "kind": claim.kind,
            "quantity": claim.quantity,
            "conditions": claim.conditions,
            "unit_of_value": claim.unit_of_value,
            "published": claim.value,
            "ours": self.ours,
            "error": self.error,
            "tolerance": claim.tolerance,
            "reason": claim.reason,
            "stands_on": list(claim.stands_on),
            "source": claim.source,
            "confidence": claim.confidence,
            "gated": claim.gated,
            "outcome": self.outcome,
            "fault": self.fault,
        }


def function_of(reference: str) -> Callable[..., Any]:
    """The function "module:function" inside the package.

    Raises
    ------
    ConfigError
        When there is no such module or function.
    """
    module_name, _, name = reference.partition(":")
    try:
        function = getattr(importlib.import_module(f"bankside.{module_name}"), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError([f"The call '{reference}' of a claim leads nowhere: {error}."]) from None
    if not callable(function):
        raise ConfigError([f"The call '{reference}' of a claim is no function."])
    return function  # type: ignore[no-any-return]


def check(claim: ClaimSpec) -> Verdict:
    """Compute our value of a claim; a call that cannot be made is a miss with its sentence, not an end."""
    try:
        ours = float(function_of(claim.call.function)(**claim.call.args))
    except ConfigError as error:
        return Verdict(claim, None, str(error))
    except Exception as error:  # the other claims are still worth their answer
        return Verdict(claim, None, f"{type(error).__name__}: {error}.")
    if not math.isfinite(ours):
        return Verdict(claim, None, f"Our value is {ours}.")
    return Verdict(claim, ours)
