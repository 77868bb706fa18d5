"""BookSim2's configuration files: `key = value;`, comments after //; the keys that its shipped examples use,
as a case."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bankside.arch.spec import ConfigError
from bankside.arch.spec.errors import clip
from bankside.cases.places import Cell, Row
from bankside.text_files import read_text

CASE: Final = {
    "topology": ("topology", "torus"), "k": ("k", "8"), "n": ("n", "2"), "routing_function": ("routing", ""),
    "num_vcs": ("num_vcs", "16"), "vc_buf_size": ("vc_buf_size", "8"),
    "wait_for_tail_credit": ("wait_for_tail_credit", "0"), "vc_allocator": ("vc_allocator", "islip"),
    "sw_allocator": ("sw_allocator", "islip"), "credit_delay": ("credit_delay", "0"),
    "routing_delay": ("routing_delay", "1"), "vc_alloc_delay": ("vc_alloc_delay", "1"),
    "sw_alloc_delay": ("sw_alloc_delay", "1"), "st_prepare_delay": ("st_prepare_delay", "0"),
    "st_final_delay": ("st_final_delay", "1"), "output_delay": ("output_delay", "0"),
    "input_speedup": ("input_speedup", "1"), "output_speedup": ("output_speedup", "1"),
    "internal_speedup": ("internal_speedup", "1.0"), "speculative": ("speculative", "0"),
    "traffic": ("traffic", "uniform"), "packet_size": ("packet_size_flits", "1"),
    "injection_process": ("injection_process", "bernoulli"), "sample_period": ("sample_period", "1000"),
    "warmup_periods": ("warmup_periods", "3"), "max_samples": ("max_samples", "10"),
    "latency_thres": ("latency_threshold", "500.0"), "seed": ("seed", "0"),
    "perm_seed": ("perm_seed", "0"),
}  # fmt: skip
"""Column of a case for each key, and BookSim2's default (booksim_config.cpp at 28f4329)."""

ONLY: Final = {
    "c": "1", "router": "iq", "subnets": "1", "classes": "1", "sim_count": "1", "use_read_write": "0",
    "priority": "none", "noq": "0", "vc_busy_when_full": "0", "vc_prioritize_empty": "0", "vc_priority_donation": "0",
    "vc_shuffle_requests": "0", "output_buffer_size": "-1", "buffer_policy": "private", "include_queuing": "1",
    "max_outstanding_requests": "0", "link_failures": "0",
}  # fmt: skip
"""Keys with the one value that is modelled."""

SILENT: Final = (
    "print_activity", "print_csv_results", "print_vc_stats", "viewer_trace", "watch_file", "watch_flits",
    "watch_packets", "watch_out", "stats_out", "deadlock_warn_timeout", "alloc_iters", "sim_power",
)  # fmt: skip
"""Keys that change no result: what is printed, and the iterations that the router's allocators are built without."""

OTHER: Final = (
    "injection_rate", "injection_rate_uses_flits", "use_noc_latency", "sim_type", "batch_size", "batch_count",
    "const_flits_per_packet", "hold_switch_for_packet",
)  # fmt: skip

LINE: Final = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*;", re.DOTALL)


def settings(path: Path) -> dict[str, Cell]:
    """Keys and values of a file, each with its line.

    Raises
    ------
    ConfigError
        For text that is no setting, keys that stand twice or are not known.
    """
    found: dict[str, Cell] = {}
    errors: list[str] = []
    for line, key, value in _settings(path, errors):
        place = f"{path}:{line}: "
        if key in found:
            errors.append(f"{place}{key} is given twice.")
        elif key not in (*CASE, *ONLY, *SILENT, *OTHER):
            errors.append(
                f"{place}there is no key '{key}' here; BookSim2 may know it, but it is not modelled."
            )
        elif key in ONLY and value != ONLY[key]:
            errors.append(f"{place}{key} is modelled as {ONLY[key]} alone, not {clip(value)!r}.")
        found[key] = Cell(value, place)
    if errors:
        raise ConfigError(errors)
    return found


def _settings(path: Path, errors: list[str]) -> Iterator[tuple[int, str, str]]:
    text = re.sub(r"//[^\n]*", "", read_text(path))
    at = 0
    while text[at:].strip():
        match = LINE.match(text, at)
        start = at + len(text[at:]) - len(text[at:].lstrip())
        line = text.count("\n", 0, start) + 1
        if match is None:
            rest = text[start:].split("\n", 1)[0]
            errors.append(f"{path}:{line}: this is no 'key = value;': {clip(rest)!r}.")
            return
        yield line, match[1], match[2].strip('"')
        at = match.end()


def config_case(path: Path) -> Row:
    """The case that a file describes.

    Raises
    ------
    ConfigError
        With the place of everything that is not understood.
    """
    given = settings(path)
    size = given.pop("const_flits_per_packet", None)
    if size is not None:
        given.setdefault("packet_size", size)
    case: dict[str, Cell | str] = {column: given.get(key, default) for key, (column, default) in CASE.items()}
    errors = []
    hold = given.get("hold_switch_for_packet", Cell("0", ""))
    if hold != "0" and case["packet_size_flits"] != "1":
        errors.append(
            f"{hold.place}hold_switch_for_packet is modelled for packets of one flit, which it does not change."
        )
    if case["topology"] == "torus":
        noc = given.get("use_noc_latency", Cell("1", ""))
        case["inter_router_channel_latency"] = "1" if noc == "0" else "2"
    kind = given.get("sim_type", Cell("latency", ""))
    if kind not in ("latency", "throughput", "batch"):
        errors.append(f"{kind.place}sim_type is latency, throughput or batch, not {clip(kind)!r}.")
    case["kind"] = "" if kind == "latency" else kind
    if kind == "batch":
        case["packets_per_node"] = given.get("batch_size", "1000")
        count = given.get("batch_count", Cell("1", ""))
        case["batch"] = Cell(str(int(count) - 1), count.place) if count.isdigit() else count
    else:
        flits = given.get("injection_rate_uses_flits", "0") != "0"
        case[f"offered_{'flits' if flits else 'packets'}_per_node_cycle"] = given.get("injection_rate", "0.1")
    if errors:
        raise ConfigError(errors)
    return Row(case, f"{path}: ")
