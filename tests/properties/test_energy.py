"""Laws of energy and area on every shipped machine (E and A series): whatever is counted, parts sum, more never costs
less, and arithmetic has operands."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.dram.device.peak import limited_bytes_per_s, peak_bytes_per_s
from bankside.arch.dram.device.rules import scope_banks
from bankside.arch.events import ACTIVATE, BYTES_HOST, BYTES_VAULT, LINK_BYTE, N_EVENT, NOC_BYTE_HOP, REFRESH
from bankside.arch.machine.area import shares
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.spec import names
from bankside.arch.technology.process import load_process
from bankside.kernels.formats import FORMATS
from bankside.kernels.run.account import Account, account

TIME_S = 1e-5
COUNTED = (ACTIVATE, REFRESH, BYTES_VAULT, BYTES_HOST, NOC_BYTE_HOP, LINK_BYTE)

machines = st.sampled_from(names("machines")).map(lambda name: shipped(name))
counts = st.lists(st.integers(0, 1 << 40), min_size=len(COUNTED), max_size=len(COUNTED))


@cache
def shipped(name: str) -> Machine:
    return load_machine(name)


def booked(
    machine: Machine, events: list[int], macs: int, time_s: float = TIME_S, supply: float = 1.0
) -> Account:
    """The books of a run that counted these events at every owner, and so many products on every unit."""
    row = np.zeros(N_EVENT, dtype=np.int64)
    row[list(COUNTED)] = events
    owners = [memory.owner for memory in machine.memories.values()]
    owners += [
        f"{kind}.{entry.level}" for entry in machine.levels for kind in ("network", "link", "delivery")
    ]
    units = {
        name: {
            slot: {"mac": macs, "operands": macs}
            for slot, unit in core.spec.units.items()
            if "operands" in unit.prices(load_process(_process(machine, core.die)), core.spec.formats[0])
        }
        for name, core in machine.cores.items()
    }
    volts = {die.name: supply for die in machine.spec.dies if die.memory is None}
    fmt = FORMATS[machine.primary.spec.formats[0]]
    return account(machine, fmt, dict.fromkeys(owners, row), units, time_s, volts)


@pytest.mark.parametrize("supply", [0.7, 1.0])
def test_interfaces_stand_whatever_the_supply_and_the_work(supply: float) -> None:
    machine, bare = shipped("xpu-h100"), load_machine("xpu-h100", ["path.host.standing.nvlink=0 W"])
    more = [booked(each, [0] * len(COUNTED), 0, TIME_S, supply).parts_j["static"] for each in (machine, bare)]
    assert more[0] - more[1] == pytest.approx(18 * TIME_S)
    two = load_machine("xpu-h100", stacks=10)  # two packages
    assert booked(two, [0] * len(COUNTED), 0).parts_j["static"] == pytest.approx(
        2 * booked(machine, [0] * len(COUNTED), 0).parts_j["static"]
    )


def _process(machine: Machine, die: str) -> str:
    return next(each.process for each in machine.spec.dies if each.name == die)


@given(machines, counts, st.integers(0, 1 << 40))
def test_e1_parts_sum_and_none_is_negative(machine: Machine, events: list[int], macs: int) -> None:
    books = booked(machine, events, macs)
    assert all(joule >= 0 for joule in books.parts_j.values())
    assert books.total.total_j == pytest.approx(sum(books.parts_j.values()), rel=1e-12)
    dies = sum(die.total_j for die in books.dies.values())
    assert dies <= (books.total.total_j - books.parts_j["board"]) * (1 + 1e-12)
    assert books.total.standing_j <= books.total.total_j
    assert sum(books.blocks[name].total_j for name in machine.cores) <= books.total.total_j * (1 + 1e-12)


@given(machines, counts, st.integers(0, 1 << 40), st.integers(0, len(COUNTED)), st.integers(1, 1 << 30))
def test_e2_more_bytes_or_products_never_cost_less(
    machine: Machine, events: list[int], macs: int, which: int, more: int
) -> None:
    grown = [count + more * (index == which) for index, count in enumerate(events)]
    before = booked(machine, events, macs)
    after = booked(machine, grown, macs + more * (which == len(COUNTED)))
    assert all(after.parts_j[part] >= joule for part, joule in before.parts_j.items())


@given(machines, counts, st.integers(0, 1 << 40), st.floats(0.5, 1.0), st.floats(1.0, 3.0))
def test_e3_more_volts_or_time_never_cost_less(
    machine: Machine, events: list[int], macs: int, supply: float, longer: float
) -> None:
    whole = booked(machine, events, macs)
    assert booked(machine, events, macs, supply=supply).total.total_j <= whole.total.total_j
    assert booked(machine, events, macs, longer * TIME_S).total.total_j >= whole.total.total_j


@pytest.mark.parametrize("name", names("machines"))
def test_e4_arithmetic_has_operands(name: str) -> None:
    machine = shipped(name)
    for core in machine.cores.values():
        process = load_process(_process(machine, core.die))
        for unit in core.spec.units.values():
            prices = unit.prices(process, core.spec.formats[0])
            if "mac" in prices:
                assert prices["mac"].count_j > 0 and prices["operands"].count_j > 0
                assert prices["operands"].part == "registers"


@pytest.mark.parametrize("name", names("machines"))
def test_a1_no_die_holds_more_than_its_area(name: str) -> None:
    machine = shipped(name)
    assert all(0 <= share <= 1 for share in shares(machine).values())
    assert all(0 <= memory.lost < 1 for memory in machine.memories.values())


@pytest.mark.parametrize("level", ["bank", "bank_group"])
def test_p1_all_banks_read_a_column_per_interval_and_the_power_limit_lowers_that(level: str) -> None:
    free, held = (
        load_machine(
            "attacc-bank", [f"cores.pe.tap=hbm.{level}", f"memories.hbm.device.pim.limits.power={on}"]
        )
        .memories["hbm"]
        .standard
        for on in ("false", "true")
    )
    assert free is not None and held is not None
    clock_hz = free.spec.clock
    column = free.burst_bytes * free.pseudo_channels * scope_banks(free.spec, level)
    # tCCD_L of hbm3-attacc, and tCCD_AB and tCCD_SB under the limit
    assert peak_bytes_per_s(free, level) == pytest.approx(column * clock_hz / 4)
    assert limited_bytes_per_s(free, level) == peak_bytes_per_s(free, level) == peak_bytes_per_s(held, level)
    assert limited_bytes_per_s(held, level) == pytest.approx(column * clock_hz / 6)
