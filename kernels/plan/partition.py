"""How a matrix product may be dealt to the nodes of a core kind: by products, and within a product by columns or rows.

Weights rest in memory once. Dealt by columns, a node owns the weights of its columns and every node gets the whole
input; dealt by rows, a node owns the rows of its input and of its results, and every node gets the whole of the
weights, of which each owns an even share. Whole products share neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bankside.arch.machine.machine import Core
from bankside.arch.spec import ConfigError
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.split import Split

Loop = Literal["batch", "m", "n"]
LOOPS: Final[tuple[Loop, ...]] = ("batch", "m", "n")


@dataclass(frozen=True)
class Deal:
    """`op` over `nodes` nodes; the nodes that share one product share its loop `loop`, or none ("batch")."""

    op: MatMul
    nodes: int
    loop: Loop

    @property
    def split(self) -> Split:
        """Products, and what of each is dealt further."""
        inner = {"batch": 1, "m": self.op.m, "n": self.op.n}[self.loop]
        return Split(self.op.batch, inner, self.nodes)

    def share(self, node: int) -> tuple[int, int, int]:
        """Products, rows and columns of a node; no products if it has no work."""
        share = self.split.share(node)
        rows = share.inner if self.loop == "m" else self.op.m
        columns = share.inner if self.loop == "n" else self.op.n
        return share.items, rows, columns

    @property
    def grid(self) -> dict[str, int]:
        """Nodes over products, rows and columns, for results and pins."""
        parts = self.split.parts
        return {
            "batch": min(self.op.batch, self.nodes),
            "m": parts if self.loop == "m" else 1,
            "n": parts if self.loop == "n" else 1,
        }

    @property
    def weight_bytes(self) -> float:
        """Bytes of a node's weights that it does not own: they come from the others [byte]."""
        if self.loop != "m":
            return 0.0
        return self.op.b_bytes / (self.op.batch // self.op.shared_b) * (1 - 1 / self.nodes)

    @property
    def input_bytes(self) -> float:
        """Bytes of one product's input that lie at other nodes and that a node needs in full [byte]."""
        return self.op.a_bytes / self.op.batch * (1 - 1 / self.nodes) if self.loop == "n" else 0.0


def on_chip_bytes(core: Core) -> float:
    """Bytes of activations that a node keeps on chip: half of its scratchpads, the tiles have the other half."""
    return core.cores * core.spec.sram.size / 2 if core.spec.sram else 0.0


def stays(core: Core, deal: Deal) -> bool:
    """Whether a node keeps on chip what it needs of one product's input."""
    _, rows, _ = deal.share(0)
    return rows * deal.op.k * deal.op.a_format.bits / 8 <= on_chip_bytes(core)


def copied_bytes(core: Core, deal: Deal) -> float:
    """Memory that copies of weights or inputs of other nodes take, at all nodes together [byte]."""
    landed_byte = deal.weight_bytes + (0.0 if stays(core, deal) else deal.input_bytes)
    return 0.0 if core.memory.flash else deal.split.active * landed_byte


def deals(op: MatMul, core: Core, room_byte: float | None = None) -> list[Deal]:
    """Every way to deal `op` to the nodes of `core`, by columns first; of a pinned product the one that is pinned.

    A product is shared where there are twice as many nodes as products. Rows are dealt where there are two at least.
    Either way has to have room for its copies; where neither has, columns are dealt all the same.

    Parameters
    ----------
    room_byte
        Memory that is free for copies; without it, what the operands and results of `op` leave [byte].

    Raises
    ------
    ConfigError
        If the pinned split is none of them.
    """
    room = core.memory.capacity_bytes - op.bytes_min if room_byte is None else room_byte
    ways = list(_ways(op, core))
    found = [deal for deal in ways if copied_bytes(core, deal) <= room] or ways[:1]
    if op.pin is None:
        return found
    if op.split is None:
        return found[:1]
    wanted: dict[str, int] = dict(zip(LOOPS, op.split, strict=True))
    kept = [deal for deal in found if deal.grid == wanted]
    if not kept:
        known = " or ".join(_product(deal.grid) for deal in found)
        raise ConfigError(
            [
                f"The pinned mapping of {op.label} splits batch x m x n over {_product(wanted)} nodes, but core "
                f"{core.name} can split it over {known}."
            ]
        )
    return kept


def _product(grid: dict[str, int]) -> str:
    return " x ".join(str(grid[loop]) for loop in LOOPS)


def _ways(op: MatMul, core: Core) -> Iterator[Deal]:
    if core.nodes < 2 * op.batch:
        yield Deal(op, core.nodes, "batch")
        return
    yield Deal(op, core.nodes, "n")
    if op.m > 1 and core.memory.flash is None:
        yield Deal(op, core.nodes, "m")
