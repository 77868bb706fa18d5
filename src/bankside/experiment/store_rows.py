"""A result as one row of a sweep's CSV: a closed list of figures, so that every store has the same
columns."""

from collections.abc import Mapping
from typing import Any, Final

from bankside.arch.causes import CAUSES
from bankside.arch.technology.energy import PARTS
from bankside.report import measures

FIGURES: Final = (
    "placement",
    "tap",
    "time_s",
    "time_fs",
    "cycles",
    "clock_hz",
    "tokens_per_s",
    "flops",
    "bytes_min",
    "bound_time_s",
    "bound_binding",
    "bound_fraction",
    "dram_bytes_read",
    "dram_bytes_written",
    "dram_peak_Bps",
    "dram_achieved_Bps",
    "dram_utilisation",
    "energy_j",
    "dram_energy_j_per_bit",
    "power_w",
    "density_max_w_per_mm2",
    "hottest_die",
    "peak_c",
    "shard_count",
)


def row_of(result: Mapping[str, Any]) -> dict[str, str]:
    """The figures of a result by column; an empty cell where it has none."""
    hottest, density = measures.hottest_die(result), measures.peak_density(result)
    figures = {
        "placement": result["machine"]["placement"],
        "tap": result["machine"]["tap"],
        "time_s": float(result["time_s"]),
        "time_fs": result["time_fs"],
        "cycles": result["cycles"]["count"],
        "clock_hz": result["cycles"]["clock_hz"],
        "tokens_per_s": measures.tokens_per_s(result),
        "flops": result["work"]["flops"],
        "bytes_min": result["work"]["bytes_min"],
        "bound_time_s": result["bound"]["time_s"],
        "bound_binding": result["bound"]["binding"],
        "bound_fraction": result["bound"]["fraction"],
        "dram_bytes_read": (result["bandwidth"].get("dram") or {}).get("bytes_read"),
        "dram_bytes_written": (result["bandwidth"].get("dram") or {}).get("bytes_written"),
        "dram_peak_Bps": measures.bandwidth(result, "dram", "peak_Bps"),
        "dram_achieved_Bps": measures.bandwidth(result, "dram", "achieved_Bps"),
        "dram_utilisation": measures.bandwidth(result, "dram", "utilisation"),
        "energy_j": result["energy"]["total_j"],
        "dram_energy_j_per_bit": measures.dram_energy_j_per_bit(result),
        "power_w": result["power_w"],
        "density_max_w_per_mm2": density[0] if density else None,
        "hottest_die": hottest[0] if hottest else None,
        "peak_c": hottest[1] if hottest else None,
        "shard_count": (result.get("shard") or {}).get("count"),
        "warnings": " | ".join(result["warnings"]),
        **{f"cycles_{cause}": result["cycle_stack"].get(cause, 0) for cause in CAUSES},
        **{f"energy_{part}_j": result["energy"]["parts_j"].get(part, 0.0) for part in PARTS},
    }
    return {name: cell(value) for name, value in figures.items()}


def columns() -> list[str]:
    """Names of the figures in order."""
    return [
        *FIGURES,
        *(f"cycles_{cause}" for cause in CAUSES),
        *(f"energy_{part}_j" for part in PARTS),
        "warnings",
    ]


def cell(value: Any) -> str:
    """A value as one CSV cell: floats so that they read back as the same number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)
