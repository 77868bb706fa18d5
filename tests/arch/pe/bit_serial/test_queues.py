"""Elements with queues, entry by entry, and clusters that meet."""

from collections import deque

import numpy as np
import pytest

from bankside.arch.pe.bit_serial.queues import clustered, eie_cycles, eie_entries


def counted(kept: np.ndarray) -> int:
    entries, run = 0, 0
    for bit in kept:
        if not bit:
            run += 1
            continue
        entries += 1 + run // 16
        run = 0
    return entries


def stepped(work: list[list[int]], depth: int) -> int:
    """Cycle by cycle: an activation is sent when all queues have room, and every element takes an entry a cycle; what
    an element works on is still in its queue."""
    queues = [deque[int]() for _ in work[0]]
    ahead, cycle = deque(work), 0
    while ahead or any(queues):
        if ahead and all(len(queue) < depth for queue in queues):
            for queue, entries in zip(queues, ahead.popleft(), strict=True):
                if entries or queue:
                    queue.append(entries)
        for queue in queues:
            if queue:
                queue[0] -= 1
            while queue and queue[0] <= 0:
                queue.popleft()
        cycle += 1
    return cycle


def test_long_runs_of_zeros_are_broken() -> None:
    kept = np.random.default_rng(2).random((200, 9)) < 0.03
    stored = eie_entries(kept, 4)
    for column in range(9):
        assert [counted(kept[i::4, column]) for i in range(4)] == stored[column].tolist()


@pytest.mark.parametrize("depth", [1, 2, 8])
@pytest.mark.parametrize("density", [0.02, 0.3])
def test_a_full_queue_stops_the_broadcast(depth: int, density: float) -> None:
    generator = np.random.default_rng(depth)
    kept, active = generator.random((64, 40)) < density, generator.random(40) < 0.7
    work = eie_entries(kept, 8)[active]
    assert eie_cycles(kept, active, 8, depth) == stepped(work.tolist(), depth)


def test_deeper_queues_wait_less_and_never_less_than_the_busiest() -> None:
    generator = np.random.default_rng(7)
    kept, active = generator.random((256, 512)) < 0.1, np.ones(512, dtype=bool)
    cycles = [eie_cycles(kept, active, 16, depth) for depth in (1, 2, 4, 8, 64)]
    assert cycles == sorted(cycles, reverse=True) and cycles[0] > cycles[3]
    assert cycles[-1] >= max(512, eie_entries(kept, 16).sum(axis=0).max())


def test_clusters_wait_for_their_slowest_row_and_pairs_even_that_out() -> None:
    work = np.array([9, 1, 8, 2, 7, 3, 6, 4])
    assert clustered(work, 2, None) == 9 + 8 + 7 + 6
    assert clustered(work, 2, work) == 15 + 5
    assert clustered(work, 4, work) == 10
    assert clustered(work[:5], 2, work[:5]) == 15 + 1
