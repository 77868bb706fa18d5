"""Processes that work through a list: outcomes as they come, and nothing left running whatever happens."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Final, TypeVar

from bankside.arch.spec import ConfigError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

AHEAD: Final = 4  # tasks of each worker that are handed over before it has done the first


def outcomes(
    work: Callable[[Task], Outcome], tasks: Iterable[Task], workers: int
) -> Iterator[tuple[int, Outcome]]:
    """Index and outcome of every task, in the order they finish; `work` is a function of a module.

    Tasks are taken one by one, as workers come free. Where that is safe, workers are copies of this process: what it
    has loaded they have.

    Raises
    ------
    ConfigError
        When a worker process was killed.
    """
    tasks = iter(tasks)
    first = list(islice(tasks, 2))
    numbered = enumerate(chain(first, tasks))
    if workers == 1 or len(first) < 2:
        for index, task in numbered:
            yield index, work(task)
        return
    pool = ProcessPoolExecutor(workers, get_context(_method()), _begin)
    try:
        pending: dict[Future[Outcome], int] = {}
        while True:
            for index, task in islice(numbered, AHEAD * workers - len(pending)):
                pending[pool.submit(work, task)] = index
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                yield pending.pop(future), future.result()
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


def _method() -> str:
    """How workers come to be: a copy of a process with other threads could wait for ever for what one of them held."""
    threads = Path("/proc/self/task")  # those of libraries too; other systems have no such folder
    return "fork" if threads.is_dir() and len(list(threads.iterdir())) == 1 else "spawn"


def _begin() -> None:
    """An interrupt ends the parent alone, and a worker ends when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
