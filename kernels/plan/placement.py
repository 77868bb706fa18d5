"""Where a tensor lies, and what has to cross the network for it to lie otherwise."""

from dataclasses import dataclass

from bankside.arch.noc.packet import Pattern

OUTER = frozenset({"batch", "rows"})  # axes of which an even share of the bytes is an even share


@dataclass(frozen=True)
class Placement:
    """A tensor at the nodes of a core kind.

    Parameters
    ----------
    core
        The core kind.
    split
        Over how many parts each axis is dealt, in order; the nodes have one part each. Nothing where every node has
        the whole.
    memory
        The memory in which the nodes' parts rest; nothing where they lie as the nodes made or got them, on chip as far
        as they fit.
    copies
        Nodes that have the same part.
    """

    core: str
    split: tuple[tuple[str, int], ...] = ()
    memory: str = ""
    copies: int = 1

    @property
    def in_memory(self) -> bool:
        """Whether it rests in a memory."""
        return bool(self.memory)

    @property
    def whole(self) -> bool:
        """Whether every node has all of it."""
        return not self.split

    @property
    def axes(self) -> tuple[str, ...]:
        """What is dealt, outermost first."""
        return tuple(axis for axis, _ in self.split)

    def parts(self, axis: str) -> int:
        """Parts of an axis."""
        return dict(self.split).get(axis, 1)

    def as_dict(self) -> dict[str, object]:
        """For results and pins."""
        return {
            "nodes": self.core,
            **({"memory": self.memory} if self.memory else {}),
            **({"split": dict(self.split)} if self.split else {}),
            **({"copies": self.copies} if self.copies > 1 else {}),
        }


def crossing(lies: Placement, wanted: Placement) -> Pattern | None:
    """The exchange that brings a tensor from where it lies to where it is wanted; None where it is there.

    An even share of a tensor in memory is one of its rows, or of its products. Of a batch each product stays where it
    was dealt.
    """
    if lies.whole:
        return None
    if wanted.whole:
        return "all_gather"
    if lies.in_memory and OUTER.issuperset(wanted.axes):
        return None
    if lies.split == wanted.split or lies.axes == wanted.axes == ("batch",):
        return None
    return "all_to_all"
