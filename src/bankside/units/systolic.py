"""Unit `systolic`: matrix products on a systolic array, under the physical or the SCALE-Sim convention."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from bankside.arch.pe.systolic import physical, scalesim, stonne
from bankside.arch.pe.systolic.fold import DATAFLOWS, OS, ceil_div, spatial
from bankside.arch.pe.systolic.sparsity import compressed_length, metadata_bits
from bankside.cells import Case, Reader, readers, refuse

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
    "optimized_mapping": "scalesim: row-wise sparsity in blocks of block_size",
    "block_size": "block of the row-wise sparsity",
    "ifmap_sram_kB": "scalesim: SRAM of the input [KiB], for DRAM counts",
    "filter_sram_kB": "scalesim: SRAM of the weights [KiB], for DRAM counts",
    "ofmap_sram_kB": "scalesim: SRAM of the result [KiB], for DRAM counts",
    "bw_mode": "scalesim: CALC (no stalls) or USER, whose stalls are not modelled and left empty",
    "dn_bw": "stonne: words per cycle of the distribution network",
}

CONVENTIONS: Final = ("physical", "scalesim", "stonne")
REPRESENTATIONS: Final = ("ellpack_block", "csr", "csc")
MAX_EXTENT, MAX_PES, MAX_WORK = 1 << 31, 65536, 1 << 62
WORD_BITS = 32  # their metadata count takes a word as 32 bits, although an operand word is one byte


def run_case(case: Case) -> dict[str, Any]:
    """Result columns of one case.

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    return run_cases([case])[0]


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order; all wrong cells of all rows are reported together.

    Returns
    -------
    list of dict
        total_cycles [cycle], mapping_eff_pct and other shares [%], accesses [words of one operand element];
        under the SCALE-Sim convention the names and definitions are those of its reports. A count that the
        row does not determine is an empty text.
    """
    errors: list[str] = []
    cases = [_Case(reader) for reader in readers(rows, errors)]
    refuse(errors)
    foreign = [case for case in cases if case.convention == "scalesim"]
    counts = iter(scalesim.batch(np.array([case.numbers() for case in foreign], np.int64).reshape(-1, 9)))
    report = {"physical": _physical, "stonne": _stonne}
    return [
        _scalesim(case, [int(x) for x in next(counts)])
        if case.convention == "scalesim"
        else report[case.convention](case)
        for case in cases
    ]


class _Case:
    """The checked cells of one row."""

    def __init__(self, read: Reader) -> None:
        self.convention = read.choice("convention", CONVENTIONS, _convention_of(read.text("peer")))
        word = read.text("dataflow")
        if word.startswith("os "):  # STONNE's rows name the variant behind the dataflow
            read.case = {**read.case, "dataflow": "os"}
        self.dataflow = DATAFLOWS.index(read.choice("dataflow", DATAFLOWS))
        self.rows = read.whole("rows", 1, MAX_PES)
        self.cols = read.whole("cols", 1, MAX_PES)
        self.m, self.n, self.k = (read.whole(name, 1, MAX_EXTENT) for name in ("M", "N", "K"))
        self.shadow = read.flag("shadow", False)
        self.arrays = read.whole("arrays", 1, MAX_PES, 1)
        self.sparse = read.text("sparsity") not in ("", "dense", "none")
        self.keep, self.group = _pattern(read) if self.sparse else (1, 1)
        self.representation = read.choice("sparse_rep", REPRESENTATIONS, "ellpack_block")
        rowwise = read.flag("optimized_mapping", False)
        self.block = read.whole("block_size", 2, 1 << 16, 4) if rowwise else 0
        self.sram_byte = {
            name: 1024 * read.whole(f"{name}_sram_kB", 1, 1 << 40, 0)
            for name in ("ifmap", "filter", "ofmap")
            if read.text(f"{name}_sram_kB")
        }
        self.user_bandwidth = read.choice("bw_mode", ("calc", "user"), "calc") == "user"
        self.network_words = read.whole("dn_bw", 1, 1 << 31, 1 << 31)
        if rowwise and (self.dataflow != DATAFLOWS.index("ws") or self.convention != "scalesim"):
            read.complain("optimized_mapping is row-wise sparsity of SCALE-Sim's ws dataflow; it needs both.")
        if self.convention == "stonne" and self.dataflow != OS:
            read.complain("The stonne convention describes an os mesh; dataflow must be os.")
        if self.m * self.n * self.k * (2 * self.rows + self.cols) >= MAX_WORK:
            read.complain(f"M x N x K = {self.m} x {self.n} x {self.k} is too large to count in 64 bits.")

    def numbers(self) -> list[int]:
        """Row of `scalesim.batch`."""
        shape = [self.dataflow, self.rows, self.cols, self.m, self.n, self.k]
        return [*shape, self.keep, self.group, self.block]


def _convention_of(peer: str) -> str:
    peer = peer.lower()
    return "scalesim" if "scale-sim" in peer else "stonne" if "stonne" in peer else "physical"


def _pattern(read: Reader) -> tuple[int, int]:
    word = read.text("sparsity")
    keep, _, group = word.partition(":")
    if keep.isdigit() and group.isdigit() and 1 <= int(keep) <= int(group) <= 1024:
        return int(keep), int(group)
    read.complain(f"sparsity must be n:m with 1 <= n <= m <= 1024, such as 2:4, not {word!r}.")
    return 1, 1


def _scalesim(case: _Case, counts: list[int]) -> dict[str, Any]:
    total, ifmap, weights, ofmap, _, period, reduced = counts
    streamed = spatial(case.dataflow, case.m, case.n, reduced)[2]
    mapping = scalesim.mapping_efficiency(
        case.dataflow, case.rows, case.cols, case.m, case.n, reduced, case.block
    )
    compute = scalesim.compute_utilisation(case.dataflow, mapping, streamed, period, case.cols)
    busy = case.m * case.n * case.k / (total * case.rows * case.cols) if total else 0.0
    result: dict[str, Any] = {
        "total_cycles": total,
        "stall_cycles": "" if case.user_bandwidth else 0,
        "overall_util_pct": 100 * busy,
        "mapping_eff_pct": 100 * mapping,
        "compute_util_pct": 100 * compute,
        "ifmap_sram_reads": ifmap,
        "filter_sram_reads": weights,
        "ofmap_sram_writes": ofmap,
    }
    for name, words in (("ifmap", ifmap), ("filter", weights), ("ofmap", ofmap)):
        result[f"avg_{name}_sram_bw"] = words / total if total else 0.0
    result |= _dram_counts(case, reduced, ofmap)
    if case.sparse:
        kept = case.n * reduced
        metadata = _metadata_words(case, reduced)
        result["orig_filter_words"] = case.n * case.k
        result["metadata_words"] = metadata
        result["new_filter_words_incl_meta"] = kept + metadata
    return result


def _metadata_words(case: _Case, reduced: int) -> float:
    kept = case.n * reduced
    if case.representation == "csc":
        return kept + case.n + 1
    if case.representation == "csr":
        return kept + reduced + 1
    bits = max(1, (case.group - 1).bit_length()) if case.group > 1 else 0
    return kept * bits / WORD_BITS


def _dram_counts(case: _Case, reduced: int, written: int) -> dict[str, Any]:
    """DRAM counts of the stall-free mode where a rule fixes them; os re-reads of an operand that does not
    fit do not.

    Sparse rows and the USER mode are left out: their prefetches follow another order.
    """
    counts: dict[str, Any] = {}
    if case.sparse or case.user_bandwidth:
        return counts
    size, words = case.sram_byte, {"ifmap": case.m * reduced, "filter": case.n * reduced}
    streamed = {"ws": "ifmap", "is": "filter"}.get(DATAFLOWS[case.dataflow])
    passes = ceil_div(case.n if streamed == "ifmap" else case.m, case.cols)
    for name, total in words.items():
        if name not in size:
            continue
        if streamed is None:
            fits = total <= scalesim.read_once_words(size[name])
            counts[f"{name}_dram_reads"] = total if fits else ""
        elif name == streamed:
            counts[f"{name}_dram_reads"] = scalesim.streamed_dram_reads(total, passes, size[name])
        else:
            counts[f"{name}_dram_reads"] = total
    if "ofmap" in size:
        out = case.m * case.n if streamed is None else written
        counts["ofmap_dram_writes"] = scalesim.dram_writes(out, case.cols, size["ofmap"])
    return counts


def _physical(case: _Case) -> dict[str, Any]:
    reduced = compressed_length(case.k, case.keep, case.group)
    shape = (case.dataflow, case.rows, case.cols)
    total, fill_drain = physical.array_share(*shape, case.arrays, case.m, case.n, reduced, case.shadow)
    x, y, _ = spatial(case.dataflow, case.m, case.n, reduced)
    slots = ceil_div(x, case.rows) * case.rows * ceil_div(y, case.cols) * case.cols
    _, weights, written, read_back = physical.accesses(*shape, case.m, case.n, reduced)
    ifmap = physical.accesses(*shape, case.m, case.n, case.k)[0]  # a kept weight picks from its whole group
    pes = case.rows * case.cols * case.arrays
    result: dict[str, Any] = {
        "total_cycles": total,
        "fill_drain_cycles": fill_drain,
        "overall_util_pct": 100 * case.m * case.n * reduced / (total * pes),
        "mapping_eff_pct": 100 * x * y / slots,
        "ifmap_sram_reads": ifmap,
        "filter_sram_reads": weights,
        "ofmap_sram_writes": written,
        "ofmap_sram_reads": read_back,
    }
    if case.sparse:
        result["metadata_bits"] = metadata_bits(case.k, case.n, case.keep, case.group, False)
    return result


def _stonne(case: _Case) -> dict[str, Any]:
    shape = (case.rows, case.cols, case.m, case.n, case.k)
    return {"total_cycles": stonne.total_cycles(*shape, case.network_words)}
