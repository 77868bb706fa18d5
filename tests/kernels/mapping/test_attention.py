"""Tiles of attention: more scratchpad is never used to be much slower, and causal masks are skipped."""

from pathlib import Path
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

DECODE = ("decode-attention", {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": 4096})
PREFILL = ("prefill-attention", {"heads": 12, "head_dim": 64, "context": 512})
ORDERED_WITHIN = 1.04  # the bound that orders tiles leaves out bank timing and refresh


def time_s(machine: str, kernel: tuple[str, dict[str, Any]], *overrides: str) -> float:
    return simulate(build(kernel[0], **kernel[1]), load_machine(machine, overrides)).time_s


@pytest.mark.parametrize("machine", ["hybrid-3d", "base-die"])
@pytest.mark.parametrize("kernel", [DECODE, PREFILL], ids=["decode", "prefill"])
def test_a_larger_scratchpad_does_not_choose_a_slower_tile(
    machine: str, kernel: tuple[str, dict[str, Any]]
) -> None:
    best = float("inf")
    for kib in (64, 128, 200, 256, 1024, 4096):
        now = time_s(machine, kernel, f"cores.pe.sram.size={kib} KiB")
        assert now <= best * ORDERED_WITHIN
        best = min(best, now)


def test_causal_prefill_skips_what_the_mask_hides() -> None:
    masked = time_s("hybrid-3d", PREFILL)
    full = time_s("hybrid-3d", (PREFILL[0], PREFILL[1] | {"mask": "full"}))
    assert masked < 0.8 * full  # half of the scores, in tiles that overlap the diagonal


def test_keys_that_are_read_for_several_tiles_of_queries_are_told() -> None:
    """A core of 256 KiB holds 32 of the 128 heads that share a latent cache, with their sums; a larger one all."""
    context, row_byte, queries_byte = 1024, 576 * 2, 128 * 576 * 2
    kernel = build("decode-attention", model="deepseek-v3", context=context, format="bf16")
    for machine, passes in (("hybrid-3d", 4), ("base-die", 1)):
        result = simulate(kernel, load_machine(machine)).to_dict()
        read = result["bandwidth"]["dram"]["bytes_useful"]
        assert read == passes * context * row_byte + queries_byte
        told = [
            note for note in result["warnings"] if "times, for 32 at a time of the 128 query rows" in note
        ]
        assert len(told) == (passes > 1)


def test_scores_reach_memory_where_the_softmax_is_elsewhere_and_no_scratchpad_holds_them(
    tmp_path: Path,
) -> None:
    elsewhere = tmp_path / "elsewhere.yaml"
    exact = "formats: [bf16], launch: 2 us, nonlinear: {method: exact, lanes: 8}"
    host = "host: {tap: hbm.host, per: 1, clock: 1.5 GHz, " + exact + "}"
    elsewhere.write_text(f"extends: hybrid-3d\ncores:\n  pe: {{nonlinear: null}}\n  {host}\n")
    name, options = DECODE
    cache_byte, ends_byte = 2 * 4096 * 8 * 128 * 2, 32 * 128 * 2
    for machine, size, kept in (
        ("hybrid-3d", 256, False),
        (str(elsewhere), 256, False),
        (str(elsewhere), 8, True),
    ):
        loaded = load_machine(machine, [f"cores.pe.sram.size={size} KiB"])
        result = simulate(build(name, **options), loaded).to_dict()
        dram = result["bandwidth"]["dram"]
        beyond = dram["bytes_useful"] - cache_byte - ends_byte, dram["bytes_written"] - ends_byte
        assert (min(beyond) > 0, max(beyond) > 0) == (kept, kept)
        assert any("is kept whole" in note for note in result["warnings"]) == (machine != "hybrid-3d")
