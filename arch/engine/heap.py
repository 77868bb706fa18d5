"""A binary heap of (time, key) pairs in two arrays, least first; ties in order of the key."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel

Int64s = npt.NDArray[np.int64]


@hot_kernel
def push(times: Int64s, keys: Int64s, size: int, time: int, key: int) -> int:
    """Add an entry; returns the new size."""
    i = size
    while i > 0:
        up = (i - 1) // 2
        if times[up] < time or (times[up] == time and keys[up] < key):
            break
        times[i] = times[up]
        keys[i] = keys[up]
        i = up
    times[i] = time
    keys[i] = key
    return size + 1


@hot_kernel
def pop(times: Int64s, keys: Int64s, size: int) -> int:
    """Remove the first entry, which the caller has read; returns the new size."""
    size -= 1
    time = times[size]
    key = keys[size]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        right = down + 1
        if right < size and (
            times[right] < times[down] or (times[right] == times[down] and keys[right] < keys[down])
        ):
            down = right
        if time < times[down] or (time == times[down] and key < keys[down]):
            break
        times[i] = times[down]
        keys[i] = keys[down]
        i = down
    times[i] = time
    keys[i] = key
    return size
