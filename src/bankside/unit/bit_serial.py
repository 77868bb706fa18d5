"""Unit `bit-serial`: cycles of bit-serial and sparse processing elements, decided by the bits of their operands."""

from typing import Any, Final

import numpy as np

from bankside.arch.pe.bit_serial import expected, groups, queues
from bankside.arch.pe.bit_serial.encodings import masks
from bankside.arch.pe.bit_serial.frame import dealt, framed
from bankside.arch.pe.bit_serial.measure import measure, pieces
from bankside.arch.pe.bit_serial.published import ELEMENTS
from bankside.cases.reader import Case, Reader, refuse
from bankside.kernels.operands.distributions import shares
from bankside.unit.serial import bitmod
from bankside.unit.serial.case import COLUMNS as OWN
from bankside.unit.serial.case import Operands, SerialCase

COLUMNS: Final = OWN | bitmod.COLUMNS

BITVERT_HALF: Final = 8
"""Bits among which BitVert picks the rarer symbol."""


def run_case(case: Case) -> dict[str, Any]:
    """Result columns of one case.

    Returns
    -------
    dict
        mean_cycles_per_group (of groups side by side, of a round of them), standard_error of it (0 for an exact sum),
        cycles, speedup_vs_parallel (over elements that multiply whole operands, with as many serial multipliers),
        mean_work_per_group (without waiting for others), stored_bits_per_element, rarer_per_column (bitvert: bits that
        are added of each 8), element_area_um2 and element_pj_per_cycle at 28 nm. Of bitmod's simulator cycles alone.

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    if Reader(case, []).text("hidden"):
        return bitmod.run_case(case)
    errors: list[str] = []
    of = SerialCase(Reader(case, errors))
    operands = of.operands() if not errors else None
    refuse(errors)
    assert operands is not None
    if of.scheme is None:
        return _queued(of, operands)
    return (_exact(of, operands) if operands.exact else None) or _run(of, operands)


def _run(of: SerialCase, operands: Operands) -> dict[str, Any]:
    assert of.scheme is not None
    found = measure(of.scheme, of.setting, operands.values, operands.other, of.frame)
    work, cycles = found.work, found.cycles
    wide, share = of.wide
    if share:
        chosen = np.random.default_rng(of.seed).random(work.shape) < share
        work = np.where(chosen, wide, work)
        cycles = framed(work, of.frame)
    side = of.frame.side
    if of.name == "sparten":
        rounds = -(-work.shape[0] // side) * work.shape[1]
    else:
        rounds = work.size if side == 1 else -(-work.size // side)
        if of.frame.balance == "none" and side > 1:
            rounds = len(dealt(work, of.frame))
    results = _columns(of, cycles / rounds, cycles)
    return results | {
        "standard_error": float(work.std() / np.sqrt(work.size)) if side == 1 else "",
        "mean_work_per_group": float(work.mean()),
        "stored_bits_per_element": found.stored_bits / operands.values.size,
        **_extra(of, _rarer(of, operands)),
    }


def _exact(of: SerialCase, operands: Operands) -> dict[str, Any] | None:
    """Means over all tensors of the distribution; None where no sum gives them."""
    share = shares(of.distribution, of.setting.bits, of.signed, of.clip)
    mean = None if share is None else expected.mean_cycles(of.name, of.setting, share)
    if share is None or mean is None:
        return None
    count = operands.values.size // of.setting.group
    results = _columns(of, mean, round(mean * count))
    return results | {"standard_error": 0.0, "mean_work_per_group": mean} | _extra(of, "")


def _rarer(of: SerialCase, operands: Operands) -> float | str:
    """Bits that BitVert adds up of a column of 8."""
    if of.name != "bitvert":
        return ""
    if operands.exact:
        share = shares(of.distribution, of.setting.bits, True, of.clip)
        if share is not None:
            return expected.rarer(of.setting, share, BITVERT_HALF)
    values = operands.values
    if values.shape[1] % BITVERT_HALF:
        return ""
    bits, chosen = of.setting.bits, 0
    table = masks(bits, "twos-complement")
    for drawn in pieces(of.setting._replace(group=BITVERT_HALF), values):
        out = np.empty(drawn.places.size // BITVERT_HALF, dtype=np.int64)
        groups.minority(drawn.places, table, BITVERT_HALF, bits, out)
        chosen += int(out.sum())
    return chosen / (values.size // BITVERT_HALF * bits)


def _queued(of: SerialCase, operands: Operands) -> dict[str, Any]:
    assert operands.other is not None
    kept, active = operands.values != 0, operands.other[0] != 0
    cycles = queues.eie_cycles(kept, active, of.frame.side, of.frame.run_ahead)
    columns = int(active.sum())
    stored = int(queues.eie_entries(kept, of.frame.side).sum()) * (of.setting.bits + queues.RUN_BITS)
    dense = columns * -(-len(kept) // of.frame.side)
    return {
        "mean_cycles_per_group": cycles / columns if columns else "",
        "cycles": cycles,
        "speedup_vs_parallel": dense / cycles if cycles else "",
        "stored_bits_per_element": stored / kept.size,
    }


def _columns(of: SerialCase, mean: float, cycles: int) -> dict[str, Any]:
    assert of.scheme is not None
    widest = of.setting._replace(bits=max(of.setting.bits, of.wide[0])) if of.wide[1] else of.setting
    return {
        "mean_cycles_per_group": float(mean),
        "cycles": int(cycles),
        "speedup_vs_parallel": of.scheme.parallel(widest) / mean if mean else "",
    }


def _extra(of: SerialCase, rarer: float | str) -> dict[str, Any]:
    element = ELEMENTS.get(of.name)
    return {
        "rarer_per_column": rarer,
        "element_area_um2": element.area_um2 if element else "",
        "element_pj_per_cycle": element.energy_pj if element else "",
    }
