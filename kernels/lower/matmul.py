"""Matrix products on cores that read through the tap: tile trains with two buffers per operand."""

from dataclasses import replace
from typing import Final

import numpy as np

from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.pe.product import FASTER, FASTEST
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.lowering import Int64s, Layout, Lowering, NodeClass
from bankside.kernels.lower.memory import fill_rate, way
from bankside.kernels.lower.operands import bring, send_home, spills, streams
from bankside.kernels.lower.product_tiles import emit_train
from bankside.kernels.mapping import SKINNY, UNITS, Mapping, Problem, Resources, choose
from bankside.kernels.mapping.pin import pin_faults
from bankside.kernels.mapping.trial import trial_s
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, stays

UNBOUNDED_SRAM_BYTES = 64 * 1024  # a core without a scratchpad streams through registers of this size
REMEMBERED: Final = 4096
_DECIDED: dict[tuple[str, int, str, Problem], tuple[Mapping, float]] = {}  # a pure function's values


def resources(low: Lowering, core: Core, problem: Problem | None = None) -> Resources:
    """What one node of `core` offers; to a product, what its activations leave, and both units if it is skinny."""
    skinny = problem is not None and problem.m <= SKINNY
    sram = core.spec.sram
    rate, latency_s = way(low, core)
    formats = problem.formats if problem is not None else ()
    units = core.spec.multipliers(*formats)
    group, strip, depth = units.matrix.grain(formats) if units.matrix is not None else (1, 1, 1)

    def cycles(m: Int64s, n: Int64s, k: Int64s, wanted: int) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        tiles = np.stack([m, n, k])
        chosen = units.choose(tiles, wanted if wanted >= 0 else FASTEST if skinny else FASTER)
        return units.fed(chosen, tiles, (problem.a_bytes, problem.b_bytes)) if problem else chosen

    pause_s, pause_every_s = refreshes_s(core)
    return Resources(
        cores=core.cores,
        sram_bytes=tile_room_bytes(core, problem),
        sram_bytes_per_cycle=sram.bytes_per_cycle if sram else float("inf"),
        bandwidth_bytes_per_s=min(
            rate, fill_rate(core), core.channels * core.memory.channel_peak(core.level)
        ),
        latency_s=latency_s + access_latency_s(core),
        clock_hz=core.spec.clock,
        rows=depth,
        cols=strip,
        cycles=cycles,
        has_matrix=units.matrix is not None,
        group=group,
        pause_s=pause_s,
        pause_every_s=pause_every_s,
    )


def tile_room_bytes(core: Core, problem: Problem | None) -> float:
    """Scratchpad of one core that tiles have: what activations kept on chip leave of it, and half in any case."""
    if core.spec.sram is None:
        return UNBOUNDED_SRAM_BYTES
    if problem is None:
        return core.spec.sram.size
    held = 0.0
    if not problem.a_from_memory:
        held += problem.m * problem.k * problem.a_bytes
    if not problem.out_to_memory:
        held += problem.batch * problem.m * problem.n * problem.out_bytes
    return max(core.spec.sram.size / 2, core.spec.sram.size - held / core.cores)


def refreshes_s(core: Core) -> tuple[float, float]:
    """How long a refresh of all banks stops a channel, and how often [s]."""
    standard = core.memory.standard
    if standard is None or standard.spec.refresh.mode != "all_bank":
        return 0.0, float("inf")
    packed, slot_s = standard.packed[0], standard.slot_fs / FS_PER_S
    return int(packed["refresh_cycle"]) * slot_s, int(packed["refresh_interval"]) * slot_s


def access_latency_s(core: Core) -> float:
    """Opening a row and the first burst's way to the channel's edge [s]; nothing for an SRAM store.

    Flash that reads ahead has its pages in registers before they are asked for.
    """
    standard, flash = core.memory.standard, core.memory.flash
    if flash is not None:
        dev = flash.packed[0]
        slots = int(dev["burst"]) + (0 if dev["sequential"] else int(dev["sense"]))
        return slots * flash.slot_fs / FS_PER_S
    if standard is None:
        return 0.0
    opening = max(standard.timings_ck.get("tRCD", 0), standard.timings_ck.get("tRCDRD", 0))
    slots = opening * standard.spec.slots_per_ck + int(
        standard.packed[0]["read_latency"] + standard.packed[0]["burst"]
    )
    return slots * standard.slot_fs / FS_PER_S


def problem_of(core: Core, deal: Deal, node: int, layout: Layout, last: bool) -> Problem:
    """What a node computes of a product whose input lies as `layout` says; results of the last are written."""
    op, (items, rows, columns) = deal.op, deal.share(node)
    return Problem(
        items, rows, columns, op.k,
        op.a_format.bits / 8, op.b_format.bits / 8, op.out_format.bits / 8,
        a_from_memory=streams(core, deal, layout),
        out_to_memory=not core.memory.flash and (
            last or op.cached or spills(core, op, items * rows * columns)
        ),
        formats=(op.a_format.name, op.b_format.name),
    )  # fmt: skip


def lower_matmul(low: Lowering, core: Core, deal: Deal, label: int, last: bool) -> None:
    """Lower one product: operands to the nodes that need them, a tile train on each, results left where they are made.

    Node 0 has the largest share; the others, with at most one product, row or column less, take its mapping.
    """
    op, layout = deal.op, low.layout
    bring(low, core, deal, label)
    if core.memory.flash and not stays(core, deal):
        low.warn(
            f"{op.label}: its input does not fit core {core.name}; tiles of it are read as if they lay in flash."
        )
    chosen: Mapping | None = None
    for node in low.groups[core.name]:
        problem = problem_of(core, deal, node.first, layout, last)
        if problem.batch == 0:
            continue
        if chosen is None:
            chosen = pinned(low, core, op, problem) if op.pin else mapping_of(low, core, problem)[0]
            where = {"label": op.label, "core": core.name, "nodes": deal.split.active, "split": deal.grid}
            low.mappings.append(where | chosen.as_dict(problem))
        mapping = chosen.within(problem)
        emit_train(low, core, node, label, problem, mapping, brought_b=deal.weight_bytes > 0)
        _count(low, core, node, problem, mapping)
    send_home(low, core, deal, label)


def pinned(low: Lowering, core: Core, op: MatMul, problem: Problem) -> Mapping:
    """The mapping that the user pinned, with the fastest unit where none is named.

    Raises
    ------
    ConfigError
        If the core has not the unit, not so many cores a node, or too small a scratchpad.
    """
    assert op.pin is not None
    node = resources(low, core, problem)
    mapping = op.pin.within(problem)
    faults = [
        f"The pinned mapping of {op.label} {fault}." for fault in pin_faults(core, node, problem, op.pin)
    ]
    if faults:
        raise ConfigError(faults)
    if mapping.unit:
        return mapping
    m, n, k = (np.array([size], dtype=np.int64) for size in (mapping.mt, mapping.nt, mapping.kt))
    return replace(mapping, unit=UNITS[int(node.cycles(m, n, k, FASTEST)[2][0])])


def mapping_of(low: Lowering, core: Core, problem: Problem) -> tuple[Mapping, float]:
    """The mapping that the engine finds best among those that the bound leaves, and the time of its trial [s]; the
    same work is decided once."""
    machine = low.machine
    key = machine.digest, machine.packages, core.name, problem
    if key not in _DECIDED:
        if len(_DECIDED) >= REMEMBERED:
            _DECIDED.clear()
        times: dict[Mapping, float] = {}

        def timed_s(of: Problem, mapping: Mapping) -> float:
            times[mapping] = trial_s(machine, core, of, mapping)
            return times[mapping]

        mapping = choose(problem, resources(low, core, problem), timed_s)
        _DECIDED[key] = mapping, times[mapping]
    return _DECIDED[key]


def _count(low: Lowering, core: Core, node: NodeClass, problem: Problem, mapping: Mapping) -> None:
    """MACs, and operand bytes through the scratchpad once per tile."""
    p, m = problem, mapping
    tile = np.array([[p.m], [p.n], [p.k]], dtype=np.int64)
    unit = UNITS.index(m.unit)
    for slot, counted in core.spec.multipliers(*p.formats).events(tile, unit).items():
        low.count_unit(core, slot, counted, p.batch * node.count)
    _, m_tiles, n_tiles, _ = m.counts(p)
    read = p.batch * p.k * (p.m * p.a_bytes * n_tiles * m.n_cores + p.n * p.b_bytes * m_tiles * m.m_cores)
    low.count_unit(core, "sram", {"sram_read": round(read)}, node.count)
