"""Exchanges between nodes: over the networks that join them, at their energy."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog import build
from bankside.kernels.lower.move import crossings
from bankside.kernels.simulate import simulate


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


@pytest.mark.parametrize("nodes", [2, 3, 16])
def test_crossings_are_messages_out_and_messages_in(nodes: int) -> None:
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if a != b]
    assert crossings("all_to_all", nodes) == 2 * len(pairs)
    assert crossings("all_gather", nodes) == nodes + len(pairs)
