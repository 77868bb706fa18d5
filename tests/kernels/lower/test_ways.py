"""The way to memory: which links a transfer passes, who shares them, and what that costs."""

from pathlib import Path

import pytest

from bankside.arch.causes import LINK_LATENCY, LINK_SERIAL
from bankside.arch.engine.execute import execute
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.machine.path import way, way_links
from bankside.arch.spec.library import names
from bankside.kernels.catalog.catalog import build
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.memory import Tape
from bankside.kernels.run.simulate import simulate

GB = 10**9
NS = 10**6  # fs
NAMED = "path.host.link={bandwidth: 10 GB/s, latency: 200 ns}"
BYTE = 200 * 80 * 64  # whole stripes of 80 channels
SECOND = """extends: xpu-h100
cores:
  aux: {_source: test, _confidence: assumed, tap: hbm.host, clock: 1 GHz, formats: [bf16], vector: {lanes: 64}}
"""


def declared(machine: Machine, packages: list[tuple[int, int]]) -> Lowering:
    low = Lowering(machine)
    memory = machine.primary.memory
    each = memory.channels // machine.packages
    low.add_channels(memory, [(first * each, end * each) for first, end in packages])
    for core in machine.cores.values():
        low.add_group(core, packages)
    return low


def read(low: Lowering, core: str, byte: int) -> list[int]:
    """Read at the first node of a core kind."""
    kind = low.machine.cores[core]
    return Tape(low, kind, low.groups[core][0], low.builder.label("x")).move(byte, [])


def test_a_level_s_link_is_the_way_and_its_network_is_not() -> None:
    plain, named = load_machine("xpu-h100"), load_machine("xpu-h100", [NAMED])
    memory = plain.primary.memory
    assert way(plain, plain.primary) == (memory.channels * memory.channel_peak("vault"), 100e-9)
    far = load_machine("base-die", ["cores.pe.tap=hbm.host"])
    assert way(far, far.primary) == (far.primary.memory.channels * 819.2 * GB, 50e-9)
    assert way(named, named.primary) == (10 * GB, 200e-9)
    assert [link.named for link in way_links(named, named.primary)] == [True]
    bus = load_machine("upmem")
    assert [link.named for link in way_links(bus, bus.cores["host"])] == [False]
    assert way_links(plain, load_machine("hybrid-3d").primary) == ()


@pytest.mark.parametrize("name", names("machines"))
def test_machines_that_take_over_a_way_do_not_take_over_its_rate(name: str) -> None:
    machine = load_machine(name)
    for core in machine.cores.values():
        for link in way_links(machine, core):
            pins = core.memory.channels // link.instances * core.memory.channel_peak("vault")
            assert not link.named or link.network.link.bytes_per_s >= 0.999 * pins


def test_levels_further_out_pass_the_links_of_all_their_nodes() -> None:
    machine = load_machine(
        "base-die",
        ["path.base.link={bandwidth: 10 GB/s}", "memories.hbm.stacks=4", "cores.pe.tap=hbm.host",
         "path.host.link={bandwidth: 35 GB/s, latency: 1 us}"],
    )  # fmt: skip
    assert [link.instances for link in way_links(machine, machine.primary)] == [4, 1]
    assert way(machine, machine.primary) == (35 * GB, 1e-6)
    low = declared(machine, [(0, 1)])
    done = read(low, "pe", 4 << 20)
    program = low.builder.build()
    timeline = execute(program, low.hardware())
    names = [program.unit_names[unit] for unit in program.unit]
    assert names[-3:] == ["link.base", "link.host", "pe[0].path"]
    base, host = timeline.end_fs[-3:-1] - timeline.start_fs[-3:-1]
    assert base == (1 << 20) * 100_000  # a stack's share at 10 GB/s
    assert host == -(-(4 << 20) * 200_000 // 7)
    assert timeline.start_fs[-3] == timeline.start_fs[-2] == timeline.end_fs[:-3].max()
    assert timeline.end_fs[done[0]] == timeline.end_fs[-2] + 1000 * NS


def test_7_two_core_kinds_that_cross_one_link_take_the_sum(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(SECOND, encoding="utf-8")
    low = declared(load_machine(str(file), [NAMED]), [(0, 1)])
    first, second = read(low, "sm", BYTE), read(low, "aux", BYTE)
    program = low.builder.build()
    timeline = execute(program, low.hardware())
    assert [program.unit_names[program.unit[op - 1]] for op in (*first, *second)] == ["link.host"] * 2
    arrived = timeline.start_fs[first[0] - 1]
    crossing = BYTE * 100_000
    assert timeline.end_fs[first[0]] == arrived + crossing + 200 * NS
    assert timeline.end_fs[second[0]] == arrived + 2 * crossing + 200 * NS
    path = timeline.path_fs.sum(axis=0)
    assert path[LINK_LATENCY] == 200 * NS
    assert path[LINK_SERIAL] == arrived + 2 * crossing - timeline.start_fs[second[0] - 1]


def test_a_bus_among_the_nodes_is_their_way_too() -> None:
    machine = load_machine("upmem")
    low = declared(machine, [(0, 1)])
    read(low, "host", 1 << 20)
    (name,) = {name for name, _ in low.networks}
    assert name == "network.host"
    _, network = machine.network("host")
    assert network is not None
    assert low.network("host", network)[0] == low.builder.build().unit[-1]


@pytest.mark.parametrize("classes", [[(0, 3)], [(0, 1), (1, 3)], [(0, 1), (1, 2), (2, 3)]])
def test_7_packages_have_ways_of_their_own_folded_or_not(classes: list[tuple[int, int]]) -> None:
    machine = load_machine("xpu-h100", [NAMED], stacks=15)
    low = declared(machine, classes)
    core, label = machine.primary, low.builder.label("x")
    done = [Tape(low, core, node, label).move(BYTE, [])[0] for node in low.groups["sm"]]
    timeline = execute(low.builder.build(), low.hardware())
    alone = declared(machine, [(0, 3)])
    read(alone, "sm", BYTE)
    expected = execute(alone.builder.build(), alone.hardware()).total_fs
    assert timeline.end_fs[done].tolist() == [expected] * len(classes)


def test_energy_of_a_link_to_memory_is_that_of_the_bytes_that_cross_it() -> None:
    kernel = build("gemv", m=256, k=2048)
    free = simulate(kernel, load_machine("xpu-h100", [NAMED])).to_dict()
    paid = simulate(kernel, load_machine("xpu-h100", [NAMED, "path.host.link.energy=2 pJ/bit"])).to_dict()
    moved = free["bandwidth"]["dram"]["bytes_read"] + free["bandwidth"]["dram"]["bytes_written"]
    more = paid["energy"]["parts_j"]["link"] - free["energy"]["parts_j"]["link"]
    counted = paid["events"]["link.host"]["link_byte"]
    assert moved <= counted < moved * 1.01  # results are padded to whole stripes
    assert more == pytest.approx(counted * 8 * 2e-12)
    assert free["time_fs"] == paid["time_fs"]


@pytest.mark.parametrize("kernel", ["gemm", "gemv"])
@pytest.mark.parametrize(
    ("name", "overrides", "stacks"),
    [
        ("xpu-h100", [NAMED], 10),
        ("base-die", ["path.base.link={bandwidth: 100 GB/s}"], 4),
        ("hybrid-3d", [], 1),
        ("attacc-buffer", ["memories.hbm.stacks=1"], 1),
    ],
)
def test_7_folded_equals_unfolded(kernel: str, name: str, overrides: list[str], stacks: int) -> None:
    shape = {"gemm": {"m": 70, "n": 130, "k": 96}, "gemv": {"m": 250, "k": 256}}[kernel]
    machine = load_machine(name, overrides, stacks)
    folded, whole = (simulate(build(kernel, **shape), machine, fold=fold).to_dict() for fold in (True, False))
    for key in folded:
        assert key == "provenance" or folded[key] == whole[key], key


def test_causes_of_a_lone_transfer_are_its_link_and_its_latency() -> None:
    low = declared(load_machine("xpu-h100", [NAMED]), [(0, 1)])
    read(low, "sm", BYTE)
    timeline = execute(low.builder.build(), low.hardware())
    crossing, latency = BYTE * 100_000, 200 * NS
    assert timeline.path_fs.sum(axis=0)[[LINK_SERIAL, LINK_LATENCY]].tolist() == [crossing, latency]
    assert timeline.total_fs == timeline.end_fs[:-2].max() + crossing + latency
