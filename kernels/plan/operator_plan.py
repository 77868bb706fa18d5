"""The plan of one operator, and of a kernel: what lowering emits, and what results, pins and `--mapping` say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bankside.kernels.operators import Operator
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split


class Tiling(Protocol):
    """What a node does with its share: tile, loop order, unit, in the operator's own terms."""

    def as_dict(self) -> dict[str, object]:
        """As plain data."""
        ...


@dataclass(frozen=True)
class OperatorPlan:
    """How an operator runs.

    Parameters
    ----------
    key
        "label#occurrence", counted from 1 through the kernel.
    core
        The core kind that computes it.
    home
        The core kind at whose nodes its activations wait: `core`, or the hub of one inside the DRAM die.
    split
        How its loops are dealt to the nodes.
    tensors
        Where each input lies when the tiles use it, and each result when they have made it.
    streamed
        Names of the tensors whose tiles are read or written at the tap.
    tiling
        What a node does with its share; None where there is nothing to choose.
    store
        The core kind at whose memory results are kept, where that is not the own memory.
    limits
        Blocks of the tiling of which a pin may state sizes; a node that has less takes what it has.
    notes
        Full sentences on what it rests on.
    """

    key: str
    core: str
    home: str
    split: Split
    tensors: Mapping[str, Placement]
    streamed: frozenset[str] = frozenset()
    tiling: Tiling | None = None
    store: str | None = None
    limits: frozenset[str] = field(default=frozenset(), compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def as_dict(self) -> dict[str, object]:
        """The one serial form: of results, pin files and `--mapping`."""
        lying = {
            name: placement.as_dict() | ({"streamed": True} if name in self.streamed else {})
            for name, placement in self.tensors.items()
        }
        return {
            "operator": self.key,
            "core": self.core,
            **({"home": self.home} if self.home != self.core else {}),
            "nodes": self.split.active,
            "split": self.split.grid,
            **(self.tiling.as_dict() if self.tiling else {}),
            "tensors": lying,
            **({"store": self.store} if self.store else {}),
        }


@dataclass(frozen=True)
class Step:
    """An operator that runs, or a part of number `which` of its phase's, of which it is line `line` in reports."""

    which: int
    op: Operator
    plan: OperatorPlan
    line: int = 0


@dataclass(frozen=True)
class PhasePlan:
    """The steps of a phase in order; its inputs lie in the memory of core kind `start`."""

    start: Placement
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Plan:
    """How a kernel runs on a machine."""

    phases: tuple[PhasePlan, ...]

    def as_list(self) -> list[dict[str, object]]:
        """Every operator's plan, in order."""
        return [step.plan.as_dict() for phase in self.phases for step in phase.steps]
