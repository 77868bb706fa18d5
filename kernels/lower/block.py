"""Trains of operations of a node: what a transfer is made of, and steps that bring, compute and take away."""

import numpy as np

from bankside.arch.causes import SRAM_BANDWIDTH
from bankside.arch.engine.trains import COST, STREAM, TRAFFIC, Chained, Opens, Tiles, weave
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.link import Way
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


def chain_of(core: Core, node: NodeClass, way: Way) -> Int64s:
    """A transfer as a train has it, `arch.engine.trains`: the same stream on every channel, then the links, each after
    the stage before."""
    if way not in node.chains:
        form = COST if core.memory.channelled is None else STREAM
        rows = [(channel, form, SRAM_BANDWIDTH, 0, 0) for channel in node.channels]
        before = 0, len(rows)
        for stage in way:
            here = len(rows)
            for link in stage:
                what = (COST, link.cause) if link.row < 0 else (TRAFFIC, link.row)
                rows.append((link.unit, *what, *before))
            before = here, len(rows)
        node.chains[way] = np.array(rows, dtype=np.int64)
    return node.chains[way]


def amounts(core: Core, node: NodeClass, way: Way, stripes: Int64s) -> Int64s:
    """Cycles, or bytes, of each operation of transfers of so many stripes: int64[*stripes.shape, length]."""
    found = np.zeros((*stripes.shape, length(node, way)), dtype=np.int64)
    if core.memory.channelled is None:
        served_fs = np.rint(stripes * store_fs_per_stripe(core)).astype(np.int64)
        found[..., : len(node.channels)] = served_fs[..., None]
    byte = stripes * stripe_bytes(core)
    most = int(byte.max(initial=0))
    for i, link in enumerate((link for stage in way for link in stage), len(node.channels)):
        link.check(most)
        if link.row >= 0:
            found[..., i] = np.rint(byte * link.share).astype(np.int64)
        else:
            found[..., i] = link.fs + np.rint(byte * link.fs_per_byte).astype(np.int64)
    return found


def append_train(
    low: Lowering, core: Core, node: NodeClass, way: Way, count: Int64s, tiles: Tiles, opens: Opens,
    waits: tuple[int, Int64s, Int64s, Int64s],
) -> Int64s:  # fmt: skip
    """Append a train that brings and takes so many stripes (int64[steps, 2]); returns the numbers of the last parts of
    its tiles. `waits`: the last four of `Chained`."""
    woven = weave(
        Chained(
            low.builder.n_ops, chain_of(core, node, way), len(ends(node, way)), node.cursor, span_of(core), count,
            amounts(core, node, way, count), tiles, opens, *waits,
        )
    )  # fmt: skip
    bursts = 0
    if core.memory.channelled is not None:
        node.cursor, bursts = woven.cursor, int(count.sum()) * len(node.channels)
    return woven.tile_at + low.builder.append(
        woven.label, woven.unit, (woven.words, woven.work), (woven.deps, woven.dep), bursts
    )
