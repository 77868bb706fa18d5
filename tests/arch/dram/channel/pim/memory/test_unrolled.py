"""A loop unrolled is its body over and over; any stretch of it is that of the whole."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.dram.channel.pim.memory.unrolled import AT, commands_of, placed, unrolled
from bankside.arch.dram.channel.pim.program import COUNT, FIELDS, LOOP_WORDS

loops_of = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(1, 6)), max_size=3)


def written_out(program, loops):
    """The slow way."""
    found, i = [], 0
    for first, count, times in [*loops, (len(program), 0, 0)]:
        found += [entry.copy() for entry in program[i:first]]
        for _ in range(times):
            found += [entry.copy() for entry in program[first : first + count]]
        i = first + count
    return np.array(found).reshape(-1, len(FIELDS))


@given(drawn=loops_of, behind=st.integers(0, 3), begin=st.integers(0, 40), length=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_unrolled_is_written_out(drawn, behind, begin, length):
    loops, at = [], 0
    for before, count, times in drawn:
        loops.append((at + before, count, times))
        at += before + count
    rng = np.random.default_rng(at + behind)
    program = rng.integers(-1, 54, (at + behind, len(FIELDS)))
    program[:, COUNT] = rng.integers(1, 9, len(program))
    as_array = np.array(loops, np.int64).reshape(-1, LOOP_WORDS)
    whole = written_out(program, loops)
    every = placed(program, as_array)
    assert every[-1, AT] == len(whole)
    assert commands_of(program, as_array) == whole[:, COUNT].sum()
    first, last = min(begin, len(whole)), min(begin + length, len(whole))
    out = np.zeros((last - first, len(FIELDS)), np.int64)
    unrolled(program, every, first, out)
    assert (out == whole[first:last]).all()
