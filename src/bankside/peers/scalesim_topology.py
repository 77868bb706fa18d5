"""SCALE-Sim's files: a topology CSV, alone or with a .cfg, as cases; its reports from results.

A layer becomes a case of the unit `systolic`; the reports carry the tool's own file names and column
titles. A count that the unit does not determine is an empty cell.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bankside.cases.places import Row
from bankside.peers.scalesim_config import read_config
from bankside.peers.scalesim_layers import read_topology

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
