"""Energy: additive over events, parts and phases; leakage times time."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch import events
from bankside.arch.technology import energy

# AttAcc's path (read): bank 0.11 + 0.44, bank group 1.01, buffer die 1.23 + 0.5, interposer 0.3 pJ/bit
ATTACC = {
    "bank": {"activation": 0.11e-12, "array_to_bank": 0.44e-12},
    "bank_group": {"bank_to_tsv": 1.01e-12},
    "vault": {"bank_to_tsv": 1.23e-12, "tsv": 0.5e-12},
    "host": {"phy": 0.3e-12},
}

counts = st.lists(st.integers(0, 10**12), min_size=events.N_EVENT, max_size=events.N_EVENT).map(
    lambda c: np.array(c, dtype=np.int64)
)
tables = st.lists(
    st.builds(
        energy.Cost,
        st.integers(0, events.N_EVENT - 1),
        st.sampled_from([part for part in energy.PARTS if part not in energy.STANDING]),
        st.floats(0, 1e-6, allow_subnormal=False),
    ),
    max_size=40,
).map(energy.energy_table)


def count(**named: int) -> np.ndarray:
    names = [e.name for e in events.EVENTS]
    array = np.zeros(events.N_EVENT, dtype=np.int64)
    for name, number in named.items():
        array[names.index(name)] = number
    return array


@pytest.mark.parametrize(
    ("tap", "bit_pj"), [("bank", 0.55), ("bank_group", 1.56), ("vault", 3.29), ("host", 3.59)]
)
def test_tap_pays_the_segments_upstream_of_it(tap: str, bit_pj: float) -> None:
    level_of = energy.LEVEL_EVENT
    moved = np.zeros(events.N_EVENT, dtype=np.int64)
    for level in list(ATTACC)[: list(ATTACC).index(tap) + 1]:
        moved[level_of[level]] = 1000
    parts = energy.energy_parts(moved, energy.energy_table(energy.path_costs(ATTACC)))
    assert math.fsum(parts.values()) == pytest.approx(8000 * bit_pj * 1e-12, rel=1e-12)


def test_a_byte_up_to_the_host_pays_every_part_once() -> None:
    table = energy.energy_table(energy.path_costs(ATTACC))
    moved = count(bytes_bank=1000, bytes_bank_group=1000, bytes_vault=1000, bytes_host=1000)
    parts = energy.energy_parts(moved, table)
    expected_pj_per_bit = {
        "activation": 0.11,
        "array_to_bank": 0.44,
        "bank_to_tsv": 2.24,
        "tsv": 0.5,
        "phy": 0.3,
    }
    for part in energy.PARTS:
        assert parts[part] == pytest.approx(
            8000 * expected_pj_per_bit.get(part, 0.0) * 1e-12, rel=1e-12, abs=0
        )


def test_what_a_device_states_of_the_host_is_paid_where_a_bit_leaves_the_stack() -> None:
    table = energy.energy_table(energy.path_costs(ATTACC, "board"))
    assert energy.energy_parts(count(bytes_board=1000), table)["phy"] == pytest.approx(8000 * 0.3e-12)
    assert energy.energy_parts(count(bytes_host=1000), table)["phy"] == 0.0


def test_parts_are_the_closed_list_and_zero_without_events() -> None:
    parts = energy.energy_parts(count(), energy.energy_table([]))
    assert parts == dict.fromkeys(energy.PARTS, 0.0)


@given(counts, counts, tables)
def test_e1_energy_of_two_phases_adds(
    first: np.ndarray, second: np.ndarray, table: energy.EnergyTable
) -> None:
    whole = energy.energy_parts(first + second, table, 2.0, 3.0)
    phases = energy.energy_parts(first, table, 2.0, 1.0), energy.energy_parts(second, table, 2.0, 2.0)
    for part in energy.PARTS:
        assert phases[0][part] + phases[1][part] == pytest.approx(whole[part], rel=1e-14, abs=0)


@given(counts, tables)
def test_e1_total_equals_events_times_table(number: np.ndarray, table: energy.EnergyTable) -> None:
    total = math.fsum(energy.energy_parts(number, table).values())
    assert total == pytest.approx(float(table.count_j.sum(axis=0) @ number.astype(float)), rel=1e-12)


@given(counts, tables, st.integers(0, events.N_EVENT - 1))
def test_e2_energy_is_never_negative_and_grows_with_counts(
    number: np.ndarray, table: energy.EnergyTable, event: int
) -> None:
    before = energy.energy_parts(number, table)
    number[event] += 10**9
    after = energy.energy_parts(number, table)
    for part in energy.PARTS:
        assert 0.0 <= before[part] <= after[part]


@given(st.floats(0, 1e3), st.floats(0, 1e3))
def test_e3_static_is_leakage_times_time(leakage_w: float, time_s: float) -> None:
    parts = energy.energy_parts(count(activate=5), energy.energy_table([]), leakage_w, time_s)
    assert parts["static"] == leakage_w * time_s


def test_e4_every_level_has_one_event_of_its_own() -> None:
    levels = {level: event for level, event in energy.LEVEL_EVENT.items() if level != "bank_pair"}
    assert len(set(levels.values())) == len(levels)
    unit = energy.energy_parts(
        count(activate=3), energy.energy_table([energy.Cost(events.ACTIVATE, "mac", 2e-12)])
    )
    assert math.fsum(unit.values()) == 6e-12


@pytest.mark.parametrize(
    "cost",
    [(0, "magic", 1.0), (0, "static", 1.0), (0, "clock", 1.0),
     (-1, "mac", 1.0), (events.N_EVENT, "mac", 1.0), (0, "mac", -1.0),
     (0, "mac", math.inf), (0, "mac", math.nan)],
)  # fmt: skip
def test_bad_costs_are_refused(cost: tuple[int, str, float]) -> None:
    with pytest.raises(ValueError, match=r"part|index|finite"):
        energy.energy_table([energy.Cost(*cost)])


def test_bad_levels_and_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="no path level"):
        energy.path_costs({"moon": {"phy": 1.0}})
    with pytest.raises(ValueError, match=">= 0"):
        energy.energy_parts(count(activate=-1), energy.energy_table([]))
