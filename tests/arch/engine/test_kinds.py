"""A kind of unit that only this file knows: it runs, keeps its state, honours `until`, and `_execute` is as it was."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.compiling import compiling

from bankside.arch.causes import COMPUTE, N_CAUSE, NOC_CONTENTION, NOC_SERIAL
from bankside.arch.engine import execute as engine
from bankside.arch.engine.execute import execute
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import AT_ONCE, DELAY, FAILED, KINDS, SERVER, Kind, compiled, priced, register
from bankside.arch.engine.program import Program, ProgramBuilder
from bankside.arch.jit import kernel
from bankside.arch.jit.folder import INTERPRETED

Int64s = npt.NDArray[np.int64]

NOW, NEXT, TURN, SENT = range(4)  # fields of a link's state; then `left` and `end` of each message
ROOM = 32
SLOW = 3


@kernel
def send(params: Int64s, state: Int64s, until: int, mine: int, events: Int64s) -> None:
    """Send flits of all messages in turn until `mine` is through (-1: none is left), or a flit would begin late."""
    left, end = state[4 : 4 + ROOM], state[4 + ROOM :]
    while state[NOW] < until and (left[mine] > 0 if mine >= 0 else left.sum() > 0):
        turn = state[TURN] % state[NEXT]
        state[TURN] = turn + 1
        if left[turn] > 0:
            left[turn] -= 1
            state[NOW] += params[0]
            end[turn] = state[NOW]
            events[0] += 1


@kernel
def share(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """A link that sends a flit of each message in turn, `params[0]` slots a flit; work = flits."""
    left, end = state[4 : 4 + ROOM], state[4 + ROOM :]
    if work[0] < 0:
        return FAILED - 1
    if causes[N_CAUSE] == 0:
        send(params, state, arrival, -1, events)
        state[NOW] = max(state[NOW], arrival)
        left[state[NEXT]] = work[0]
        state[NEXT] += 1
        causes[N_CAUSE] = state[NEXT]
        causes[0] = arrival  # noted until the end is known
    mine = causes[N_CAUSE] - 1
    send(params, state, until, mine, events)
    if left[mine] > 0:
        return -1 - (state[NOW] + left[mine] * params[0])
    arrived = causes[0]
    causes[0] = 0
    causes[NOC_SERIAL] = work[0] * params[0]
    causes[NOC_CONTENTION] = end[mine] - arrived - causes[NOC_SERIAL]
    return int(end[mine])


LINK = register(Kind("shared link", share, AT_ONCE, failures=("", "a message has at least no flits.")))


def hardware() -> Hardware:
    return Hardware.of([(np.array([SLOW]), np.zeros(4 + 2 * ROOM, dtype=np.int64))])


def program(messages: list[tuple[int, int]], period: int) -> Program:
    """Messages of (slot of arrival, flits), each after a server of its own."""
    b = ProgramBuilder()
    link, label = b.unit("link", period, LINK, part=0), b.label("x")
    for i, (arrival, flits) in enumerate(messages):
        gate = b.fixed(b.unit(f"gate{i}", period), label, [(COMPUTE, arrival)], [])
        b.op(link, label, [flits], [gate])
    return b.build()


def naive(messages: list[tuple[int, int]]) -> list[int]:
    """End of each message, slot by slot, with all arrivals known from the start."""
    order = sorted(range(len(messages)), key=lambda i: (messages[i][0], i))
    left, ends, entered, turn, now = [f for _, f in messages], [a for a, _ in messages], 0, 0, 0
    while any(left):
        while entered < len(order) and messages[order[entered]][0] <= now:
            entered += 1
        if not any(left[order[k]] for k in range(entered)):
            now += 1
            continue
        k = turn % entered
        turn = k + 1
        if left[order[k]]:
            now += SLOW
            left[order[k]] -= 1
            ends[order[k]] = now
    return ends


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=8),
    st.sampled_from([1, 7]),
)
def test_messages_that_overlap_end_as_if_all_were_known(messages: list[tuple[int, int]], period: int) -> None:
    timeline = execute(program(messages, period), hardware())
    ends = (timeline.end_fs[1::2] // period).tolist()
    assert ends == naive(messages)
    starts = (timeline.start_fs[1::2] // period).tolist()
    assert starts == [arrival for arrival, _ in messages]
    assert timeline.causes.sum(axis=1).tolist() == [
        end - start for start, end in zip(starts, ends, strict=True)
    ]
    assert int(timeline.path_fs.sum()) == timeline.total_fs
    assert timeline.events[0, 0] == sum(flits for _, flits in messages)


def test_state_lives_on_from_program_to_program() -> None:
    link = hardware()
    first = execute(program([(0, 5)], 10), link)
    assert first.total_fs == 5 * SLOW * 10
    assert link.state(0)[NOW] == 5 * SLOW
    second = execute(program([(2, 1)], 10), link, origin_fs=first.total_fs)
    assert second.end_fs.tolist() == [170, 200]
    assert second.total_fs == 50
    assert int(second.path_fs.sum()) == 50


def test_what_a_kind_cannot_do_is_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"Operation 1 \(x\) on unit link: a message has at least no flits."):
        execute(program([(0, -1)], 1), hardware())


def test_what_a_kind_raises_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    @kernel
    def fails(
        params: Int64s,
        state: Int64s,
        memory: Int64s,
        work: Int64s,
        arrival: int,
        until: int,
        causes: Int64s,
        events: Int64s,
    ) -> int:
        if work[0] == COMPUTE:
            raise ZeroDivisionError("nothing to divide by")
        return arrival

    kind = Kind("fails", fails)
    monkeypatch.setitem(KINDS, "fails", kind)
    with pytest.raises(ZeroDivisionError, match="nothing to divide by"):
        execute(served_by(kind))


@kernel
def idle(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Take no time."""
    return arrival


def served_by(kind: Kind) -> Program:
    builder = ProgramBuilder()
    builder.fixed(builder.unit("unit", 1, kind), builder.label("x"), [(COMPUTE, 1)], [])
    return builder.build()


@pytest.mark.skipif(INTERPRETED, reason="nothing is compiled")
def test_a_new_kind_compiles_itself_when_a_program_first_uses_it_and_not_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    execute(served_by(SERVER))
    kind = Kind("idle", idle)
    monkeypatch.setitem(KINDS, "idle", kind)
    new = served_by(kind)
    with compiling() as names:
        execute(new)
    assert names == ["idle"]
    with compiling() as names:
        execute(new)
        compiled((SERVER, kind))
    assert names == []


def test_short_work_is_served_by_the_brief_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def long(work: Int64s, work_start: Int64s, ops: Int64s) -> bool:
        asked.append([work[work_start[op] : work_start[op + 1]].tolist() for op in ops])
        return len(ops) > 1

    both = Kind("both", share, brief=SERVER, long=long)
    monkeypatch.setitem(KINDS, "both", both)
    builder = ProgramBuilder()
    server, unit = builder.unit("server", 1), builder.unit("both", 1, both, 0)
    label = builder.label("x")
    builder.fixed(server, label, [(COMPUTE, 3)], [])
    builder.fixed(unit, label, [(COMPUTE, 4)], [])
    nothing = np.zeros(1, dtype=np.int64)
    plain = Hardware.of([(nothing, nothing)])
    held = plain.remembering(nothing, [(0, 1)])
    program = builder.build()
    chosen = [engine._kind(program, held, number, frozenset()) for number in range(2)]
    assert chosen == [SERVER, SERVER]
    for cycles in (4, 5):
        builder.fixed(unit, label, [(COMPUTE, cycles)], [])
    program = builder.build()
    assert engine._kind(program, plain, 1, frozenset()) is SERVER
    assert engine._kind(program, held, 1, frozenset()) is both
    assert asked == [[[COMPUTE, 4]], [[COMPUTE, 4], [COMPUTE, 5]]]


def test_a_plain_kind_serves_runs_of_which_it_knows_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(work: Int64s, work_start: Int64s, ops: Int64s) -> int:
        cycles = work[work_start[ops] + 1]
        return int(cycles.sum()) if (cycles < 9).all() else -1

    both = Kind("both", share, brief=SERVER, plain=DELAY, plain_work=known, plain_worth=7)
    monkeypatch.setitem(KINDS, "both", both)
    nothing = np.zeros(1, dtype=np.int64)
    fresh = Hardware.of([(nothing, nothing)])
    held = fresh.remembering(nothing, [(0, 1)])

    def phase(*cycles: int) -> Program:
        builder = ProgramBuilder()
        unit = builder.unit("both", 1, both, 0)
        for each in cycles:
            builder.fixed(unit, builder.label("x"), [(COMPUTE, each)], [])
        return builder.build()

    few, more, unknown = phase(3), phase(2, 2), phase(8, 9)
    assert engine.plain_kinds([]) == engine.plain_kinds([few]) == engine.plain_kinds([more]) == frozenset()
    assert engine.plain_kinds([few, more, unknown]) == frozenset()
    plain = engine.plain_kinds([few, more])
    assert plain == {"both"}
    assert engine.kinds_of(few, held, plain) == [DELAY]
    assert engine.kinds_of(few, fresh, plain) == [SERVER]
    assert engine.kinds_of(few, held) == [both]


def test_names_are_given_once() -> None:
    with pytest.raises(ValueError, match="a kind of unit named 'server' already"):
        register(Kind("server", share))
    assert register(SERVER) is SERVER
    assert KINDS["shared link"] is LINK


def test_pairs_of_cause_and_slots_take_their_sum() -> None:
    nothing = np.zeros(24, dtype=np.int64)
    assert priced(nothing, nothing, nothing, np.array([1, 5, 2, 6]), 10, 0, nothing, nothing) == 21
