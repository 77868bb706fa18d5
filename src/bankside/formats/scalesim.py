"""SCALE-Sim's files: the .cfg, the topology CSV (matrix products and convolutions), and its reports.

A layer becomes a case of the unit `systolic`; the reports carry the tool's own file names and column
titles. A count that the unit does not determine is an empty cell.
"""

import csv
import io
from collections.abc import Sequence
from configparser import ConfigParser
from configparser import Error as IniError
from pathlib import Path
from typing import Any, Final

from bankside.arch.spec import ConfigError

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

ARCHITECTURE: Final = {
    "ArrayHeight": "rows",
    "ArrayWidth": "cols",
    "IfmapSramSzkB": "ifmap_sram_kB",
    "FilterSramSzkB": "filter_sram_kB",
    "OfmapSramSzkB": "ofmap_sram_kB",
    "Dataflow": "dataflow",
}

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


def read_config(path: Path) -> dict[str, str]:
    """Cells that every layer of a run shares, from a .cfg file.

    Raises
    ------
    ConfigError
        All that is wrong with the file, one sentence each.
    """
    parser = ConfigParser(inline_comment_prefixes=("#", ";"))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(_text(path), source=str(path))
    except IniError as error:
        first = str(error).splitlines()[0]
        raise ConfigError(f"{path}: This is not a configuration of SCALE-Sim: {first}") from error
    if not parser.has_section("architecture_presets"):
        raise ConfigError(f"{path}: The section [architecture_presets] is missing.")
    presets = {key.lower(): value for key, value in parser["architecture_presets"].items()}
    missing = [name for name in ARCHITECTURE if name.lower() not in presets]
    if missing:
        raise ConfigError([f"{path}: {name} is missing in [architecture_presets]." for name in missing])
    shared = {ours: presets[theirs.lower()] for theirs, ours in ARCHITECTURE.items()}
    shared["convention"] = "scalesim"
    shared["bw_mode"] = parser.get("run_presets", "InterfaceBandwidth", fallback="CALC")
    shared |= _ports(presets, {key.lower(): value for key, value in _section(parser, "layout").items()})
    sparsity = {key.lower(): value for key, value in _section(parser, "sparsity").items()}
    if sparsity.get("sparsitysupport", "false").strip().lower() == "true":
        shared["sparse_rep"] = sparsity.get("sparserep", "ellpack_block")
        shared["optimized_mapping"] = sparsity.get("optimizedmapping", "false")
        shared["block_size"] = sparsity.get("blocksize", "4")
    else:
        shared["sparse"] = "false"  # the pattern of a topology is then not read
    return shared


def _ports(presets: dict[str, str], layout: dict[str, str]) -> dict[str, str]:
    """Words per cycle to memory in the USER mode: the bank widths of [layout], and `Bandwidth` for the results.

    Files without a [layout] have `Bandwidth` for all three.
    """
    first = presets.get("bandwidth", "").split(",")[0].strip()
    ports = {name: layout.get(f"{name}srambankbandwidth", first).strip() for name in ("ifmap", "filter")} | {
        "ofmap": first
    }
    return {f"bw_{name}": words for name, words in ports.items() if words}


def _section(parser: ConfigParser, name: str) -> dict[str, str]:
    return dict(parser[name]) if parser.has_section(name) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: The file cannot be read: {error}.") from error


def read_topology(path: Path) -> list[dict[str, str]]:
    """Layers of a topology CSV as cases with `layer`, M, N, K and, where given, the sparsity pattern.

    A convolution becomes the product of its output pixels (M = ceil((H - R + s) / s) ceil((W - S + s) /
    s)), its filters (N) and its receptive field (K = R S channels).

    Raises
    ------
    ConfigError
        A missing column, a short row or a cell that is no number, one sentence each with its line.
    """
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(_text(path)))]
    if not rows:
        raise ConfigError(f"{path}: The file is empty.")
    title = {name.lower(): at for at, name in reversed(list(enumerate(rows[0])))}
    if "strides" not in title and "stride height" in title:
        title["strides"] = title["stride height"]
    title.setdefault("stride width", title.get("strides", 0))
    products = all(name.lower() in title for name in GEMM_COLUMNS)
    wanted = GEMM_COLUMNS if products or not _looks_like_layers(title) else CONV_COLUMNS
    missing = [name for name in wanted if name.lower() not in title]
    if missing:
        names = ", ".join(wanted)
        raise ConfigError([f"{path}:1: The column {name} is missing; needed: {names}." for name in missing])
    errors: list[str] = []
    layers = []
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        read = (*wanted, "Stride Width") if wanted is CONV_COLUMNS else wanted
        cells = {name: row[title[name.lower()]] if title[name.lower()] < len(row) else "" for name in read}
        numbers = _numbers(cells, f"{path}:{line}: ", errors)
        if numbers is None:
            continue
        if wanted is CONV_COLUMNS and not _filter_fits(numbers, f"{path}:{line}: ", errors):
            continue
        layer = {"layer": row[0]} | (_product(numbers) if wanted is GEMM_COLUMNS else _convolution(numbers))
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
    bad = [(name, text) for name, text in cells.items() if not text.isdigit() or int(text) < 1]
    errors += [f"{place}{name} must be a whole number of at least 1, not {text!r}." for name, text in bad]
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


def cases(config: Path, topology: Path) -> list[dict[str, str]]:
    """Cases of the unit `systolic` for every layer of a run of SCALE-Sim."""
    shared = read_config(config)
    sparse = shared.pop("sparse", "true") == "true"
    layers = read_topology(topology)
    if not sparse:
        for layer in layers:
            layer.pop("sparsity", None)
    return [shared | layer for layer in layers]


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
