"""Results that show themselves, and the call that makes them."""

from collections.abc import Sequence
from typing import Any

from bankside.arch.machine.machine import Machine
from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Kernel
from bankside.kernels.run import simulate as simulation
from bankside.kernels.run.result import Result as Document
from bankside.report import render, to_html, to_text
from bankside.report.comparison import kernel_title
from bankside.report.quantities import si


class Result(Document):
    """One kernel on one machine; prints as the table that `bankside run` prints."""

    def __repr__(self) -> str:
        cost = (
            f"{si(self.time_s, 's')}, {si(self.energy_j, 'J')}, bound by {self.document['bound']['binding']}"
        )
        title = " ".join(kernel_title([self.document]).split())
        return f"<Result {title} on {self.document['machine']['name']}: {cost}>"

    def __str__(self) -> str:
        return to_text([self.document])

    def __rich__(self) -> Any:
        return render([self.document])

    def _repr_html_(self) -> str:
        return to_html([self.document])


def simulate(
    kernel: Kernel,
    machine: Machine,
    *,
    fold: bool = True,
    duty: float = 1.0,
    command: str | None = None,
    mapping: Sequence[PinSpec] = (),
    memo: Memo | None = None,
) -> Result:
    """Run `kernel` on `machine`; see `bankside.kernels.run.simulate`.

    Raises
    ------
    ConfigError
        When a parameter is something else than it has to be, and as `simulate` does.
    """
    pinned = isinstance(mapping, Sequence) and all(isinstance(pin, PinSpec) for pin in mapping)
    judged = [
        (isinstance(kernel, Kernel), "kernel must come from bankside.kernel(NAME, option=value)", kernel),
        (isinstance(machine, Machine), "machine must come from bankside.machine(NAME)", machine),
        (isinstance(duty, float | int), "duty must be a number", duty),
        (pinned, "mapping must come from bankside.kernels.mapping.pin.load_pins(FILE)", mapping),
        (memo is None or isinstance(memo, Memo), "memo must be a bankside.kernels.mapping.memo.Memo", memo),
    ]
    if faults := [f"The {needed}, not be {value!r:.60}." for sound, needed, value in judged if not sound]:
        raise ConfigError(faults)
    result = simulation.simulate(
        kernel, machine, fold=fold, duty=duty, command=command, mapping=mapping, memo=memo
    )
    return Result(result.document, result.outcome)
