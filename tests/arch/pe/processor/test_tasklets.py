"""Tasklets against a processor that is stepped cycle by cycle, and the laws of a pipeline and of an engine."""

import numpy as np
import pytest
from tests.oracles.tasklets import cycles

from bankside.arch.pe.processor.tasklets import BARRIER, COMPUTE, DMA, HAND, LOCKED, run_tasklets

LOOPS = {
    "stream": [(DMA, 150), (COMPUTE, 120), (DMA, 140)],
    "busy": [(DMA, 60), (COMPUTE, 300)],
    "handed": [(DMA, 90), (COMPUTE, 80), (HAND, 10), (BARRIER, 0), (COMPUTE, 70), (DMA, 90)],
    "locked": [(DMA, 40), (COMPUTE, 30), (LOCKED, 60)],
}


def run(interval: int, steps: list[tuple[int, int]], rounds: list[int]) -> tuple[float, list[float]]:
    spent = np.zeros(3)
    total = run_tasklets(interval, np.array(steps, dtype=np.float64), np.array(rounds, dtype=np.int64), spent)
    return total, spent.tolist()


@pytest.mark.parametrize("tasklets", [1, 4, 11, 16, 24])
@pytest.mark.parametrize("name", LOOPS)
def test_they_take_as_long_as_stepped_cycle_by_cycle(name: str, tasklets: int) -> None:
    """Instructions that are shared evenly against turns of whole ones: within a turn a step."""
    rounds = [5 + (t < tasklets // 2) for t in range(tasklets)]
    total, spent = run(11, LOOPS[name], rounds)
    stepped = cycles(11, LOOPS[name], rounds)
    assert total == pytest.approx(stepped, rel=0.02, abs=22)
    assert sum(spent) == pytest.approx(total)
    instructions = sum(amount for kind, amount in LOOPS[name] if kind in (COMPUTE, HAND, LOCKED))
    assert spent[0] == pytest.approx(instructions * sum(rounds))


@pytest.mark.parametrize(("tasklets", "each"), [(1, 11), (5, 11 / 5), (11, 1), (24, 1)])
def test_eleven_tasklets_fill_the_pipeline(tasklets: int, each: float) -> None:
    total, _ = run(11, [(COMPUTE, 1000)], [3] * tasklets)
    assert total == pytest.approx(3000 * tasklets * each)


def test_transfers_of_a_block_saturate_the_engine_with_two_tasklets() -> None:
    """Silicon: COPY-DMA with 2 tasklets, COPY and ADD with 4 to 6, and SCALE with 11 (PrIM)."""
    copy = [(DMA, 589), (DMA, 573)]
    assert run(11, copy, [60] * 2)[0] == pytest.approx(run(11, copy, [12] * 10)[0], rel=0.01)
    added = [(DMA, 589), (COMPUTE, 7 * 128), (DMA, 573)]
    once, more = run(11, added, [60] * 4)[0], run(11, added, [20] * 12)[0]
    assert once > 1.2 * more
    assert run(11, [(DMA, 589), (COMPUTE, 130 * 128), (DMA, 573)], [10] * 11)[0] == pytest.approx(
        130 * 128 * 110, rel=0.03
    )


def test_a_tasklet_without_rounds_is_waited_for_by_none() -> None:
    total, _ = run(11, LOOPS["handed"], [2, 2, 0, 0])
    assert total == pytest.approx(run(11, LOOPS["handed"], [2, 2])[0])


def test_a_lock_makes_those_that_wait_for_it_spin() -> None:
    """Each instruction of the holder then takes a turn of all."""
    total, _ = run(11, [(LOCKED, 100)], [1] * 16)
    assert total > 100 * 16 * 11
    assert run(11, [(LOCKED, 100)], [1] * 8)[0] == pytest.approx(8 * 1100)
