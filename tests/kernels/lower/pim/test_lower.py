"""Work in the banks: whole outputs per bank, operand buffers, and the way to the hub."""

from dataclasses import replace
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.pim.lower import met
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Attention, MatMul
from bankside.kernels.run.simulate import simulate


def run(
    machine: str, kernel: str, *overrides: str, stacks: int | None = None, **options: Any
) -> dict[str, Any]:
    """In the banks, also where a matrix unit beside them would be faster."""
    on = load_machine(machine, overrides, stacks)
    built = build(kernel, **options)
    chosen = [op for _, op in built.operators() if isinstance(op, MatMul | Attention)]
    here = [PinSpec(operator=op.label, core=on.primary.name) for op in chosen]
    return simulate(built, on, mapping=here).to_dict()


@pytest.mark.parametrize("machine", ["aim", "hbm-pim", "attacc-bank"])
def test_an_output_belongs_to_one_bank_so_a_single_one_a_channel_idles_the_others(machine: str) -> None:
    core = load_machine(machine).primary
    one = run(machine, "gemv", m=core.nodes, k=1024)["bandwidth"]["dram"]
    full = run(machine, "gemv", m=core.count, k=1024)["bandwidth"]["dram"]
    more = run(machine, "gemv", m=core.count + 1, k=1024)["bandwidth"]["dram"]
    assert one["bytes_read"] == full["bytes_read"] == full["bytes_useful"]
    assert one["bytes_useful"] * core.cores == full["bytes_useful"]
    assert more["bytes_read"] > full["bytes_read"]


@pytest.mark.parametrize("machine", ["aim", "hbm-pim"])
def test_operands_and_results_take_the_link_at_its_bandwidth(machine: str) -> None:
    slow = run(machine, "gemv", "path.host.network.link.bandwidth=1 GB/s", m=65536, k=512)
    link = slow["bandwidth"]["link"]
    assert link["bytes_read"] / 1e9 <= slow["time_s"]
    assert 0.9 < link["utilisation"] <= 1.0
    wide = run(machine, "gemv", "path.host.network.link.bandwidth=100 TB/s", m=65536, k=512)
    own = run(machine, "gemv", m=65536, k=512)
    assert own["time_fs"] == wide["time_fs"]


def test_several_packages_have_as_many_links() -> None:
    result = run("hbm-pim", "gemv", stacks=64, m=65536, k=512)
    assert result["bandwidth"]["link"]["peak_Bps"] == pytest.approx(16 * 1228.8e9)


def test_attention_fits_its_operands_into_the_buffer_of_the_banks() -> None:
    options: dict[str, Any] = {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": 8192, "format": "bf16"}
    small = run("lp5x-pim", "decode-attention", **options)
    grown = ("cores.pim.sram.size=1 MiB", "dies.dram.area=2000 mm2")
    large = run("lp5x-pim", "decode-attention", *grown, **options)
    kv_byte = 2 * 8 * 128 * 8192 * 2
    kept = run("lp5x-pim", "decode-attention", *grown, "cores.pim.accumulators=64", **options)
    assert large["bandwidth"]["dram"]["bytes_read"] == 4 * kv_byte  # one sum, so once for each query head
    assert kept["bandwidth"]["dram"]["bytes_read"] == kv_byte
    assert small["bandwidth"]["link"]["bytes_read"] > large["bandwidth"]["link"]["bytes_read"]
    assert small["time_fs"] > large["time_fs"]


def test_a_buffer_that_holds_no_burst_is_refused() -> None:
    run("aim", "gemv", "cores.pu.sram.size=32 B", m=64, k=64)
    with pytest.raises(ConfigError, match="The 31 B SRAM of core pu holds no burst of 32 B of an operand"):
        run("aim", "gemv", "cores.pu.sram.size=31 B", m=64, k=64)


MASKS: dict[str, dict[str, Any]] = {
    "decode": {"queries": 1},
    "full": {"causal": False},
    "causal": {},
    "at the end": {"queries": 5},
    "window": {"window": 6},
    "window on both sides": {"window": 6, "causal": False},
    "chunk": {"chunk": 8},
    "decode in a window": {"queries": 1, "window": 6},
}


def sees(op: Attention, query: int, token: int) -> bool:
    """Whether a query of the context's end meets a token."""
    at = op.context - op.queries + query
    if op.chunk and at // op.chunk != token // op.chunk:
        return False
    if op.causal:
        return token <= at and (not op.window or at - token < op.window)
    return not op.window or abs(at - token) <= op.window // 2


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize("at_once", [1, 4, 6, 7, 1000])
def test_a_pass_meets_the_tokens_that_some_of_its_queries_see(mask: dict[str, Any], at_once: int) -> None:
    plain = Attention.of("a", (1, 1, 3, mask.get("queries", 21), 21), (8, 8), (FORMATS["fp16"],) * 3)
    op = replace(plain, **mask)
    rows = [row // op.group for row in range(op.group * op.queries)]
    passes = [rows[first : first + at_once] for first in range(0, len(rows), at_once)]
    spans = [[t for t in range(21) if any(sees(op, query, t) for query in some)] for some in passes]
    wanted = [(len(some), span[-1] + 1 - span[0]) for some, span in zip(passes, spans, strict=True)]
    assert list(zip(*met(op, 21, at_once), strict=True)) == wanted
    thirds = [(n, -(-tokens // 3)) for n, tokens in wanted]
    assert list(zip(*met(op, 7, at_once), strict=True)) == thirds


@pytest.mark.parametrize("machine", ["aim", "hbm-pim"])
def test_what_a_mask_hides_is_neither_read_nor_computed(machine: str) -> None:
    """Sixteen heads of each channel, so that channels hold whole contexts."""
    options: dict[str, Any] = {"heads": 64, "kv_heads": 64, "head_dim": 64, "context": 256}
    full = run(machine, "prefill-attention", mask="full", **options)
    causal = run(machine, "prefill-attention", mask="causal", **options)
    assert causal["time_fs"] < full["time_fs"]
    for part in ("mac", "array_to_bank"):
        assert 0.5 <= causal["energy"]["parts_j"][part] / full["energy"]["parts_j"][part] < 0.75


def test_a_product_at_the_banks_waits_for_its_launch() -> None:
    """What starts it is a kernel of its host, whose time comes before all else."""
    free, stated = (
        run("hbm-pim", "gemv", f"cores.pcu.launch={launch}", m=512, k=512) for launch in ("0 s", "5 us")
    )
    assert stated["stack_fs"]["launch"] == 5e9
    assert free["stack_fs"].get("launch", 0) == 0
    assert stated["time_s"] - free["time_s"] == pytest.approx(5e-6, abs=2e-7)
