"""Brute-force truths about tilings of a small GEMM: coverage, capacity, bytes moved, and the best tiling.

A GEMM is C[m, n] += A[m, k] B[k, n]. A tiling is a tile (tm, tn, tk) and an order of the three loops over
tiles, outermost first. The buffer holds one tile of each operand; it is told which tile each step needs and
fetches what it does not hold. Counting is by walking every step; nothing is derived.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

LOOPS = "mnk"
OPERANDS = {"a": "mk", "b": "kn", "c": "mn"}


class Gemm(NamedTuple):
    """Sizes of the loops."""

    m: int
    n: int
    k: int


class Tiling(NamedTuple):
    """Tile sizes along m, n, k and the order of the loops over tiles, outermost first."""

    tile: Gemm
    order: str


class Block(NamedTuple):
    """Half-open ranges of m, n and k that one step computes."""

    m: range
    n: range
    k: range


class Moved(NamedTuple):
    """Bytes into and out of the buffer per operand, and how often each operand is fetched as a whole."""

    read_byte: dict[str, int]
    write_byte: dict[str, int]
    fetched_tiles: dict[str, int]


def blocks(gemm: Gemm, tiling: Tiling) -> Iterator[Block]:
    """Every step of the loop nest in order; tiles at the edge are cut."""
    starts = {x: range(0, getattr(gemm, x), getattr(tiling.tile, x)) for x in LOOPS}
    for position in itertools.product(*(starts[x] for x in tiling.order)):
        first = dict(zip(tiling.order, position, strict=True))
        ends = {x: min(first[x] + getattr(tiling.tile, x), getattr(gemm, x)) for x in LOOPS}
        yield Block(*(range(first[x], ends[x]) for x in LOOPS))


def coverage_errors(gemm: Gemm, parts: Iterable[Block]) -> list[str]:
    """Sentences about every (m, n, k) that is computed never or more than once, or lies outside."""
    seen = Counter(point for p in parts for point in itertools.product(p.m, p.n, p.k))
    wanted = set(itertools.product(*(range(size) for size in gemm)))
    errors = [f"{point} is never computed" for point in sorted(wanted - set(seen))]
    errors += [f"{point} is outside" for point in sorted(set(seen) - wanted)]
    errors += [f"{p} is computed {times} times" for p, times in sorted(seen.items()) if times > 1]
    return errors


def buffer_bytes(tile: Gemm, word_byte: dict[str, int], buffers: int = 2) -> int:
    """Bytes of one tile of each operand, `buffers` times (2 is double buffering)."""
    sizes: dict[str, int] = tile._asdict()
    words = {o: sizes[loops[0]] * sizes[loops[1]] for o, loops in OPERANDS.items()}
    return buffers * sum(words[o] * word_byte[o] for o in OPERANDS)


def moved(gemm: Gemm, tiling: Tiling, word_byte: dict[str, int]) -> Moved:
    """Walk the nest with a buffer of one tile per operand.

    A tile of A or B is read when the step needs another one than the one held. A tile of C is written back
    when another one is needed and at the end, and read when it comes back with earlier partial sums.
    """
    held: dict[str, tuple[range, range] | None] = dict.fromkeys(OPERANDS)
    read, written, fetched = Counter[str](), Counter[str](), Counter[str]()
    begun: set[tuple[range, range]] = set()

    def size(operand: str, tile: tuple[range, range]) -> int:
        return len(tile[0]) * len(tile[1]) * word_byte[operand]

    for block in blocks(gemm, tiling):
        for operand, loops in OPERANDS.items():
            tile = (getattr(block, loops[0]), getattr(block, loops[1]))
            old = held[operand]
            if tile == old:
                continue
            if operand == "c" and old is not None:
                written[operand] += size(operand, old)
            if operand != "c" or tile in begun:
                read[operand] += size(operand, tile)
            begun |= {tile} if operand == "c" else set()
            fetched[operand] += 1
            held[operand] = tile
    last = held["c"]
    if last is not None:
        written["c"] += size("c", last)
    return Moved(dict(read), dict(written), dict(fetched))


def every_tiling(gemm: Gemm, word_byte: dict[str, int], capacity_byte: int, buffers: int = 2) -> list[Tiling]:
    """All tile sizes that fit the buffer, with all six loop orders."""
    tiles = (Gemm(*t) for t in itertools.product(*(range(1, size + 1) for size in gemm)))
    fitting = [t for t in tiles if buffer_bytes(t, word_byte, buffers) <= capacity_byte]
    return [Tiling(t, "".join(order)) for t in fitting for order in itertools.permutations(LOOPS)]


def best_tiling(
    gemm: Gemm,
    cost: Callable[[Tiling], float],
    word_byte: dict[str, int],
    capacity_byte: int,
    buffers: int = 2,
) -> tuple[float, Tiling]:
    """Least cost over every tiling that fits, and the first tiling that reaches it.

    Raises
    ------
    ValueError
        when not even a tile of one element fits.
    """
    candidates = every_tiling(gemm, word_byte, capacity_byte, buffers)
    if not candidates:
        raise ValueError(f"No tile fits {capacity_byte} bytes.")
    costs = [cost(t) for t in candidates]
    return min(costs), candidates[costs.index(min(costs))]
