"""What the scratchpad of a processor does not hold is refused before it runs."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

WIDE = ["cores.dpu.vector.tasklets=24", "cores.dpu.vector.block=2 KiB"]


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("gemv", {"m": 64, "k": 64, "format": "int32"}, "24 tasklets of 2 blocks of 2048 B take 98304 B"),
        ("elementwise", {"function": "add", "elements": 64, "format": "int32"}, "of 2 blocks of 2048 B"),
        (
            "traversal",
            {"function": "select", "elements": 64, "format": "int64"},
            "a scratchpad of 65536 B on dpu",
        ),
    ],
)
def test_blocks_of_all_tasklets_fit_the_scratchpad(name: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        simulate(build(name, **options), load_machine("upmem", WIDE))
    assert told in caught.value.errors[0]


def test_one_block_of_each_tasklet_fits() -> None:
    total = build("traversal", function="sum", elements=64, format="int64")
    assert simulate(total, load_machine("upmem", WIDE)).to_dict()["time_s"] > 0
