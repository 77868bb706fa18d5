"""Trains of operations of a node: what a transfer is made of, and steps that bring, compute and take away."""

import numpy as np

from bankside.arch.causes import SRAM_BANDWIDTH
from bankside.arch.engine.trains import COST, STREAM, TRAFFIC, Chained, Closes, Opens, Tiles, ops_of, weave
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.link import Chain, Way
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import span_of, store_fs_per_stripe
from bankside.kernels.lower.ways import stripe_bytes


def length(node: NodeClass, way: Way) -> int:
    """Operations of a transfer: its streams and what it passes."""
    return len(node.channels) + sum(len(stage) for stage in way)


def ends(node: NodeClass, way: Way) -> range:
    """Which of a transfer's operations end when it is there: the last stage, or all streams."""
    count = length(node, way)
    return range(count - len(way[-1] if way else node.channels), count)


def chain_of(core: Core, node: NodeClass, way: Way) -> Chain:
    """A transfer as a train has it, `arch.engine.trains`: the same stream on every channel, then the links, each after
    the stage before."""
    if way not in node.chains:
        served = (STREAM, 0.0) if core.memory.channelled is not None else (COST, store_fs_per_stripe(core))
        rows = [(channel, served[0], SRAM_BANDWIDTH, 0, 0, 0, 1) for channel in node.channels]
        rates = [served[1]] * len(rows)
        before = 0, len(rows)
        for stage in way:
            here = len(rows)
            for link in stage:
                what = (COST, link.cause) if link.row < 0 else (TRAFFIC, link.row)
                rows.append((link.unit, *what, *before, link.fs, stripe_bytes(core)))
                rates.append(link.fs_per_byte if link.row < 0 else link.share)
            before = here, len(rows)
        node.chains[way] = np.array(rows, dtype=np.int64), np.array(rates)
    return node.chains[way]


def chained(
    low: Lowering, core: Core, node: NodeClass, way: Way, count: Int64s, made: tuple[Tiles, Opens, Closes],
    waits: tuple[int, Int64s, Int64s, Int64s],
) -> Chained:  # fmt: skip
    """A train that brings and takes so many stripes (int64[steps, 2]), to be appended. `waits`: the last four of
    `Chained`."""
    check_bytes(core, way, count)
    (tiles, opens, closes), (chain, rate) = made, chain_of(core, node, way)
    return Chained(
        low.builder.n_ops, chain, rate, len(ends(node, way)), node.cursor, span_of(core), count, tiles, opens, closes,
        *waits,
    )  # fmt: skip


def check_bytes(core: Core, way: Way, count: Int64s) -> None:
    """Refuse transfers of so many stripes that one of the links cannot time or count.

    Raises
    ------
    RunTooLongError
    """
    if way:
        longest_byte = int(count.max(initial=0)) * stripe_bytes(core)
        for stage in way:
            for link in stage:
                link.check(longest_byte)


def append_train(low: Lowering, core: Core, node: NodeClass, train: Chained) -> Int64s:
    """Append a train; returns the numbers of the last parts of its tiles."""
    low.builder.reserve(ops_of(train))
    woven, bursts = weave(train), 0
    if core.memory.channelled is not None:
        node.cursor, bursts = woven.cursor, int(train.bursts.sum()) * len(node.channels)
    return woven.tile_at + low.builder.append(
        woven.label, woven.unit, (woven.words, woven.work), (woven.deps, woven.dep), bursts
    )
