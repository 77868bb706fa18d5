"""Drawn floorplans: places within their die, none over another where units are, areas as stated."""

import pytest

from bankside.arch.machine.floorplan import INTERFACES, VIAS, floorplan
from bankside.arch.machine.machine import load_machine
from bankside.arch.pe.core import core_area
from bankside.arch.technology.process import load_process
from bankside.arch.thermal.checks import floorplan_faults
from bankside.arch.thermal.layers import Block, Rect

MACHINES = (
    "hybrid-3d",
    "base-die",
    "attacc-bank",
    "attacc-buffer",
    "hbm-pim",
    "aim",
    "xpu-h100",
    "hbf-pnm",
    "sram-lpu",
    "upmem",
)


@pytest.mark.parametrize("name", MACHINES)
def test_places_are_within_their_die_and_units_over_nothing_else(name: str) -> None:
    machine = load_machine(name)
    for die in machine.spec.dies:
        plan = floorplan(machine, die)
        whole = Rect(0.0, 0.0, *die.sides)
        assert plan["die"] == (whole,) and whole.area_m2 == pytest.approx(die.area)
        apart = [key for key in plan if key not in ("die", "banks")]
        blocks = [Block(key, at) for key in apart for at in plan[key]]
        assert list(floorplan_faults(blocks, whole)) == []
        banks = [Block("banks", at) for at in plan.get("banks", ())]
        assert list(floorplan_faults(banks, whole)) == []


@pytest.mark.parametrize(("name", "die", "core"), [("hybrid-3d", "logic", "pe"), ("base-die", "base", "pe")])
def test_units_are_as_large_as_their_area(name: str, die: str, core: str) -> None:
    machine = load_machine(name)
    spec = next(one for one in machine.spec.dies if one.name == die)
    plan, kind = floorplan(machine, spec), machine.cores[core]
    area = core_area(kind.spec.units, load_process(spec.process), kind.spec.formats)
    per_die = kind.count / machine.copies(spec)
    assert sum(at.area_m2 for at in plan[f"{core}.sram"]) == pytest.approx(per_die * area["sram"], rel=1e-6)
    compute = sum(m2 for slot, m2 in area.items() if slot != "sram")
    assert sum(at.area_m2 for at in plan[f"{core}.compute"]) == pytest.approx(per_die * compute, rel=1e-6)
    io = sum(at.area_m2 for at in plan["io"])
    assert io == pytest.approx(INTERFACES * spec.area)


def test_vias_are_in_the_middle_of_a_dram_die_and_banks_around_them() -> None:
    machine = load_machine("hybrid-3d")
    die = machine.spec.dies[1]
    plan = floorplan(machine, die)
    (vias,) = plan["vias"]
    assert vias.area_m2 == pytest.approx(VIAS * die.area) and vias.y + vias.depth / 2 == pytest.approx(
        die.sides[1] / 2
    )
    assert sum(at.area_m2 for at in plan["banks"]) == pytest.approx((1 - VIAS) * die.area)


def test_units_in_a_dram_die_are_among_its_banks() -> None:
    machine = load_machine("attacc-bank")
    die = next(die for die in machine.spec.dies if die.memory)
    plan = floorplan(machine, die)
    for unit in plan["pe.compute"]:
        assert sum(unit.overlap_m2(bank) for bank in plan["banks"]) == pytest.approx(unit.area_m2)


def test_a_stated_width_makes_a_die_oblong() -> None:
    machine = load_machine("base-die", ["dies.base.width=22 mm"])
    assert machine.spec.dies[0].sides == pytest.approx((22e-3, 121e-6 / 22e-3))
