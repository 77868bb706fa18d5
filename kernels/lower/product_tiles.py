"""The tiles of a matrix product on one node as a train of operations: bring, compute, take away, with two buffers.

The whole train is made of arrays. A step is a transfer from memory (streams on the channels, a link, latency) where
it needs one, a tile, and a transfer back where it completes results. A transfer into a buffer waits for the tile that
used it two steps before; a tile waits for its transfer and for the tile before it. The first transfers wait for what
came before if that made their data, or if the product is launched: before its launch a kernel asks for nothing.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import COMPUTE, REDUCE
from bankside.arch.engine.program import COSTS
from bankside.arch.engine.trains import Chained, Closes, Opens, Tiles
from bankside.arch.jit import kernel
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.machine.once import each_once
from bankside.arch.pe.core import deal, dealt
from bankside.arch.pe.product import BOTH, MATRIX, SLOTS, VECTOR
from bankside.arch.pe.regions import Part
from bankside.arch.pe.unit import FILL, GIVEN_CYCLES, GIVEN_WORK, PORT, TILE_CAUSES, Costs, Deciding
from bankside.kernels.lower.block import append_train, chained, check_bytes
from bankside.kernels.lower.link import Way
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import Float64s, count_transfers, stripes
from bankside.kernels.lower.ways import way_of, way_of_blocks
from bankside.kernels.plan.multipliers import units_for
from bankside.kernels.plan.parts import bytes_of, core_tiles, known
from bankside.kernels.plan.steps import BLOCKS, CORES, SHAPES, Nests, Steps, number_of, step_of
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES, UNITS, Mapping, Problem

Bools = npt.NDArray[np.bool_]

_NO_STEPS: Final = np.zeros(0, dtype=np.int64)
TILE: Final = np.array([(COMPUTE, *TILE_CAUSES)], dtype=np.int64)


class Cut(NamedTuple):
    """Steps of a train, all of them or some.

    total: how many the whole train has; ends: whether its last one is here; cycles: of all tiles of the whole train;
    extremes: the least and the most of the costs; costs: int64[steps, 5], cycles of each tile; byte: float64[2, steps],
    what each step wants and leaves; stripes: int64[steps, 2], the same.
    """

    total: int
    ends: bool
    cycles: int
    extremes: tuple[int, int]
    costs: Int64s
    byte: Float64s
    stripes: Int64s


@dataclass(frozen=True)
class Train:
    """A node's problem in a mapping; `brought_b` tells that what came before put b where it is read."""

    problem: Problem
    mapping: Mapping
    brought_b: bool = False


def emit_train(low: Lowering, core: Core, node: NodeClass, label: int, train: Train) -> None:
    """Append the train, and count what it moves; the node's tail is then the last tile and the last results."""
    own = low.once(("cut", core.name, train.problem, train.mapping), lambda: _whole(low, core, train))
    lay(low, core, node, label, train, own)
    brought, taken = own.stripes.sum(axis=0).tolist()
    count_transfers(low, core, node, own.byte[0], brought, write=False)
    count_transfers(low, core, node, own.byte[1], taken, write=True)
    if train.problem.out_to_memory and train.mapping.written < 1:
        _count_posted(low, core, node, train.problem, train.mapping)


def _whole(low: Lowering, core: Core, train: Train) -> Cut:
    """All steps of a train, refused before there are any where they are more than are kept."""
    nests = Nests(train.problem, [train.mapping])
    low.builder.reserve(int(nests.total[0]))
    return cut(core, nests)[0]


def cut(core: Core, nests: Nests, most: Int64s | None = None, last: Int64s | None = None) -> list[Cut]:
    """The trains of nests and what their steps take: all steps, or the first `most` and the `last` ones of each."""
    problem, shown, found = nests.problem, nests.shown(most, last), shape_costs(core, nests)
    start = shown[0]
    ends = np.diff(start) == nests.total if last is None else (np.diff(start) == nests.total) | (last > 0)
    if problem.formats and known(problem.formats[-1]):
        costs, byte = _taken_of_values(core, nests, nests.steps(most, last), ends)
    else:
        costs, byte = np.empty((start[-1], COSTS), dtype=np.int64), np.empty((2, start[-1]))
        passing = float(problem.a_from_memory), float(problem.out_to_memory)
        _taken(*nests.told, shown, (*found, ends), (float(core.cores), *passing), costs, byte)
    count = stripes(core, byte, start)
    cycles = (found.interval.reshape(-1, SHAPES) * nests.shapes[1]).sum(axis=1)
    return [
        Cut(total, end, of_all, extremes, costs[begin:upto], byte[:, begin:upto], count[begin:upto])
        for total, end, of_all, extremes, begin, upto in zip(
            nests.total.tolist(),
            ends.tolist(),
            cycles.tolist(),
            _extremes(costs, start[:-1]),
            start[:-1].tolist(),
            start[1:].tolist(),
            strict=True,
        )
    ]


def _extremes(costs: Int64s, start: Int64s) -> list[tuple[int, int]]:
    """Least and most of the costs of each train, which begin there."""
    at = COSTS * start
    return list(
        zip(*(of.reduceat(costs.ravel(), at).tolist() for of in (np.minimum, np.maximum)), strict=True)
    )


def lay(low: Lowering, core: Core, node: NodeClass, label: int, train: Train, own: Cut) -> Int64s:
    """Append the operations of a train that is cut; returns the numbers of its tiles. It counts nothing."""
    made = operations(low, core, node, label, train, own)
    tiles = append_train(low, core, node, made)
    if train.mapping.unit == UNITS[BOTH]:
        node.shared.append(tiles)
    node.slots = [*node.slots, *tiles[-2:].tolist()][-2:]
    node.tail = [int(tiles[-1])]
    writes = np.flatnonzero(own.stripes[:, 1])
    if made.closes.cycles:
        node.tail = [low.builder.n_ops - 1]
    elif writes.size:
        taken = int(tiles[writes[-1]]) + 1 + len(made.chain)
        node.tail += range(taken - made.ends, taken)
    return tiles


class Frame(NamedTuple):
    """What trains on a node have in common that differ in their steps alone: the way of their transfers, the unit of
    their tiles, and the train without steps."""

    way: Way
    on: int
    train: Chained


def operations(low: Lowering, core: Core, node: NodeClass, label: int, train: Train, own: Cut) -> Chained:
    """The operations of a train that is cut, to be appended."""
    ends_fs = ending_fs(core, train.problem, train.mapping, own)
    return framed(low, core, frame(low, core, node, label, train, ends_fs), own)


def frame(low: Lowering, core: Core, node: NodeClass, label: int, train: Train, ends_fs: int) -> Frame:
    """Of a train of which so much time follows the last step."""
    problem, mapping = train.problem, train.mapping
    way = (way_of if mapping.dealing is None else way_of_blocks)(low, core, node)
    on = node.vector if mapping.unit == UNITS[VECTOR] else node.matrix
    bound = problem.a_from_memory or train.brought_b or core.spec.launch > 0
    early = _early(node, mapping.stages, bound)
    if ends_fs:
        low.builder.check_length(node.path_delay, np.array([ends_fs]))
    tiles = Tiles(_NO_STEPS, _NO_STEPS[:, None], TILE, _NO_STEPS[:, None, None], np.array([label, label]))
    made = tiles, Opens(_NO_STEPS), Closes(node.path_delay, REDUCE, ends_fs)
    waits = mapping.stages, *early, np.array(node.tail, dtype=np.int64)
    return Frame(way, on, chained(low, core, node, way, _NO_STEPS[:, None], made, waits))


def framed(low: Lowering, core: Core, frame: Frame, own: Cut) -> Chained:
    """The train with the steps that it is cut to."""
    low.builder.check_extremes(frame.on, *own.extremes)
    check_bytes(core, frame.way, own.stripes)
    steps, (tiles, opens) = len(own.stripes), (frame.train.tiles, frame.train.opens)
    unit = np.empty((steps, 1), dtype=np.int64)
    unit.fill(frame.on)
    return frame.train._replace(
        bursts=own.stripes,
        tiles=Tiles(np.arange(steps), unit, tiles.causes, own.costs[:, None], *tiles[4:]),
        opens=Opens(np.zeros(steps, dtype=np.int64), *opens[1:]),
    )


def _early(node: NodeClass, buffers: int, bound: bool) -> tuple[Int64s, Int64s]:
    """What the first transfers into each buffer wait for, as a train has it: its last user, and what came before."""
    free = node.slots[-2:-1], node.slots[-1:]
    start, ops = [0], list[int]()
    for step in range(buffers):
        ops += (free[step] if step < 2 else []) + (node.tail if bound else [])
        start.append(len(ops))
    return np.array(start, dtype=np.int64), np.array(ops, dtype=np.int64)


def _count_posted(low: Lowering, core: Core, node: NodeClass, problem: Problem, mapping: Mapping) -> None:
    """Count what a cache still holds when the kernel ends: it is written behind the next one's back."""
    results = problem.batch * problem.m * problem.n * problem.out_bytes
    left = np.array([results * (1 - mapping.written)])
    count_transfers(low, core, node, left, int(stripes(core, left[None])[0, 0]), write=True)


def ending_fs(core: Core, problem: Problem, mapping: Mapping, own: Cut) -> int:
    """Time of what follows the last step of a train, if that is here [fs]."""
    return slices_fs(core, problem, mapping) if own.ends else 0


def slices_fs(core: Core, problem: Problem, mapping: Mapping) -> int:
    """Time in which the sums of all slices of the depth of a mapping are added up [fs]."""
    return sums_fs(core, problem, mapping.dealing.slices) if mapping.dealing is not None else 0


def sums_fs(core: Core, problem: Problem, slices: int) -> int:
    """Time in which the sums of so many slices are added up: written to the cache and read again [fs]."""
    if slices == 1 or core.spec.blocks is None:
        return 0
    passed = problem.batch * problem.m * problem.n * slices * 2 * ACCUMULATOR_BYTES
    through_s = passed / core.cache.bandwidth if core.cache is not None else 0.0
    return round((core.spec.blocks.sum + through_s) * FS_PER_S)


@kernel
def _taken(
    extents: tuple[int, int, int, int],
    bytes_of: tuple[float, float, float],
    rows: Int64s,
    often: Float64s,
    shown: tuple[Int64s, Int64s, Int64s],
    found: tuple[Int64s, Int64s, Bools],
    node: tuple[float, float, float],
    costs: Int64s,
    byte: Float64s,
) -> None:
    """Fill costs and bytes of steps as in `Cut`: costs of the busiest core, and what even parts would have spared it.

    Parameters
    ----------
    extents, bytes_of, rows, often, shown
        Of `Nests`.
    found
        Costs of shapes, each and last; and of which nests the last tile drains the unit.
    node
        Cores, and 1 where a, and results, pass the tap.
    """
    (each, last, ends), (cores, a_passes, out_passes) = found, node
    for nest in range(rows.shape[0]):
        begin, end = shown[0][nest], shown[0][nest + 1]
        for i in range(begin, end):
            told, moved = step_of(extents, bytes_of, rows[nest], often[nest], number_of(shown, nest, i))
            shape, mt, nt, kt, _, _, _, _, items, step_rows, columns = told
            kind = nest * SHAPES + shape
            for cause in range(costs.shape[1]):
                costs[i, cause] = each[kind, cause]
            deal(costs[i], mt * nt * kt, items * step_rows * columns * kt, cores)
            if i == end - 1 and ends[nest]:
                costs[i, FILL] += last[kind]
            byte[0, i], byte[1, i] = moved[1] + moved[0] * a_passes, moved[2] * out_passes


def _taken_of_values(core: Core, nests: Nests, nest: Steps, ends: Bools) -> tuple[Int64s, Float64s]:
    """The same where the values of each tile are known."""
    problem, (each, last) = nests.problem, _costs_of_values(core, nests, nest)
    drained = nest.start[1:][ends] - 1
    each[drained, FILL] += last[drained]
    b_byte = bytes_of(problem, nest)
    wanted = b_byte + nest.a_byte if problem.a_from_memory else b_byte
    return each, np.stack([wanted, nest.out_byte * problem.out_to_memory])


def _costs_of_values(core: Core, nests: Nests, nest: Steps) -> Costs:
    """Costs of steps where the values of each tile are known: of the core whose tile takes longest."""
    found = [
        _costs_of_train(core, nests.problem, mapping, nest.of(i)) for i, mapping in enumerate(nests.mappings)
    ]
    return Costs(*(np.concatenate(arrays) for arrays in zip(*found, strict=True)))


def _costs_of_train(core: Core, problem: Problem, mapping: Mapping, nest: Steps) -> Costs:
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
    return dealt(found, tiles[GIVEN_WORK][busiest], together, core.cores)


def shape_costs(core: Core, nests: Nests) -> Costs:
    """Costs of all shapes of the tiles of nests (`Nests.shapes`) on one core, with the reads of its scratchpad, and of
    a cache by all thread blocks."""
    problem, tiles = nests.problem, nests.shapes[0].reshape(3, -1)
    each, last = np.empty((tiles.shape[1], len(TILE[0])), dtype=np.int64), np.empty_like(tiles[0])
    units = [mapping.unit for mapping in nests.mappings]
    for unit in dict.fromkeys(units):
        at = np.repeat([each == unit for each in units], SHAPES)
        each[at], last[at] = _unit_costs(core, problem, UNITS.index(unit), tiles[:, at])
    cores, blocks = (np.repeat(nests.rows[:, of], SHAPES) for of in (CORES, BLOCKS))
    if core.spec.blocks is None or not cores.any():
        return Costs(each, last)
    interval = each.sum(axis=1)
    each[:, FILL] += np.where(cores > 0, issued(core, interval) - interval, 0)
    if core.cache is not None:
        waits = np.maximum(0, cache_cycles(core, problem, blocks, tiles) - each.sum(axis=1))
        each[:, PORT] += np.where(cores > 0, waits, 0)
    return Costs(each, last)


def _unit_costs(core: Core, problem: Problem, unit: int, tiles: Int64s) -> tuple[Int64s, Int64s]:
    """Costs of tiles on a unit."""
    operands = problem.formats, problem.pack, problem.a_bytes, problem.b_bytes

    def costs(new: Int64s) -> Int64s:
        units = units_for(core, *problem.formats, pack=problem.pack)
        return np.column_stack(units.costs(new, unit, operands[2:]))

    rows = each_once(core, ("costs of tiles", unit, *operands), tiles, costs)
    return rows[:, :-1], rows[:, -1]


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
    rates = {cores: core.cache.rate(cores, core.spec.clock) for cores in set(reading)}
    rate = np.array([rates[cores] for cores in reading])
    return np.asarray(np.ceil(byte / rate), dtype=np.int64)
