"""Which dies are cooled together, and what heat and leakage make of each other."""

from typing import Any

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.technology.energy import PARTS
from bankside.arch.technology.process import load_process
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.account import Account, Spent
from bankside.kernels.run.heat import LOGIC_LIMIT_C, heat
from bankside.kernels.run.places import Place, PlaceHeat
from bankside.kernels.run.simulate import simulate

BESIDE = {
    "aim": {"controller"},
    "attacc-bank": {"host"},
    "attacc-bg": {"host"},
    "attacc-buffer": {"host"},
    "attacc-gpu": {"gpu"},
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
    "npu-pim": {"chip"},
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


def test_a_gpu_warms_the_stacks_beside_it_on_an_interposer_alone() -> None:
    beside, alone, stacked = run(), run("interposer=false"), run("dies.1.beside=false")
    assert beside["thermal"]["peak_c"]["dram"] > alone["thermal"]["peak_c"]["dram"] + 1
    assert beside["thermal"]["peak_c"]["gpu"] > stacked["thermal"]["peak_c"]["gpu"] + 1
    said = run("dies.1.beside=true")
    assert said["thermal"] == beside["thermal"]


def books(places: dict[Place, PlaceHeat]) -> Account:
    """What a second of hybrid-3d takes that heats these places and nothing else."""
    none = dict.fromkeys(PARTS, 0.0)
    dies = {die: Spent(0.0, 0.0) for die in ("logic", "dram")}
    return Account(none, dies, places, {"pe": Spent(0.0, 0.0)}, {"pe": 1e-5}, {}, 1.0, ())


def warm(places: dict[Place, PlaceHeat], *overrides: str, duty: float = 1.0) -> Any:
    return heat(load_machine("hybrid-3d", overrides), books(places), 1.0, duty)


def test_heat_in_one_place_is_hotter_than_all_over_its_die() -> None:
    spread = warm({("logic", "die"): PlaceHeat(10.0)})
    units = warm({("logic", "pe.compute"): PlaceHeat(10.0)})
    mean_k = 10.0 * (1 / (1.2e4 * 1e-4) + 50e-6 / 4e-4)
    assert spread.peak_c["logic"] > 40.0 + mean_k
    assert units.peak_c["logic"] > spread.peak_c["logic"] + 0.1
    assert spread.footprint_density == pytest.approx(0.1)


def test_leakage_settles_at_its_own_temperature() -> None:
    place = ("logic", "die")
    cold = warm({place: PlaceHeat(5.0)}).peak_c["logic"]
    rise_k_per_w = (cold - 40.0) / 5.0
    found = warm({place: PlaceHeat(5.0, 0.0, 4.0)})
    power_w = 5.0 + 4.0 * found.leaks[place]
    assert found.peak_c["logic"] == pytest.approx(40.0 + power_w * rise_k_per_w, abs=1e-6)
    # the mean of the die is a little below its hottest cell
    assert found.leaks[place] == pytest.approx(
        load_process("n7").leakage.times(found.peak_c["logic"]), rel=0.02
    )
    assert found.settles


def test_leakage_that_feeds_itself_has_no_steady_state() -> None:
    found = warm({("logic", "die"): PlaceHeat(20.0, 0.0, 60.0)}, "cooler=passive")
    assert not found.settles and not found.feasible


def test_a_sustainable_duty_is_the_last_that_is_cool_enough() -> None:
    places = {("logic", "pe.compute"): PlaceHeat(200.0, 1.0, 2.0)}
    hot = warm(places)
    assert not hot.feasible and 0.0 < hot.sustainable_duty < 1.0
    assert warm(places, duty=hot.sustainable_duty).peak_c["logic"] <= LOGIC_LIMIT_C
    assert not warm(places, duty=hot.sustainable_duty + 2.0**-11).feasible
    assert warm({("logic", "die"): PlaceHeat(1.0)}).sustainable_duty == 1.0


def test_maps_have_the_peaks_and_their_top_row_first() -> None:
    found = warm({("logic", "io"): PlaceHeat(5.0), ("dram", "vias"): PlaceHeat(1.0)})
    maps: Any = found.as_dict(1)["map_c"]
    for die in ("logic", "dram"):
        cells = np.array(maps[die]["cells"])
        assert cells.max() == pytest.approx(found.peak_c[die], abs=1e-3)
        assert cells.shape == (len(maps[die]["dy_mm"]), len(maps[die]["dx_mm"]))
        assert cells == pytest.approx(cells[::-1], abs=2e-3)
