"""Processes that work through a list: outcomes as they come, and nothing left running whatever happens."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import TypeVar

from bankside.arch.spec import ConfigError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


def outcomes(
    work: Callable[[Task], Outcome], tasks: Sequence[Task], workers: int
) -> Iterator[tuple[int, Outcome]]:
    """Index and outcome of every task, in the order they finish; `work` is a function of a module.

    Raises
    ------
    ConfigError
        When a worker process was killed.
    """
    if workers == 1 or len(tasks) < 2:
        for index, task in enumerate(tasks):
            yield index, work(task)
        return
    pool = ProcessPoolExecutor(min(workers, len(tasks)), get_context("spawn"), _begin)
    try:
        futures = {pool.submit(work, task): index for index, task in enumerate(tasks)}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenProcessPool:
        sentence = (
            "A worker process was killed (memory?); finished points are kept, so start the sweep again."
        )
        raise ConfigError([sentence]) from None
    finally:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


def _begin() -> None:
    """An interrupt ends the parent alone, and a worker ends when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
