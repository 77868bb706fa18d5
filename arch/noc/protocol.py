"""How software moves a collective over links: which algorithms it knows, what it costs beside the links, and what share
of their bandwidth it reaches.

A collective takes the time of its base once; every step that waits for the one before takes the step's time, and a node
issues the messages of a step one after the other. Bytes then pass at a share of the link's bandwidth: packet headers,
flags between data, copies through buffers. These are the L, o, g and G of LogGP (Alexandrov et al., SPAA 1995), of
software and link together; what a hop and a byte take on the link alone is the link's.
"""

from dataclasses import dataclass
from typing import Literal

Pattern = Literal[
    "point_to_point",
    "broadcast",
    "scatter",
    "gather",
    "all_gather",
    "all_to_all",
    "reduce",
    "all_reduce",
    "reduce_scatter",
]
"""Who sends what, with the meaning of `bytes_each`.

point_to_point: the message of node 0 to the farthest node. broadcast: the message of node 0 to all. scatter,
gather: what node 0 sends to, or gets from, each other node. all_gather: what every node sends to all.
all_to_all: what each node sends to each other. reduce, all_reduce, reduce_scatter: the vector that every node
holds, whose sum ends at node 0, at all nodes, or in equal shares.
"""

Algorithm = Literal[
    "in_network",
    "in_switch",
    "ring",
    "tree",
    "double_tree",
    "halving_doubling",
    "direct",
    "pairwise",
    "one_shot",
    "root",
]
"""See `algorithms`."""


@dataclass(frozen=True)
class Rate:
    """A share of bandwidth that is reached in some patterns among so many nodes or more."""

    patterns: tuple[Pattern, ...]
    nodes: int
    share: float


@dataclass(frozen=True)
class Protocol:
    """One way in which software moves collectives.

    Attributes
    ----------
    name, software : str
        Its own name, and that of the library that has it.
    algorithms : tuple of Algorithm
        Those that it runs; none named: all.
    base_fs, step_fs, message_fs : int
        Of a collective, of each of its steps, and of each message that a node sends in a step [fs].
    share : float
        Of a link's bandwidth.
    rates : tuple of Rate
        Where the share is another; of those that hold, the one of most nodes, the later one of equals.
    adds_bytes_per_s : float
        Rate at which a node adds up what came in, read and written where it lies; infinite where links are slower
        [B/s].
    """

    name: str = ""
    software: str = ""
    algorithms: tuple[Algorithm, ...] = ()
    base_fs: int = 0
    step_fs: int = 0
    message_fs: int = 0
    share: float = 1.0
    rates: tuple[Rate, ...] = ()
    adds_bytes_per_s: float = float("inf")

    def runs(self, algorithm: str) -> bool:
        """Whether it runs an algorithm."""
        return not self.algorithms or algorithm in self.algorithms

    def share_of(self, pattern: Pattern, nodes: int) -> float:
        """Share of a link's bandwidth in a pattern among so many nodes."""
        held = [rate for rate in self.rates if pattern in rate.patterns and rate.nodes <= nodes]
        return max(held, key=lambda rate: rate.nodes).share if held else self.share


PLAIN = Protocol()
"""Links alone: all algorithms, nothing beside them."""
