"""A memo makes each value once, and forgets what was not asked for longest; each thread has one of its own."""

from threading import Thread

import bankside as bs
from bankside.arch.machine.throttle import FULL, throttled
from bankside.kernels.mapping.memo import Memo, own_memo


def test_values_are_made_once_and_the_least_asked_for_goes() -> None:
    memo, made = Memo(2), []

    def value(key: str) -> str:
        return memo.get(key, lambda: made.append(key) or key.upper())  # type: ignore[func-returns-value]

    assert [value(key) for key in "abab"] == ["A", "B", "A", "B"]
    assert made == ["a", "b"]
    value("a")
    value("c")
    assert len(memo) == 2
    value("a")
    value("b")
    assert made == ["a", "b", "c", "b"]


def test_runs_of_a_thread_know_what_those_before_them_found_out() -> None:
    kernel, machine, memos = bs.kernel("gemv", m=512, k=512), bs.machine("hybrid-3d"), []
    first = bs.simulate(kernel, machine).to_dict()
    decided = len(own_memo())
    assert decided > 0
    assert bs.simulate(kernel, machine).to_dict() == first
    assert len(own_memo()) == decided
    bs.simulate(bs.kernel("gemv", m=1024, k=512), machine, fold=False)  # finds out all anew
    assert len(own_memo()) == decided
    other = Thread(target=lambda: memos.append(own_memo()))
    other.start()
    other.join()
    assert memos[0] is not own_memo()
    assert len(memos[0]) == 0


def test_a_machine_that_is_slowed_down_is_decided_for_by_itself() -> None:
    kernel, machine = bs.kernel("gemm", m=97, n=1030, k=777), bs.machine("hybrid-3d")
    slower, memo = throttled(machine, FULL // 4), Memo()
    assert slower.digest == machine.digest
    bs.simulate(kernel, machine, memo=memo)
    known, anew = (bs.simulate(kernel, slower, memo=each).to_dict() for each in (memo, Memo()))
    assert known == anew
