import itertools
import operator
import signal

import pytest

from bankside.arch.spec import ConfigError
from bankside.experiment.workers import AHEAD, outcomes


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
    assert next(taken) <= 20 + AHEAD * workers
