"""Work in the banks: whole outputs per bank, operand buffers, and the way to the hub."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate


def run(
    machine: str, kernel: str, *overrides: str, stacks: int | None = None, **options: Any
) -> dict[str, Any]:
    return simulate(build(kernel, **options), load_machine(machine, overrides, stacks)).to_dict()


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
    options: dict[str, Any] = {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": 8192}
    small = run("aim", "decode-attention", **options)
    large = run("aim", "decode-attention", "cores.pu.sram.size=1 MiB", **options)
    kv_byte = 2 * 8 * 128 * 8192 * 2
    assert large["bandwidth"]["dram"]["bytes_read"] == kv_byte
    assert small["bandwidth"]["link"]["bytes_read"] > large["bandwidth"]["link"]["bytes_read"]
    assert small["time_fs"] > large["time_fs"]


def test_a_buffer_that_holds_no_burst_is_refused() -> None:
    run("aim", "gemv", "cores.pu.sram.size=32 B", m=64, k=64)
    with pytest.raises(ConfigError, match="The 31 B SRAM of core pu holds no burst of 32 B of an operand"):
        run("aim", "gemv", "cores.pu.sram.size=31 B", m=64, k=64)
