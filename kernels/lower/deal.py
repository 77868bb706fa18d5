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
from bankside.kernels.lower.split import Split
from bankside.kernels.operators import MatMul

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


def deals(op: MatMul, core: Core) -> list[Deal]:
    """Every way to deal `op` to the nodes of `core`, by columns first; of a pinned product the one that is pinned.

    A product is shared where there are twice as many nodes as products. Rows are dealt where there are two at least,
    and where the memory takes the weights that come from other nodes, beside the operands and results.

    Raises
    ------
    ConfigError
        If the pinned split is none of them.
    """
    found = list(_ways(op, core))
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
    rows = Deal(op, core.nodes, "m")
    room = core.memory.capacity_bytes - op.bytes_min
    if op.m > 1 and core.memory.flash is None and rows.split.active * rows.weight_bytes <= room:
        yield rows
