"""Splitting work over equal nodes, and which nodes then have equal work.

`items` independent pieces (heads, sequences, experts) go to nodes first; when there are fewer pieces than nodes, each
piece's inner dimension (output columns, KV length, elements) is split over a group of nodes. Shares differ by at most
one, larger shares first, so a split is described by a few cut points between classes of equal nodes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

UNEVEN = 1.1
PARTS_OF_MANY, MOST_PARTS = 16, 65536


@dataclass(frozen=True)
class Share:
    """What one node has: `items` pieces, and of each an `inner` part."""

    items: int
    inner: int


@dataclass(frozen=True)
class Split:
    """`items` pieces with inner dimension `inner` over `nodes` nodes; `loops` names the two.

    With `evenly` each piece is cut into as many parts as leave no node much longer at work than others, and a node may
    have several.
    """

    items: int
    inner: int
    nodes: int
    loops: tuple[str, str] = ("items", "inner")
    evenly: bool = False

    @property
    def parts(self) -> int:
        """Nodes that work on one piece together, or parts of it."""
        if self.evenly:
            return _even_parts(self.items, self.inner, self.nodes)
        return max(1, min(self.nodes // self.items, self.inner))

    @property
    def active(self) -> int:
        """Nodes with work."""
        return min(self.nodes, self.items * self.parts)

    def shares(self, node: int) -> list[Share]:
        """All that a node has: parts of one length, and those a token shorter."""
        if not self.evenly:
            share = self.share(node)
            return [share] if share.items else []
        parts = self.parts
        own = range(node, self.items * parts, self.nodes)
        longer = self.items * (self.inner % parts)
        long = len(range(node, min(longer, self.items * parts), self.nodes))
        found = [Share(long, self.inner // parts + 1), Share(len(own) - long, self.inner // parts)]
        return [share for share in found if share.items]

    @property
    def grid(self) -> dict[str, int]:
        """Nodes over each loop, for results and pins."""
        outer, inner = self.loops
        dealt = {outer: min(self.items, self.nodes)}
        return dealt if inner == outer else dealt | {inner: self.parts}

    def share(self, node: int) -> Share:
        """Share of a node; nodes of the same part stand side by side."""
        if node >= self.active:
            return Share(0, 0)
        if self.items >= self.nodes:
            return Share(self.items // self.nodes + (node < self.items % self.nodes), self.inner)
        part = node // self.items
        return Share(1, self.inner // self.parts + (part < self.inner % self.parts))

    def start(self, node: int) -> int:
        """Where the inner part of a node with work begins."""
        if self.items >= self.nodes:
            return 0
        part = node // self.items
        return part * (self.inner // self.parts) + min(part, self.inner % self.parts)

    def cuts(self) -> set[int]:
        """Node numbers at which shares change."""
        if self.evenly:
            pieces = self.items * self.parts
            ends = (self.items * (self.inner % self.parts), pieces)
            return {end - first for first in range(0, pieces, self.nodes) for end in ends if end > first}
        if self.items >= self.nodes:
            return {self.items % self.nodes}
        larger = self.inner % self.parts
        return {larger * self.items, self.active}


@cache
def _even_parts(items: int, inner: int, nodes: int) -> int:
    """The fewest parts of a piece with which the busiest node has at most `UNEVEN` times an even share, or the best
    there are; rather such that are all as long, which a node works on at once."""
    most = max(1, min(inner, MOST_PARTS, max(nodes // items, min(nodes, PARTS_OF_MANY))))
    shares = [-(-items * parts // nodes) / parts for parts in range(1, most + 1)]
    enough = max(UNEVEN * items / nodes, min(shares))
    found = [parts for parts, share in enumerate(shares, 1) if share <= enough]
    return next((parts for parts in found if inner % parts == 0), found[0])


def classes(nodes: int, splits: Iterable[Split], fold: bool) -> list[tuple[int, int]]:
    """Ranges [first, end) of nodes with equal shares in every split; single nodes when not folding."""
    if not fold:
        return [(i, i + 1) for i in range(nodes)]
    cuts = {0, nodes}
    for split in splits:
        cuts |= {cut for cut in split.cuts() if 0 < cut < nodes}
    edges = sorted(cuts)
    return list(pairwise(edges))
