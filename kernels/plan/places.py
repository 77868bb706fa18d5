"""Where the tensors of a phase lie, as one operator after the other is planned or emitted."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bankside.kernels.operators import Operator, Tensor
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.placement import Placement


class Lying(NamedTuple):
    """Where a tensor lies: its placement, the columns of the tensor that was placed, and which placing it was."""

    placement: Placement
    columns: int
    number: int

    @property
    def width(self) -> int | None:
        """Columns that each node has, or one where they are not alike; None where rows are whole."""
        parts = self.placement.parts("columns")
        if parts == 1:
            return None
        return 1 if self.columns % parts else self.columns // parts


class Places:
    """Placements by tensor and core kind; what nothing has placed lies at `start`.

    Parts lie where the whole lies, until they are placed by themselves.
    """

    def __init__(self, start: Placement) -> None:
        self.start = start
        self._at: dict[str, dict[str, Lying]] = {}
        self._whole: dict[str, str | None] = {}
        self._count = 0

    def put(self, tensor: Tensor, placement: Placement) -> None:
        """State that a tensor lies there too."""
        self._count += 1
        self._whole[tensor.name] = tensor.of
        lying = Lying(placement, tensor.columns, self._count)
        self._at.setdefault(tensor.name, {})[placement.core] = lying

    def everywhere(self, tensor: Tensor) -> dict[str, Lying]:
        """By core kind."""
        name: str | None = tensor.name
        whole = tensor.of
        while name is not None:
            if name in self._at:
                return self._at[name]
            name, whole = whole, self._whole.get(whole) if whole is not None else None
        return {self.start.core: Lying(self.start, tensor.columns, 0)}

    def find(self, tensor: Tensor, core: str) -> Lying | None:
        """At the nodes of one core kind, if it is there."""
        return self.everywhere(tensor).get(core)

    def latest(self, tensors: Iterable[Tensor], core: str) -> Lying:
        """Of what lies at a core kind, the last that was placed; tensors that meet in a function lie as it does. Of no
        tensors it is where the phase's input lies.

        Raises
        ------
        LookupError
            If one of them is not there.
        """
        found = [self.find(tensor, core) for tensor in tensors]
        there = [lying for lying in found if lying is not None]
        if len(there) < len(found):
            raise LookupError(f"A tensor is used at core {core} before it is brought there.")
        return max(there, key=lambda lying: lying.number, default=Lying(self.start, 1, 0))

    def missing(
        self, tensors: Iterable[Tensor], core: str
    ) -> Iterator[tuple[str, list[tuple[Tensor, Placement]]]]:
        """What has to come to a core kind, by the core kind that it comes from, which made it last."""
        found: dict[str, list[tuple[Tensor, Placement]]] = {}
        for tensor in tensors:
            at = self.everywhere(tensor)
            if core not in at:
                source, lying = max(at.items(), key=lambda item: item[1].number)
                found.setdefault(source, []).append((tensor, lying.placement))
        yield from found.items()

    def arrive(self, tensors: Iterable[Tensor], core: str, nodes: int) -> None:
        """Whole copies of what was missing come to every node of a core kind."""
        for _, moved in list(self.missing(tensors, core)):
            for tensor, _ in moved:
                self.put(tensor, Placement(core, copies=nodes))

    def apply(self, op: Operator, plan: OperatorPlan) -> None:
        """Inputs were brought where the plan wants them, results lie where it leaves them, as does what they are parts
        of."""
        for tensor in op.carried:
            self.put(tensor, plan.tensors[tensor.name])
        for tensor in op.outputs:
            placement = plan.tensors[tensor.name]
            self.put(tensor, placement)
            if tensor.of is not None:
                self._at.setdefault(tensor.of, {})[placement.core] = self._at[tensor.name][placement.core]
