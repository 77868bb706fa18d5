"""Lanes slower than the columns are waited for: a product takes its multiplications' time or longer."""

import pytest

import bankside as bs

AROUND_S = {"aim": 1.1e-6, "hbm-pim": 1.4e-6}
"""Broadcast, row openings, drain and the ways between, to which HBM-PIM's host adds a fence after every eight commands
and the start and stop of the units."""


@pytest.mark.parametrize(("machine", "core"), [("aim", "pu"), ("hbm-pim", "pcu")])
@pytest.mark.parametrize("clock", ["1 MHz", "7 MHz"])
def test_lanes_finish_their_last_column(machine: str, core: str, clock: str) -> None:
    alone = ["cores.host.matmul=null"] if machine == "hbm-pim" else []
    slow = bs.machine(machine, [f"cores.{core}.clock={clock}", f"cores.{core}.launch=0 s", *alone])
    result = bs.simulate(bs.kernel("gemv", m=512, k=512), slow).document
    assert result["bound"]["binding"] == "compute"
    assert result["bound"]["time_s"] <= result["time_s"] < result["bound"]["time_s"] + AROUND_S[machine]


def test_scales_of_what_is_broadcast_are_multiplied_with_sums() -> None:
    machine = bs.machine("attacc-bank", [f"cores.{core}.formats=[bf16, int8]" for core in ("pe", "softmax")])
    scaled, plain = (
        bs.simulate(bs.kernel("gemv", m=512, k=512, format=of, weights_format="int8"), machine)
        for of in ("int8_g32", "int8")
    )
    assert scaled.outcome is not None and plain.outcome is not None
    assert scaled.outcome.unit_events["pe"]["vector"]["vector_op"] == 512 * 512 // 32
    assert "vector_op" not in plain.outcome.unit_events["pe"]["vector"]
    assert scaled.time_s > plain.time_s
