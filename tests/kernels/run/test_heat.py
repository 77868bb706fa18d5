"""Which dies are cooled together: logic of the board or the host stands beside the memory unless it is said."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

BESIDE = {
    "aim": {"controller"},
    "attacc-bank": {"host"},
    "attacc-bg": {"host"},
    "attacc-buffer": {"host"},
    "axdimm": {"buffer"},
    "base-die": set(),
    "cxl-pnm": {"controller"},
    "hbf-pnm": {"flash"},
    "hbm-pim": {"host"},
    "gh200": {"gpu"},
    "hmc-vault": set(),
    "hybrid-3d": set(),
    "lpddr5-pim": {"soc"},
    "npu-lpddr5": {"soc"},
    "orin-agx": {"soc"},
    "sram-lpu": set(),
    "tpu-like": {"chip"},
    "tpu-v4": {"chip"},
    "tpu-v5e": {"chip"},
    "upmem": {"host"},
    "xpu-a100": {"gpu"},
    "xpu-a100-40gb": {"gpu"},
    "xpu-h100": {"gpu"},
    "xpu-h200": {"gpu"},
    "xpu-mi300x": {"gpu"},
}


@pytest.mark.parametrize("name", BESIDE)
def test_host_dies_of_shipped_machines_stand_beside(name: str) -> None:
    spec = load_machine(name).spec
    assert {die.name for die in spec.dies if spec.beside(die)} == BESIDE[name]


def run(*overrides: str) -> dict[str, Any]:
    machine = load_machine("xpu-h100", overrides)
    return simulate(build("gemm", m=2048, n=2048, k=2048), machine).to_dict()


def test_a_gpu_is_cooled_by_itself_unless_it_is_said_to_be_stacked() -> None:
    beside, stacked = run(), run("dies.1.beside=false")
    area_mm2 = load_machine("xpu-h100").spec.dies[1].area * 1e6
    assert beside["thermal"]["peak_c"]["gpu"] > stacked["thermal"]["peak_c"]["gpu"] + 1
    assert beside["thermal"]["peak_c"]["dram"] < stacked["thermal"]["peak_c"]["dram"]
    assert area_mm2 > 100
    said = run("dies.1.beside=true")
    assert said["thermal"] == beside["thermal"]
