"""Lanes slower than the columns are waited for: a product takes its multiplications' time or longer."""

import pytest

import bankside as bs

AROUND_S = 1.1e-6
"""Broadcast, row openings, drain and the ways between, which the lanes' clock does not change."""


@pytest.mark.parametrize(("machine", "core"), [("aim", "pu"), ("hbm-pim", "pcu")])
@pytest.mark.parametrize("clock", ["1 MHz", "7 MHz"])
def test_lanes_finish_their_last_column(machine: str, core: str, clock: str) -> None:
    slow = bs.machine(machine, [f"cores.{core}.clock={clock}"])
    result = bs.simulate(bs.kernel("gemv", m=512, k=512), slow).document
    assert result["bound"]["binding"] == "compute"
    assert result["bound"]["time_s"] <= result["time_s"] < result["bound"]["time_s"] + AROUND_S
