"""Networks as units: alone as priced, together in time order over the links that they share, against a naive walk."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.noc.walk import shape_of, walk

from bankside.arch.causes import (
    COMPUTE,
    LINK_LATENCY,
    LINK_SERIAL,
    N_CAUSE,
    NOC_CONTENTION,
    NOC_HOP,
    NOC_SERIAL,
)
from bankside.arch.engine.execute import Timeline, execute
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.program import ProgramBuilder, RunTooLongError
from bankside.arch.events import N_EVENT
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.noc import collective
from bankside.arch.noc.kind import NETWORK, NOW, TICKET, send
from bankside.arch.noc.occupancy import Network, Pattern
from bankside.arch.noc.packet import Carrier, described, passage, schedule
from bankside.arch.noc.topology import ROUTED, Topology
from bankside.arch.noc.traffic import Step, flows, links_of, price
from bankside.arch.spec import from_dict

SHAPED = [name for name in get_args(Topology) if name not in ROUTED]

NS = 10**6  # fs
HOP_NS = 3

topologies = st.sampled_from(SHAPED)
patterns = st.sampled_from(get_args(Pattern))
Message = tuple[int, list[Step]]
"""When an operation arrives [ns], and what it sends."""


def spec(topology: str, rate: str = "1 GB/s") -> NetworkSpec:
    link = {"bandwidth": rate, "latency": f"{HOP_NS} ns"}
    return from_dict({"topology": topology, "link": link}, NetworkSpec).spec


def together(
    network: NetworkSpec, nodes: int, messages: Sequence[Message], off_stack: bool = False
) -> Timeline:
    """Operations on one network, each behind a server that makes it wait; those on the network are the odd ones."""
    builder, carrier = ProgramBuilder(), Carrier(network, off_stack)
    unit, label = builder.unit("network", 1, NETWORK, part=0), builder.label("x")
    for i, (arrival, steps) in enumerate(messages):
        gate = builder.fixed(builder.unit(f"gate{i}", 1), label, [(COMPUTE, arrival * NS)], [])
        builder.op(unit, label, carrier.words(steps, nodes), [gate])
    return execute(builder.build(), Hardware.of([(carrier.params(), carrier.state())]))


def ends_ns(timeline: Timeline) -> list[float]:
    return (timeline.end_fs[1::2] / NS).tolist()


def flow(topology: Topology, nodes: int, source: int, target: int, byte: int) -> list[Step]:
    found = flows(Network(topology, nodes, 1e9), np.array([source]), np.array([target]))
    return [Step(found, byte)]


@settings(max_examples=150, deadline=None)
@given(topologies, patterns, st.integers(2, 20), st.integers(1, 700), st.sampled_from(["1 GB/s", "700 MB/s"]))
def test_alone_it_takes_what_it_is_priced_at(
    topology: Topology, pattern: Pattern, nodes: int, size: int, rate: str
) -> None:
    network = spec(topology, rate)
    steps = schedule(network, pattern, nodes, size)
    timeline = together(network, nodes, [(5, steps)])
    cost = [price(described(network, nodes), step) for step in steps]
    causes = timeline.causes[0]
    assert causes[NOC_SERIAL] == sum(each.serial_fs for each in cost)
    assert causes[NOC_HOP] == sum(each.hop_fs for each in cost)
    assert causes[NOC_CONTENTION] == sum(each.contention_fs for each in cost)
    assert causes.sum() == timeline.end_fs[1] - timeline.start_fs[1]
    assert timeline.start_fs[1] == 5 * NS


@pytest.mark.parametrize("topology", ["mesh", "torus", "ring"])
def test_7_two_that_cross_one_link_take_the_sum_and_two_that_do_not_the_larger(topology: Topology) -> None:
    network, nodes = spec(topology), 16
    first, same = flow(topology, nodes, 0, 2, 400), flow(topology, nodes, 1, 3, 300)  # both from 1 to 2
    assert ends_ns(together(network, nodes, [(0, first), (0, same)]))[1] == 400 + 300 + 2 * HOP_NS
    apart = flow(topology, nodes, 5, 6, 300)
    both = together(network, nodes, [(0, first), (0, apart)])
    assert ends_ns(both) == [400 + 2 * HOP_NS, 300 + HOP_NS]
    assert both.total_fs == (400 + 2 * HOP_NS) * NS
    back = flow(topology, nodes, 2, 0, 300)  # the links the other way are others
    assert together(network, nodes, [(0, first), (0, back)]).total_fs == (400 + 2 * HOP_NS) * NS


def test_7_on_a_bus_and_at_a_switch_s_port_they_take_the_sum() -> None:
    for topology, third in (("bus", 700), ("switch", 400), ("full", 400)):
        network = spec(topology)
        hops = HOP_NS * (2 if topology == "switch" else 1)
        shared = [(0, flow(topology, 4, 0, 1, 400)), (0, flow(topology, 4, 0, 1, 300))]
        assert ends_ns(together(network, 4, shared))[1] == 700 + hops
        apart = [(0, flow(topology, 4, 0, 1, 400)), (0, flow(topology, 4, 2, 3, 300))]
        assert together(network, 4, apart).total_fs == (third + hops) * NS


def test_waiting_for_others_is_contention_on_a_die_and_the_link_s_time_off_it() -> None:
    messages = [(0, flow("mesh", 16, 0, 2, 400)), (100, flow("mesh", 16, 1, 3, 300))]
    causes = together(spec("mesh"), 16, messages).causes[1]
    assert (causes[NOC_SERIAL], causes[NOC_CONTENTION], causes[NOC_HOP]) == (
        300 * NS,
        300 * NS,
        2 * HOP_NS * NS,
    )
    off = together(spec("mesh"), 16, messages, off_stack=True).causes[1]
    assert (off[LINK_SERIAL], off[NOC_CONTENTION], off[LINK_LATENCY]) == (600 * NS, 0, 2 * HOP_NS * NS)


def test_a_link_is_free_for_others_between_the_steps_of_a_ring() -> None:
    """A message that finds the link between two steps pushes back the next one, not the whole ring."""
    network, nodes = spec("ring"), 4
    ring = collective.schedule(described(network, nodes), "all_gather", 100, "ring")
    alone = together(network, nodes, [(0, ring)]).total_fs
    assert alone == 3 * (100 + HOP_NS) * NS
    crossed = together(network, nodes, [(0, ring), (50, flow("ring", nodes, 0, 1, 30))])
    assert ends_ns(crossed) == [3 * (100 + HOP_NS) + 30 - HOP_NS, 100 + 30 + HOP_NS]


def naive(topology: Topology, nodes: int, messages: Sequence[Message]) -> list[int]:
    """Ends [ns], every step of every operation on every link by itself; 1 GB/s, so a byte is a nanosecond."""
    free: dict[object, int] = {}
    waiting = [
        (at, i, [s for s in steps for _ in range(s.repeats)]) for i, (at, steps) in enumerate(messages)
    ]
    ends = [at for at, _ in messages]
    while waiting:
        at, i, steps = min(waiting, key=lambda each: (each[0], each[1]))
        waiting.remove((at, i, steps))
        if not steps:
            ends[i] = at
            continue
        step, end = steps[0], at
        for first, count, messages_each in step.traffic.runs.tolist():
            for link in range(first, first + count):
                free[link] = max(at, free.get(link, 0)) + messages_each * step.message_byte
                end = max(end, free[link])
        ways = step.traffic.ways.tolist() or [(step.traffic.depth, 0)]
        latency = max(links * HOP_NS - meanwhile * step.message_byte for links, meanwhile in ways)
        waiting.append((end + max(0, latency), i, steps[1:]))
    return ends


@settings(max_examples=120, deadline=None)
@given(
    topologies,
    st.integers(2, 9),
    st.lists(
        st.tuples(st.integers(0, 900), patterns, st.integers(1, 60)),
        min_size=1,
        max_size=6,
        unique_by=lambda m: m[0],
    ),
)
def test_operations_that_overlap_end_as_in_a_walk_of_every_step(
    topology: Topology, nodes: int, sent: list[tuple[int, Pattern, int]]
) -> None:
    network = spec(topology)
    messages = [(at, schedule(network, pattern, nodes, size)) for at, pattern, size in sent]
    timeline = together(network, nodes, messages)
    expected = naive(topology, nodes, messages)
    assert ends_ns(timeline) == expected
    assert int(timeline.path_fs.sum()) == timeline.total_fs
    lengths = timeline.end_fs[1::2] - timeline.start_fs[1::2]
    assert timeline.causes.sum(axis=1).tolist() == lengths.tolist()


@settings(max_examples=100, deadline=None)
@given(patterns, st.integers(1, 90), st.lists(st.integers(1, 400), max_size=30))
def test_stopping_it_at_any_slots_changes_no_byte(pattern: Pattern, size: int, pauses: list[int]) -> None:
    network, nodes = spec("mesh"), 6
    carrier = Carrier(network, off_stack=False)
    work = np.array(carrier.words(schedule(network, pattern, nodes, size), nodes), dtype=np.int64)
    events = np.zeros(N_EVENT, dtype=np.int64)
    params, whole, halted = carrier.params(), carrier.state(), carrier.state()
    causes, stopped = np.zeros((2, N_CAUSE + 1), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    end = send(params, whole, none, work, 7, 1 << 62, causes, events)
    until, found = 7, -1
    for pause in [*(NS * each for each in pauses), 1 << 61]:
        until += pause
        found = send(params, halted, none, work, max(7, until - pause), until, stopped, events)
        if found >= 0:
            break
        assert until <= -1 - found <= end
    assert found == end
    assert whole.tolist() == halted.tolist()
    assert causes[:TICKET].tolist() == stopped[:TICKET].tolist()
    assert causes[NOW] == 0


@given(st.sampled_from(["mesh", "torus", "ring"]), st.integers(2, 30), st.data())
def test_a_flow_is_on_the_links_of_its_walk_and_on_its_two_ports(
    topology: Topology, nodes: int, data: st.DataObject
) -> None:
    source, target = data.draw(st.lists(st.integers(0, nodes - 1), min_size=2, max_size=2, unique=True))
    rows, cols = shape_of(topology, nodes)
    network = Network(topology, nodes, 1e9)
    (step,) = flow(topology, nodes, source, target, 1)
    used = {link for first, count, _ in step.traffic.runs.tolist() for link in range(first, first + count)}
    ports = {4 * nodes + source, 5 * nodes + target}
    assert ports < used
    assert (
        len(used - ports) == len(walk(rows, cols, topology != "mesh", source, target)) == step.traffic.depth
    )
    assert max(used) < links_of(network)


def test_what_takes_too_long_to_count_is_refused() -> None:
    carrier = Carrier(spec("bus", "1 MB/s"), off_stack=True)
    with pytest.raises(RunTooLongError, match=r"An exchange moves 2e\+09 bytes over a link in 2e\+03 s"):
        carrier.words(passage(carrier.network, 2, 2_000_000_000), 2)
