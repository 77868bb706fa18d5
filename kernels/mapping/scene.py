"""What is known where an operator is planned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bankside.arch.machine.channels import Remembered
from bankside.arch.machine.machine import Core, Machine
from bankside.kernels.mapping.cores import keeper
from bankside.kernels.mapping.memo import Memo, known_by
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Operator
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.places import Places


@dataclass(frozen=True)
class Bench:
    """Where decisions are tried: a core kind of a machine, memory that is free for copies, and earlier decisions.

    room_byte: None where nobody said; then what an operator by itself leaves [byte]; fold: whether channels remember
    what they have served.
    """

    machine: Machine
    core: Core
    memo: Memo
    room_byte: float | None = None
    fold: bool = True

    @property
    def remembered(self) -> Remembered | None:
        """What the machine's channels remember."""
        return self.memo.channels.of(self.machine) if self.fold else None

    @property
    def key(self) -> tuple[str, int, str, int]:
        """What tells it from other benches in the keys of decisions that need no room."""
        return known_by(self.machine, self.core)


class Sharer(NamedTuple):
    """An operator on the same input, whether it is the phase's last, and what the user says of it."""

    op: Any
    last: bool
    pin: PinSpec | None


@dataclass(frozen=True)
class Scene:
    """An operator's surroundings in its phase.

    home: where its activations wait; places: where everything lies, its own input at `home`; final: whether it is the
    phase's last; sharers: itself and those that follow on the same input, core kind and table entry; pin: what the
    user says of it.
    """

    bench: Bench
    key: str
    home: Core
    places: Places
    final: bool
    sharers: tuple[Sharer, ...]
    pin: PinSpec | None

    @property
    def core(self) -> Core:
        """The core kind that computes."""
        return self.bench.core

    @property
    def last(self) -> bool:
        """Whether its results are the phase's, and written to the memory of its core."""
        return self.final and self.core.memory.flash is None

    @property
    def keeps(self) -> bool:
        """Whether keys and values that it makes go to the memory of its own core."""
        return self.core.memory.name == self.bench.machine.spec.place.kv

    def store(self, op: Operator, spilled: bool = False) -> str | None:
        """The core that takes results to memory where their own does not: keys and values to the memory that keeps
        them, what is made beside flash and has to stay to one that may be written again and again."""
        machine = self.bench.machine
        if op.cached:
            kept = keeper(machine, self.core, op.label)
            return kept.name if kept else None
        return machine.primary.name if self.core.memory.flash and (self.final or spilled) else None


class Mapper(NamedTuple):
    """What mapping does with a kind of operator: which core kind computes one, which operators it is there, and how it
    runs; where the user may say which core kind, `able` names them all."""

    core: Callable[[Machine, Any], Core]
    decide: Callable[[Scene, Any], OperatorPlan]
    parts: Callable[[Core, Any], tuple[Operator, ...]] = lambda core, op: (op,)
    able: Callable[[Machine, Any], Sequence[Core]] | None = None

    def pinned(self, machine: Machine, op: Operator, pin: PinSpec | None) -> Core:
        """The core kind that the user names where it is one of those that may, else the mapper's own."""
        if pin is not None and pin.core is not None and self.able is not None:
            for core in self.able(machine, op):
                if core.name == pin.core:
                    return core
        return self.core(machine, op)
