"""Lanes that are given by what their tap gives them."""

import pytest

from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.machine.path import way
from bankside.arch.machine.throttle import FULL, throttled
from bankside.arch.pe.lanes.unit import BankLanes, DotLanes, VectorLanes
from bankside.arch.spec import ConfigError


def tapped(tap: str, ratio: float = 1.0, name: str = "attacc-bank") -> Machine:
    vector = f"cores.pe.vector={{_replace: true, lanes_per_byte: {ratio}}}"
    return load_machine(name, [vector, f"cores.pe.tap=hbm.{tap}"])


def lanes_of(machine: Machine) -> int:
    unit = machine.cores["pe"].spec.units["vector"]
    assert isinstance(unit, VectorLanes | BankLanes)
    return unit.lanes


@pytest.mark.parametrize(
    ("tap", "lanes"),
    [
        ("bank", 16),  # of the 32 B of a column, every second cycle of 666 MHz
        ("bank_group", 16),
        ("vault", 62),  # 41.6 GB/s of a channel
        ("base", 999),  # of sixteen of them
    ],
)
def test_a_core_keeps_its_ratio_of_compute_to_bandwidth_at_every_tap(tap: str, lanes: int) -> None:
    assert lanes_of(tapped(tap)) == lanes
    assert lanes_of(tapped(tap, 2.0)) == pytest.approx(2 * lanes, abs=1)


def test_cores_at_a_node_share_what_a_link_leaves_them() -> None:
    machine = load_machine(
        "cxl-pnm", ["cores.pnm.vector={_replace: true, lanes_per_byte: 2}", "cores.pnm.per=4"]
    )
    core = machine.cores["pnm"]
    unit = core.spec.units["vector"]
    assert isinstance(unit, VectorLanes)
    each = min(way(machine, core)[0], core.channels * core.memory.channel_peak("vault")) / 4
    assert unit.lanes == round(2 * each / core.spec.clock)


def test_area_follows_the_ratio_and_clocks_that_fall_take_no_lanes_away() -> None:
    one, two = tapped("vault"), tapped("vault", 2.0)
    areas = [machine.blocks["buffer"]["pe.vector"] for machine in (one, two)]
    assert areas[1] / areas[0] == pytest.approx(lanes_of(two) / lanes_of(one))
    assert lanes_of(throttled(one, FULL // 2)) == lanes_of(one)


def test_one_lane_is_the_least_and_stated_numbers_stay() -> None:
    assert DotLanes(lanes_per_byte=0.01).at_tap(3.0) == DotLanes(lanes=1)
    assert DotLanes(lanes=7).at_tap(1e9) == DotLanes(lanes=7)
    assert VectorLanes(lanes_per_byte=0.5, in_place=("add",)).inside_dram().at_tap(32.0) == BankLanes(
        lanes=16, in_place=("add",)
    )


@pytest.mark.parametrize(
    ("vector", "sentence"),
    [
        ("{_replace: true, lanes: 4, lanes_per_byte: 1}", "both say how many lanes there are"),
        ("{_replace: true, unit: vector}", "lanes are needed: their number, or lanes_per_byte."),
        ("{_replace: true, lanes_per_byte: 1, by_format: {int8: 2}}", "by_format counts lanes"),
        ("{_replace: true, lanes_per_byte: -1}", "must be above 0.0"),
    ],
)
def test_lanes_are_stated_in_one_way(vector: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=r"cores\.pe\.vector") as raised:
        load_machine("base-die", [f"cores.pe.vector={vector}"])
    assert sentence in str(raised.value)
