"""Tiles of attention: more scratchpad is never used to be much slower, and causal masks are skipped."""

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
