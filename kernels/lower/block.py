"""A block of operations under construction: costs, streams and dependencies filled in at positions, all at once."""

from collections.abc import Sequence

import numpy as np

from bankside.arch.causes import SRAM_BANDWIDTH
from bankside.arch.engine.program import COSTS, Block
from bankside.arch.engine.trains import COST, STREAM, TRAFFIC
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.link import Link, Way
from bankside.kernels.lower.lowering import Int64s, NodeClass
from bankside.kernels.lower.memory import store_fs_per_stripe
from bankside.kernels.lower.ways import stripe_bytes


def length(node: NodeClass, way: Way) -> int:
    """Operations of a transfer: its streams and what it passes."""
    return len(node.channels) + sum(len(stage) for stage in way)


def ends(node: NodeClass, way: Way) -> range:
    """Which of a transfer's operations end when it is there: the last stage, or all streams."""
    count = length(node, way)
    return range(count - len(way[-1] if way else node.channels), count)


def chain_of(core: Core, node: NodeClass, way: Way) -> Int64s:
    """A transfer as a train has it, `arch.engine.trains`: the same stream on every channel, then the links, each after
    the stage before."""
    form = COST if core.memory.channelled is None else STREAM
    rows = [(channel, form, SRAM_BANDWIDTH, 0, 0) for channel in node.channels]
    before = 0, len(rows)
    for stage in way:
        here = len(rows)
        for link in stage:
            what = (COST, link.cause) if link.row < 0 else (TRAFFIC, link.row)
            rows.append((link.unit, *what, *before))
        before = here, len(rows)
    return np.array(rows, dtype=np.int64)


def amounts(core: Core, node: NodeClass, way: Way, stripes: Int64s) -> Int64s:
    """Cycles, or bytes, of each operation of transfers of so many stripes: int64[*stripes.shape, length]."""
    found = np.zeros((*stripes.shape, length(node, way)), dtype=np.int64)
    if core.memory.channelled is None:
        served_fs = np.rint(stripes * store_fs_per_stripe(core)).astype(np.int64)
        found[..., : len(node.channels)] = served_fs[..., None]
    byte = stripes * stripe_bytes(core)
    for i, link in enumerate((link for stage in way for link in stage), len(node.channels)):
        link.check(int(byte.max(initial=0)))
        if link.row >= 0:
            found[..., i] = np.rint(byte * link.share).astype(np.int64)
        else:
            found[..., i] = link.fs + np.rint(byte * link.fs_per_byte).astype(np.int64)
    return found


class Weave:
    """`n_ops` operations of a node, the first of which will be number `first_op` of the program.

    Positions count from the block's first operation.
    """

    def __init__(self, core: Core, node: NodeClass, way: Way, n_ops: int, first_op: int) -> None:
        self.core, self.node, self.way, self.first_op = core, node, way, first_op
        self.unit = np.zeros(n_ops, dtype=np.int64)
        self.cause = np.zeros((n_ops, COSTS), dtype=np.int64)
        self.cycle = np.zeros((n_ops, COSTS), dtype=np.int64)
        self.stream = np.full(n_ops, -1, dtype=np.int64)
        self.streams: list[Int64s] = []
        self.n_streams = 0
        self.edges: list[tuple[Int64s, Int64s]] = []

    def fixed(self, at: Int64s, unit: Int64s, costs: Int64s) -> None:
        """Operations at `at`, each on its own unit; costs: int64[operations, up to COSTS, 2] pairs (cause, cycles)."""
        self.unit[at] = unit
        self.cause[at, : costs.shape[1]] = costs[:, :, 0]
        self.cycle[at, : costs.shape[1]] = costs[:, :, 1]

    def transfers(self, kind: int, at: Int64s, first_burst: Int64s, stripes: Int64s) -> None:
        """Chains that begin at `at`: the same stream on every channel, then the links, each after the one before."""
        channels = self.node.channels
        for c, unit in enumerate(channels):
            self.unit[at + c] = unit
            if self.core.memory.channelled is None:
                served_fs = np.rint(stripes * store_fs_per_stripe(self.core)).astype(np.int64)
                self.cause[at + c, 0], self.cycle[at + c, 0] = SRAM_BANDWIDTH, served_fs
            else:
                self._streams(kind, at + c, first_burst, stripes)
        here, before = len(channels), range(len(channels))
        for stage in self.way:
            for i, link in enumerate(stage):
                self._link(link, at + here + i, stripes * stripe_bytes(self.core))
                for earlier in before:
                    self.wait(at + here + i, at + earlier)
            before = range(here, here + len(stage))
            here += len(stage)

    def _link(self, link: Link, at: Int64s, byte: Int64s) -> None:
        self.unit[at] = link.unit
        link.check(int(byte.max(initial=0)))
        if link.row < 0:
            self.cause[at, 0] = link.cause
            self.cycle[at, 0] = link.fs + np.rint(byte * link.fs_per_byte).astype(np.int64)
            return
        one, none = np.ones_like(at), np.zeros_like(at)
        shares = np.rint(byte * link.share).astype(np.int64)
        self._words(at, np.stack([link.row * one, shares, none, one, none], axis=1))

    def _streams(self, kind: int, at: Int64s, first_burst: Int64s, stripes: Int64s) -> None:
        one, none = np.ones_like(at), np.zeros_like(at)
        self._words(at, np.stack([kind * one, first_burst, one, stripes, none], axis=1))

    def _words(self, at: Int64s, words: Int64s) -> None:
        self.stream[at] = self.n_streams + np.arange(len(at))
        self.n_streams += len(at)
        self.streams.append(words)

    def wait(self, at: Int64s, on: Int64s) -> None:
        """Operations at `at` wait for those at `on` of this block."""
        self.edges.append((at, self.first_op + on))

    def wait_transfers(self, at: Int64s, first: Int64s) -> None:
        """Operations at `at` wait for the transfers that begin at `first`: for the last link, or for all channels."""
        for last in ends(self.node, self.way):
            self.wait(at, first + last)

    def wait_outside(self, at: Int64s, ops: Sequence[int]) -> None:
        """Operations at `at` wait, each, for all `ops` of the program before this block."""
        self.edges.append((np.repeat(at, len(ops)), np.tile(np.array(ops, dtype=np.int64), len(at))))

    def block(self) -> Block:
        """What `ProgramBuilder.extend` takes."""
        at = np.concatenate([at for at, _ in self.edges])
        on = np.concatenate([on for _, on in self.edges])
        dep_start = np.zeros(len(self.unit) + 1, dtype=np.int64)
        np.cumsum(np.bincount(at, minlength=len(self.unit)), out=dep_start[1:])
        streams = np.concatenate([np.zeros((0, 5), dtype=np.int64), *self.streams])
        dep = on[np.argsort(at, kind="stable")]
        streaming = np.flatnonzero(self.stream >= 0)
        streams = streams[
            self.stream[streaming]
        ]  # in the order of their operations, as the engine reads them
        self.stream[streaming] = np.arange(len(streaming))
        return Block(self.unit, self.cause, self.cycle, self.stream, streams, dep_start, dep)
