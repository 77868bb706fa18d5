"""The tiles of a matrix product on one node as a train of operations: bring, compute, take away, with two buffers.

The whole train is made of arrays. A step is a transfer from memory (streams on the channels, a link, latency) where
it needs one, a tile, and a transfer back where it completes results. A transfer into a buffer waits for the tile that
used it two steps before; a tile waits for its transfer and for the tile before it. The first transfers wait for what
came before if that made their data, or if the product is launched: before its launch a kernel asks for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bankside.arch.causes import COMPUTE, REDUCE
from bankside.arch.engine.trains import Opens, Tiles, alike
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.machine.once import once
from bankside.arch.pe.core import dealt
from bankside.arch.pe.product import BOTH, MATRIX, SLOTS, VECTOR
from bankside.arch.pe.regions import Part
from bankside.arch.pe.unit import FILL, GIVEN_CYCLES, GIVEN_WORK, PORT, TILE_CAUSES, Costs, Deciding, macs
from bankside.kernels.lower.block import append_train, ends
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import Float64s, count_transfers, stripes
from bankside.kernels.lower.ways import way_of, way_of_blocks
from bankside.kernels.plan.multipliers import units_for
from bankside.kernels.plan.parts import bytes_of, core_tiles, known
from bankside.kernels.plan.steps import Steps, steps
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES, UNITS, Mapping, Problem

MOST_SHAPES: Final = 1 << 14
TILE: Final = np.array([(COMPUTE, *TILE_CAUSES)], dtype=np.int64)


@dataclass(frozen=True)
class Cut:
    """Steps of a train, the cycles of each tile (int64[steps, 5]), the bytes that each step wants and leaves
    (float64[2, steps]), and their stripes (int64[steps, 2])."""

    steps: Steps
    costs: Int64s
    byte: Float64s
    stripes: Int64s


@dataclass(frozen=True)
class Train:
    """A node's problem in a mapping: all steps, or the first `most` and the `last` ones; `brought_b` tells that what
    came before put b where it is read."""

    problem: Problem
    mapping: Mapping
    most: int | None = None
    last: int = 0
    brought_b: bool = False


def emit_train(low: Lowering, core: Core, node: NodeClass, label: int, train: Train) -> None:
    """Append the train, and count what it moves; the node's tail is then the last tile and the last results."""
    own = cut(core, train)
    lay(low, core, node, label, train, own)
    brought, taken = own.stripes.sum(axis=0).tolist()
    count_transfers(low, core, node, own.byte[0], brought, write=False)
    count_transfers(low, core, node, own.byte[1], taken, write=True)
    if train.problem.out_to_memory and train.mapping.written < 1:
        _count_posted(low, core, node, train.problem, train.mapping)


def cut(core: Core, train: Train) -> Cut:
    """The steps of a train, and what each takes."""
    problem, mapping = train.problem, train.mapping
    nest = steps(problem, mapping, train.most, train.last)
    if problem.formats and known(problem.formats[-1]):
        nest = replace(nest, b_byte=bytes_of(problem, nest))
    wanted = nest.b_byte + nest.a_byte if problem.a_from_memory else nest.b_byte
    byte = np.stack([wanted, nest.out_byte * problem.out_to_memory])
    count = np.stack([stripes(core, each) for each in byte], axis=1)
    return Cut(nest, tile_costs(core, problem, mapping, nest), byte, count)


def lay(low: Lowering, core: Core, node: NodeClass, label: int, train: Train, own: Cut) -> Int64s:
    """Append the operations of a train that is cut; returns the numbers of its tiles. It counts nothing."""
    problem, mapping, count = train.problem, train.mapping, own.stripes
    way = (way_of if mapping.dealing is None else way_of_blocks)(low, core, node)
    on = node.vector if mapping.unit == UNITS[VECTOR] else node.matrix
    last = ends(node, way)
    bound = problem.a_from_memory or train.brought_b or core.spec.launch > 0
    early = _early(node, mapping.stages, bound)
    low.builder.check_length(on, own.costs)
    every, none = np.arange(len(count)), np.zeros(len(count), dtype=np.int64)
    made = Tiles(every, np.full((len(count), 1), on), TILE, own.costs[:, None], np.array([label, label]))
    tiles = append_train(
        low, core, node, way, count, made, Opens(none),
        (mapping.stages, *early, np.array(node.tail, dtype=np.int64)),
    )  # fmt: skip
    if mapping.unit == UNITS[BOTH]:
        node.shared.append(tiles)
    node.slots = [*node.slots, *tiles[-2:].tolist()][-2:]
    node.tail = [int(tiles[-1])]
    writes = np.flatnonzero(count[:, 1])
    if writes.size:
        node.tail += [int(tiles[writes[-1]]) + 1 + each for each in last]
    if own.steps.ends and (sum_fs := slices_fs(core, problem, mapping)):
        node.tail = [low.builder.fixed(node.path_delay, label, [(REDUCE, sum_fs)], node.tail)]
    return tiles


def _early(node: NodeClass, buffers: int, bound: bool) -> tuple[Int64s, Int64s]:
    """What the first transfers into each buffer wait for, as a train has it: its last user, and what came before."""
    free = node.slots[-2:-1], node.slots[-1:]
    waits = [(free[step] if step < 2 else []) + (node.tail if bound else []) for step in range(buffers)]
    start = np.cumsum([0, *map(len, waits)])
    return start, np.array([op for ops in waits for op in ops], dtype=np.int64)


def _count_posted(low: Lowering, core: Core, node: NodeClass, problem: Problem, mapping: Mapping) -> None:
    """Count what a cache still holds when the kernel ends: it is written behind the next one's back."""
    results = problem.batch * problem.m * problem.n * problem.out_bytes
    left = np.array([results * (1 - mapping.written)])
    count_transfers(low, core, node, left, int(stripes(core, left)[0]), write=True)


def slices_fs(core: Core, problem: Problem, mapping: Mapping) -> int:
    """Time in which the sums of all slices of the depth are added up: written to the cache and read again [fs]."""
    if mapping.dealing is None or mapping.dealing.slices == 1 or core.spec.blocks is None:
        return 0
    passed = problem.batch * problem.m * problem.n * mapping.dealing.slices * 2 * ACCUMULATOR_BYTES
    through_s = passed / core.cache.bandwidth if core.cache is not None else 0.0
    return round((core.spec.blocks.sum + through_s) * FS_PER_S)


def tile_costs(core: Core, problem: Problem, mapping: Mapping, nest: Steps) -> Int64s:
    """int64[steps, 5]: cycles of each step by cause, as `Costs.each`: of the busiest core, and what even parts would
    have spared it. The last tile drains the unit."""
    if problem.formats and known(problem.formats[-1]):
        return _costs_of_values(core, problem, mapping, nest)
    tiles = np.stack([nest.mt, nest.nt, nest.kt])
    at, of_step = alike(tiles)
    found = shape_costs(core, problem, mapping, np.ascontiguousarray(tiles[:, at]))
    together = nest.items * nest.rows * nest.cols * nest.kt
    each, last = dealt(Costs(found.each[of_step], found.last[of_step]), macs(tiles), together, core.cores)
    if nest.ends:
        each[-1, FILL] += last[-1]
    return each


def _costs_of_values(core: Core, problem: Problem, mapping: Mapping, nest: Steps) -> Int64s:
    """`tile_costs` where the values of each tile are known: of the core whose tile takes longest."""
    units, unit = units_for(core, *problem.formats), core.spec.units[SLOTS[MATRIX]]
    assert isinstance(unit, Deciding)
    sizes, part = core_tiles(problem, mapping, nest)
    cores, count = sizes.shape[1:]
    tiles = unit.given(sizes.reshape(3, -1), Part(*(each.ravel() for each in part)))
    busiest = tiles[GIVEN_CYCLES].reshape(cores, count).argmax(axis=0) * count + np.arange(count)
    found = units.costs(
        np.ascontiguousarray(tiles[:, busiest]), UNITS.index(mapping.unit), (problem.a_bytes, problem.b_bytes)
    )
    rows = nest.items * -(-nest.rows // nest.mt)  # cores over rows and products have the same weights
    together = tiles[GIVEN_WORK].reshape(cores, count).sum(axis=0) * rows
    each, last = dealt(found, tiles[GIVEN_WORK][busiest], together, core.cores)
    if nest.ends:
        each[-1, FILL] += last[-1]
    return each


def shape_costs(core: Core, problem: Problem, mapping: Mapping, tiles: Int64s) -> Costs:
    """Costs of tiles (int64[3, shapes]) of one core, with the reads of its scratchpad, and of a cache by all thread
    blocks."""
    costs = _unit_costs(core, problem, UNITS.index(mapping.unit), tiles)
    if mapping.dealing is None or core.spec.blocks is None:
        return costs
    costs.each[:, FILL] += issued(core, costs.interval) - costs.interval
    if core.cache is not None:
        costs.each[:, PORT] += np.maximum(
            0, cache_cycles(core, problem, mapping.blocks, tiles) - costs.interval
        )
    return costs


def _unit_costs(core: Core, problem: Problem, unit: int, tiles: Int64s) -> Costs:
    """Costs of tiles on a unit, which are found out once for each of the latest `MOST_SHAPES`."""
    operands = problem.formats, problem.pack, problem.a_bytes, problem.b_bytes
    known: dict[tuple[int, ...], list[int]] = once(core, ("costs of tiles", unit, *operands), dict)
    shapes = list(map(tuple, tiles.T.tolist()))
    new = [shape for shape in dict.fromkeys(shapes) if shape not in known]
    if len(known) + len(new) > MOST_SHAPES:
        known.clear()
        new = list(dict.fromkeys(shapes))
    if new:
        asked = np.ascontiguousarray(np.array(new, dtype=np.int64).T)
        found = units_for(core, *problem.formats, pack=problem.pack).costs(asked, unit, operands[2:])
        known.update(zip(new, np.column_stack(found).tolist(), strict=True))
    rows = np.array([known[shape] for shape in shapes], dtype=np.int64)
    return Costs(rows[:, :-1].copy(), rows[:, -1].copy())


def learn_costs(core: Core, problem: Problem, mappings: Sequence[Mapping]) -> None:
    """Ask the units for the costs of the tiles of many mappings at once, as each of them will."""
    if problem.formats and known(problem.formats[-1]):
        return
    for unit, name in enumerate(UNITS):
        found = [mapping.shapes(problem)[0] for mapping in mappings if mapping.unit == name]
        if found:
            shapes = np.concatenate([np.stack(each) for each in found], axis=1)
            _unit_costs(core, problem, unit, shapes[:, :MOST_SHAPES])


def issued(core: Core, cycles: Int64s) -> Int64s:
    """Cycles of thread blocks whose matrix unit would multiply in every one of `cycles`."""
    assert core.spec.blocks is not None
    return np.asarray(np.ceil(cycles / core.spec.blocks.issue), dtype=np.int64)


def cache_cycles(core: Core, problem: Problem, blocks: int | Int64s, tiles: Int64s) -> Int64s:
    """Cycles in which a shared cache gives each of the cores that work, of `blocks` thread blocks (of each tile's
    product), the operands of its tile.

    One read serves all cores of a cluster with the operand that is larger.
    """
    assert core.cache is not None
    sides = np.stack([tiles[0] * problem.a_bytes, tiles[1] * problem.b_bytes])
    byte = tiles[2] * (sides.min(axis=0) + sides.max(axis=0) / core.cache.multicast)
    reading = np.minimum(core.cores, np.atleast_1d(blocks)).tolist()
    rate = np.array([core.cache.rate(cores, core.spec.clock) for cores in reading])
    return np.asarray(np.ceil(byte / rate), dtype=np.int64)


def total_cycles(core: Core, problem: Problem, mapping: Mapping) -> int:
    """Cycles of all tiles of a whole train: full and ragged ones, each shape times its number."""
    shapes, counts = mapping.shapes(problem)
    return int((shape_costs(core, problem, mapping, np.stack(shapes)).interval * counts).sum())
