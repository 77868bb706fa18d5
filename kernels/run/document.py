"""The `bankside/result/1` document: every reported number, defined once (docs/results.md says what each means)."""

import math
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from bankside.arch import events as ev
from bankside.arch.causes import CAUSES
from bankside.arch.jit import running_digest
from bankside.arch.machine.area import die_m2, shares
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.arch.machine.packages import CROWDED, crowded
from bankside.arch.machine.standing import standing_sentence, stands_on
from bankside.arch.machine.throttle import FULL
from bankside.arch.version import __version__
from bankside.kernels.operators import Kernel
from bankside.kernels.run.asked import Asked
from bankside.kernels.run.cycles import cycles_of, in_cycles
from bankside.kernels.run.heat import DRAWN, RUNAWAY, limit_c
from bankside.kernels.run.loop import Settled
from bankside.kernels.run.outcome import Int64s, Outcome
from bankside.kernels.run.peaks import network_bytes_per_s, sram_bytes_per_s, taps_bytes_per_s
from bankside.kernels.run.placement import multiplying, placement
from bankside.kernels.run.result import SCHEMA
from bankside.kernels.sharding.layout import Layout

NUMBA: Final = version("numba")
Document = dict[str, Any]


def document(asked: Asked, done: Settled) -> Document:
    """Everything that a run reports."""
    kernel, machine, bound, duty = asked.kernel, done.machine, asked.bound, asked.duty
    outcome, books = done.outcome, done.books
    time_s = outcome.time_fs / FS_PER_S
    core, at = machine.primary, multiplying(machine, asked.plan)
    total = books.total
    stack_fs = _by_cause(outcome.stack_fs)
    standing = standing_sentence(machine)
    warnings = dict.fromkeys(
        (
            *outcome.warnings,
            *books.warnings,
            *_long_rows(kernel, machine, outcome),
            *_slowed(asked, done),
            *([standing] if standing else ()),
        )
    )
    return {
        "schema": SCHEMA,
        "kernel": {"name": kernel.name, **kernel.parameters, "format": kernel.format.name},
        "machine": {
            "name": machine.name,
            "placement": at.placement,
            "tap": at.spec.tap,
            "digest": machine.digest,
            "stacks": machine.stacks,
            "capacity_bytes": core.memory.capacity_bytes,
            "dies_mm2": 1e6 * math.fsum(die_m2(machine, die) for die in machine.spec.dies),
            "stands_on": stands_on(machine),
        },
        "time_s": time_s,
        "time_fs": outcome.time_fs,
        "cycles": {
            "count": cycles_of(outcome.time_fs, core.period_fs),
            "clock_hz": core.spec.clock,
            "clock": core.name,
        },
        "work": {
            "flops": kernel.flops,
            "macs": kernel.macs,
            "bytes_min": kernel.bytes_min,
            "intensity_flop_per_byte": kernel.intensity,
        },
        "ops": _ops(asked.share, outcome),
        "bound": {
            "time_s": bound.time_s,
            "binding": bound.binding,
            "fraction": bound.time_s / time_s if time_s else 1.0,
        },
        "cycle_stack": in_cycles(stack_fs, core.period_fs),
        "stack_fs": stack_fs,
        "bandwidth": _bandwidth(machine, at, outcome, time_s),
        "links": _links(outcome),
        "busy": _busy(machine, outcome, asked.layout),
        "events": _events(outcome),
        "numerics": _numerics(machine, kernel.format.name, outcome),
        "energy": {
            "total_j": total.total_j,
            "parts_j": books.parts_j,
            "core_j": math.fsum(books.blocks[name].total_j for name in machine.cores),
            "boundary": "system",
        },
        "power_w": total.power_w(time_s, duty),
        "power_limit": {"limit_w": _limit_w(machine), "clock_share": done.conditions.clock_step / FULL},
        "area_mm2": {unit: m2 * 1e6 for unit, m2 in books.area_m2.items()},
        "die_share": shares(machine),
        "thermal": done.warm.as_dict(done.conditions.refresh_multiplier),
        "mapping": {"operators": asked.plan.as_list()},
        "shard": _shard(kernel, machine),
        "placement": placement(machine, at, outcome, done.warm),
        **_rate(kernel, time_s),
        "warnings": [
            *warnings,
            *([CROWDED] if crowded(machine) else []),
            DRAWN,
            *([] if done.warm.settles else [RUNAWAY]),
        ],
        "provenance": _provenance(asked.command),
    }


def _limit_w(machine: Machine) -> float | None:
    """Limit of power of all packages [W]."""
    limit = machine.spec.power_limit
    return None if limit is None else limit * machine.packages


def _slowed(asked: Asked, done: Settled) -> list[str]:
    """A sentence on each core that runs slower than it could, and on dies that are too hot at any clock."""
    stated, limit = asked.machine, _limit_w(asked.machine)
    why = [f"The limit of {limit:.4g} W"] if limit is not None else []
    why += ["the limit of temperature"] * asked.machine.spec.throttle + ["clock_share"] * (
        stated.spec.clock_share < 1
    )
    told = [
        f"{' and '.join(why)} slows the core {name} from {core.spec.clock / 1e6:.0f} to "
        f"{done.machine.cores[name].spec.clock / 1e6:.0f} MHz."
        for name, core in stated.cores.items()
        if done.machine.cores[name].spec.clock != core.spec.clock
    ]
    told = [sentence[0].upper() + sentence[1:] for sentence in told]
    if not done.warm.feasible:
        told.append(_too_hot(asked, done))
    return told


def _too_hot(asked: Asked, done: Settled) -> str:
    """Which die is too hot, and what it could do instead."""
    warm, machine = done.warm, done.machine
    die = max(warm.peak_c, key=lambda name: warm.peak_c[name] - limit_c(machine, name))
    at = " at the slowest clock of its logic" if asked.machine.spec.throttle else ""
    instead = (
        f"it may run for {100 * warm.sustainable_duty:.3g} % of the time"
        if warm.sustainable_duty
        else "it is too hot even at rest"
    )
    hot = f"reaches {warm.peak_c[die]:.1f} degC" if warm.settles else "finds no steady temperature"
    return f"Die {die} {hot}{at}, of {limit_c(machine, die):g} degC that it may have: {instead}."


def _by_cause(row: Int64s) -> dict[str, int]:
    return {cause: int(fs) for cause, fs in zip(CAUSES, row, strict=True)}


def _ops(kernel: Kernel, outcome: Outcome) -> list[Document]:
    """A row for each line of each operator; of parts that had nothing to do there is none."""
    rows = []
    lines = [(count, line) for count, op in kernel.operators() for line in op.lines]
    for (count, line), (label, repeated, causes) in zip(lines, outcome.ops, strict=True):
        assert (label, repeated) == (line.label, count)
        busiest = max(range(len(CAUSES)), key=lambda c: causes[c])
        if line.flops or line.byte or causes[busiest]:
            rows.append(
                {
                    "label": label,
                    "count": count,
                    "time_s": count * int(causes.sum()) / FS_PER_S,
                    "flops": count * line.flops,
                    "bytes": count * line.byte,
                    "binding": CAUSES[busiest] if causes[busiest] else "hidden",
                }
            )
    return rows


def _events(outcome: Outcome) -> dict[str, dict[str, int]]:
    """What was counted, by memory, network level or unit of a core, and name."""
    units = {
        f"{core}.{slot}": dict(counted)
        for core, units in outcome.unit_events.items()
        for slot, counted in units.items()
    }
    others = {
        owner: {event.name: int(count) for event, count in zip(ev.EVENTS, row, strict=True) if count}
        for owner, row in outcome.events.items()
    }
    return others | units


def _numerics(machine: Machine, number_format: str, outcome: Outcome) -> dict[str, dict[str, Document]]:
    """Largest errors of the functions that units evaluated, by unit of a core and name."""
    found = {
        f"{core}.{slot}": machine.cores[core].spec.units[slot].numerics(counted, number_format)
        for core, units in outcome.unit_events.items()
        for slot, counted in units.items()
    }
    return {
        unit: {name: each._asdict() for name, each in stated.items()}
        for unit, stated in found.items()
        if stated
    }


def _long_rows(kernel: Kernel, machine: Machine, outcome: Outcome) -> Iterator[str]:
    """What is said of rows that a softmax unit cannot add up."""
    row = max(op.longest_row for _, op in kernel.operators())
    for core, units in outcome.unit_events.items():
        for slot, counted in units.items():
            most = machine.cores[core].spec.units[slot].longest_row
            if "softmax" in counted and 0 < most < row:
                yield (
                    f"Rows of up to {row} scores are longer than the {most} that the sums of {core}.{slot} hold: "
                    "cycles and energy are of a unit whose sums are wider, and its stated error is not of such rows."
                )


def _bandwidth(machine: Machine, at: Core, outcome: Outcome, time_s: float) -> dict[str, Document]:
    """Bytes and rates of each level; `read` at the DRAM level is what crossed the tap of core `at`, and those of other
    memories that were used, padding included."""
    traffic = outcome.traffic
    used = [memory.name for memory in machine.memories.values() if memory.owner in outcome.events]
    moved: Mapping[str, int] = outcome.unit_events.get(at.name, {}).get("sram", {})
    sram_read, sram_written = moved.get("sram_read", 0), moved.get("sram_write", 0)
    networks = {kind: outcome.net_bytes.get(kind, 0) for kind in ("noc", "link")}
    peaks = network_bytes_per_s(machine)
    return {
        "dram": _level(
            traffic["read"],
            traffic["useful"],
            traffic["written"],
            taps_bytes_per_s(machine, at, used),
            time_s,
        ),
        "sram": _level(sram_read, sram_read, sram_written, sram_bytes_per_s(at), time_s),
        **{kind: _level(byte, byte, 0, peaks[kind], time_s) for kind, byte in networks.items()},
    }


def _links(outcome: Outcome) -> dict[str, Document]:
    """Share of the time for which the busiest link of a network is held, and those that are held at all on average, and
    how many these are."""
    found = {}
    for network, held in outcome.held_fs.items():
        used = held[held > 0]
        if len(used) and outcome.time_fs:
            found[network] = {
                "held_links": len(used),
                "busiest": int(used.max()) / outcome.time_fs,
                "mean": int(used.sum()) / len(used) / outcome.time_fs,
            }
    return found


def _busy(machine: Machine, outcome: Outcome, layout: Layout) -> dict[str, Document]:
    """Share of the time for which units in a slot of a core kind, and channels of a memory, are at work: the busiest of
    them, and all there are on average."""
    many = {f"{name}.{slot}": core.nodes for name, core in machine.cores.items() for slot in core.spec.units}
    many |= {name: memory.channels for name, memory in machine.memories.items()}
    return {
        name: {
            "busiest": busiest_fs / outcome.time_fs,
            "mean": all_fs * layout.ranks / many[name] / outcome.time_fs,
        }
        for name, (busiest_fs, all_fs) in outcome.worked_fs(layout.pp).items()
    }


def _level(read: int, useful: int, written: int, peak: float, time_s: float) -> Document:
    achieved = (read + written) / time_s if time_s else 0.0
    return {
        "bytes_read": read,
        "bytes_useful": useful,
        "bytes_written": written,
        "peak_Bps": peak,
        "achieved_Bps": achieved,
        "utilisation": achieved / peak if peak else 0.0,
    }


def _shard(kernel: Kernel, machine: Machine) -> Document:
    """How the kernel's resident bytes are dealt to the memories' stacks."""
    stacks = machine.stacks
    return {"count": stacks, "bytes": -(-kernel.capacity_bytes // stacks)}


def _rate(kernel: Kernel, time_s: float) -> Document:
    """Tokens per second of a whole decode step."""
    if kernel.name != "decode-step" or not time_s:
        return {}
    return {"tokens_per_s": int(kernel.parameters.get("batch", 1)) / time_s}


def _provenance(command: str | None) -> Document:
    return {
        "bankside": __version__,
        "code": running_digest(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": NUMBA,
        "command": command,
    }
