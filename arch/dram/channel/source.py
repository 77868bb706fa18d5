"""What a channel is asked for: the words of an operation, and the kinds of sources that they may be.

A stream is (kind, first, stride, count, min_gap): bursts first, first + stride, ... of the channel's address space.
A gather is (GATHER, first, draw, count, min_gap, run, places): reads in runs of `run` bursts, each at one of so many
places from `first` on (`gather`).
A PIM program is (PIM, whether the channel leaves the mode of PIM at its end, then the entries of `pim.program`).
A request array is (REQUESTS, reads in flight at most, then the arrays of `Requests`, one after the other).
"""

from typing import Final

READ, WRITE, PIM, REQUESTS, GATHER = range(5)
"""Kinds of sources."""

FIRST, STRIDE, COUNT, GAP = range(1, 5)
"""Words of a stream after its kind."""

DRAW, RUN, PLACES = STRIDE, 5, 6
"""Words of a gather, in the place of a stride and after those of a stream."""

LIMIT: Final = 1
"""Word of a request array: reads in flight at which offering stops; 0 is no limit."""

ARRAYS: Final = 2
"""Word at which the arrays begin."""

N_ARRAY: Final = 7
"""Arrays of requests: op, pseudo-channel, bank group, bank, row, column, clock of the offer."""
