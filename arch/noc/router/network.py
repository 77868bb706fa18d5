"""A running network: its arrays, its streams of random numbers, and what it has counted."""

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from bankside.arch.noc.fabric.deadlock import check_deadlock_free
from bankside.arch.noc.fabric.fabric import Fabric, NetworkError
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.layout import NEVER, layout, records
from bankside.arch.noc.router.run import DONE, NO_GOAL, NUMBERS_OUT, run
from bankside.arch.noc.router.sources import DRAINING, DRAWN, LISTED, TIMED
from bankside.arch.noc.router.spec import RouterSpec

Int64s = npt.NDArray[np.int64]

MOST_CYCLES: Final = 1 << 40
TESTS: Final = 1 << 20
"""Tests of sources that are drawn at once, at least."""


class Streams(Protocol):
    """Two streams of random numbers; each call gives the next, at least so many."""

    def whole(self, count: int) -> Int64s:
        """Whole numbers of 30 bits."""
        ...

    def successes(self, rate: float, tests: int) -> tuple[Int64s, int]:
        """Which of the next tests succeed, each with probability `rate`, counted from 0, and how many tests there
        were."""
        ...


class NumpyStreams:
    """Streams of numpy's generator: of tests only the distances between successes are drawn."""

    def __init__(self, seed: int) -> None:
        self._whole, self._real = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])

    def whole(self, count: int) -> Int64s:
        """See `Streams`."""
        return self._whole.integers(0, 1 << 30, count, dtype=np.int64)

    def successes(self, rate: float, tests: int) -> tuple[Int64s, int]:
        """See `Streams`."""
        if rate <= 0:
            return np.zeros(0, dtype=np.int64), tests
        places = np.cumsum(self._real.geometric(rate, int(tests * rate) + 1)) - 1
        return places, int(places[-1]) + 1


@dataclass
class FlitNetwork:
    """An empty network at cycle 0.

    Parameters
    ----------
    fabric : Fabric
    spec : RouterSpec
    streams : Streams

    Raises
    ------
    NetworkError
        If packets could wait for each other for ever, or a class lacks a virtual channel.
    """

    fabric: Fabric
    spec: RouterSpec
    streams: Streams
    state: Int64s = field(init=False)

    def __post_init__(self) -> None:
        check_deadlock_free(self.fabric, self.spec.vcs)
        self.state = layout(self.fabric, self.spec)
        self._targets = np.zeros(1, dtype=np.int64)
        self._wholes = np.zeros(0, dtype=np.int64)
        self._hits = np.array([NEVER], dtype=np.int64)
        self._rate = 0.0

    @property
    def nodes(self) -> Int64s:
        """Records of nodes as `layout` has them, a view."""
        return records(self.state, "node", self.fabric.nodes * at.NODE_SIZE, at.NODE_SIZE)

    @property
    def ports(self) -> Int64s:
        """Records of ports, a view."""
        return records(self.state, "port", self.fabric.to.size * at.PORT_SIZE, at.PORT_SIZE)

    def draw_packets(self, targets: Int64s, rate: float, length: int) -> None:
        """Have nodes make packets by tests of `rate` a cycle; `targets` as `run` reads them."""
        self._targets, self._rate = targets, rate
        self.state[at.PATTERN], self.state[at.LENGTH] = DRAWN, length

    def send_batch(self, targets: Int64s, packets: int, length: int) -> None:
        """Have every node make so many packets, each as soon as the one before it has gone in."""
        self._targets = targets
        self.state[at.PATTERN], self.state[at.LENGTH] = TIMED, length
        self._limit(np.zeros(self.fabric.nodes, dtype=np.int64), packets)

    def send_list(self, first: Int64s, packets: Int64s) -> None:
        """Have node n send packets first[n] .. first[n + 1] - 1 of int64[packets, 2], destination and flits of each."""
        self._targets = np.ascontiguousarray(packets).ravel() if len(packets) else np.zeros(2, dtype=np.int64)
        self.state[at.PATTERN] = LISTED
        self._limit(first[:-1], first[1:])

    def _limit(self, first: Int64s, last: Int64s | int) -> None:
        node = self.nodes
        node[:, at.ISSUED], node[:, at.LIMIT] = first, last
        self.state[at.UNSENT] = int((node[:, at.ISSUED] < node[:, at.LIMIT]).sum())

    def run(self, cycles: int = MOST_CYCLES, goal: int = NO_GOAL) -> bool:
        """Run so many cycles, or to a goal of `run`; whether it was reached."""
        until = min(int(self.state[at.TIME]) + cycles, MOST_CYCLES)
        while True:
            why = run(self.state, self._hits, self._targets, until, goal)
            if why != NUMBERS_OUT:
                break
            self._draw()
        if self.state[at.FAULT]:
            raise NetworkError(f"{self.fabric.name}: a packet came to a node that it was not for.")
        return bool(why == DONE)

    def run_still(self) -> None:
        """Pass the time until the last credit is back; with no flit in flight nothing else happens."""
        slots, now = int(self.state[at.SLOTS]), int(self.state[at.TIME])
        first = self.state[at.BLOCK] + np.arange(slots, 2 * slots) * at.BLOCK_SIZE
        pending = np.flatnonzero(records(self.state, "slot", 2 * slots, 1)[slots:, 0] != first)
        if len(pending):
            self.run(int(((pending - now) % slots).max()) + 1)

    def _draw(self) -> None:
        """Hand over more random numbers, behind those that are left."""
        state = self.state
        if state[at.WHOLES] - state[at.WHOLE] < state[at.DRAWS]:
            held = records(state, "wholes", at.BLOCK_OF_WHOLES + 4 * int(state[at.DRAWS]), 1)[:, 0]
            left = state[at.WHOLES] - state[at.WHOLE]
            held[:left] = held[state[at.WHOLE] : state[at.WHOLES]].copy()
            fresh = self._wholes
            if len(fresh) < len(held) - left:
                fresh = np.concatenate([fresh, self.streams.whole(len(held))])
            held[left:], self._wholes = fresh[: len(held) - left], fresh[len(held) - left :]
            state[at.WHOLE], state[at.WHOLES] = 0, len(held)
        if state[at.PATTERN] == DRAWN and state[at.CHECK] <= state[at.TIME]:
            known = int(state[at.REALS])
            behind = known - int(state[at.REAL])
            found, tests = self.streams.successes(self._rate, TESTS + 8 * (at.BLOCK_OF_WHOLES + behind))
            self._hits = np.concatenate([self._hits[state[at.HIT] : -1], known + found, self._hits[-1:]])
            state[at.HIT], state[at.REALS], state[at.CHECK] = 0, known + tests, 0

    def drain_from_now(self) -> None:
        """From now on only packets made before now count; what nodes still have to test is counted."""
        n, state = self.fabric.nodes, self.state
        slow = records(state, "slow", int(state[at.WORDS]), 1)[:, 0]
        behind = (slow[np.arange(n) >> 5] >> (np.arange(n) & 31)) & 1
        self.nodes[:, at.DRAINED] = 1 - behind
        state[at.UNDRAINED], state[at.PHASE], state[at.DRAIN_FROM] = behind.sum(), DRAINING, state[at.TIME]

    def forget(self) -> None:
        """Begin to count afresh."""
        for name in (at.LATENCY, at.NETWORK_LATENCY, at.HOPS, at.PACKETS, at.MOST, at.TAKEN):
            self.state[name] = 0
        self.state[at.LEAST] = NEVER
        self.nodes[:, at.ACCEPTED] = 0

    def read(self, name: int) -> int:
        """One of the numbers that state begins with."""
        return int(self.state[name])
