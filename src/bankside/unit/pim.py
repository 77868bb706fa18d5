"""Unit `pim`: microkernels on one channel of HBM-PIM against its host, and attention on AttAcc's placements."""

import re
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np

from bankside.arch.dram.channel.pim.program import Entries
from bankside.arch.dram.channel.pim.run import AHEAD, FENCED, Controller, Outcome, run_programs
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import load
from bankside.cases.reader import Case, Reader, refuse
from bankside.kernels.lower.pim.attention_commands import Shape, attention_program, deal, repeated_moves
from bankside.kernels.lower.pim.elementwise_commands import elementwise_program
from bankside.kernels.lower.pim.host import host_programs
from bankside.kernels.lower.pim.placement import PLACEMENTS, place
from bankside.kernels.lower.pim.product import Pieces, product_program

COLUMNS: Final = {
    "workload": "what HBM-PIM and its host run: GEMV 4096x4096 FP16, MUL 2M elements FP16, 8 MiB sequential read",
    "channels": "pseudo-channels that share it (also channels(pseudo); default 64)",
    "device": "HBM-PIM device file (default pimsimulator-hbm2-2m-16b-x64)",
    "L": "attention: tokens of keys and values",
    "nhead": "attention: heads of one stack (also heads_per_HBM)",
    "dhead": "attention: head dimension (default 128)",
    "dbyte": "attention: bytes of an element (default 2)",
    "pim_type": "attention: BA (banks), BG (bank groups) or BUFFER (buffer die)",
    "power_constraint": "attention: whether the power limit slows columns of all banks (default true)",
    "refresh": "on or off (default on)",
}

REGISTERS = 8
"""Vector registers of a unit of HBM-PIM that hold operands, and as many that accumulate."""

SAMSUNG, ATTACC = "pimsimulator-hbm2-2m-16b-x64", "attacc-hbm3-5200"
STACK_CHANNELS = 16
MAX_MOVES = 1 << 22
"""Moves of softmax results that are walked through, as many as the bursts of a host's stream."""
OPERANDS: Final = {"add": 2, "mul": 2, "relu": 1}
ELEMENT_BYTES: Final = {"FP16": 2, "BF16": 2, "INT8": 1, "FP32": 4}
UNITS: Final = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}

HOST = Controller(FENCED, depth=64, ranks=2)
"""PIMSimulator: a queue of 64 per rank (system_hbm_64ch.ini); its benchmarks make 512 MB channels of two ranks
(PIMBenchTestCases.h, 256 * 64 * 2), of which the second only takes its turn in refreshing."""

STREAMS = Controller(FENCED, depth=64, ranks=1)
"""Its bandwidth tests make channels of one rank (TestCases.h, 256 * 16)."""

UNIT_COMMANDS = Controller(AHEAD, depth=33)
"""AttAcc: its queues take a request while they hold no more than 32 (Ramulator 2, ReqBuffer)."""

GEMV = re.compile(r"GEMV ([1-9]\d*)x([1-9]\d*) (\w+)", re.IGNORECASE)
ELEMENTWISE = re.compile(r"(ADD|MUL|RELU) ([1-9]\d*)([kMG]?) elements (\w+)", re.IGNORECASE)
SEQUENTIAL = re.compile(r"([1-9]\d*) ([kMG])iB sequential (read|write)", re.IGNORECASE)


def run_case(case: Case) -> dict[str, Any]:
    """Result columns of one case.

    Returns
    -------
    dict
        HBM-PIM: cycles_PIM and cycles_host_no_PIM [clock], speedup, host_GBps and PIM_GBps [byte/ns], clocks of
        the PIM run by cause. Attention: cycles [clock] of the busiest channel to its last command, as AttAcc's
        simulator runs it, hbm_cycles_shipped_cache (the same as its shipped cache has it; empty for an unpaired
        head of so long a context that the moves it repeats in every round are more than MAX_MOVES), us. What the row
        does not determine is an empty text.

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    errors: list[str] = []
    read = Reader(case, errors)
    result = _attention(read) if read.text("pim_type") else _workload(read)
    refuse(errors)
    return result


@cache
def _standard(device: str, scope: str, power: bool = True) -> Standard:
    given = () if power else ("pim.limits.power=false",)
    return compile_standard(load(device, "devices", DeviceSpec, given).spec, scope)


def _workload(read: Reader) -> dict[str, Any]:
    text = read.text("workload")
    given = "channels(pseudo)" if read.text("channels(pseudo)") else "channels"
    channels = read.whole(given, 1, 1 << 16, 64)
    refresh = read.flag("refresh", True)
    if read.errors:
        return {}
    device = read.text("device", SAMSUNG)
    spec = load(device, "devices", DeviceSpec).spec
    scopes = () if spec.pim is None else spec.pim.scopes
    if "bank_pair" not in scopes:
        has = ", ".join(scopes) or "none"
        read.complain(
            f"HBM-PIM's kernels need a device with PIM commands of scope bank_pair; this one has {has}."
        )
        return {}
    standard = _standard(device, "bank_pair")
    if found := GEMV.fullmatch(text):
        m, k, size = int(found[1]), int(found[2]), _size(read, found[3])
        pim = gemv_program(standard, m, k, channels, size)
        return _compare(standard, pim, [m * k * size, k * size], m * size, channels, refresh)
    if found := ELEMENTWISE.fullmatch(text):
        operation, size = found[1].lower(), _size(read, found[4])
        elements = int(found[2]) * UNITS[found[3]]
        bursts = -(-elements * size // (standard.burst_bytes * channels))
        pim = elementwise_program(standard, OPERANDS[operation], bursts, REGISTERS).entries
        operands = [elements * size] * OPERANDS[operation]
        return _compare(standard, pim, operands, elements * size, channels, refresh)
    if found := SEQUENTIAL.fullmatch(text):
        size = int(found[1]) * UNITS[found[2]]
        reading = found[3].lower() == "read"
        programs = host_programs(standard, [size] * reading, size * (not reading), channels)
        clock = run_programs(standard, programs, STREAMS, refresh=refresh, modes=False).slots
        return {"cycles_PIM": "", "cycles_host_no_PIM": clock, "host_GBps": size / _ns(standard, clock)}
    if text.lower().startswith("functional"):
        return {"cycles_PIM": "", "cycles_host_no_PIM": ""}
    read.complain(
        "workload must read like 'GEMV 4096x4096 FP16', 'ADD 1M elements FP16' or '8 MiB sequential read', all of "
        f"them above zero, not {text!r}."
    )
    return {}


def _size(read: Reader, name: str) -> int:
    if name.upper() not in ELEMENT_BYTES:
        read.complain(f"the format of a workload is one of {', '.join(ELEMENT_BYTES)}, not {name!r}.")
    return ELEMENT_BYTES.get(name.upper(), 2)


def gemv_program(standard: Standard, m: int, k: int, channels: int, element_bytes: int) -> Entries:
    """Program of one of `channels` equal channels for an m x k matrix of HBM-PIM: the results stay in the banks."""
    units = int(standard.packed[0]["slice_banks"]) * standard.pseudo_channels
    lanes = standard.burst_bytes // element_bytes
    tiles, cuts = -(-m // (units * channels * REGISTERS)), -(-k // (lanes * REGISTERS))
    n = tiles * cuts
    last = np.arange(n) % cuts == cuts - 1
    fields = (
        np.full(n, REGISTERS),
        np.full(n, REGISTERS**2),
        np.where(last, REGISTERS, 0),
        np.zeros(n, np.int64),
    )
    return product_program(standard, Pieces(np.repeat(np.arange(tiles), cuts), *fields), REGISTERS).entries


def _run(standard: Standard, programs: list[Entries], refresh: bool, modes: bool = True) -> Outcome:
    return run_programs(standard, programs, HOST, refresh=refresh, modes=modes)


def _ns(standard: Standard, clocks: float) -> float:
    return clocks * standard.slot_fs * int(standard.packed[0]["slots_per_ck"]) / 1e6


def _compare(
    standard: Standard, pim: Entries, reads: list[int], written: int, channels: int, refresh: bool
) -> dict[str, Any]:
    units = _run(standard, [pim], refresh)
    host = _run(standard, host_programs(standard, reads, written, channels), refresh, modes=False)
    matrix = max(reads) if len(reads) == 2 and reads[0] != reads[1] else sum(reads) + written
    return {
        "cycles_PIM": units.slots,
        "cycles_host_no_PIM": host.slots,
        "speedup": host.slots / units.slots,
        "host_GBps": matrix / _ns(standard, host.slots),
        "PIM_GBps": matrix / _ns(standard, units.slots),
        **{f"PIM_{name}": slots for name, slots in units.causes_slot.items()},
    }


def _attention(read: Reader) -> dict[str, Any]:
    placement = read.choice("pim_type", [name.lower() for name in PLACEMENTS]).upper()
    heads_of = "nhead" if read.text("nhead") else "heads_per_HBM"
    heads = read.whole(heads_of, 1, 1 << 20)
    shape = Shape(
        read.whole("L", 1, 1 << 24),
        read.whole("dhead", 1, 1 << 16, 128),
        read.whole("dbyte", 1, 4, 2),
    )
    power, refresh = read.flag("power_constraint", True), read.flag("refresh", True)
    if read.errors:
        return {}
    standard = _standard(ATTACC, PLACEMENTS[placement], power)
    busiest = deal(heads, STACK_CHANNELS)[0][0]
    clock = _clocks(placement, power, shape, busiest, refresh, False)
    told = busiest % 2 == 0 or repeated_moves(place(standard, placement), shape) <= MAX_MOVES
    shipped = _clocks(placement, power, shape, busiest, refresh, True) if told else ""
    moved = 2 * shape.tokens * heads * shape.dim * shape.element_bytes
    return {
        "cycles": clock,
        "hbm_cycles_shipped_cache": shipped,
        "us": _ns(standard, clock) / 1e3,
        "effective_TBps_per_HBM": moved / _ns(standard, clock) / 1e3,
    }


@lru_cache(maxsize=64)
def _clocks(placement: str, power: bool, shape: Shape, heads: int, refresh: bool, older: bool) -> int:
    """Clocks of one channel to its last command, with AttAcc's published generators or those of its cache."""
    standard = _standard(ATTACC, PLACEMENTS[placement], power)
    where = place(standard, placement)
    program, _ = attention_program(
        standard, where, shape, heads, softmax_per_step=older, values_of_first=not older
    )
    return run_programs(standard, [program], UNIT_COMMANDS, refresh=refresh).command_slots
