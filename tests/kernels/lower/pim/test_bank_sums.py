"""Banks that keep one sum each (AiM), and fences that take time (LP5X-PIM): what commands a product is."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

ALONE = (
    "memories.gddr.device.refresh={mode: off}",
    "path.host.network.link.latency=0 ns",
    "cores.pu.launch=0 s",
)
BURST, CHANNELS = 32, 32


def aim(*settings: str, **options: Any) -> dict[str, Any]:
    return simulate(build("gemv", **options), load_machine("aim", [*ALONE, *settings])).to_dict()


def clocks(result: dict[str, Any]) -> float:
    """Clocks of 0.5 ns until the last result is asked for."""
    return result["time_fs"] / 500_000 - 50


@pytest.mark.parametrize(("outputs", "slices"), [(1, 1), (4, 1), (1, 3), (2, 2)])
def test_a_held_buffer_is_written_once_a_slice(outputs: int, slices: int) -> None:
    """128 clocks for the buffer, then 286 for each output of a bank."""
    result = aim(m=512 * outputs, k=1024 * slices)
    assert clocks(result) == pytest.approx(slices * (128 + 286 * outputs), abs=2)
    bursts = slices * (64 + 2 * outputs)
    assert result["bandwidth"]["link"]["bytes_read"] == bursts * BURST * CHANNELS


def test_a_rewritten_buffer_keeps_the_sum() -> None:
    held, rewritten = (aim(f"cores.pu.sums.order={order}", m=2048, k=4096) for order in ("held", "rewritten"))
    assert rewritten["time_fs"] > 1.2 * held["time_fs"]
    bursts = 4 * (4 * 64 + 2)  # each output has its buffer four times, one bias and one result
    assert rewritten["bandwidth"]["link"]["bytes_read"] == bursts * BURST * CHANNELS


def test_a_sum_lies_in_one_row() -> None:
    """48 columns a sum: one in each row, though sixteen columns are left over."""
    assert clocks(aim(m=4096, k=768)) == pytest.approx(96 + 8 * (286 - 32), abs=2)


def test_vectors_go_one_after_the_other() -> None:
    one, three = (clocks(aim(m=1024, k=1024, batch=batch)) for batch in (1, 3))
    assert three == pytest.approx(3 * one, rel=0.03)


def test_refresh_takes_its_share() -> None:
    on = simulate(build("gemv", m=8192, k=4096), load_machine("aim", ALONE[1:])).time_s
    off = aim(m=8192, k=4096)["time_s"]
    assert on / off == pytest.approx(1 / (1 - 210 / 3333), rel=0.02)


def test_a_fence_follows_loads_columns_and_results() -> None:
    times = {}
    for fence in (0, 150, 300):
        settings = [
            f"memories.lpddr.controller.pim.fence={fence} ns",
            "memories.lpddr.device.refresh={mode: off}",
            "cores.npu.matmul=null",
        ]
        kernel = build("gemv", m=64, k=2048, format="int8")
        times[fence] = simulate(kernel, load_machine("lp5x-pim", settings)).time_s
    # eight pieces of 256, three fences each, the last without anything after it
    assert times[300] - times[150] == pytest.approx(23 * 150e-9, rel=0.02)


def test_lanes_of_a_format_are_as_many_as_fit_a_column() -> None:
    kernels = {"int8": "int8", "int4": "int4", "bf16": "bf16"}
    seconds = {
        name: simulate(
            build("gemv", m=2048, k=2048, format="bf16" if name == "bf16" else "int8", weights_format=stored),
            load_machine("lp5x-pim", ["memories.lpddr.controller.pim.fence=0 ns"]),
        ).document["stack_fs"]["dram_data"]
        for name, stored in kernels.items()
    }
    assert seconds["int8"] == pytest.approx(2 * seconds["int4"], rel=0.01)
    assert seconds["bf16"] == pytest.approx(2 * seconds["int8"], rel=0.01)
