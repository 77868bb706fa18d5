"""Chunks of a collective: links busy while another chunk is on its way, never faster than its bytes."""

import pytest

from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.noc.overlap import alone_fs, chunked, operations
from bankside.arch.noc.packet import held_fs
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


def test_followed_chunks_are_one_operation_that_holds_its_links_as_they_do() -> None:
    """Two nodes swap two chunks: the second waits for the first's bytes, the hop of the first passes beside it."""
    network = spec(chunks=2, topology="full")
    chunks = chunked(network, "all_to_all", 2, 1600)
    (together,) = operations(network, chunks, 2)
    assert alone_fs(network, chunks, 2) == (2 * 800 + 100) * NS
    assert len(together) == 1
    apart = sum(held_fs(network, steps, 2) for steps in chunks)
    assert held_fs(network, together, 2).tolist() == apart.tolist()
    assert together[0].traffic.message_hops == 2 * 1600


def test_what_is_too_large_for_a_table_of_routes_is_timed_in_whole_steps() -> None:
    network = spec(chunks=2, topology="mesh", multicast=False)
    nodes = 1 << 14
    chunks = chunked(network, "gather", nodes, 2000)
    assert operations(network, chunks, nodes) == chunks
    assert alone_fs(network, chunks, nodes) == (2000 * (nodes - 1) + 100) * NS
