"""Unit `systolic`: matrix products on a systolic array, physically or as other simulators count them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from bankside.arch.spec import ConfigError
from bankside.cases.places import Cell, Row
from bankside.cases.reader import Case, Reader, readers, refuse
from bankside.files import write_atomically
from bankside.peers import scalesim
from bankside.peers import scalesim_topology as scalesim_files
from bankside.peers.scalesim_config import read_config
from bankside.unit.array.case import SystolicCase
from bankside.unit.array.report import physical_report, scalesim_report, stonne_report

COLUMNS: Final = {
    "dataflow": "ws, os or is",
    "rows": "PE rows of the array",
    "cols": "PE columns of the array",
    "M": "rows of the input and of the result",
    "N": "columns of the weights and of the result",
    "K": "reduction length",
    "convention": "physical, scalesim or stonne; by default what the peer column says, else physical",
    "shadow": "physical: a second register per PE, so the next fold loads behind the stream (default false)",
    "arrays": "physical: equal arrays that share the product (default 1)",
    "sparsity": "n:m pattern of the weights, such as 2:4",
    "sparse_rep": "ellpack_block, csr or csc: how the positions of the kept weights are stored",
    "optimized_mapping": "row-wise sparsity: 1 to block_size / 2 random weights kept of each block (ws)",
    "block_size": "block of the row-wise sparsity (default 4)",
    "seed": "physical: seed of the row-wise sparsity (default 0)",
    "ifmap_sram_kB": "SRAM of the input [KiB of one-byte words]",
    "filter_sram_kB": "SRAM of the weights [KiB]",
    "ofmap_sram_kB": "SRAM of the result [KiB]",
    "ifmap_port": "physical: words per cycle of the input SRAM port, 0 unlimited (default 0)",
    "filter_port": "physical: words per cycle of the weight SRAM port, 0 unlimited (default 0)",
    "ofmap_port": "physical: words per cycle of the result SRAM port, 0 unlimited (default 0)",
    "bandwidth": "physical: words per cycle of the one bus to memory (default unlimited)",
    "double_buffer": "physical: transfers lie behind the computation (default true)",
    "bw_mode": "scalesim: CALC (no stalls, the default) or USER (ports of finite width to memory)",
    "bw_ifmap": "scalesim, USER: words per cycle of the input's port to memory",
    "bw_filter": "scalesim, USER: words per cycle of the weights' port",
    "bw_ofmap": "scalesim, USER: words per cycle of the result's port",
    "convolution": "what M and K stand for: input height and width, filter height and width, channels, strides down "
    "and across, as seven numbers; traffic to memory then counts the words that windows share once",
    "config": "a .cfg of SCALE-Sim that gives the cells which the case leaves out",
    "topology": "a topology CSV of SCALE-Sim in place of M, N and K: all its layers, and their sum as result",
    "reports": "folder that takes SCALE-Sim's report files for the layers of the topology",
    "dn_bw": "stonne: words per cycle of the distribution network",
}


def run_case(case: Case) -> dict[str, Any]:
    """Result columns of one case, or the sums over the layers of its topology.

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong, in the case or in a file that it names.
    """
    cell = Reader(case, []).text
    if not cell("config") and not cell("topology"):
        return _run_plain([case])[0]
    place = case.place if isinstance(case, Row) else ""
    left_out = {name: Cell("", place) for name in COLUMNS}
    stated = {name: Cell(str(value), place) for name, value in case.items() if str(value).strip()}
    shared = read_config(Path(cell("config"))) if cell("config") else {}
    whole = Row(left_out | shared | stated | dict.fromkeys(("config", "topology", "reports"), ""), place)
    if cell("topology"):
        return _run_topology(whole, Path(cell("topology")), cell("reports"))
    return _run_plain([whole])[0]


def _run_topology(shared: Case, topology: Path, folder: str) -> dict[str, Any]:
    results = _run_plain(scalesim_files.layers_of(shared, topology))
    if folder:
        for name, text in scalesim_files.reports(results).items():
            try:
                Path(folder).mkdir(parents=True, exist_ok=True)
                write_atomically(Path(folder) / name, text)
            except (OSError, ValueError) as error:
                raise ConfigError(f"{Path(folder) / name}: The report cannot be written: {error}.") from None
    sums = {
        name: sum(result[name] for result in results)
        for name in (results[0] if results else {})
        if not name.endswith(("_start", "_stop")) and all(isinstance(of.get(name), int) for of in results)
    }
    return {"layers": len(results)} | sums


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order; all wrong cells of all rows are reported together.

    Cases that name files are read one by one.

    Returns
    -------
    list of dict
        total_cycles [cycle], mapping_eff_pct and other shares [%], accesses [words of one operand element];
        under the SCALE-Sim convention the names and definitions are those of its reports. A count that the
        row does not determine is an empty text.
    """
    if any(row.get("config") or row.get("topology") for row in rows):
        return _each_alone(rows)
    return _run_plain(rows)


def _each_alone(rows: Sequence[Case]) -> list[dict[str, Any]]:
    results, errors = [], []
    for row in rows:
        try:
            results.append(run_case(row))
        except ConfigError as error:
            errors += error.errors
    refuse(errors)
    return results


def _run_plain(rows: Sequence[Case]) -> list[dict[str, Any]]:
    errors: list[str] = []
    cases = [SystolicCase(reader) for reader in readers(rows, errors)]
    refuse(errors)
    foreign = [case.numbers() for case in cases if case.convention == "scalesim"]
    counts = iter(scalesim.batch(np.array(foreign, np.int64).reshape(-1, len(scalesim.COLUMNS_IN))).tolist())
    results = []
    for case in cases:
        if case.convention == "scalesim":
            results.append(scalesim_report(case, next(counts)))
        elif case.convention == "stonne":
            results.append(stonne_report(case))
        else:
            results.append(physical_report(case))
    return results
