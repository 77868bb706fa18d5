"""Exchanges between nodes: over the networks that join them, at their energy."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.lower.exchange import crossings
from bankside.kernels.run.simulate import simulate


def gemm(stacks: int, *overrides: str) -> dict[str, Any]:
    machine = load_machine("hybrid-3d", overrides, stacks)
    return simulate(build("gemm", m=96, n=1024, k=1024), machine).to_dict()


def test_stacks_meet_over_the_link_between_them_not_over_the_mesh_of_a_die() -> None:
    operand_byte = 96 * 1024 * 2
    assert gemm(1)["bandwidth"]["link"]["bytes_read"] == 0
    two = gemm(2)
    assert two["bandwidth"]["link"]["bytes_read"] >= operand_byte
    assert two["energy"]["parts_j"]["link"] + two["energy"]["parts_j"]["phy"] > 0
    slow = gemm(2, "path.host.network.link.bandwidth=1 GB/s")
    assert slow["time_s"] > operand_byte / 1e9
    assert slow["bandwidth"]["link"]["utilisation"] <= 1.0


@pytest.mark.parametrize(
    ("machine", "stacks", "shape", "peak"),
    [
        ("xpu-h100", 20, {"m": 1000, "n": 512, "k": 4096, "format": "int8"}, 2 * 4 * 450e9),
        ("cxl-pnm", 5, {"m": 127, "n": 17, "k": 1000}, 2 * 5 * 64e9),
        ("sram-lpu", 8, {"m": 512, "n": 512, "k": 64, "format": "fp16"}, 8 * 7 * 15e9),
        ("hybrid-3d", 2, {"m": 96, "n": 1024, "k": 1024}, 2 * 64e9),
    ],
    ids=["switch", "switch-of-packages", "full", "bus"],
)
def test_links_never_carry_more_than_their_peak(
    machine: str, stacks: int, shape: dict[str, Any], peak: float
) -> None:
    link = simulate(build("gemm", **shape), load_machine(machine, (), stacks)).to_dict()["bandwidth"]["link"]
    assert link["peak_Bps"] == pytest.approx(peak)
    assert 0 < link["utilisation"] <= 1


@pytest.mark.parametrize("nodes", [2, 3, 16])
def test_crossings_are_messages_out_and_messages_in(nodes: int) -> None:
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if a != b]
    assert crossings("all_to_all", nodes) == 2 * len(pairs)
    assert crossings("all_gather", nodes) == nodes + len(pairs)
