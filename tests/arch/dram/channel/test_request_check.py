"""Requests outside a device are refused in sentences that name the coordinate and its range."""

from dataclasses import replace

import numpy as np
import pytest
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.controller import geometry
from bankside.arch.dram.channel.request_check import MAX_AT_CYCLE, all_inside, check_requests
from bankside.arch.spec import ConfigError
from bankside.unit.channel.request_streams import pattern


@pytest.mark.parametrize(
    ("value", "inside"), [(-1, False), (0, True), (6, True), (7, False), (1 << 62, False)]
)
def test_one_value_outside_is_seen(value: int, inside: bool) -> None:
    values = np.arange(7, dtype=np.int64)
    values[3] = value
    assert all_inside(values, 7) is inside
    assert all_inside(values[:0], 7)


def test_every_wrong_coordinate_has_its_sentence() -> None:
    standard = compiled("ddr4-2400")
    good = pattern("rand_mix33_s3", geometry(standard)).first(50)
    check_requests(standard, good)
    row, op = good.row.copy(), good.op.copy()
    row[7], op[9] = standard.rows, 2
    with pytest.raises(ConfigError) as caught:
        check_requests(standard, replace(good, row=row, op=op, max_outstanding=512))
    assert len(caught.value.errors) == 3
    assert f"row runs from {row.min()} to {standard.rows}, outside 0 to {standard.rows - 1}." in str(
        caught.value
    )


@pytest.mark.parametrize("clock", [-1, MAX_AT_CYCLE, 1 << 62])
def test_offers_that_cannot_be_counted_in_slots_are_refused(clock: int) -> None:
    standard = compiled("ddr4-2400")
    good = pattern("rand_mix33_s3", geometry(standard)).first(3)
    late = replace(good, at_cycle=np.array([0, 0, MAX_AT_CYCLE - 1]))
    check_requests(standard, late)
    with pytest.raises(ConfigError, match="requests: at_cycle runs from"):
        check_requests(standard, replace(good, at_cycle=np.array([0, clock, 0])))
