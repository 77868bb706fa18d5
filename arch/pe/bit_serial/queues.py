"""Unstructured sparsity: elements that own interleaved rows and take activations from queues (EIE), and clusters whose
elements meet after each output (SparTen)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

RUN_BITS: Final = 4
"""Of the distance to the value before in its column (Han et al., EIE, ISCA 2016)."""


def eie_entries(kept: Bools, elements: int, run_bits: int = RUN_BITS) -> Int64s:
    """Stored values of each column at each element: int64[columns, elements].

    Element i owns the rows r with r mod elements = i. A run of more than 2^run_bits - 1 zeros is broken by a zero that
    is stored, and takes a cycle.
    """
    stored = np.zeros((elements, kept.shape[1]), dtype=np.int64)
    count_entries(kept, 1 << run_bits, np.full_like(stored, -1), stored)
    return np.ascontiguousarray(stored.T)


@kernel
def count_entries(kept: Bools, reach: int, last: Int64s, stored: Int64s) -> None:
    """Kept values of each element and column, and the zeros between them that are stored.

    Parameters
    ----------
    last : int64[elements, columns]
        Scratch; -1: the element's own row of the value before.
    stored : int64[elements, columns]
        Zeros, to which they are added.
    """
    elements = stored.shape[0]
    for row in range(kept.shape[0]):
        element, place = row % elements, row // elements
        for column in range(kept.shape[1]):
            if kept[row, column]:
                stored[element, column] += 1 + (place - last[element, column] - 1) // reach
                last[element, column] = place


def eie_cycles(kept: Bools, active: Bools, elements: int, depth: int, run_bits: int = RUN_BITS) -> int:
    """Cycles of a matrix with the activations that are not zero, broadcast one a cycle.

    An element takes a stored value a cycle, and an activation that meets none of its rows none. The broadcast waits
    while the queue of any element is full.

    Parameters
    ----------
    kept : bool[rows, columns]
    active : bool[columns]
    depth
        Activations that an element's queue holds.
    """
    work = eie_entries(kept, elements, run_bits)[active]
    return int(broadcast(work, depth, np.zeros((depth, elements), dtype=np.int64)))


@kernel
def broadcast(work: Int64s, depth: int, done: Int64s) -> int:
    """Cycles until all elements are done.

    Parameters
    ----------
    work : int64[activations, elements] [cycle]
    done : int64[depth, elements]
        Scratch; zeros: when the last activations were done at each element.
    """
    sent, end = 0, 0
    for j in range(work.shape[0]):
        slot = j % depth
        for i in range(work.shape[1]):
            sent = max(sent, done[slot, i])
        before = (j - 1) % depth
        for i in range(work.shape[1]):
            begin = max(sent, done[before, i] if j > 0 else 0)
            done[slot, i] = begin + work[j, i]
            end = max(end, done[slot, i])
        sent += 1
    return max(end, sent)


def clustered(work: Int64s, elements: int, values: Int64s | None = None) -> int:
    """Cycles of rows on clusters of `elements`, each of which takes a row and waits for the slowest.

    Parameters
    ----------
    work : int64[rows] [cycle]
    values : int64[rows]
        Values of each row that are not zero: with them rows are paired before, in their order the first of twice as
        many as there are elements with the last, and so on.
    """
    if values is None:
        return int(np.pad(work, (0, -work.size % elements)).reshape(-1, elements).max(axis=1).sum())
    cycles, ordered = 0, work[np.argsort(-values, kind="stable")]
    for at in range(0, ordered.size, 2 * elements):
        block = ordered[at : at + 2 * elements]
        pairs = block[: (block.size + 1) // 2].copy()
        pairs[: block.size // 2] += block[::-1][: block.size // 2]
        cycles += int(pairs.max())
    return cycles
