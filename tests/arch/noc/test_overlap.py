"""Chunks of a collective: links busy while another chunk is on its way, never faster than its bytes."""

import pytest

from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.noc.overlap import alone_fs, chunked
from bankside.arch.spec import from_dict

NS = 10**6


def spec(**more: object) -> NetworkSpec:
    tree = {"topology": "ring", "link": {"bandwidth": "1 GB/s", "latency": "100 ns"}, **more}
    return from_dict(tree, NetworkSpec).spec


def time_ns(**more: object) -> float:
    network = spec(**more)
    return alone_fs(network, chunked(network, "all_reduce", 4, 1600, "ring"), 4) / NS


def test_chunks_hide_latency_behind_bytes() -> None:
    assert time_ns() == 6 * (400 + 100)
    assert time_ns(chunks=4, in_flight=2) == 4 * 6 * 100 + 100
    assert time_ns(chunks=4, in_flight=1) == 4 * 6 * (100 + 100)


def test_trees_of_two_take_every_second_chunk() -> None:
    network = spec(chunks=4, topology="full")
    chunks = chunked(network, "all_reduce", 4, 1600, "double_tree")
    first, second = ({tuple(map(tuple, s.traffic.runs.tolist())) for s in steps} for steps in chunks[:2])
    assert first != second and len(chunks) == 4
    assert [s.message_byte for s in chunks[0]] == [400] * len(chunks[0])


def test_nothing_to_move_is_no_operation() -> None:
    assert chunked(spec(chunks=4), "all_reduce", 1, 64) == []


@pytest.mark.parametrize("forward", ["cut-through", "whole"])
def test_a_switch_may_wait_for_whole_messages(forward: str) -> None:
    network = spec(topology="switch", forward=forward)
    once = alone_fs(network, chunked(network, "point_to_point", 4, 1000), 4) / NS
    assert once == 1000 + 200 + (1000 if forward == "whole" else 0)
