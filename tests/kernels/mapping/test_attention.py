"""Tiles of attention: more scratchpad is never used to be much slower, and causal masks are skipped."""

from pathlib import Path
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.pin import PinSpec
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


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        ("base-die", "matrix+nonlinear"),
        ("xpu-h100", "matrix+vector+nonlinear"),  # scores on the arrays, sums of four rows on the lanes
        ("axdimm", "vector+nonlinear"),  # which has no array
    ],
)
def test_a_plan_names_the_units_that_multiply(machine: str, told: str) -> None:
    result = simulate(
        build("decode-attention", model="llama-3-8b", context=8192), load_machine(machine)
    ).to_dict()
    (plan,) = result["mapping"]["operators"]
    assert plan["unit"] == told
    (core,) = {owner.split(".")[0] for owner in result["events"] if owner.endswith(".nonlinear")}
    multiplied = {
        slot for slot in ("matmul", "vector") if result["events"].get(f"{core}.{slot}", {}).get("mac")
    }
    assert multiplied == {{"matrix": "matmul"}.get(each, each) for each in told.split("+")[:-1]}


def test_a_third_buffer_lets_reads_products_and_softmax_all_go_on() -> None:
    """With one lane a softmax takes longer than all else of a tile. With two buffers what is read next waits for values
    that wait for the scores ahead of them; with three the unit that is always busy is what the time goes into."""
    kernel = build("decode-attention", model="llama-3-70b", context=32768, batch=8)
    slow = load_machine("base-die", ["memories.hbm.stacks=8", "cores.pe.nonlinear.lanes=1"])
    two_buffers = PinSpec(operator="attn.attention", tile={"buffers": 2})
    free, two = (simulate(kernel, slow, mapping=pins).to_dict() for pins in ((), (two_buffers,)))
    assert free["mapping"]["operators"][0]["tile"]["buffers"] == 3
    assert free["stack_fs"]["nonlinear"] > 0.95 * free["time_fs"]
    assert two["time_fs"] > 1.05 * free["time_fs"]


def test_cores_whose_units_take_turns_have_two_buffers() -> None:
    kernel = build(DECODE[0], **DECODE[1])
    for overlap, most in (("false", 2), ("true", 3)):
        machine = load_machine("hybrid-3d", [f"cores.pe.overlap={overlap}"])
        tile = simulate(kernel, machine).to_dict()["mapping"]["operators"][0]["tile"]
        assert tile["buffers"] == most


def test_the_nonlinear_share_rises_as_the_array_gets_faster() -> None:
    """A small array hides the softmax of two lanes, a large one waits for it."""
    kernel = build("decode-attention", model="llama-3-70b", context=32768, batch=8)
    shares = []
    for side in (16, 32):
        array = [f"cores.pe.matmul.{name}={side}" for name in ("rows", "cols")]
        machine = load_machine("hybrid-3d", ["memories.hbm.stacks=8", "cores.pe.nonlinear.lanes=2", *array])
        result = simulate(kernel, machine).to_dict()
        shares.append(result["stack_fs"]["nonlinear"] / result["time_fs"])
    small, large = shares
    assert small < 0.1
    assert large > 0.9


def test_nonlinear_units_in_banks_are_told_to_do_nothing_for_the_softmax() -> None:
    kernel = build("decode-attention", heads=8, kv_heads=8, head_dim=64, context=64)
    told = "attention: the softmax is at softmax, where whole rows of scores are; the nonlinear units of pe"
    for settings, count in (((), 0), (("cores.pe.nonlinear={method: pwl, lanes: 1}",), 1)):
        warnings = simulate(kernel, load_machine("attacc-bank", settings)).to_dict()["warnings"]
        assert sum(note.startswith(told) for note in warnings) == count
