"""Bit-serial elements as a unit: what weights decide, tiles of stored and of plain operands, events and prices."""

import numpy as np
import pytest
from pydantic import ValidationError

from bankside.arch.pe.bit_serial.measure import measure
from bankside.arch.pe.bit_serial.queues import eie_cycles, eie_entries
from bankside.arch.pe.bit_serial.unit import BankSerial, BitSerial
from bankside.arch.pe.unit import GIVEN_CYCLES, UNEVEN, WORK, Int64s, Moving
from bankside.arch.technology.process import load_process

WEIGHTS = np.random.default_rng(0).integers(-127, 128, (64, 256))
SERIAL = ("stripes", "essential", "pragmatic", "shapeshifter", "bitwave", "bitvert")


def tile(*sizes: int) -> Int64s:
    return np.array(sizes, dtype=np.int64)[:, None]


def columns(weights: Int64s) -> Int64s:
    return np.bitwise_count(np.bitwise_or.reduce(np.abs(weights).reshape(len(weights), -1, 8), axis=2))


def test_weights_decide_the_round_and_the_lane_and_their_bits() -> None:
    unit, kept = BitSerial(scheme="bitwave", rows=16, cols=2), columns(WEIGHTS)
    decided = unit.decide(WEIGHTS, 8)
    assert decided.round_cycle == kept.reshape(4, 16, -1).max(axis=1).mean()
    assert decided.lane_cycle == kept.mean()
    signs = (WEIGHTS < 0).reshape(64, -1, 8).any(axis=2)
    assert decided.element_bit == ((kept + signs) * 8 + 8).sum() / WEIGHTS.size


def test_a_tile_takes_its_rounds_and_waits_for_the_slowest_of_them() -> None:
    unit = BitSerial(scheme="bitwave", rows=16, cols=2)
    decided = unit.decide(WEIGHTS, 8)
    costs = unit.cycles(unit.given(tile(5, 40, 64), decided))
    rounds = 3 * 3 * 8
    assert costs.interval[0] == np.ceil(rounds * decided.round_cycle)
    assert costs.each[0, UNEVEN] == np.ceil(rounds * decided.round_cycle) - np.ceil(
        rounds * decided.lane_cycle
    )
    assert costs.each[0, WORK] == np.ceil(
        5 * 40 * 64 / (32 * 8) * np.ceil(rounds * decided.lane_cycle) / rounds
    )
    assert costs.last[0] == 3
    assert unit.most(decided) == np.ceil(32 * 8 / decided.round_cycle)


def test_no_tile_is_faster_than_the_peak() -> None:
    unit = BitSerial(scheme="essential", rows=8, group=16)
    decided = unit.decide(WEIGHTS, 8)
    for sizes in ((1, 8, 16), (3, 64, 256), (2, 9, 17)):
        costs = unit.cycles(unit.given(tile(*sizes), decided))
        assert np.prod(sizes) <= costs.interval[0] * unit.most(decided)


@pytest.mark.parametrize("scheme", SERIAL)
def test_plain_operands_take_all_their_bits(scheme: str) -> None:
    unit = BitSerial(scheme=scheme, group=16)  # type: ignore[arg-type]
    assert unit.cycles(tile(1, 1, 32), ("int8", "int8")).interval[0] == 16
    assert unit.cycles(tile(1, 1, 32), ("int8", "int4")).interval[0] == 8
    assert not unit.multiplies(("bf16", "bf16"), None) and not unit.multiplies(("bf16", "int8"), None)


def test_what_multiplies_floating_point_numbers() -> None:
    bitmod, kept = BitSerial(scheme="bitmod"), BitSerial(scheme="nm-serial", keep=2, group=4)
    assert bitmod.multiplies(("bf16", "bitmod_fp4"), None) and not bitmod.multiplies(("bf16", "bf16"), None)
    assert [
        int(bitmod.cycles(tile(1, 1, 8), ("bf16", f)).interval[0]) for f in ("bitmod_fp3", "int6", "int8")
    ] == [4, 6, 8]
    assert kept.cycles(tile(1, 1, 8), ("bf16", "bf16")).interval[0] == 8
    assert kept.multiplies(("bf16", "int8_2:4"), None) and not kept.multiplies(("bf16", "int8_1:4"), None)
    assert kept.cycles(tile(1, 1, 8), ("bf16", "int8_2:4")).interval[0] == 4
    pruned = kept.decide(np.zeros((1, 8)), 16)
    assert (pruned.round_cycle, pruned.element_bit) == (2, (2 * 16 + 4) / 4)
    assert "has 3 values that are not zero, and 2:4 keeps 2" in kept.unfit(np.array([[1, 1, 1, 0]]))


def test_beside_a_bank_all_elements_take_groups_of_columns() -> None:
    unit = BitSerial(scheme="bitwave", rows=24, pruned=3).inside_dram()
    assert isinstance(unit, BankSerial)
    decided = unit.decide(WEIGHTS, 8)
    assert decided.round_cycle == 4 and decided.element_bit == pytest.approx(6, abs=0.01)
    assert unit.cycles(unit.given(tile(1, 1, 42), decided)).interval[0] == 1
    assert unit.cycles(unit.given(tile(4, 1, 42), decided)).interval[0] == 4


def test_cycles_of_elements_have_the_price_of_the_published_one() -> None:
    unit, process = BitSerial(scheme="bitwave", rows=16, group=16), load_process("n28")
    decided = unit.decide(WEIGHTS, 8)
    events = unit.events(unit.given(tile(2, 16, 256), decided))
    work = columns_of_16(WEIGHTS).mean()
    assert events["element_cycle"] == pytest.approx(2 * 16 * 16 * work * 2, rel=0.01)
    assert events["row_cycle"] == pytest.approx(16 * 2 * 16 * work * 2, rel=0.01)
    assert events["column_group"] == 2 * 16 * 2
    price = unit.prices(process, "int8")["element_cycle"]
    assert price.count_j == pytest.approx(0.49e-3 / 0.8e9 * 1.5)
    assert unit.area_m2(process, ("int8",)) == pytest.approx(16 * 2 * 702.4e-12 * 1.5)
    kept = BitSerial(scheme="nm-serial", group=4)
    assert kept.events(kept.given(tile(2, 3, 8), kept.decide(np.zeros((1, 8)), 8))) == both(24)
    assert kept.events(tile(2, 3, 8), ("int8", "int8")) == both(48)


def test_rows_and_columns_of_elements_share_registers() -> None:
    price = BitSerial(scheme="stripes").prices(load_process("n28"), "int8")
    assert price["row_cycle"].count_j == pytest.approx(0.46e-12 * 1.5)
    assert price["column_group"].count_j == pytest.approx(0.602625e-12 * 1.5)


def test_operands_are_read_again_for_the_next_rows_and_columns_of_elements() -> None:
    unit = BitSerial(scheme="stripes", rows=16, cols=4)
    assert [unit.passes(*tile) for tile in ((1, 1), (4, 16), (5, 17), (9, 160))] == [
        (1, 1),
        (1, 1),
        (2, 2),
        (10, 3),
    ]
    assert BitSerial(scheme="eie", rows=16).passes(3, 160) == (1, 3)
    assert unit.inside_dram().passes(9, 160) == (1, 1)


def test_multipliers_under_a_tree_share_the_register_of_a_sum() -> None:
    process = load_process("n28")
    alone = BitSerial(scheme="nm-serial", group=4).prices(process, "int8")["operands"].count_j
    tree = BitSerial(scheme="bit-parallel", group=4).prices(process, "int8")["operands"].count_j
    assert alone == pytest.approx(process.registers * (2 * 8 + 2 * 32))
    assert tree == pytest.approx(process.registers * (2 * 8 + 2 * 32 / 4))


def both(count: int) -> dict[str, int]:
    return {"mac": count, "operands": count}


def columns_of_16(weights: Int64s) -> Int64s:
    return np.bitwise_count(np.bitwise_or.reduce(np.abs(weights).reshape(len(weights), -1, 16), axis=2))


def test_parameters_of_other_schemes_are_told() -> None:
    def told(**given: object) -> list[str]:
        return list(BitSerial.model_validate(given).faults(("int8",)))

    assert told(scheme="stripes", keep=2) == ["keep is one of nm-serial, not of stripes."]
    assert told(scheme="bitwave", encoding="naf") == [
        "bitwave has no encoding 'naf'; it has sign-magnitude, twos-complement."
    ]
    assert told(scheme="nm-serial", keep=5, group=4) == ["n must be at most m: 5:4 keeps more than there is."]
    with pytest.raises(ValidationError):
        BitSerial.model_validate({"scheme": "bitlet"})


SPARSE = np.where(np.random.default_rng(1).random(WEIGHTS.shape) < 0.3, WEIGHTS, 0)
VECTOR = np.random.default_rng(2).integers(-127, 128, (1, 256)) * (np.arange(256) % 2)
ALONE = {"laconic": {"group": 16}, "sparten": {}, "eie": {}}


@pytest.mark.parametrize("scheme", ALONE)
def test_both_operands_decide_as_they_do_alone(scheme: str) -> None:
    unit = BitSerial.model_validate({"scheme": scheme, "rows": 16, **ALONE[scheme]})
    assert not list(unit.faults(("int8",))) and unit.asks == "gaussian"
    decided = unit.decide(SPARSE, 8, moving=Moving(8, VECTOR))
    whole = unit.given(tile(1, *SPARSE.shape), decided)
    work = np.broadcast_to(VECTOR, SPARSE.shape)
    if scheme == "eie":
        assert whole[GIVEN_CYCLES] == eie_cycles(SPARSE != 0, VECTOR[0] != 0, 16, 8)
        assert decided.element_bit == eie_entries(SPARSE != 0, 16).sum() * (8 + 4) / SPARSE.size
        return
    found = measure(unit.found, unit.setting(8), SPARSE, work)
    if scheme == "sparten":
        assert whole[GIVEN_CYCLES] == found.work.sum(axis=1).reshape(4, 16).max(axis=1).sum()
        assert decided.element_bit == np.count_nonzero(SPARSE) * 8 / SPARSE.size + 1
    else:
        assert whole[GIVEN_CYCLES] == found.work.reshape(4, 16, -1).max(axis=1).sum()
    assert decided.lane_cycle == found.work.mean()


def test_parts_of_what_both_operands_decide_add_up_to_all() -> None:
    unit = BitSerial(scheme="eie", rows=16)
    decided = unit.decide(SPARSE, 8, "own", Moving(8, VECTOR))
    assert decided.regions is not None
    means = decided.regions.means((np.array([0]), np.array([64])), (np.array([0]), np.array([256])))
    assert [float(each[0]) for each in means] == pytest.approx(decided[:3])


def test_vectors_side_by_side_wait_for_the_slowest() -> None:
    two = np.stack([VECTOR[0], -VECTOR[0][::-1]])
    one, both_of_them = (
        BitSerial(scheme="laconic", group=16, rows=4, cols=cols).decide(WEIGHTS, 8, moving=Moving(8, two))
        for cols in (1, 2)
    )
    assert both_of_them.round_cycle > one.round_cycle


def test_widths_of_either_operand() -> None:
    bricks = BitSerial(scheme="bitfusion", group=16)
    cycles = {
        formats: int(bricks.cycles(tile(1, 1, 16), formats).interval[0])
        for formats in (("int8", "int8"), ("int8", "int4"), ("int4", "int2"), ("int16", "int8"))
    }
    assert list(cycles.values()) == [16, 8, 2, 32]
    assert bricks.events(tile(1, 1, 16), ("int8", "int4")) == {"mac": 8, "operands": 16}
    assert BitSerial(scheme="loom", group=16).cycles(tile(1, 1, 16), ("int8", "int4")).interval[0] == 32
    anda = BitSerial(scheme="anda", planes=5)
    assert anda.cycles(tile(1, 1, 128), ("fp16", "int4")).interval[0] == 2 * 5
    assert anda.decide(WEIGHTS % 8, 4).element_bit == 4
    assert not anda.multiplies(("fp16", "int8"), None)
    beside = BitSerial(scheme="eie").inside_dram()
    assert "a bank reads one output after the other" in " ".join(beside.faults(("int8",)))
