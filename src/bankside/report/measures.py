"""Figures derived from a result (`bankside/result/1`); docs/results.md defines each of them once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Result = Mapping[str, Any]

DRAM_PATH_PARTS: Final = ("activation", "array_to_bank", "bank_to_tsv", "bank_to_pads", "tsv", "phy")
REREAD: Final = 1.05  # what is read more often than this is worth a word


def bandwidth(result: Result, level: str, figure: str) -> float | None:
    """A figure of one level of `bandwidth` (bytes or bytes/s), None where the machine has no such level."""
    value = (result["bandwidth"].get(level) or {}).get(figure)
    return None if value is None else float(value)


def used_share(result: Result) -> float | None:
    """The share of what is read at the tap that anything is computed of, where it is less than nearly all."""
    read_byte, used_byte = (bandwidth(result, "dram", figure) for figure in ("bytes_read", "bytes_useful"))
    return used_byte / read_byte if read_byte and used_byte and read_byte > REREAD * used_byte else None


def tokens_per_s(result: Result) -> float | None:
    """Tokens per second of a whole decode step (one token for each sequence of the batch), else None."""
    rate = result.get("tokens_per_s")
    return None if rate is None else float(rate)


def dram_energy_j_per_bit(result: Result) -> float | None:
    """Energy of activation and of the path from cells to tap, per bit read or written there [J/bit]."""
    moved_byte = (bandwidth(result, "dram", "bytes_read") or 0.0) + (
        bandwidth(result, "dram", "bytes_written") or 0.0
    )
    if not moved_byte:
        return None
    parts_j = result["energy"]["parts_j"]
    return float(sum(parts_j.get(part, 0.0) for part in DRAM_PATH_PARTS)) / (8.0 * moved_byte)


def shares(amounts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Names with their share of the sum, largest first, those of zero left out; ties in the order given."""
    total = sum(amounts.values())
    if not total:
        return []
    positive = [(name, amount / total) for name, amount in amounts.items() if amount > 0]
    return sorted(positive, key=lambda item: -item[1])


def hottest_die(result: Result) -> tuple[str, float] | None:
    """The die of the highest peak temperature, and that temperature [degC]; None without a power map."""
    peaks = (result.get("thermal") or {}).get("peak_c") or {}
    if not peaks:
        return None
    name = max(peaks, key=lambda die: float(peaks[die]))
    return name, float(peaks[name])


def sustainable_duty(result: Result) -> float | None:
    """Largest share of the time that the kernel may run for ever."""
    share = (result.get("thermal") or {}).get("sustainable_duty")
    return None if share is None else float(share)


def peak_density(result: Result) -> tuple[float, str] | None:
    """The highest power density [W/mm2] and the block it is in."""
    density = (result.get("thermal") or {}).get("density_w_per_mm2") or {}
    if density.get("max") is None:
        return None
    return float(density["max"]), str(density.get("block") or "")


def warnings(results: Sequence[Result], names: Sequence[str]) -> list[str]:
    """Every warning once, with the columns it holds for unless it holds for all."""
    holders: dict[str, list[str]] = {}
    for result, name in zip(results, names, strict=True):
        for warning in result.get("warnings") or []:
            holders.setdefault(str(warning), [])
            if name not in holders[str(warning)]:
                holders[str(warning)].append(name)
    everyone = len(set(names))
    return [
        text if len(held_by) == everyone else f"{', '.join(held_by)}: {text}"
        for text, held_by in holders.items()
    ]
