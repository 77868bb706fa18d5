"""A train of steps as the arrays of a program, made in one pass: bring, compute, take away.

A step's chain of operations brings, if anything has to come; its tile follows, and a chain that takes away. A chain
into a buffer waits for the tile that used it `buffers` steps before, a tile for its chain and for the tile before it.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.source import READ, WRITE
from bankside.arch.engine.program import COSTS, STREAM_WORDS
from bankside.arch.jit import flat_kernel

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]

UNIT, FORM, WORD, AFTER, AFTER_END, FIXED, BYTE = range(7)
"""Columns of an operation of a chain: its unit, what its words are, the one of them that is always the same (cause of a
cost, row of traffic), the operations of the chain that it waits for, and its cycles in any case and bytes a burst."""

STREAM, COST, TRAFFIC = range(3)
"""Words of an operation: a stream of bursts; a cause and its cycles, none where they are 0; traffic of a row."""

CHAIN_FIELDS: Final = 7
BRING, TAKE = READ, WRITE
"""Both ways of a step: what its streams do."""


class Tiles(NamedTuple):
    """Tiles of a train, each of p parts, one after the other; of their kinds there are k.

    of: int64[n], the kind of each step's; unit: int64[k, p]; causes: int64[p, COSTS], cycles: int64[k, p, COSTS];
    label: int64[1 + p], of what moves and of each part; in_turn: whether a tile waits for the one before it.
    """

    of: Int64s
    unit: Int64s
    causes: Int64s
    cycles: Int64s
    label: Int64s
    in_turn: bool = True


class Opens(NamedTuple):
    """Steps before whose tile something is opened, once the tile before has ended: int64[n], 1 where it is; the unit,
    the cause and its cycles."""

    at: Int64s
    unit: int = -1
    cause: int = 0
    cycles: int = 0


class Closes(NamedTuple):
    """What follows once the last tile and the last transfer have ended: its unit, the cause and its cycles; none where
    they are 0."""

    unit: int = -1
    cause: int = 0
    cycles: int = 0


class Chained(NamedTuple):
    """Steps of a train; n steps, chains of c operations.

    first_op: number of the first operation in its program; chain: int64[c, CHAIN_FIELDS], of which the last `ends` end
    when a transfer is there; rate: float64[c], cycles, or bytes of traffic, for each of its bytes; cursor, span: burst
    of the channels' address space that the first transfer begins at, and how many there are before it begins anew;
    bursts: int64[n, 2], those that a step brings and takes; buffers: steps after which a buffer is used again;
    early_start: int64[buffers + 1] and early: int64[...], CSR of what the chains of the first steps wait for; start:
    int64[...], what the first tile waits for, or all where they are not in turn.
    """

    first_op: int
    chain: Int64s
    rate: Float64s
    ends: int
    cursor: int
    span: int
    bursts: Int64s
    tiles: Tiles
    opens: Opens
    closes: Closes
    buffers: int
    early_start: Int64s
    early: Int64s
    start: Int64s


class Woven(NamedTuple):
    """Operations of a train, the numbers of the last parts of its tiles, from the first operation on, and where the
    next transfer begins.

    `words` and `deps` say how many of `work` and `dep` each has.
    """

    unit: Int64s
    label: Int64s
    words: Int64s
    work: Int64s
    deps: Int64s
    dep: Int64s
    tile_at: Int64s
    cursor: int


Given = tuple[
    tuple[Int64s, Int64s, Int64s], tuple[Int64s, Float64s], tuple[Int64s, Int64s, Int64s, Int64s, Int64s],
    tuple[Int64s, Int64s, Int64s],
]  # fmt: skip
Made = tuple[Int64s, Int64s, Int64s, Int64s, Int64s, Int64s, Int64s]


def weave(train: Chained) -> Woven:
    """The operations of a train."""
    given, made = filling(train)
    used = np.zeros(3, dtype=np.int64)
    fill(*given, made, used)
    unit, label, words, work, deps, dep, tile_at = made
    return Woven(unit, label, words, work[: used[0]], deps, dep[: used[1]], tile_at, int(used[2]))


def ops_of(train: Chained) -> int:
    """How many operations a train has."""
    return sizes_of(train)[0]


def sizes_of(train: Chained) -> tuple[int, int, int]:
    """Operations of a train, and how many words and dependencies they have at most."""
    steps, links, parts = len(train.bursts), len(train.chain), train.tiles.unit.shape[1]
    chains, opened = int(np.count_nonzero(train.bursts)), int(np.count_nonzero(train.opens.at))
    closed = int(train.closes.cycles > 0)
    words = chains * links * STREAM_WORDS + 2 * (steps * parts * COSTS + opened + closed)
    outside = links * len(train.early) + len(train.start) * (2 if train.tiles.in_turn else steps + 1)
    waits = (
        chains * links * links
        + steps * (train.ends + parts)
        + 2 * opened
        + closed * (1 + train.ends)
        + outside
    )
    return steps * parts + chains * links + opened + closed, words, waits


def filling(train: Chained) -> tuple[Given, Made]:
    """What `fill` is given of a train, and room for what it makes."""
    n_ops, words, waits = sizes_of(train)
    sizes = n_ops, n_ops, n_ops, words, n_ops, waits, len(train.bursts)
    unit, label, of_words, work, deps, dep, tile_at = [np.empty(size, dtype=np.int64) for size in sizes]
    return _given(train), (unit, label, of_words, work, deps, dep, tile_at)


def _given(train: Chained) -> Given:
    """What `fill` is given of a train."""
    tiles, opens, closes = train.tiles, train.opens, train.closes
    fixed = np.array(
        [
            train.first_op,
            train.ends,
            train.buffers,
            tiles.in_turn,
            *opens[1:],
            train.cursor,
            train.span,
            *closes,
        ],
        dtype=np.int64,
    )
    return (
        (fixed, train.chain, tiles.label), (train.bursts, train.rate),
        (tiles.of, opens.at, tiles.unit, tiles.causes, tiles.cycles), (train.early_start, train.early, train.start),
    )  # fmt: skip


def alike(columns: Int64s) -> tuple[Int64s, Int64s]:
    """Where each column of int64[rows, n] is seen first, of the few different ones there are, and which of these each
    is."""
    first, which = np.empty(columns.shape[1], dtype=np.int64), np.empty(columns.shape[1], dtype=np.int64)
    return first[: _alike(columns, first, which)], which


@flat_kernel
def _alike(columns: Int64s, first: Int64s, which: Int64s) -> int:
    found = 0
    for i in range(columns.shape[1]):
        k = which[i - 1] if i > 0 else 0
        tried = 0
        while tried < found:
            same = True
            for row in range(columns.shape[0]):
                if columns[row, i] != columns[row, first[k]]:
                    same = False
                    break
            if same:
                break
            tried += 1
            k = k + 1 if k + 1 < found else 0
        if tried == found:
            first[found] = i
            k = found
            found += 1
        which[i] = k
    return found


@flat_kernel
def fill(
    fixed: tuple[Int64s, Int64s, Int64s],
    moves: tuple[Int64s, Float64s],
    tiles: tuple[Int64s, Int64s, Int64s, Int64s, Int64s],
    outside: tuple[Int64s, Int64s, Int64s],
    out: tuple[Int64s, Int64s, Int64s, Int64s, Int64s, Int64s, Int64s],
    used: Int64s,
) -> None:
    """Fill the arrays of `Woven`; `used`: words, dependencies, and the next transfer's first burst."""
    head, chain, labels = fixed
    first_op, ends, buffers, in_turn, open_unit = head[0], head[1], head[2], head[3], head[4]
    count, rate = moves
    cursor, span = head[7], head[8]
    kind, opens, part_unit, causes, cycles = tiles
    early_start, early, start = outside
    unit, label, words, work, deps, dep, tile_at = out
    op = at = on = taken = 0
    for i in range(count.shape[0]):
        for way in range(2):
            if way == TAKE:
                chain_end = op
                if opens[i] > 0:
                    unit[op], label[op], on_before = open_unit, labels[0], on
                    work[at], work[at + 1] = head[5], head[6]
                    words[op] = 2 if head[6] > 0 else 0
                    at += words[op]
                    if i > 0:
                        dep[on] = first_op + tile_at[i - 1]
                        on += 1
                    else:
                        for k in range(start.shape[0]):
                            dep[on] = start[k]
                            on += 1
                    deps[op] = on - on_before
                    op += 1
                for part in range(part_unit.shape[1]):
                    unit[op], label[op] = part_unit[kind[i], part], labels[1 + part]
                    at_before, on_before = at, on
                    for c in range(cycles.shape[2]):
                        if cycles[kind[i], part, c] > 0:
                            work[at], work[at + 1] = causes[part, c], cycles[kind[i], part, c]
                            at += 2
                    if part > 0 or opens[i] > 0:
                        dep[on] = first_op + op - 1
                        on += 1
                    if part == 0:
                        if count[i, BRING] > 0:
                            for k in range(chain_end - ends, chain_end):
                                dep[on] = first_op + k
                                on += 1
                        if i > 0 and in_turn > 0:
                            dep[on] = first_op + tile_at[i - 1]
                            on += 1
                        if i == 0 or in_turn == 0:
                            for k in range(start.shape[0]):
                                dep[on] = start[k]
                                on += 1
                    words[op], deps[op] = at - at_before, on - on_before
                    op += 1
                tile_at[i] = op - 1
            if count[i, way] == 0:
                continue
            here, begin = op, cursor if cursor + count[i, way] <= span else 0
            cursor = begin + count[i, way]
            for k in range(chain.shape[0]):
                unit[op], label[op] = chain[k, UNIT], labels[0]
                at_before, on_before = at, on
                amount = chain[k, FIXED] + int(np.rint(count[i, way] * chain[k, BYTE] * rate[k]))
                if chain[k, FORM] == STREAM:
                    work[at], work[at + 1], work[at + 2] = way, begin, 1
                    work[at + 3], work[at + 4] = count[i, way], 0
                    at += 5
                elif chain[k, FORM] == TRAFFIC:
                    work[at], work[at + 1], work[at + 2] = chain[k, WORD], amount, 0
                    work[at + 3], work[at + 4] = 1, 0
                    at += 5
                elif amount > 0:
                    work[at], work[at + 1] = chain[k, WORD], amount
                    at += 2
                if chain[k, AFTER_END] > chain[k, AFTER]:
                    for j in range(chain[k, AFTER], chain[k, AFTER_END]):
                        dep[on] = first_op + here + j
                        on += 1
                elif way == TAKE:
                    dep[on] = first_op + tile_at[i]
                    on += 1
                elif i >= buffers:
                    dep[on] = first_op + tile_at[i - buffers]
                    on += 1
                else:
                    for j in range(early_start[i], early_start[i + 1]):
                        dep[on] = early[j]
                        on += 1
                words[op], deps[op] = at - at_before, on - on_before
                op += 1
            if way == TAKE:
                taken = op
    if head[11] > 0:
        unit[op], label[op], words[op], deps[op] = head[9], labels[0], 2, 1
        work[at], work[at + 1] = head[10], head[11]
        at += 2
        dep[on] = first_op + tile_at[count.shape[0] - 1]
        on += 1
        if taken > 0:
            for k in range(taken - ends, taken):
                dep[on] = first_op + k
                on += 1
                deps[op] += 1
    used[0], used[1], used[2] = at, on, cursor
