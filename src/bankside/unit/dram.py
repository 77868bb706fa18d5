"""Unit `dram`: a stream of requests through one DRAM channel with a queued controller."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from bankside.arch.dram.channel.controller import PAGES, SCHEDULERS, Controller, Outcome, geometry, run
from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.cases.reader import Case, Reader, of_one, read_all
from bankside.unit.channel.channel_energy import core_energy_j
from bankside.unit.channel.request_streams import PATTERNS, pattern

COLUMNS: Final = {
    "device": "name of a device, or path of its YAML file",
    "tool": "DRAMsim3 or Ramulator2.1: with preset, the device as that tool runs it",
    "preset": "preset of the tool",
    "scheduler": "frfcfs, frfcfs-rowhit or per-bank, or the tools' FRFCFS, FRFCFSRowHit, FRFCFS_per_bank",
    "page": "open or closed: whether column commands close their row (default as the tool's preset, else open)",
    "stream": "name of a request stream",
    "refresh": "on or off (default on)",
    "max_outstanding": "reads in flight at most, 0 for no limit (default as the stream)",
    "n_req": "requests of the stream to run, from its first (default all)",
}

MOST_REQUESTS: Final = 1 << 62  # of a stream that is not known
T = TypeVar("T")

TOOL_SCHEDULERS: Final = {"frfcfs_per_bank": "per-bank", "frfcfsrowhit": "frfcfs-rowhit"}

PRESETS: Final = {
    ("dramsim3", "HBM2_8Gb_x128"): "dramsim3-hbm2-8gb-x128",
    ("dramsim3", "HBM2_4Gb_x128"): "dramsim3-hbm2-4gb-x128",
    ("dramsim3", "HBM1_4Gb_x128"): "dramsim3-hbm1-4gb-x128",
    ("dramsim3", "DDR4_8Gb_x8_2400"): "dramsim3-ddr4-8gb-x8-2400",
    ("dramsim3", "DDR4_8Gb_x8_3200"): "dramsim3-ddr4-8gb-x8-3200",
    ("dramsim3", "DDR3_4Gb_x8_1600"): "dramsim3-ddr3-4gb-x8-1600",
    ("dramsim3", "GDDR6_8Gb_x16"): "dramsim3-gddr6-8gb-x16",
    ("dramsim3", "GDDR5X_8Gb_x32"): "dramsim3-gddr5x-8gb-x32",
    ("dramsim3", "LPDDR4_8Gb_x16_2400"): "dramsim3-lpddr4-8gb-x16-2400",
    ("dramsim3", "HMC_4GB_4Lx16"): "dramsim3-hmc-4gb-4lx16",
    ("ramulator2.1", "HBM2_8Gb-HBM2_2000Mbps"): "ramulator2-hbm2-8gb-2000",
    ("ramulator2.1", "HBM2_8Gb-HBM2_2400Mbps"): "ramulator2-hbm2-8gb-2400",
    ("ramulator2.1", "HBM3_16Gb_8hi-HBM3_6400Mbps"): "ramulator2-hbm3-16gb-8hi-6400",
    ("ramulator2.1", "HBM4_32Gb_8Hi-HBM4_8000Mbps"): "ramulator2-hbm4-32gb-8hi-8000",
    ("ramulator2.1", "DDR4_8Gb_x8-DDR4_2400U"): "ramulator2-ddr4-8gb-x8-2400u",
    ("ramulator2.1", "DDR4_8Gb_x8-DDR4_3200AA"): "ramulator2-ddr4-8gb-x8-3200aa",
    ("ramulator2.1", "DDR5_16Gb_x8-DDR5_4800BN"): "ramulator2-ddr5-16gb-x8-4800bn",
    ("ramulator2.1", "GDDR6_8Gb_x16-GDDR6_14000_1350mV_double"): "ramulator2-gddr6-8gb-x16-14000",
    ("ramulator2.1", "LPDDR5_16Gb_x16-LPDDR5_6400"): "ramulator2-lpddr5-16gb-x16-6400",
}
"""Device file that holds a tool's preset."""

CLOSED_PAGE: Final = ("dramsim3-hmc-4gb-4lx16",)
"""Devices whose tool closes every row with its column command."""


@lru_cache(maxsize=32)
def _standard(device: str) -> Standard:
    return compile_standard(load(device, "devices", DeviceSpec).spec)


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order; all wrong cells of all rows are reported together.

    Returns
    -------
    list of dict
        cycles_total, avg_rd_lat_cyc [clock of the device]; ACT, PRE, RD, WR, REF [commands]; merged, forwarded,
        coalesced, undrained [requests]; energy_pJ (core of the device); cpu_s; cycles by cause [clock].
    """
    jobs = read_all(rows, _job)
    return [_result(*job) for job in jobs if job is not None]


run_case = of_one(run_cases)


def _job(cell: Reader) -> tuple[Standard, Requests, Controller] | None:
    """Device, stream and controller of a case, or None where a cell is wrong."""
    device = _device(cell)
    known = (*SCHEDULERS, *TOOL_SCHEDULERS)
    scheduler = cell.choice("scheduler", known, default="frfcfs")
    page = cell.choice("page", PAGES, default="closed" if device in CLOSED_PAGE else "open")
    refresh = cell.flag("refresh", True)
    stream = cell.choice("stream", sorted(PATTERNS))
    standard = _found(cell, lambda: _standard(device)) if device else None
    made = standard and _found(cell, lambda: pattern(stream, geometry(standard)))
    limit = cell.whole("max_outstanding", 0, 511, default=made.max_outstanding if made else 0)
    most = len(made) if made else MOST_REQUESTS
    count = cell.whole("n_req", 1, most, default=most)
    if not standard or not made:
        return None
    controller = Controller(TOOL_SCHEDULERS.get(scheduler, scheduler), page, refresh)
    return standard, replace(made.first(count), max_outstanding=limit), controller


def _found(cell: Reader, find: Callable[[], T]) -> T | None:
    """What is found, or None where there is none, which the reader then complains of."""
    try:
        return find()
    except ConfigError as error:
        for sentence in error.errors:
            cell.complain(sentence)
        return None


def _device(cell: Reader) -> str:
    """The device that a case names, directly or as a tool's preset; empty where it names none."""
    device, tool, preset = cell.text("device"), cell.text("tool"), cell.text("preset")
    if device:
        return device
    if not tool or not preset:
        cell.complain("a case names a device, or a tool and its preset.")
        return ""
    found = PRESETS.get((tool.lower(), preset), "")
    if not found:
        shown = ", ".join(f"{name} of {owner}" for owner, name in PRESETS)
        cell.complain(f"There is no device for the preset '{preset}' of {tool}; there are {shown}.")
    return found


def _result(standard: Standard, requests: Requests, controller: Controller) -> dict[str, Any]:
    start = time.process_time()
    outcome = run(standard, requests, controller)
    cpu_s = time.process_time() - start
    counts = outcome.counts
    return {
        "cycles_total": _number(outcome.cycles),
        "ACT": counts["ACT"],
        "PRE": counts["PRE"] + counts["PREA"],
        "RD": counts["RD"] + counts["RDA"],
        "WR": counts["WR"] + counts["WRA"],
        "REF": counts["REF"] + counts["REFSB"],
        "avg_rd_lat_cyc": round(outcome.read_latency_cycle, 3),
        "energy_pJ": _energy_pj(standard, outcome),
        "cpu_s": round(cpu_s, 6),
        "undrained": outcome.undrained,
        "merged": outcome.merged,
        "forwarded": outcome.forwarded,
        "coalesced": outcome.coalesced,
        **_causes(standard, outcome),
    }


def _energy_pj(standard: Standard, outcome: Outcome) -> float | str:
    if standard.spec.energy is None:
        return ""
    return round(core_energy_j(standard, outcome) * 1e12, 1)


def _causes(standard: Standard, outcome: Outcome) -> dict[str, Any]:
    per_clock = standard.spec.slots_per_ck
    return {f"cycles_{name}": _number(slots / per_clock) for name, slots in outcome.causes_slot.items()}


def _number(value: float) -> float | int:
    """Whole numbers without a fraction."""
    return int(value) if value == int(value) else value
