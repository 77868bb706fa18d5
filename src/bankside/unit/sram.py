"""Unit `sram`: cycles of a group of accesses to the banks of a scratchpad, strided or at random."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from bankside.arch.pe.sram import banks as sram
from bankside.cases.reader import Case, Reader, of_one, read_all

COLUMNS: Final = {
    "accesses": "words accessed together",
    "banks": "banks; word i lies in bank (i // granule) mod banks",
    "granule": "successive words of one bank (default 1)",
    "stride": "words from one access to the next, or the word random",
    "random": "true for independent uniform banks instead of a stride",
    "ports": "accesses that a bank serves per cycle (default 1)",
    "samples": "random: groups to simulate beside the exact expectation (default none)",
    "seed": "random: seed of the simulated groups (default 0)",
}

MAX_ACCESSES, MAX_RANDOM, MAX_BANKS = 1 << 40, 4096, 65536
MAX_DRAWS: Final = 1 << 26  # half a GiB of bank numbers


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order.

    Returns
    -------
    list of dict
        cycles (exact; for random accesses the exact expectation) [cycle], conflict_cycles beyond a
        conflict-free access, and with samples mean_cycles and standard_error of the simulated groups.
    """
    cases = read_all(rows, _read)
    return [_random(**case) if case.pop("random") else _strided(**case) for case in cases]


run_case = of_one(run_cases)


def _read(read: Reader) -> dict[str, Any]:
    at_random = read.text("stride").lower() == "random" or read.flag("random", False)
    case = {
        "random": at_random,
        "accesses": read.whole("accesses", 1, MAX_RANDOM if at_random else MAX_ACCESSES),
        "banks": read.whole("banks", 1, MAX_BANKS),
        "ports": read.whole("ports", 1, 64, 1),
    }
    if at_random:
        case["samples"] = read.whole("samples", 0, 1_000_000, 0)
        if (draws := case["samples"] * case["accesses"]) > MAX_DRAWS:
            read.complain(f"samples x accesses may be {MAX_DRAWS} at most, not {draws}.", "samples")
        case["seed"] = read.whole("seed", 0, 1 << 62, 0)
    else:
        case["granule"] = read.whole("granule", 1, 4096, 1)
        case["stride"] = read.whole("stride", -MAX_ACCESSES, MAX_ACCESSES, 1)
    return case


def _strided(accesses: int, banks: int, ports: int, stride: int, granule: int) -> dict[str, Any]:
    if granule == 1:
        cycles = sram.strided_cycles(accesses, stride, banks, ports)
    else:
        cycles = sram.interleaved_cycles(accesses, stride, banks, ports, granule)
    return {"cycles": cycles, "conflict_cycles": cycles - sram.strided_cycles(accesses, 1, banks, ports)}


def _random(accesses: int, banks: int, ports: int, samples: int, seed: int) -> dict[str, Any]:
    cycles = sram.expected_random_cycles(accesses, banks, ports)
    least = sram.strided_cycles(accesses, 1, banks, ports)
    result: dict[str, Any] = {"cycles": cycles, "conflict_cycles": cycles - least}
    if samples:
        trace = sram.random_banks(accesses, banks, samples, seed)
        each = sram.each_group_cycles(trace, accesses, banks, ports)
        result["mean_cycles"] = float(each.mean())
        result["standard_error"] = float(each.std() / np.sqrt(samples))
    return result
