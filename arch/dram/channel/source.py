"""What a channel is asked for: the words of an operation, and the kinds of sources that they may be.

A stream is (kind, first, stride, count, min_gap): bursts first, first + stride, ... of the channel's address space.
A gather is (GATHER, first, draw, count, min_gap, run, places): reads in runs of `run` bursts, each at one of so many
places from `first` on (`gather`).
A PIM program is (PIM, whether the channel leaves the mode of PIM at its end, then the entries of `pim.program`).
A request array is (REQUESTS, reads in flight at most, requests that are known, those before the first here, then the
arrays of `Requests`, one after the other). Queued controllers take one in pieces: more are then known than are here,
and once these are handed over the channel waits for the words of those that follow, which may know of more again.
"""

from typing import Final

READ, WRITE, PIM, REQUESTS, GATHER = range(5)
"""Kinds of sources."""

FIRST, STRIDE, COUNT, GAP = range(1, 5)
"""Words of a stream after its kind."""

DRAW, RUN, PLACES = STRIDE, 5, 6
"""Words of a gather, in the place of a stride and after those of a stream."""

LIMIT, KNOWN, BEFORE = range(1, 4)
"""Words of a request array: reads in flight at which offering stops, where 0 is no limit; requests that are known;
those before the first that is here."""

ARRAYS: Final = 4
"""Word at which the arrays begin."""

N_ARRAY: Final = 7
"""Arrays of requests: op, pseudo-channel, bank group, bank, row, column, clock of the offer."""
