"""Folding, of equal channels and of streams that were served before, changes no byte of a result."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.remembering import no_brief_kinds, remembering

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

QUICK = ("hybrid-3d", "npu-lpddr5")
ALL = (
    *QUICK,
    "base-die",
    "hmc-vault",
    "cxl-pnm",
    "xpu-h100",
    "hbf-pnm",
    "attacc-bank",
    "aim",
    "hbm-pim",
    "lpddr5-pim",
    "upmem",
)
SIZES = st.sampled_from([1, 31, 64, 200, 512, 777])
LONG = st.sampled_from([64, 300, 1024, 2500])


@st.composite
def kernels(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Small kernels: trains of tiles, ragged ones, what repeats in time and what does not."""
    kind = draw(st.sampled_from(["gemv", "gemm", "gemm", "decode-attention", "prefill-attention"]))
    if kind == "gemv":
        return kind, {"m": draw(LONG), "k": draw(LONG)}
    if kind == "gemm":
        return kind, {"m": draw(SIZES), "n": draw(LONG), "k": draw(LONG)}
    heads = {
        "heads": draw(st.sampled_from([4, 12])),
        "kv_heads": draw(st.sampled_from([2, 4])),
        "head_dim": 64,
    }
    if kind == "prefill-attention":
        return kind, {**heads, "context": draw(st.sampled_from([50, 192]))}
    return kind, {**heads, "context": draw(LONG), "batch": draw(st.sampled_from([1, 3]))}


def document(
    machine: str, kernel: str, options: dict[str, Any], fold: bool, overrides: tuple[str, ...]
) -> Any:
    on = load_machine(machine, overrides)
    found = simulate(build(kernel, **options), on, fold=fold, memo=remembering()).to_dict()
    return {key: value for key, value in found.items() if key != "provenance"}


def check(machine: str, kernel: str, options: dict[str, Any], overrides: tuple[str, ...] = ()) -> None:
    folded, plain = (document(machine, kernel, options, fold, overrides) for fold in (True, False))
    assert folded == plain


@given(machine=st.sampled_from(QUICK), work=kernels())
@example("hybrid-3d", ("gemm", {"m": 512, "n": 2048, "k": 2048}))
@settings(max_examples=6, deadline=None)
def test_folding_changes_no_byte(machine: str, work: tuple[str, dict[str, Any]]) -> None:
    check(machine, *work)


def test_folding_of_short_runs_changes_no_byte() -> None:
    options = {"m": 512, "n": 2048, "k": 2048}
    briefly = simulate(build("gemm", **options), load_machine("hybrid-3d")).to_dict()
    del briefly["provenance"]
    assert briefly == document("hybrid-3d", "gemm", options, True, ())


@pytest.mark.parametrize("machine", ["lpddr5-pim", "hbm-pim"])
def test_folding_of_products_beside_idle_units_in_the_banks_changes_no_byte(machine: str) -> None:
    with no_brief_kinds():
        check(machine, "gemm", {"m": 512, "n": 1024, "k": 1024})


@pytest.mark.slow  # 200 runs without folding, some minutes
@given(machine=st.sampled_from(ALL), work=kernels())
@settings(max_examples=200, deadline=None)
def test_folding_changes_no_byte_of_200_kernels(machine: str, work: tuple[str, dict[str, Any]]) -> None:
    with no_brief_kinds():
        check(machine, *work)
