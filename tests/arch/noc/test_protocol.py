"""What software adds to a collective: base, time of steps and messages, and a share of the bandwidth."""

import pytest

from bankside.arch.noc.collective import cost, schedule
from bankside.arch.noc.occupancy import Network
from bankside.arch.noc.protocol import Protocol, Rate

NS = 10**6


def net(*protocols: Protocol, nodes: int = 4) -> Network:
    return Network("crossbar", nodes, 1e9, hop_fs=5, protocols=protocols)


def test_base_once_steps_and_messages_each() -> None:
    protocol = Protocol("p", "s", base_fs=1000, step_fs=100, message_fs=10)
    got = cost(net(protocol), "all_reduce", 400, "ring")
    assert (got.software_fs, got.hop_fs, got.serial_fs) == (1000, 6 * (5 + 100 + 10), 600 * NS)
    at_once = cost(net(protocol), "all_reduce", 400, "one_shot")
    assert at_once.hop_fs == 5 + 100 + 3 * 10


def test_a_share_of_the_bandwidth_keeps_links_longer_but_moves_no_more() -> None:
    rates = (Rate(("all_reduce",), 2, 0.5), Rate(("all_reduce",), 4, 0.25))
    protocol = Protocol("p", "s", rates=rates)
    for nodes, share in ((2, 0.5), (4, 0.25), (8, 0.25)):
        got, plain = (cost(net(*p, nodes=nodes), "all_reduce", 64 * nodes, "ring") for p in ((protocol,), ()))
        assert got.serial_fs == plain.serial_fs / share
        assert (got.byte_hops, got.link_bytes) == (plain.byte_hops, plain.link_bytes)
    assert protocol.share_of("all_gather", 8) == 1.0


def test_the_fastest_protocol_is_taken_for_each_size() -> None:
    quick = Protocol("quick", "s", ("ring",), base_fs=1, share=0.1)
    wide = Protocol("wide", "s", ("ring",), base_fs=10**9, share=0.9)
    for size in (4, 40_000, 4_000_000):
        each = [cost(net(one), "all_reduce", size).total_fs for one in (quick, wide)]
        assert cost(net(quick, wide), "all_reduce", size).total_fs == min(each)


def test_what_no_protocol_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="None of the protocols quick runs tree among 4 nodes of a crossbar"):
        cost(net(Protocol("quick", "s", ("ring",))), "all_reduce", 4, "tree")


def test_adding_up_is_charged_where_it_is_slow() -> None:
    # of three messages from the others two are added while the next comes, unless adding takes longer
    slow, fast = (Protocol("p", "s", adds_bytes_per_s=rate) for rate in (1e9, 6e9))
    plain = cost(net(), "reduce_scatter", 400, "direct").hop_fs
    assert cost(net(fast), "reduce_scatter", 400, "direct").hop_fs == plain + 50 * NS
    assert cost(net(slow), "reduce_scatter", 400, "direct").hop_fs == plain + 300 * NS + 2 * 200 * NS
    ring = schedule(net(fast), "all_reduce", 400, "ring")
    assert [(step.repeats, step.wait_fs) for step in ring] == [(3, 50 * NS), (3, 0)]
