"""The choice among the ways to deal a product to nodes: the one that takes least time with all that it moves.

Products of the same input share what brings it, so the first of them counts the others' best continuation.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from bankside.arch.engine.execute import execute
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.pe.product import FASTER, FASTEST
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.operands import add_up, bring, send_home, write_back
from bankside.kernels.lower.product_tiles import Train, emit_train
from bankside.kernels.mapping.blocks.thread_blocks import best_blocks
from bankside.kernels.mapping.choose import choose, fastest
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.pinned_tiles import pinned
from bankside.kernels.mapping.resources import resources
from bankside.kernels.mapping.scene import Bench
from bankside.kernels.mapping.trial import Trials, alone
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.multipliers import units_for
from bankside.kernels.plan.partition import (
    LOOPS,
    Deal,
    brought,
    deals,
    problem_of,
    spills,
    streams,
    wanted_input,
)
from bankside.kernels.plan.placement import Placement, crossing
from bankside.kernels.plan.tiling import SKINNY, Mapping, Problem

SHORT: Final = 64  # steps up to which a train runs after what it waits for, and not by itself


class Product(NamedTuple):
    """A product, whether it is the phase's last, whose results are written, and what the user says of it."""

    op: MatMul
    last: bool
    pin: PinSpec | None = None

    def ways(self, bench: Bench, lies: Placement) -> list[Deal]:
        """Deals that are worth a trial; of a pinned product those that are pinned.

        A node has as many weights and multiplications by columns as by depth, so depth is tried only where more nodes
        work, or less time is spent on what has to move.

        Raises
        ------
        ConfigError
            If the pin is none of a product, or its split none of them.
        """
        if self.pin and (faults := list(self.pin.product_faults())):
            raise ConfigError([f"The pinned mapping of {self.op.label} {fault}." for fault in faults])
        found = deals(self.op, bench.core, bench.room_byte)
        if self.pin is not None and self.pin.split:
            return self._pinned(bench.core, found)
        by_loop = {deal.loop: deal for deal in found}
        columns, depth = by_loop.get("n"), by_loop.get("k")
        if columns is None or depth is None or self._gains(bench, columns, depth, lies):
            return found
        return [deal for deal in found if deal is not depth]

    def _gains(self, bench: Bench, columns: Deal, depth: Deal, lies: Placement) -> bool:
        """Whether depth may be better than columns: a sum crosses a node's link twice, a gathered input once."""
        if depth.split.active > columns.split.active:
            return True
        gathered = crossing(lies, wanted_input(bench.core, columns)) is not None
        if not gathered or 2 * depth.sum_bytes >= self.op.a.bytes / self.op.batch:
            return False
        written = self._written(bench)
        return moved_s(bench, depth, lies, written) < moved_s(bench, columns, lies, written)

    def _written(self, bench: Bench, spilled: bool = False) -> bool:
        """Whether results go to the core's own memory: keys and values that it keeps, others unless it is flash."""
        if self.op.cached:
            return bench.core.memory.name == bench.machine.spec.place.kv
        return not bench.core.memory.flash and (self.last or spilled)

    def _pinned(self, core: Core, found: list[Deal]) -> list[Deal]:
        assert self.pin is not None
        wanted = self.pin.split
        kept = [deal for deal in found if all(deal.grid.get(loop) == n for loop, n in wanted.items())]
        if kept:
            return kept
        known = " or ".join(_product(deal.grid) for deal in found)
        loops = " x ".join(wanted)
        nodes = " x ".join(map(str, wanted.values()))
        raise ConfigError(
            [
                f"The pinned mapping of {self.op.label} splits {loops} over {nodes} nodes, but core {core.name} can "
                f"split batch x m x n x k over {known}."
            ]
        )

    def streamed(self, bench: Bench, deal: Deal, lies: Placement) -> frozenset[str]:
        """Names of the tensors whose tiles pass the tap: weights, an input that does not stay on chip, and results
        that are kept there or do not."""
        op, core, (items, rows, columns, _) = self.op, bench.core, deal.share(0)
        names = {op.b.name}
        if streams(core, deal, lies):
            names.add(op.a.name)
        if self._written(bench, spills(core, op, items * rows * columns)):
            names.add(op.out.name)
        return frozenset(names)


def _product(grid: dict[str, int]) -> str:
    return " x ".join(str(grid[loop]) for loop in LOOPS)


def cheapest(bench: Bench, products: Sequence[Product], lies: Placement) -> Deal:
    """How to deal the first of `products`, which share an input that lies there."""
    ways = products[0].ways(bench, lies)
    return ways[0] if len(ways) == 1 else _best(bench, products, lies, ways)[1]


def _best(
    bench: Bench, products: Sequence[Product], lies: Placement, found: Sequence[Deal]
) -> tuple[float, Deal]:
    """Time of all products dealt as well as can be [s], and how the first is, of the ways that were `found` for it;
    those that cannot win are not tried."""
    core, (product, *others) = bench.core, products
    ahead_s = sum(
        min(least_s(core, deal) for deal in deals(other.op, core, bench.room_byte)) for other in others
    )
    ways = sorted(found, key=lambda deal: (least_s(core, deal), weights_s(core, deal)))
    best_s, best = float("inf"), ways[0]
    for deal in ways:
        if least_s(core, deal) + ahead_s >= best_s:
            continue
        time_s = cost_s(bench, deal, lies, product, best_s - ahead_s)
        if time_s + ahead_s >= best_s:
            continue
        if others:
            left = brought(core, deal, lies)
            time_s += _best(bench, others, left, others[0].ways(bench, left))[0]
        if time_s < best_s:
            best_s, best = time_s, deal
    return best_s, best


def least_s(core: Core, deal: Deal) -> float:
    """Time that the busiest node's MACs at peak, or its weights at the tap's peak bandwidth, take in any case [s].

    Weights from other nodes are written before they are read.
    """
    op, (items, rows, columns, depth) = deal.op, deal.share(0)
    units = units_for(core, op.a.format, op.b.format)
    peak = units.peak(FASTEST if rows <= SKINNY else FASTER)
    compute_s = items * rows * columns * depth / (core.cores * peak * core.spec.clock)
    byte = items * columns * depth * op.b.format.bits / 8
    return max(
        compute_s, byte / (core.channels * core.memory.channel_peak(core.level)) + weights_s(core, deal)
    )


def weights_s(core: Core, deal: Deal) -> float:
    """Time that writing the weights from other nodes at the tap's peak bandwidth takes in any case [s]."""
    return deal.weight_bytes / (core.channels * core.memory.channel_peak(core.level))


def cost_s(
    bench: Bench, deal: Deal, lies: Placement, product: Product, most_s: float = float("inf")
) -> float:
    """Time of one product dealt in one way, with what it brings before and takes home after, by the engine [s];
    infinity where that is found to be `most_s` or more without a run of what moves."""
    core = bench.core
    streamed = product.streamed(bench, deal, lies)
    problem = problem_of(core, deal, 0, streamed)
    mapping, train_s = decided(bench, problem, product.op.label, product.pin)
    written = deal.op.out.name in streamed
    if math.prod(mapping.counts(problem)) <= SHORT:
        return moved_s(bench, deal, lies, written, Train(problem, mapping))
    if weights_s(core, deal) + train_s >= most_s:
        return float("inf")
    return moved_s(bench, deal, lies, written) + train_s


def moved_s(bench: Bench, deal: Deal, lies: Placement, written: bool, train: Train | None = None) -> float:
    """Time in which operands come to the nodes, sums meet and are written, and keys and values go home [s]; with the
    tiles of `train` between, whose first operands may come while others are on their way."""
    op = deal.op
    nameless = MatMul.of(
        "", (op.batch, op.m, op.n, op.k), op.b.role, (op.a.format, op.b.format, op.out.format), op.shared_b,
        op.windows,
    )  # fmt: skip
    if op.cached:
        nameless = replace(nameless, out=replace(nameless.out, role="kv"))
    of_it = replace(deal, op=nameless)
    sums_written = written and deal.loop == "k"
    key = "moved", *bench.key, of_it, lies, sums_written, train
    return bench.memo.get(key, lambda: _run_s(bench, of_it, lies, sums_written, train))


def _run_s(bench: Bench, deal: Deal, lies: Placement, sums_written: bool, train: Train | None) -> float:
    core = bench.core
    low = alone(bench.machine, core)
    label = low.builder.label("moves")
    bring(low, core, deal, lies, label)
    if train is not None:
        train = replace(train, brought_b=deal.weight_bytes > 0)
        emit_train(low, core, low.groups[core.name][0], label, train)
    add_up(low, core, deal, label)
    if sums_written:
        write_back(low, core, deal, label)
    send_home(low, core, deal, label)
    if low.builder.n_ops == 0:
        return 0.0
    hardware = low.hardware(memory=bench.remembered)
    return execute(low.builder.build(), hardware).total_fs / FS_PER_S


def decided(bench: Bench, problem: Problem, label: str, pin: PinSpec | None = None) -> tuple[Mapping, float]:
    """The mapping that the engine finds best among those that the bound leaves, or among those that the pin leaves,
    and the time of its trial [s]."""
    machine, core = bench.machine, bench.core
    told = pin.tiling() if pin is not None else ()

    def make() -> tuple[Mapping, float]:
        times: dict[Mapping, float] = {}
        trials = Trials(machine, core, problem, bench.remembered, bench.memo.trains)

        def times_s(mappings: Sequence[Mapping], best_s: float) -> list[float]:
            found = trials.times_s(mappings, best_s)
            times.update(zip(mappings, found, strict=True))
            return found

        node = resources(machine, core, problem)
        if pin is not None and told:
            mapping = pinned(core, node, problem, label, pin, times_s)
        elif found := best_blocks(core, node, problem):
            mapping = fastest(found, times_s)
        else:
            mapping = choose(problem, node, times_s)
        bench.memo.channels.tried(machine, trials.bursts)
        return mapping, times[mapping]

    return bench.memo.get(("mapping", *bench.key, problem, told), make)
