"""Sources under every policy: streams are arrays, stopping changes nothing, and every slot of each has one cause."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.arch.dram.conftest import INTERLEAVED, compiled

from bankside.arch.causes import DRAM_REFRESH, N_CAUSE
from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.params import STATE_WORDS, channel_params
from bankside.arch.dram.channel.policy import POLICIES, Policy
from bankside.arch.dram.channel.requests import Requests, requests
from bankside.arch.dram.channel.source import KNOWN, READ, REQUESTS, WRITE
from bankside.arch.dram.device.address import compile_address, decode
from bankside.arch.dram.device.commands import REF, REFSB
from bankside.arch.dram.device.standard import Standard
from bankside.arch.engine.kinds import AT_ONCE, FAILED
from bankside.arch.events import COLUMN_READ, COLUMN_WRITE, N_EVENT, REFRESH, REFRESH_BANK
from bankside.arch.machine.machine import ADDRESS_ORDER

FAR = 1 << 62
DEVICES = ("hbm2", "hbm3", "ddr4-2400", "lpddr5", "gddr6")
SHIPPED = ("in-order", "frfcfs", "frfcfs-rowhit", "per-bank")
QUEUED = SHIPPED[1:]
FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)

Words = Any


@cache
def params_of(device: str, order: tuple[str, ...] = INTERLEAVED, settings: tuple[str, ...] = ()) -> Any:
    standard = compiled(device, settings)
    return channel_params(standard.packed, compile_address(standard, order))


class Served:
    """A channel under a policy; `serve` plays the engine: sources arrive in order and may stop at any slot between."""

    def __init__(
        self, device: str, policy: str, depth: int = 32, settings: tuple[str, ...] = (), hot: int = 1
    ) -> None:
        self.standard: Standard = compiled(device, settings)
        self.policy: Policy = POLICIES[policy]
        self.params = params_of(device, settings=settings)
        self.state = self.policy.start(self.standard.packed, depth, hot, False)
        self.events = np.zeros(N_EVENT, np.int64)

    def advance(self, words: Words, arrival: int, until: int, causes: Any) -> int:
        kind = (self.policy.arrays if words[0] == REQUESTS else None) or self.policy.kind
        nothing = np.zeros(0, np.int64)
        return int(kind.advance(self.params, self.state, nothing, words, arrival, until, causes, self.events))

    def serve(self, sources: list[tuple[int, Words]], stops: list[int]) -> list[tuple[int, list[int]]]:
        """End and causes of each source; `stops` are slots at which every one under way is interrupted besides."""
        causes = [np.zeros(N_CAUSE + 1, np.int64) for _ in sources]
        ends = [-1] * len(sources)
        bounds = {i: arrival for i, (arrival, _) in enumerate(sources)}
        entered = set()
        while bounds:
            i = min(bounds, key=lambda k: (bounds[k], k in entered, k))
            now = bounds.pop(i)
            others = [bound for k, bound in bounds.items()] + [stop for stop in stops if stop > now]
            until = max(min(others, default=FAR), now + 1 if i in entered else now)
            entered.add(i)
            found = self.advance(sources[i][1], now, until, causes[i])
            assert found > FAILED
            if found < 0:
                bounds[i] = max(-1 - found, until)
            else:
                ends[i] = found
        for (arrival, _), end, cause in zip(sources, ends, causes, strict=True):
            if self.policy.kind.admits == AT_ONCE:
                assert int(cause[:N_CAUSE].sum()) == end - arrival
            assert (cause[:N_CAUSE] >= 0).all()
        return [(end, cause[:N_CAUSE].tolist()) for end, cause in zip(ends, causes, strict=True)]

    @property
    def banks(self) -> Any:
        return self.state[:STATE_WORDS].view(STATE)[0]


def stream(kind: int, first: int, count: int, stride: int = 1, gap: int = 0) -> Words:
    return np.array([kind, first, stride, count, gap], np.int64)


def array_of(device: str, words: Words) -> Requests:
    """The requests of a stream."""
    standard, address = compiled(device), compile_address(compiled(device), INTERLEAVED)
    kind, first, stride, count, _ = words.tolist()
    places = [decode(address, first + i * stride) for i in range(count)]
    bank, row, column = (np.array(values) for values in zip(*places, strict=True))
    groups, banks = standard.ranks * standard.bank_groups, standard.banks_per_group
    return requests((bank // banks % groups, bank % banks, row, column), op=kind, pc=bank // (groups * banks))


@pytest.mark.parametrize("policy", SHIPPED)
@pytest.mark.parametrize("device", ["hbm2", "ddr4-2400"])
def test_a_stream_is_the_array_of_its_requests(device: str, policy: str) -> None:
    for kind, stride in ((READ, 1), (WRITE, 1), (READ, 37)):
        words = stream(kind, 5, 700, stride)
        at = 0 if policy == "in-order" else 1  # none of an array is offered in slot 0
        one, other = Served(device, policy), Served(device, policy)
        ((end, _),) = one.serve([(at, words)], [])
        other.serve([(0, array_of(device, words).words)], [])
        column = COLUMN_WRITE if kind == WRITE else COLUMN_READ
        assert one.events[column] == other.events[column] == 700
        assert one.events.tolist() == other.events.tolist()
        if policy == "in-order":
            assert end == other.banks["frontier"]
        else:
            mine, theirs = one.policy.read(one.state), other.policy.read(other.state)
            assert mine["counts"].tolist() == theirs["counts"].tolist()
            assert mine["last_read"] == theirs["last_read"]
            assert mine["last_write"] == theirs["last_write"]


SOURCES = st.lists(
    st.tuples(
        st.integers(0, 6000), st.sampled_from([READ, WRITE]), st.integers(0, 1 << 14), st.integers(0, 400),
        st.sampled_from([1, 1, 1, 3, 64, 129]), st.sampled_from([0, 0, 9]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@pytest.mark.parametrize("policy", QUEUED)
@FEW
@given(st.sampled_from(DEVICES), SOURCES, st.lists(st.integers(0, 12_000), max_size=12))
def test_stopping_at_any_slots_changes_nothing(
    policy: str, device: str, drawn: list[tuple[int, int, int, int, int, int]], stops: list[int]
) -> None:
    sources = sorted(
        ((at, stream(kind, first, n, stride, gap)) for at, kind, first, n, stride, gap in drawn),
        key=lambda source: source[0],
    )
    whole, parts = Served(device, policy), Served(device, policy)
    assert whole.serve(sources, []) == parts.serve(sources, sorted(stops))
    assert whole.events.tolist() == parts.events.tolist()
    mine, theirs = whole.policy.read(whole.state), parts.policy.read(parts.state)
    assert mine["counts"].tolist() == theirs["counts"].tolist()
    assert mine["causes"].tolist() == theirs["causes"].tolist()
    for field in ("next", "row", "bus_free", "ring", "refresh_due"):
        assert (whole.banks[field] == parts.banks[field]).all(), field
    assert whole.events[COLUMN_READ] + whole.events[COLUMN_WRITE] <= sum(n for _, _, _, n, _, _ in drawn)


@pytest.mark.parametrize("policy", QUEUED)
def test_streams_at_once_share_the_channel_and_one_alone_has_it(policy: str) -> None:
    """Two of different banks that come together end about when both are through, not one after the other."""
    standard = compiled("hbm2")
    apart = standard.columns * standard.bank_groups * standard.banks_per_group // 2
    alone = Served("hbm2", policy).serve([(0, stream(READ, 0, 2000))], [])[0][0]
    ends = [
        end
        for end, _ in Served("hbm2", policy).serve(
            [(0, stream(READ, 0, 2000)), (0, stream(READ, apart, 2000))], []
        )
    ]
    assert min(ends) > 1.7 * alone
    assert max(ends) < 2.4 * alone
    assert max(ends) - min(ends) < 0.15 * alone


def refreshes_last(channel: Served) -> int:
    """Slots that the REF, or REFSB, which were issued take one after the other."""
    refresh, nodes = channel.standard.spec.refresh, channel.standard.refresh_nodes
    if channel.policy.counters is None:
        commands = channel.events[REFRESH] * nodes + channel.events[REFRESH_BANK]
    else:
        commands = channel.policy.read(channel.state)["counts"][[REF, REFSB]].sum()
    name = "tRFCpb" if refresh.mode == "per_bank" else refresh.cycle
    return int(commands) * int(channel.standard.timings_ck[name]) * channel.standard.spec.slots_per_ck


EACH = ("refresh.mode=per_bank",)
REFRESHED = (
    *((name, ()) for name in DEVICES),
    *((name, EACH) for name in ("gddr6", "hbm3", "lpddr5", "hbm4")),
)


@pytest.mark.parametrize("policy", SHIPPED)
@FEW
@given(st.sampled_from(REFRESHED), st.sampled_from((1, 2)), SOURCES)
def test_refreshes_are_charged_no_more_than_they_last(
    policy: str,
    refreshed: tuple[str, tuple[str, ...]],
    hot: int,
    drawn: list[tuple[int, int, int, int, int, int]],
) -> None:
    """What is charged is at most what the REF (or REFSB) issued by then take, each node's or bank's its own."""
    device, settings = refreshed
    channel = Served(device, policy, settings=settings, hot=hot)
    at, found = 0, 0
    for gap, kind, first, n, stride, pace in drawn:
        ((end, causes),) = channel.serve([(at + gap, stream(kind, first, n, stride, pace))], [])
        at, found = end, found + causes[DRAM_REFRESH]
        assert found <= refreshes_last(channel)


def test_request_arrays_are_served_alone() -> None:
    channel, causes = Served("hbm2", "frfcfs"), [np.zeros(N_CAUSE + 1, np.int64) for _ in range(2)]
    assert channel.advance(stream(READ, 0, 1000), 0, 100, causes[0]) < 0
    words = array_of("hbm2", stream(READ, 0, 10)).words
    found = channel.advance(words, 100, FAR, causes[1])
    alone = "a request array is served alone, and another source is there."
    assert channel.policy.kind.failures[FAILED - found] == alone
    other = Served("hbm2", "frfcfs")
    assert other.advance(array_of("hbm2", stream(READ, 0, 1000)).words, 0, 100, causes[1]) < 0
    for more in (stream(READ, 0, 10), words):
        found = other.advance(more, 100, FAR, np.zeros(N_CAUSE + 1, np.int64))
        assert other.policy.kind.failures[FAILED - found] == alone


def test_a_request_array_goes_on_where_its_piece_ended() -> None:
    whole = array_of("hbm2", stream(READ, 0, 700))
    words = whole.first(500).words
    words[KNOWN] = 700
    channel, causes = Served("hbm2", "frfcfs"), np.zeros(N_CAUSE + 1, np.int64)
    assert FAILED < channel.advance(words, 0, FAR, causes) < 0
    for wrong in (words, whole.words):
        found = channel.advance(wrong, 0, FAR, causes)
        assert "does not begin where the one before ends" in channel.policy.kind.failures[FAILED - found]
    ordered, kind = Served("hbm2", "in-order"), POLICIES["in-order"].arrays
    assert kind is not None
    nothing = np.zeros(0, np.int64)
    found = kind.advance(ordered.params, ordered.state, nothing, words, 0, FAR, causes, ordered.events)
    assert found == FAILED
    assert kind.failures == ("a request array is served whole.",)


def test_a_deeper_look_ahead_is_never_slower_over_a_long_stream() -> None:
    ends = []
    for depth in (8, 32, 64):
        channel = Served("hbm3", "in-order", depth)
        channel.params = params_of("hbm3", ADDRESS_ORDER)
        ends.append(channel.serve([(0, stream(READ, 0, 10_000))], [])[0][0])
    assert ends == sorted(ends, reverse=True)
    assert ends[2] < 0.95 * ends[1]
