"""A loop unrolled is its body over and over, rows further on in every turn; any stretch of it is that of the whole."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.dram.channel.pim.memory.unrolled import commands_of, unrolled, unrolled_length
from bankside.arch.dram.channel.pim.program import COUNT, FIELDS, LOOP_WORDS, ROW

ROWS = 50
loops_of = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(1, 6), st.integers(0, 60)), max_size=3
)


def written_out(program, loops):
    """The slow way."""
    found, i = [], 0
    for first, count, times, shift in [*loops, (len(program), 0, 0, 0)]:
        found += [entry.copy() for entry in program[i:first]]
        for turn in range(times):
            for entry in program[first : first + count]:
                found.append(entry.copy())
                if 0 <= entry[ROW] < ROWS:
                    found[-1][ROW] = (entry[ROW] + turn * shift) % ROWS
        i = first + count
    return np.array(found).reshape(-1, len(FIELDS))


@given(drawn=loops_of, behind=st.integers(0, 3), begin=st.integers(0, 40), length=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_unrolled_is_written_out(drawn, behind, begin, length):
    loops, at = [], 0
    for before, count, times, shift in drawn:
        loops.append((at + before, count, times, shift))
        at += before + count
    rng = np.random.default_rng(at + behind)
    program = rng.integers(-1, ROWS + 4, (at + behind, len(FIELDS)))
    program[:, COUNT] = rng.integers(1, 9, len(program))
    as_array = np.array(loops, np.int64).reshape(-1, LOOP_WORDS)
    whole = written_out(program, loops)
    assert unrolled_length(program, as_array) == len(whole)
    assert commands_of(program, as_array) == whole[:, COUNT].sum()
    first, last = min(begin, len(whole)), min(begin + length, len(whole))
    out = np.zeros((last - first, len(FIELDS)), np.int64)
    unrolled(program, as_array, ROWS, first, out)
    assert (out == whole[first:last]).all()
