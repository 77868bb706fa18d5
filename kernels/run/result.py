"""The outcome of one run, as the `bankside/result/1` document of DESIGN section 5."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bankside.kernels.run.outcome import Outcome

SCHEMA = "bankside/result/1"


@dataclass(frozen=True)
class Result:
    """One kernel on one machine. `document` is what JSON, tables and reports are made of; `outcome` what happened to
    every operation, None where the result was read from a file."""

    document: dict[str, Any]
    outcome: Outcome | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        kernel, machine = self.document["kernel"]["name"], self.document["machine"]["name"]
        return f"<Result {kernel} on {machine}: {self.time_s:.4g} s>"

    def to_dict(self) -> dict[str, Any]:
        """The document; callers must not change it."""
        return self.document

    def to_json(self) -> str:
        """The document as JSON text; the same run gives the same bytes but for `provenance`."""
        return json.dumps(self.document, indent=2, ensure_ascii=False, allow_nan=False)

    @classmethod
    def read(cls, path: Path) -> "Result":
        """A result that was saved as JSON."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def time_s(self) -> float:
        """Time of the kernel [s]."""
        return float(self.document["time_s"])

    @property
    def cycles(self) -> int:
        """Cycles of the primary core's clock."""
        return int(self.document["cycles"]["count"])

    @property
    def cycle_stack(self) -> dict[str, int]:
        """Cycles by cause; they sum to `cycles`."""
        return dict(self.document["cycle_stack"])

    @property
    def mapping(self) -> dict[str, Any]:
        """The plan that ran, an entry an operator, in the form that pin files have."""
        return dict(self.document["mapping"])

    @property
    def energy_j(self) -> float:
        """Total energy [J]."""
        return float(self.document["energy"]["total_j"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """Approximations and assumptions that this result rests on."""
        return tuple(self.document["warnings"])
