"""Lanes slower than the columns are waited for: a product takes its multiplications' time or longer."""

import pytest

import bankside as bs

AROUND_S = {"aim": 1.1e-6, "hbm-pim": 1.4e-6}
"""Broadcast, row openings, drain and the ways between, to which HBM-PIM's host adds a fence after every eight commands
and the start and stop of the units."""


@pytest.mark.parametrize(("machine", "core"), [("aim", "pu"), ("hbm-pim", "pcu")])
@pytest.mark.parametrize("clock", ["1 MHz", "7 MHz"])
def test_lanes_finish_their_last_column(machine: str, core: str, clock: str) -> None:
    slow = bs.machine(machine, [f"cores.{core}.clock={clock}"])
    result = bs.simulate(bs.kernel("gemv", m=512, k=512), slow).document
    assert result["bound"]["binding"] == "compute"
    assert result["bound"]["time_s"] <= result["time_s"] < result["bound"]["time_s"] + AROUND_S[machine]
