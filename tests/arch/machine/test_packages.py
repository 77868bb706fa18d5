"""Which dies are packaged together, and how often."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.packages import CROWDED, MOST_TOWERS, Packages, packages_of
from bankside.arch.technology.packaging import load_packaging
from bankside.arch.thermal.package import arranged
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate


def packages(name: str, *overrides: str, stacks: int | None = None) -> Packages:
    return packages_of(load_machine(name, overrides, stacks), load_packaging())


def dies(found: Packages) -> list[tuple[list[list[tuple[str, int]]], int]]:
    return [
        ([[(die.name, die.count) for die in tower.dies] for tower in package.towers], copies)
        for package, copies in found
    ]


def test_a_stack_is_a_package_by_itself() -> None:
    assert dies(packages("hybrid-3d")) == [([[("logic", 1), ("dram", 4)]], 1)]
    assert dies(packages("hybrid-3d", stacks=3)) == [([[("logic", 1), ("dram", 4)]], 3)]


def test_a_gpu_and_its_stacks_share_an_interposer() -> None:
    ((package, copies),) = packages("xpu-h100", stacks=10)
    assert copies == 2 and package.shared
    assert [(tower.dies[0].name, tower.count) for tower in package.towers] == [("gpu", 1), ("dram", 5)]
    assert len(packages("xpu-h100", "interposer=false")) == 2


def test_chips_that_are_not_stacked_are_packages_of_their_own() -> None:
    found = dies(packages("upmem"))
    assert ([[("dram", 1)]], 20 * 16) in found
    assert ([[("dram", 16)]], 20) in dies(packages("upmem", "dies.dram.stacked=true"))


def test_packages_are_drawn_once_for_a_machine() -> None:
    machine = load_machine("hybrid-3d")
    assert packages_of(machine, load_packaging()) is packages_of(machine, load_packaging())


def test_stacked_dies_are_thin_and_conduct_along_their_vias() -> None:
    ((package, _),) = packages("base-die")
    base, dram = package.towers[0].dies
    assert base.silicon.thickness_m == dram.silicon.thickness_m == 50e-6
    assert base.silicon.material.conductivity > 120.0
    alone = packages("sram-lpu")[0][0].towers[0].dies[0]
    assert alone.silicon.thickness_m == 775e-6 and alone.silicon.material.conductivity == 120.0


def test_stacks_stand_on_a_die_in_place_of_an_interposer() -> None:
    """A GPU of 25 mm carries four stacks of 11 mm, evenly: 1 mm between and around them."""
    four = ("memories.hbm.stacks=4", "dies.gpu.area=625 mm2")
    ((package, copies),) = packages("xpu-h100", *four, "interposer=gpu")
    assert copies == 1 and package.carrier_m == pytest.approx((25e-3, 25e-3))
    assert [tower.dies[0].name for tower in package.towers] == ["dram"] and package.shared
    wiring, gpu = package.interposer
    assert (wiring.name, gpu.name) == ("wiring", "gpu") and gpu.blocks
    assert package.face_m2 == pytest.approx(625e-6)
    placed, *sides = arranged(package)
    assert sides == pytest.approx([25e-3, 25e-3])
    assert sorted((round(1e3 * each.at.x), round(1e3 * each.at.y)) for each in placed) == [
        (1, 1),
        (1, 13),
        (13, 1),
        (13, 13),
    ]


def test_a_machine_may_state_a_cooler_of_its_own() -> None:
    ((package, _),) = packages("hybrid-3d", "cooler={heat_transfer: 2e4 W/m2/K, ambient: 45 degC}")
    assert (package.heat_transfer, package.ambient_k) == (2e4, 318.15)


def test_towers_too_many_to_draw_together_stand_alone_and_the_result_says_so() -> None:
    most = load_machine("xpu-h100", [f"memories.hbm.stacks={MOST_TOWERS - 1}", "power_limit=null"])
    more = load_machine("xpu-h100", [f"memories.hbm.stacks={MOST_TOWERS}", "power_limit=null"])
    assert packages_of(most, load_packaging())[0][0].shared
    assert not any(package.shared for package, _ in packages_of(more, load_packaging()))
    kernel = build("gemv", m=256, k=512)
    said = [CROWDED in simulate(kernel, machine).document["warnings"] for machine in (most, more)]
    assert said == [False, True]
