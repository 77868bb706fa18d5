"""What software and a shared cache say of a machine, and that shipped ones say it of themselves."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.path import way
from bankside.arch.spec import ConfigError
from bankside.arch.spec.library import names

HOSTS = [name for name in names("machines") if load_machine(name).placement == "host"]


@pytest.mark.parametrize("name", HOSTS)
def test_no_host_has_a_link_of_another_chip(name: str) -> None:
    """The link of an H100 would be slower than the memory of an H200 that takes over its way."""
    machine = load_machine(name)
    core = machine.primary
    pins = core.channels * core.memory.channel_peak("vault" if core.memory.channelled else "bank")
    assert way(machine, core)[0] >= 0.99 * pins


def test_a_cache_takes_area_on_its_die() -> None:
    machine = load_machine("xpu-h100")
    assert 5e-6 < machine.blocks["gpu"]["host.cache"] < 60e-6
    twice = load_machine("xpu-h100", ["path.host.cache.size=100 MiB"])
    assert twice.blocks["gpu"]["host.cache"] == pytest.approx(2 * machine.blocks["gpu"]["host.cache"])
    with pytest.raises(ConfigError, match=r"does not hold what is on it.*host\.cache"):
        load_machine("xpu-h100", ["path.host.cache.size=20 GiB"])


@pytest.mark.parametrize(
    "override",
    [
        "cores.sm.blocks.rows=[]",
        "cores.sm.blocks.rows=[16, 0]",
        "cores.sm.blocks.columns=[-64]",
        "cores.sm.blocks.rows=[1000000]",
        "cores.sm.blocks.outputs=1023",
        "cores.sm.blocks.issue=1.5",
        "cores.sm.blocks.reach=0",
        "path.host.cache.port=0 B",
    ],
)
def test_what_no_machine_can_have_is_refused(override: str) -> None:
    with pytest.raises(ConfigError):
        load_machine("xpu-h100", [override])


def test_a_tile_at_least_must_fit_the_outputs() -> None:
    assert load_machine("xpu-h100", ["cores.sm.blocks.outputs=8192"])
    with pytest.raises(ConfigError, match="1023 outputs at most, and the smallest has"):
        load_machine("xpu-h100", ["cores.sm.blocks.outputs=1023"])


def test_blocks_without_a_matrix_unit_are_refused() -> None:
    blocks = "cores.dpu.blocks={rows: [16], columns: [16], outputs: 256}"
    with pytest.raises(ConfigError, match="for a matrix unit, and there is none"):
        load_machine("upmem", [blocks])
