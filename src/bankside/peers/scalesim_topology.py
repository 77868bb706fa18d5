"""SCALE-Sim's files: the topology CSV (matrix products and convolutions), alone or with a .cfg, and its reports.

A layer becomes a case of the unit `systolic`; the reports carry the tool's own file names and column
titles. A count that the unit does not determine is an empty cell.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bankside.arch.spec import ConfigError
from bankside.arch.spec.errors import clip
from bankside.peers.scalesim_config import read_config
from bankside.text_files import read_csv
from bankside.unit.cases.places import Row

GEMM_COLUMNS: Final = ("M", "N", "K")
CONV_COLUMNS: Final = (
    "IFMAP Height",
    "IFMAP Width",
    "Filter Height",
    "Filter Width",
    "Channels",
    "Num Filter",
    "Strides",
)

REPORTS: Final = {
    "COMPUTE_REPORT.csv": {
        "Total Cycles (incl. prefetch)": "cycles_incl_prefetch",
        "Total Cycles": "total_cycles",
        "Stall Cycles": "stall_cycles",
        "Overall Util %": "overall_util_pct",
        "Mapping Efficiency %": "mapping_eff_pct",
        "Compute Util %": "compute_util_pct",
    },
    "BANDWIDTH_REPORT.csv": {
        "Avg IFMAP SRAM BW": "avg_ifmap_sram_bw",
        "Avg FILTER SRAM BW": "avg_filter_sram_bw",
        "Avg OFMAP SRAM BW": "avg_ofmap_sram_bw",
        "Avg IFMAP DRAM BW": "avg_ifmap_dram_bw",
        "Avg FILTER DRAM BW": "avg_filter_dram_bw",
        "Avg OFMAP DRAM BW": "avg_ofmap_dram_bw",
    },
    "DETAILED_ACCESS_REPORT.csv": {
        f"{memory} {operand} {title}": f"{operand.lower()}_{memory.lower()}_{title.split()[0].lower()}"
        for memory in ("SRAM", "DRAM")
        for operand, moved in (("IFMAP", "Reads"), ("Filter", "Reads"), ("OFMAP", "Writes"))
        for title in ("Start Cycle", "Stop Cycle", moved)
    },
}


def read_topology(path: Path) -> list[Row]:
    """Layers of a topology CSV as cases with `layer`, M, N, K and, where given, the sparsity pattern.

    A convolution becomes the product of its output pixels (M = ceil((H - R + s) / s) ceil((W - S + s) /
    s)), its filters (N) and its receptive field (K = R S channels).

    Raises
    ------
    ConfigError
        A missing column, a short row or a cell that is no number, one sentence each with its line.
    """
    (head, first), *rows = read_csv(path) or [(1, [])]
    if not first:
        raise ConfigError(f"{path}: The file is empty.")
    title = {name.lower(): at for at, name in reversed(list(enumerate(first)))}
    if "strides" not in title and "stride height" in title:
        title["strides"] = title["stride height"]
    title.setdefault("stride width", title.get("strides", 0))
    products = all(name.lower() in title for name in GEMM_COLUMNS)
    wanted = GEMM_COLUMNS if products or not _looks_like_layers(title) else CONV_COLUMNS
    missing = [name for name in wanted if name.lower() not in title]
    if missing:
        names = ", ".join(wanted)
        raise ConfigError(
            [f"{path}:{head}: The column {name} is missing; needed: {names}." for name in missing]
        )
    errors: list[str] = []
    layers = []
    for line, row in rows:
        read = (*wanted, "Stride Width") if wanted is CONV_COLUMNS else wanted
        cells = {name: row[title[name.lower()]] if title[name.lower()] < len(row) else "" for name in read}
        numbers = _numbers(cells, f"{path}:{line}: ", errors)
        if numbers is None:
            continue
        if wanted is CONV_COLUMNS and not _filter_fits(numbers, f"{path}:{line}: ", errors):
            continue
        product = _product(numbers) if wanted is GEMM_COLUMNS else _convolution(numbers)
        layer = Row({"layer": row[0]} | product, f"{path}:{line}: ")
        at = title.get("sparsity")
        if at is not None and at < len(row) and row[at]:
            layer["sparsity"] = row[at]
        layers.append(layer)
    if errors:
        raise ConfigError(errors)
    return layers


def _looks_like_layers(title: dict[str, int]) -> bool:
    return sum(name.lower() in title for name in CONV_COLUMNS) > sum(
        name.lower() in title for name in GEMM_COLUMNS
    )


def _numbers(cells: dict[str, str], place: str, errors: list[str]) -> dict[str, int] | None:
    bad = [
        (name, text) for name, text in cells.items() if not re.fullmatch("[0-9]{1,40}", text) or int(text) < 1
    ]
    errors += [
        f"{place}{name} must be a whole number of at least 1, not {clip(text)!r}." for name, text in bad
    ]
    return None if bad else {name: int(text) for name, text in cells.items()}


def _filter_fits(numbers: dict[str, int], place: str, errors: list[str]) -> bool:
    wrong = [side for side in ("Height", "Width") if numbers[f"Filter {side}"] > numbers[f"IFMAP {side}"]]
    for side in wrong:
        filter_size, input_size = numbers[f"Filter {side}"], numbers[f"IFMAP {side}"]
        errors.append(f"{place}Filter {side} {filter_size} is larger than IFMAP {side} {input_size}.")
    return not wrong


def _product(numbers: dict[str, int]) -> dict[str, str]:
    return {name: str(numbers[name]) for name in GEMM_COLUMNS}


def _convolution(numbers: dict[str, int]) -> dict[str, str]:
    height, width, rows, cols, channels, filters, down = (numbers[name] for name in CONV_COLUMNS)
    across = numbers["Stride Width"]
    pixels = -(-(height - rows + down) // down) * -(-(width - cols + across) // across)
    shared = rows > down or cols > across
    product = {"M": str(pixels), "N": str(filters), "K": str(rows * cols * channels)}
    return product | ({"shared_input": "true"} if shared else {})


def layers_of(shared: Mapping[str, Any], topology: Path) -> list[Row]:
    """Cases of the unit `systolic` for every layer of a topology, at its line, with the cells that all share."""
    layers = read_topology(topology)
    if str(shared.get("sparse", "true")) != "true":
        for layer in layers:
            layer.pop("sparsity", None)
    common = {name: cell for name, cell in shared.items() if name != "sparse"}
    return [Row(common | layer, layer.place) for layer in layers]


def cases(config: Path, topology: Path) -> list[Row]:
    """Cases of the unit `systolic` for every layer of a run of SCALE-Sim."""
    return layers_of(read_config(config), topology)


def reports(results: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The text of each report file, by its name: one line per layer under the tool's own titles."""
    files = {}
    for name, columns in REPORTS.items():
        lines = [", ".join(["LayerID", *columns]) + ","]
        for layer, result in enumerate(results):
            cells = [str(result.get(ours, "")) for ours in columns.values()]
            lines.append(", ".join([str(layer), *cells]) + ",")
        files[name] = "\n".join(lines) + "\n"
    return files
