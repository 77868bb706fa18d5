"""What a node offers to the tiles of a product."""

import numpy as np

from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.arch.machine.once import each_once
from bankside.arch.machine.path import way
from bankside.arch.pe.product import FASTER, FASTEST
from bankside.kernels.plan.multipliers import units_for
from bankside.kernels.plan.tiling import SKINNY, Int64s, Problem, Resources

UNBOUNDED_SRAM_BYTES = 64 * 1024  # a core without a scratchpad streams through registers of this size


def resources(machine: Machine, core: Core, problem: Problem | None = None) -> Resources:
    """What one node of `core` offers; to a product, what its activations leave, and both units if it is skinny."""
    skinny = problem is not None and problem.m <= SKINNY
    sram = core.spec.sram
    rate, latency_s = way(machine, core)
    formats, pack = (problem.formats, problem.pack) if problem is not None else ((), 0.0)
    units = units_for(core, *formats, pack=pack)
    group, strip, depth = units.matrix.grain(units.formats) if units.matrix is not None else (1, 1, 1)

    operand_bytes = (problem.a_bytes, problem.b_bytes) if problem is not None else ()

    def cycles(m: Int64s, n: Int64s, k: Int64s, wanted: int) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        asked = wanted if wanted >= 0 else FASTEST if skinny else FASTER

        def chosen(tiles: Int64s) -> Int64s:
            found = units.choose(tiles, asked)
            return np.stack(units.fed(found, tiles, operand_bytes) if operand_bytes else found, axis=1)

        key = "cycles of tiles", asked, formats, pack, operand_bytes
        alone, interval, unit, columns = each_once(core, key, np.stack([m, n, k]), chosen).T
        return alone, interval, unit, columns

    pause_s, pause_every_s = refreshes_s(core)
    return Resources(
        cores=core.cores,
        sram_bytes=tile_room_bytes(core, problem),
        sram_bytes_per_cycle=sram.bytes_per_cycle if sram else float("inf"),
        bandwidth_bytes_per_s=min(
            rate, core.fill_bytes_per_s, core.channels * core.memory.channel_peak(core.level)
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
        held += problem.m * problem.k * problem.moved_a_bytes
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
