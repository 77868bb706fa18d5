"""Result columns of the unit `systolic`, one function per convention."""

from typing import Any

import numpy as np

from bankside.arch.pe.systolic import physical
from bankside.arch.pe.systolic.fold import IS, OS, WS, ceil_div, port_roles, spatial
from bankside.arch.pe.systolic.tiles import shared
from bankside.arch.spec import ConfigError
from bankside.peers import scalesim, scalesim_user, stonne
from bankside.peers.operand_srams import bus, bus_convolution
from bankside.peers.sparse_weights import matching
from bankside.peers.sparse_weights.pattern import compressed_length, metadata_bits
from bankside.unit.array.case import SRAMS, SystolicCase

WORD_BITS = 32  # their metadata count takes a word as 32 bits, although an operand word is one byte


def scalesim_report(case: SystolicCase, counts: list[int]) -> dict[str, Any]:
    """Columns of SCALE-Sim's reports from a row of `scalesim.batch`; what a row does not determine is left out."""
    compute_cycles, ifmap, weights, ofmap, _, period, reduced = counts
    streamed = spatial(case.dataflow, case.m, case.n, reduced)[2]
    mapping = scalesim.mapping_efficiency(
        case.dataflow, case.rows, case.cols, case.m, case.n, reduced, case.block
    )
    compute = scalesim.compute_utilisation(case.dataflow, mapping, streamed, period, case.cols)
    memory = _user_counts(case) if case.user_bandwidth else _dram_counts(case, reduced, ofmap)
    stalls = memory.pop("stall_cycles")
    total = compute_cycles + stalls
    result: dict[str, Any] = {
        "total_cycles": total,
        "stall_cycles": stalls,
        "overall_util_pct": _per_cycle(100 * case.m * case.n * case.k / (case.rows * case.cols), total),
        "mapping_eff_pct": 100 * mapping,
        "compute_util_pct": 100 * compute,
        "ifmap_sram_reads": ifmap,
        "filter_sram_reads": weights,
        "ofmap_sram_writes": ofmap,
    }
    for name, words in (("ifmap", ifmap), ("filter", weights), ("ofmap", ofmap)):
        result[f"avg_{name}_sram_bw"] = _per_cycle(words, total)
    result |= memory
    if case.sparse:
        kept = case.n * reduced
        metadata = _metadata_words(case, reduced)
        result["orig_filter_words"] = case.n * case.k
        result["metadata_words"] = metadata
        result["new_filter_words_incl_meta"] = kept + metadata
    return result


def _per_cycle(amount: float, cycles: int) -> float:
    return amount / cycles if cycles else 0.0


def _metadata_words(case: SystolicCase, reduced: int) -> float:
    kept = case.n * reduced
    if case.representation == "csc":
        return kept + case.n + 1
    if case.representation == "csr":
        return kept + reduced + 1
    bits = max(1, (case.group - 1).bit_length()) if case.group > 1 else 0
    return kept * bits / WORD_BITS


def _user_counts(case: SystolicCase) -> dict[str, Any]:
    """Stalls, DRAM counts and bandwidths of the USER mode."""
    ifmap, weights, ofmap = (case.sram_byte[name] for name in SRAMS)
    counts = scalesim_user.user_counts(
        case.dataflow, case.rows, case.cols, case.m, case.n, case.k,
        (ifmap, weights, ofmap), case.user_words, case.convolution or scalesim_user.PRODUCT,
    )  # fmt: skip
    found: dict[str, Any] = dict(zip(scalesim_user.COUNTS, counts.tolist(), strict=True))
    if found["ofmap_dram_writes"] == scalesim_user.UNTOLD:
        raise ConfigError(
            f"{case.place}The USER mode follows up to {scalesim_user.PENDING} lines of results that wait for their "
            "drain, here are more; a wider port for the results or a smaller SRAM for them (ofmap_sram_kB) has fewer."
        )
    begun = min(found["ifmap_dram_start"], found["filter_dram_start"])
    found["cycles_incl_prefetch"] = found["ofmap_dram_stop"] - begun
    for name, moved in (("ifmap", "reads"), ("filter", "reads"), ("ofmap", "writes")):
        window = found[f"{name}_dram_stop"] - found[f"{name}_dram_start"] + 1
        found[f"avg_{name}_dram_bw"] = found[f"{name}_dram_{moved}"] / window
    return found


def _dram_counts(case: SystolicCase, reduced: int, written: int) -> dict[str, Any]:
    """DRAM counts of the stall-free mode, of every operand whose SRAM is given.

    Row-wise sparse weights are left out, they are random; so is an input whose words several windows share.
    """
    counts: dict[str, Any] = {"stall_cycles": 0}
    if case.block > 0:
        return counts
    ifmap, weights = case.m * reduced, case.n * reduced
    down, across = ceil_div(case.m, case.rows), ceil_div(case.n, case.cols)
    strips = {  # words of a whole strip, whole strips, words of the ragged one, passes
        WS: {"ifmap": (ifmap, 1, 0, across), "filter": (weights, 1, 0, 1)},
        IS: {"ifmap": (ifmap, 1, 0, 1), "filter": (weights, 1, 0, ceil_div(case.m, case.cols))},
        OS: {
            "ifmap": (ifmap, 1, 0, across),
            "filter": (case.cols * reduced, case.n // case.cols, case.n % case.cols * reduced, down),
        },
    }[case.dataflow]
    for name, parts in strips.items():
        if name in case.sram_byte and not (name == "ifmap" and case.shares_input):
            counts[f"{name}_dram_reads"] = scalesim.dram_reads(*parts, case.sram_byte[name])
    if "ofmap" in case.sram_byte:
        out = case.m * case.n if case.dataflow == OS else written
        counts["ofmap_dram_writes"] = scalesim.dram_writes(out, case.cols, case.sram_byte["ofmap"])
    return counts


def physical_report(case: SystolicCase) -> dict[str, Any]:
    """Columns under the physical convention: counts, and accesses with every partial sum that is read
    back."""
    reduced = compressed_length(case.k, case.keep, case.group)
    shape = (case.dataflow, case.rows, case.cols)
    arrays = np.array([*shape, case.arrays, case.shadow, 1], dtype=np.int64)
    share = shared(arrays, case.m, case.n, reduced)[:2]
    roles = port_roles(case.dataflow, *case.ports)
    total, _ = physical.ported_cycles(*shape, *share, reduced, case.shadow, *roles)
    free, fill_drain = physical.gemm_cycles(*shape, *share, reduced, case.shadow)
    x, y, _ = spatial(case.dataflow, case.m, case.n, reduced)
    slots = ceil_div(x, case.rows) * case.rows * ceil_div(y, case.cols) * case.cols
    _, weights, written, read_back = physical.accesses(*shape, case.m, case.n, reduced)
    ifmap = physical.accesses(*shape, case.m, case.n, case.k)[0]  # a kept weight picks from its whole group
    macs = case.m * case.n * reduced
    result: dict[str, Any] = {
        "total_cycles": total,
        "fill_drain_cycles": fill_drain,
        "port_cycles": total - free,
        "mapping_eff_pct": 100 * x * y / slots,
        "ifmap_sram_reads": ifmap,
        "filter_sram_reads": weights,
        "ofmap_sram_writes": written,
        "ofmap_sram_reads": read_back,
    }
    if case.words_per_cycle > 0:
        result |= _behind_bus(case, reduced)
    if case.block > 0:
        rowwise = _rowwise(case)
        macs = rowwise.pop("macs")
        result |= rowwise
    elif case.sparse:
        result["metadata_bits"] = metadata_bits(case.k, case.n, case.keep, case.group, False)
    pes = case.rows * case.cols * case.arrays
    result["overall_util_pct"] = 100 * macs / (result["total_cycles"] * pes)
    return result


def _behind_bus(case: SystolicCase, reduced: int) -> dict[str, Any]:
    ifmap, weights, ofmap = (case.sram_byte[name] for name in SRAMS)
    array = (case.dataflow, case.rows, case.cols)
    rate = case.words_per_cycle
    if case.convolution:
        counts = bus_convolution.stalled_convolution(
            *array, case.convolution, case.n, case.shadow, case.double_buffer, ifmap, weights, ofmap, rate
        )
    else:
        counts = bus.stalled_cycles(
            *array, case.m, case.n, reduced, case.shadow, case.double_buffer, ifmap, weights, ofmap, rate
        )
    names = ("total_cycles", "stall_cycles", "dram_reads", "dram_writes")
    return dict(zip(names, map(int, counts), strict=True))


def _rowwise(case: SystolicCase) -> dict[str, Any]:
    kept = matching.rowwise_counts(case.k, case.n, case.block, case.seed)
    total, lost, macs = matching.matched_cycles(
        case.dataflow, case.rows, case.cols, case.m, kept, case.shadow
    )
    return {
        "total_cycles": total,
        "imbalance_cycles": lost,
        "filter_sram_reads": int(kept.sum()),
        "metadata_bits": matching.metadata_bits(kept, case.block, False),
        "fill_drain_cycles": "",
        "port_cycles": "",
        "mapping_eff_pct": "",
        "ofmap_sram_writes": "",
        "ofmap_sram_reads": "",
        "macs": macs,
    }


def stonne_report(case: SystolicCase) -> dict[str, Any]:
    """Cycles as STONNE's output-stationary mesh counts them."""
    shape = (case.rows, case.cols, case.m, case.n, case.k)
    return {"total_cycles": stonne.total_cycles(*shape, case.network_words)}
