"""The choice among the ways to deal a product to nodes: the one that takes least time with all that it moves.

Products of the same input share what brings it, so the first of them counts the others' best continuation.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bankside.arch.engine.execute import execute
from bankside.arch.machine.channels import channels_of
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.arch.pe.product import FASTER, FASTEST
from bankside.kernels.lower.lowering import Layout
from bankside.kernels.lower.matmul import mapping_of, pinned, problem_of
from bankside.kernels.lower.operands import bring, held, send_home
from bankside.kernels.lower.product_tiles import emit_train
from bankside.kernels.mapping import SKINNY, Mapping, Problem
from bankside.kernels.mapping.trial import alone, trial_s
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, deals

REMEMBERED: Final = 4096
SHORT: Final = 64  # steps up to which a train runs after what it waits for, and not by itself
_COSTS: dict[tuple[str, int, str, Deal, Layout, bool], float] = {}  # a pure function's values


def cheapest(
    machine: Machine, core: Core, products: Sequence[tuple[MatMul, bool]], layout: Layout,
    room_byte: float | None = None,
) -> Deal:  # fmt: skip
    """How to deal the first of `products`, which share an input that lies as `layout` says.

    Each product comes with whether it is the phase's last, whose results are written; `room_byte` as in `deals`.
    """
    ways = deals(products[0][0], core, room_byte)
    return ways[0] if len(ways) == 1 else _best(machine, core, products, layout, room_byte)[1]


def _best(
    machine: Machine, core: Core, products: Sequence[tuple[MatMul, bool]], layout: Layout,
    room_byte: float | None,
) -> tuple[float, Deal]:  # fmt: skip
    """Time of all products dealt as well as can be [s], and how the first is; ways that cannot win are not tried."""
    (op, last), *others = products
    ahead_s = sum(min(least_s(core, deal) for deal in deals(other, core, room_byte)) for other, _ in others)
    ways = sorted(deals(op, core, room_byte), key=lambda deal: least_s(core, deal))
    best_s, best = float("inf"), ways[0]
    for deal in ways:
        if least_s(core, deal) + ahead_s >= best_s:
            continue
        time_s = cost_s(machine, core, deal, layout, last)
        if others:
            time_s += _best(machine, core, others, held(deal, layout), room_byte)[0]
        if time_s < best_s:
            best_s, best = time_s, deal
    return best_s, best


def least_s(core: Core, deal: Deal) -> float:
    """Time that the busiest node's MACs at peak, or its weights at the tap's peak bandwidth, take in any case [s].

    Weights from other nodes are written before they are read.
    """
    op, (items, rows, columns) = deal.op, deal.share(0)
    units = core.spec.multipliers(op.a_format.name, op.b_format.name)
    peak = units.peak(FASTEST if rows <= SKINNY else FASTER)
    compute_s = items * rows * columns * op.k / (core.cores * peak * core.spec.clock)
    byte = items * columns * op.k * op.b_format.bits / 8 + deal.weight_bytes
    return max(compute_s, byte / (core.channels * core.memory.channel_peak(core.level)))


def cost_s(machine: Machine, core: Core, deal: Deal, layout: Layout, last: bool) -> float:
    """Time of one product dealt in one way, with what it brings before and takes home after, by the engine [s]."""
    nameless = replace(deal, op=replace(deal.op, label=""))
    key = machine.digest, machine.packages, core.name, nameless, layout, last
    if key not in _COSTS:
        if len(_COSTS) >= REMEMBERED:
            _COSTS.clear()
        problem = problem_of(core, deal, 0, layout, last)
        low = alone(machine, core)
        if deal.op.pin:
            mapping = pinned(low, core, deal.op, problem)
            train_s = trial_s(machine, core, problem, mapping)
        else:
            mapping, train_s = mapping_of(low, core, problem)
        short = math.prod(mapping.counts(problem)) <= SHORT
        _COSTS[key] = (
            _run_s(machine, core, deal, layout, (problem, mapping))
            if short
            else _run_s(machine, core, deal, layout) + train_s
        )
    return _COSTS[key]


def _run_s(
    machine: Machine, core: Core, deal: Deal, layout: Layout, train: tuple[Problem, Mapping] | None = None
) -> float:
    """Time in which operands come to the nodes, and keys and values go home [s]; with the tiles of `train` between,
    whose first operands may come while others are on their way."""
    low = alone(machine, core)
    low.layout = layout
    label = low.builder.label("moves")
    bring(low, core, deal, label)
    if train is not None:
        node = low.groups[core.name][0]
        emit_train(low, core, node, label, *train, brought_b=deal.weight_bytes > 0)
    send_home(low, core, deal, label)
    if low.builder.n_ops == 0:
        return 0.0
    channels = channels_of(machine, low.channel_memory, refresh_multiplier=1)
    return execute(low.builder.build(), channels).total_fs / FS_PER_S
