"""Whether a run's PIM programs are worth a memory of them."""

import numpy as np
import pytest

from bankside.arch.dram.channel.pim.kind import WORTH, WORTH_BURSTS, worth_laps, worth_memory
from bankside.arch.dram.channel.pim.program import PimProgram, words
from bankside.arch.dram.channel.source import READ
from bankside.arch.dram.device.commands import MAC


def program(times: int, count: int) -> np.ndarray:
    """One entry of `count` commands, gone through so often."""
    entries = PimProgram()
    entries.add(MAC, 0, 0, range(count))
    loops = np.array([[0, 1, times]], dtype=np.int64)
    return words(entries.entries(), loops=loops)


@pytest.mark.parametrize("others", [0, 3])
def test_what_is_asked_of_all_programs_counts_and_streams_do_not(others: int) -> None:
    stream = np.array([READ, 0, 1, 2 * WORTH, 0], dtype=np.int64)
    ops = [program(WORTH // 64, 32)] * 2 + [stream] * others
    start = np.cumsum([0, *map(len, ops)])
    every = np.arange(len(ops))
    assert worth_memory(np.concatenate(ops), start, every)
    assert not worth_memory(np.concatenate(ops), start, every[1:])
    assert not worth_memory(np.concatenate(ops), start, every[:0])


def test_where_laps_are_foreseen_bursts_of_streams_count_too() -> None:
    ops = [np.array([READ, 0, 1, WORTH_BURSTS // 2, 0], dtype=np.int64)] * 2 + [program(WORTH // 32, 32)]
    work, start = np.concatenate(ops), np.cumsum([0, *map(len, ops)])
    assert worth_laps(work, start, np.array([0, 1]))
    assert not worth_laps(work, start, np.array([0]))
    assert worth_laps(work, start, np.array([2]))
    assert not worth_memory(work, start, np.array([0, 1]))
