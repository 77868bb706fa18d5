import itertools
import operator
import os
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.experiment import workers
from bankside.experiment.workers import NEIGHBOURS, outcomes


def test_s3_workers_give_what_one_process_gives() -> None:
    tasks = list(range(-4, 4))
    assert list(outcomes(operator.neg, tasks, 1)) == list(enumerate(map(operator.neg, tasks)))
    assert sorted(outcomes(operator.neg, tasks, 2)) == list(enumerate(map(operator.neg, tasks)))


def test_s4_a_killed_worker_is_a_sentence() -> None:
    with pytest.raises(ConfigError, match="worker process was killed"):
        list(outcomes(signal.raise_signal, [signal.SIGKILL] * 2, 2))


@pytest.mark.parametrize("workers", [1, 2])
def test_tasks_are_taken_as_workers_come_free(workers: int) -> None:
    taken = itertools.count()
    come = outcomes(operator.neg, taken, workers)
    for _ in range(20):
        index, outcome = next(come)
        assert outcome == -index
    come.close()
    assert next(taken) <= 20 + NEIGHBOURS * workers


def test_neighbours_go_to_one_worker_and_what_is_left_is_shared() -> None:
    of_each: dict[int, list[int]] = {}
    for index, process in outcomes(where, range(2 * NEIGHBOURS), 2):
        of_each.setdefault(process, []).append(index)
    assert sorted(index for indices in of_each.values() for index in indices) == list(range(2 * NEIGHBOURS))
    assert len(of_each) == 2
    neighbours = sum(
        one + 1 == other for indices in of_each.values() for one, other in pairwise(sorted(indices))
    )
    assert neighbours > 1.8 * NEIGHBOURS


def test_workers_go_on_while_what_they_did_is_taken(tmp_path: Path) -> None:
    come = outcomes(Path.touch, [tmp_path / str(number) for number in range(NEIGHBOURS)], 2)
    next(come)
    until = time.monotonic() + 30
    while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(list(tmp_path.iterdir())) >= 3
    come.close()


def test_few_long_tasks_are_for_all_workers() -> None:
    began = time.monotonic()
    assert len(list(outcomes(time.sleep, [0.6] * 4, 2))) == 4
    assert time.monotonic() - began < 4 * 0.6


def where(_: int) -> int:
    """The process that works on it, for a while."""
    time.sleep(0.002)
    return os.getpid()


def test_what_was_done_before_a_task_failed_is_told() -> None:
    assert workers._some(halved, [2, 4, 9, 6]) == [1, 2]
    with pytest.raises(ValueError, match="9 is odd"):
        workers._some(halved, [9, 2])
    told = []
    with pytest.raises(ValueError, match="9 is odd"):
        for outcome in outcomes(halved, [2, 4, 9, 9], 2):
            told.append(outcome)
    assert set(told) <= {(0, 1), (1, 2)}


def halved(number: int) -> int:
    """Half of it."""
    if number % 2:
        raise ValueError(f"{number} is odd.")
    return number // 2


def test_what_was_done_is_told_where_no_more_can_be_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def tasks() -> Iterator[int]:
        yield from range(2)
        raise ConfigError(["no more"])

    monkeypatch.setattr(workers, "NEIGHBOURS", 1)
    come, told = outcomes(operator.neg, tasks(), 2), []
    with pytest.raises(ConfigError, match="no more"):
        for each in come:
            told.append(each)
    assert told
