"""Exchanges between nodes: over the networks that join them, at their energy."""

from typing import Any

import pytest

from bankside.arch.causes import NOC_CONTENTION, NOC_SERIAL
from bankside.arch.engine.execute import execute
from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.machine.spec import Level
from bankside.arch.noc.packet import Pattern, schedule
from bankside.kernels.catalog.catalog import build
from bankside.kernels.lower.exchange import crossings, message
from bankside.kernels.mapping.trial import alone
from bankside.kernels.run.simulate import simulate

PATTERNS: tuple[Pattern, Pattern] = ("gather", "scatter")


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


@pytest.mark.parametrize("machine", ["hybrid-3d", "hmc-vault"])
def test_6_an_exchange_of_all_with_all_contends_for_the_middle_of_the_mesh(machine: str) -> None:
    """On 4 x 4 nodes a node has 15 messages to send; the middle link of a row carries 4 x 2 x 2 of them."""
    found = load_machine(machine)
    heads, tokens, width, nodes = 32, 128, 64, found.primary.nodes
    _, network = found.network("vault")
    assert nodes == 16 and network is not None
    kernel = build("prefill-attention", heads=heads, kv_heads=heads, head_dim=width, context=tokens)
    stack = simulate(kernel, found).to_dict()["stack_fs"]
    message_fs = round(tokens * heads * width * 2 // nodes**2 / network.link.bytes_per_s * 1e15)
    assert stack["noc_serial"] == 15 * message_fs
    assert stack["noc_contention"] == (4 * 2 * 2 - 15) * message_fs
    assert stack["noc_hop"] == 6 * network.link.hop * 10**6  # cycles of 1 ns


def test_exchanges_of_two_core_kinds_wait_for_each_other_s_links() -> None:
    machine = load_machine("hybrid-3d")
    core, nodes = machine.primary, machine.primary.nodes
    _, network = machine.network("vault")
    assert network is not None
    where: tuple[Level, NetworkSpec] = ("vault", network)
    low = alone(machine, core)
    label = low.builder.label("x")
    gather, scatter = (schedule(network, pattern, nodes, 3200) for pattern in PATTERNS)
    first = message(low, label, where, (gather, nodes), [])
    message(low, label, where, (gather, nodes), [])
    apart = message(low, label, where, (scatter, nodes), [])  # the root's port in, and its port out
    timeline = execute(low.builder.build(), low.hardware())
    serial_ns, near_ns, far_ns = (
        15 * 100,
        4,
        6 * 4,
    )  # a gather waits for its nearest, a scatter sends the farthest last
    assert timeline.end_fs[first] == (serial_ns + near_ns) * 10**6
    assert timeline.end_fs[apart] == (serial_ns + far_ns) * 10**6
    assert timeline.end_fs[first + 1] == (2 * serial_ns + near_ns) * 10**6
    assert timeline.causes[1][[NOC_SERIAL, NOC_CONTENTION]].tolist() == [serial_ns * 10**6] * 2
