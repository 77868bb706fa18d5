"""Weight-bound trains of tiles as TPU v1's counters tell their cycles apart: active, shifting weights, stalled.

Every tile's weights come from memory one after another, wait until the shadow registers are free, shift in
row by row while the tile before streams, and are used by T vectors. Each idle cycle of the array is a shift
cycle if the next weights are shifting in, else a stall.
"""

import math

from bankside.arch.jit import kernel


@kernel
def weight_train(
    tiles: int, rows: int, streamed: int, tile_words: int, words_per_cycle: float
) -> tuple[int, int, int, int]:
    """Cycles of a train of weight tiles, from the first fetch to the last vector's entry.

    Parameters
    ----------
    tiles : int64
        Weight tiles, each used once by `streamed` vectors.
    rows : int64
        Rows of the array: cycles of one shift.
    tile_words : int64
        Words of one tile, padding included [words].
    words_per_cycle : float64
        Rate at which memory brings weights [words/cycle].

    Returns
    -------
    tuple of int64
        (total, active, shift, stall) [cycle]; total is the sum of the other three.
    """
    shift, stall, start, end = 0, 0, 0, 0
    for i in range(tiles):
        arrived = math.ceil((i + 1) * tile_words / words_per_cycle)
        begin = max(arrived, start)  # the shadow registers empty as the tile before starts to stream
        start = max(begin + rows, end)
        stall += max(begin - end, 0)
        shift += start - max(begin, end)
        end = start + streamed
    return end, tiles * streamed, shift, stall
