"""How a matrix product may be dealt to the nodes of a core kind: by products, and within a product by columns, rows or
depth.

Weights rest in memory once. Dealt by columns, a node owns the weights of its columns and every node gets the whole
input; dealt by rows, a node owns the rows of its input and of its results, and every node gets the whole of the
weights, of which each owns an even share; dealt by depth, a node owns the weights of some columns of the input, gets
those columns, and its partial sums are added to those of the others. Whole products share nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bankside.arch.machine.machine import Core
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.multipliers import packing_of
from bankside.kernels.plan.parts import known, part_of
from bankside.kernels.plan.placement import Placement, crossing
from bankside.kernels.plan.split import Split
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES, Problem

Loop = Literal["batch", "m", "n", "k"]
LOOPS: Final[tuple[Loop, ...]] = ("batch", "m", "n", "k")
_AXES: Final = {
    "a": {"m": "rows", "k": "columns"},
    "b": {"k": "rows", "n": "columns"},
    "out": {"m": "rows", "n": "columns"},
}


@dataclass(frozen=True)
class Deal:
    """`op` over `nodes` nodes; the nodes that share one product share its loop `loop`, or none ("batch")."""

    op: MatMul
    nodes: int
    loop: Loop

    @classmethod
    def of(cls, op: MatMul, split: Split) -> "Deal":
        """The deal that a plan's split is."""
        return cls(op, split.nodes, next((loop for loop in LOOPS if loop == split.loops[1]), "batch"))

    @property
    def split(self) -> Split:
        """Products, and what of each is dealt further."""
        op = self.op
        inner = {"batch": 1, "m": op.m, "n": op.n, "k": op.k}[self.loop]
        return Split(op.batch, inner, self.nodes, ("batch", self.loop))

    def share(self, node: int) -> tuple[int, int, int, int]:
        """Products, rows, columns and depth of a node; no products if it has no work."""
        share = self.split.share(node)
        extents = {"m": self.op.m, "n": self.op.n, "k": self.op.k}
        if self.loop != "batch":
            extents[self.loop] = share.inner
        return share.items, extents["m"], extents["n"], extents["k"]

    @property
    def grid(self) -> dict[str, int]:
        """Nodes over products, rows, columns and depth."""
        return dict.fromkeys(LOOPS, 1) | self.split.grid

    @property
    def weight_bytes(self) -> float:
        """Bytes of a node's weights that it does not own: they come from the others [byte]."""
        if self.loop != "m":
            return 0.0
        return self.op.b.bytes / (self.op.batch // self.op.shared_b) * (1 - 1 / self.nodes)

    @property
    def input_bytes(self) -> float:
        """Bytes of one product's input that lie at other nodes and that a node needs in full [byte]."""
        return self.op.a.bytes / self.op.batch * (1 - 1 / self.nodes) if self.loop == "n" else 0.0

    @property
    def sum_bytes(self) -> float:
        """Bytes of one product's partial sums, which every node that shares it has [byte]."""
        return float(self.op.m * self.op.n * ACCUMULATOR_BYTES) if self.loop == "k" else 0.0


def whole(core: Core) -> Placement:
    """All of a tensor at every node."""
    return Placement(core.name, copies=core.nodes)


def wanted_input(core: Core, deal: Deal) -> Placement:
    """How tiles want the left operand to lie."""
    return _placed(core, deal, "a")


def weights_of(core: Core, deal: Deal) -> Placement:
    """How the right operand lies when tiles read it: dealt where they deal it, copied where they do not."""
    lies = _placed(core, deal, "b")
    return Placement(core.name, lies.split, core.memory.name, lies.copies)


def left(core: Core, deal: Deal) -> Placement:
    """How the results lie."""
    return _placed(core, deal, "out")


def _placed(core: Core, deal: Deal, tensor: str) -> Placement:
    """One of the three matrices: its own axis is dealt, or else each node that shares a product has all of it."""
    split, axis = deal.split, _AXES[tensor].get(deal.loop)
    batch = (("batch", min(split.items, split.nodes)),) if deal.op.batch > 1 or deal.loop == "batch" else ()
    if deal.loop == "batch":
        return Placement(core.name, batch)
    if axis is not None:
        return Placement(core.name, (*batch, (axis, split.parts)))
    if tensor == "a":
        return whole(core)
    return Placement(core.name, batch, copies=split.parts)


def brought(core: Core, deal: Deal, lies: Placement) -> Placement:
    """How the left operand lies once it was brought: as it lay, where that is how rows or whole copies are used."""
    wanted = wanted_input(core, deal)
    stayed = crossing(lies, wanted) is None
    return lies if stayed and (lies.whole or deal.loop == "m") else wanted


def on_chip_bytes(core: Core) -> float:
    """Bytes of activations that a node keeps on chip: half of its scratchpads, the tiles have the other half."""
    return core.cores * core.spec.sram.size / 2 if core.spec.sram else 0.0


def stays(core: Core, deal: Deal) -> bool:
    """Whether a node keeps on chip what it needs of one product's input."""
    _, rows, _, depth = deal.share(0)
    return rows * depth / deal.op.uses * deal.op.a.format.bits / 8 <= on_chip_bytes(core)


def spills(core: Core, op: MatMul, results: float) -> bool:
    """Whether the results of a node are more than it keeps on chip [elements]."""
    return results * op.out.format.bits / 8 > on_chip_bytes(core)


def streams(core: Core, deal: Deal, lies: Placement) -> bool:
    """Whether tiles of the input are read at the tap: it does not fit on chip, or lies in memory where it is used."""
    return not stays(core, deal) or (deal.loop == "m" and lies.in_memory)


def copied_bytes(core: Core, deal: Deal) -> float:
    """Memory that copies of weights or inputs of other nodes take, at all nodes together [byte]."""
    landed_byte = deal.weight_bytes + (0.0 if stays(core, deal) else deal.input_bytes)
    return 0.0 if core.memory.flash else deal.split.active * landed_byte


def problem_of(core: Core, deal: Deal, node: int, streamed: frozenset[str]) -> Problem:
    """What a node computes of a product, whose tensors named in `streamed` its tiles read or write at the tap.

    Partial sums stay on chip until they are added up.
    """
    op, (items, rows, columns, depth) = deal.op, deal.share(node)
    stationary, at = op.b.format, (0, 0)
    if known(stationary) and items:
        first = deal.split.start(node)
        at = first if deal.loop == "n" else 0, first if deal.loop == "k" else 0
        stationary = part_of(stationary, (at[0], at[0] + columns), (at[1], at[1] + depth))
    return Problem(
        items, rows, columns, depth,
        op.a.format.bits / 8, stationary.bits / 8, op.out.format.bits / 8,
        a_from_memory=op.a.name in streamed,
        out_to_memory=op.out.name in streamed and deal.loop != "k",
        formats=(op.a.format, stationary),
        pack=packing_of(op.out.format, op.k),
        at=at,
        a_uses=float(op.uses),
    )  # fmt: skip


def deals(op: MatMul, core: Core, room_byte: float | None = None) -> list[Deal]:
    """Every way to deal `op` to the nodes of `core`, by columns first.

    A product is shared where there are twice as many nodes as products. Rows are dealt where there are two at least,
    depth where a unit adds the partial sums and they stay on chip. Every way has to have room for its copies; where
    none has, columns are dealt all the same.

    Parameters
    ----------
    room_byte
        Memory that is free for copies; without it, what the operands and results of `op` leave [byte].
    """
    room = core.memory.capacity_bytes - op.bytes_min if room_byte is None else room_byte
    ways = list(_ways(op, core))
    return [deal for deal in ways if copied_bytes(core, deal) <= room] or ways[:1]


def _ways(op: MatMul, core: Core) -> Iterator[Deal]:
    if core.nodes < 2 * op.batch:
        yield Deal(op, core.nodes, "batch")
        return
    yield Deal(op, core.nodes, "n")
    if core.memory.flash is not None:
        return
    if op.m > 1:
        yield Deal(op, core.nodes, "m")
    depth = Deal(op, core.nodes, "k")
    if op.k > 1 and core.spec.can("add") and depth.sum_bytes <= on_chip_bytes(core):
        yield depth
