"""Processes that work through a list: outcomes as they come, and nothing left running whatever happens."""

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from time import monotonic
from typing import Final, Generic, TypeVar

from bankside.arch.spec import ConfigError

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

NEIGHBOURS: Final = 64
"""Tasks in a row that one worker is given: what it learns from one serves the next."""

MOST_HANDED: Final = 16
"""Tasks that are handed over at once, at most."""

TOLD_AFTER_S: Final = 0.25
"""Time after which a worker tells what it has done of them [s]."""


@dataclass(eq=False)
class _Row(Generic[Task]):
    """Tasks that one worker is given, by number: those that wait, those that it has, and since when; `most`: how many
    it gets at once, one as long as each takes long."""

    waiting: deque[tuple[int, Task]] = field(default_factory=deque)
    handed: list[tuple[int, Task]] = field(default_factory=list)
    since_s: float = 0.0
    most: int = 1

    def hand(self) -> list[Task]:
        """The next that it gets."""
        self.handed = [self.waiting.popleft() for _ in range(min(len(self.waiting), self.most))]
        self.since_s = monotonic()
        return [task for _, task in self.handed]

    def told(self, done: int) -> list[int]:
        """Numbers of the first of them, which are done; the others wait again."""
        took_s = monotonic() - self.since_s
        self.most = min(2 * self.most, MOST_HANDED) if 2 * took_s < TOLD_AFTER_S else max(1, done)
        self.waiting.extendleft(reversed(self.handed[done:]))
        return [index for index, _ in self.handed[:done]]


def outcomes(
    work: Callable[[Task], Outcome], tasks: Iterable[Task], workers: int
) -> Iterator[tuple[int, Outcome]]:
    """Index and outcome of every task, in the order they finish; `work` is a function of a module.

    Tasks are taken as workers come free, `NEIGHBOURS` in a row; at the end those who have none share with those who
    have. Where that is safe, workers are copies of this process: what it has loaded they have.

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
    rows = [_Row[Task]() for _ in range(workers)]
    free, pending = list(rows), dict[Future[list[Outcome]], _Row[Task]]()
    told: list[tuple[int, Outcome]] = []
    try:
        while True:
            try:
                for row in free:
                    _fill(row, rows, numbered)
                    if row.waiting:
                        pending[pool.submit(_some, work, row.hand())] = row
            finally:
                yield from told  # while they are at work again
            if not pending:
                return
            free, told = [row for row in rows if row not in pending.values()], []
            ended = wait(pending, return_when=FIRST_COMPLETED).done
            for future in sorted(ended, key=lambda of: of.exception() is not None):  # those that failed last
                if future.exception() is not None:
                    yield from told
                free.append(row := pending.pop(future))
                done = future.result()
                told += zip(row.told(len(done)), done, strict=True)
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


def _fill(row: _Row[Task], rows: list[_Row[Task]], numbered: Iterator[tuple[int, Task]]) -> None:
    """Give an empty row new tasks, or half of those that wait in the longest."""
    if not row.waiting:
        row.waiting.extend(islice(numbered, NEIGHBOURS))
    if not row.waiting:
        longest = max((of.waiting for of in rows), key=len)
        row.waiting.extendleft(longest.pop() for _ in range(-(-len(longest) // 2)))


def _some(work: Callable[[Task], Outcome], tasks: list[Task]) -> list[Outcome]:
    """Outcomes of the first of tasks: of all, or of those that were done when it was time to tell; where one fails, of
    those before it."""
    done: list[Outcome] = []
    until_s = monotonic() + TOLD_AFTER_S
    for task in tasks:
        try:
            done.append(work(task))
        except Exception:
            if not done:
                raise
            break
        if monotonic() > until_s:
            break
    return done


def _method() -> str:
    """How workers come to be: a copy of a process with other threads could wait for ever for what one of them held."""
    threads = Path("/proc/self/task")  # those of libraries too; other systems have no such folder
    return "fork" if threads.is_dir() and len(list(threads.iterdir())) == 1 else "spawn"


def _begin() -> None:
    """An interrupt ends the parent alone, and a worker ends when its parent is gone. It looks for no garbage in what it
    was given, which that would copy."""
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
