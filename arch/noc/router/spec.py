"""What a router is: its buffers, its pipeline and its allocators."""

from dataclasses import dataclass
from typing import Literal

from bankside.arch.noc.fabric.fabric import NetworkError

MOST_VCS = 62
"""Virtual channels of a link are bits of a word."""

Allocator = Literal["islip", "separable_input_first"]


@dataclass(frozen=True)
class RouterSpec:
    """An input-queued router with virtual channels and credits.

    Stages: route, allocate a virtual channel, allocate the switch, traverse. A hop alone takes routing_delay + 2 +
    switch_delay cycles and the delay of its link (W. J. Dally, B. Towles, Principles and Practices of Interconnection
    Networks, 2004, chapter 16; N. Jiang et al., ISPASS 2013).

    Attributes
    ----------
    vcs, depth : int
        Virtual channels of a link, flits that the buffer of each holds.
    routing_delay : int [cycle]
        0: the route of the next router is computed a router ahead.
    switch_delay : int [cycle]
        From the grant of the switch to the link.
    credit_delay : int [cycle]
        From when a credit comes in to when it counts.
    allocator : str
        Of virtual channels and of the switch: iSLIP (N. McKeown, IEEE/ACM Transactions on Networking 7, 1999), or
        separable with inputs first; pointers of both move for accepted pairs alone, of iSLIP for those of the first
        iteration.
    input_speedup : int
        Ports of the switch that the virtual channels of an input share.
    internal_speedup : int
        Steps of the router in a cycle.
    speculative : bool
        Whether heads bid for the switch while they wait for a virtual channel.
    vc_iterations, switch_iterations : int
        Of iSLIP: what is left is matched again.
    wait_for_tail_credit : bool
        Whether a virtual channel is free again when the credit of the tail has come back, or when the tail has left.
    """

    vcs: int = 8
    depth: int = 8
    routing_delay: int = 0
    switch_delay: int = 1
    credit_delay: int = 2
    allocator: Allocator = "islip"
    input_speedup: int = 1
    internal_speedup: int = 1
    speculative: bool = False
    wait_for_tail_credit: bool = False
    vc_iterations: int = 1
    switch_iterations: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.vcs <= MOST_VCS:
            raise NetworkError(f"A link has 1 to {MOST_VCS} virtual channels, not {self.vcs}.")
        for name in (
            "depth",
            "switch_delay",
            "input_speedup",
            "internal_speedup",
            "vc_iterations",
            "switch_iterations",
        ):
            if getattr(self, name) < 1:
                raise NetworkError(f"A router's {name} is at least 1, not {getattr(self, name)}.")
        if self.allocator != "islip" and max(self.vc_iterations, self.switch_iterations) > 1:
            raise NetworkError(f"The allocator {self.allocator} makes one iteration; islip makes more.")
        for name in ("routing_delay", "credit_delay"):
            if getattr(self, name) < 0:
                raise NetworkError(f"A router's {name} is at least 0, not {getattr(self, name)}.")

    @property
    def hop_cycles(self) -> int:
        """Cycles that the head of a lone packet spends in a router, its link aside."""
        ahead = self.speculative or self.internal_speedup > 1
        return self.routing_delay + 2 + self.switch_delay - ahead
