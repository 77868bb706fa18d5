"""SCALE-Sim's USER mode by lists and sets: demands of every cycle written out, buffers as sets of addresses.

Slow and plain; equal to the measured runs of its release 3.0.0 on all rows tried.
"""

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

Word = tuple[int, int]  # index in its operand
Grid = list[list[Word | None]]


class Counts(NamedTuple):
    """Stall cycles, and words that cross the three ports."""

    stall_cycles: int
    ifmap_dram_reads: int
    filter_dram_reads: int
    ofmap_dram_writes: int


def cut(grid: Grid, width: int) -> list[Grid]:
    """Strips of `width` columns, the last one filled up with None."""
    strips = []
    for start in range(0, len(grid[0]), width):
        rows = [row[start : start + width] for row in grid]
        strips.append([row + [None] * (width - len(row)) for row in rows])
    return strips


def stacked(strips: list[Grid]) -> Grid:
    return [row for strip in strips for row in strip]


def diagonals(grid: Grid) -> list[Word | None]:
    height, width = len(grid), len(grid[0])
    return [
        grid[d - column][column]
        for d in range(height + width - 1)
        for column in range(width)
        if 0 <= d - column < height
    ]


class Reads:
    """A buffer whose window of sets of addresses moves on by half a buffer."""

    def __init__(self, order: list[Word | None], size: int, port: int) -> None:
        words = [word for word in order if word is not None]
        each = ceil(size / 100)
        self.sets = [set(words[i : i + each]) for i in range(0, len(words), each)]
        if len(words) % each == 0:
            self.sets.append(set())
        active = ceil(size / 2)
        self.held = min(len(self.sets), ceil(active / each))
        self.step = min(len(self.sets) - self.held, ceil((size - active) / each))
        self.lines, self.port, self.first, self.last_prefetch = ceil((size - active) / port), port, 0, -1
        self.fetched = port * min(ceil(active / port), ceil(len(order) / port))

    def has(self, word: Word) -> bool:
        count = len(self.sets)
        end = (self.first + self.held) % count
        window = self.held if end != self.first and self.held < count else count
        return any(word in self.sets[(self.first + i) % count] for i in range(window))

    def serve(self, line: list[Word | None], cycle: int) -> int:
        offset = 1
        for word in line:
            while word is not None and not self.has(word):
                self.first = (self.first + self.step) % len(self.sets)
                self.last_prefetch += self.lines + 1
                self.fetched += self.lines * self.port
                shortfall = self.last_prefetch - (cycle + offset)
                offset += shortfall
                if shortfall > 0:
                    offset += shortfall
        return offset - 1


class Writes:
    """Lines of results, and the drain of half a buffer."""

    def __init__(self, size: int, port: int) -> None:
        self.free, self.size, self.port = size, size, port
        self.lines: list[int] = []  # words in each line
        self.open, self.gone, self.busy, self.written = 0, 0, 0, 0

    def drain(self, cycle: int) -> None:
        if self.open:
            self.lines.append(self.open)
            self.open = 0
        end = min(self.gone + ceil((self.size // 2) / self.port), len(self.lines))
        words = (end - self.gone) * self.port - (self.port - self.lines[end - 1])
        self.busy = cycle + end - self.gone - 1
        self.free, self.written, self.gone = self.free + words, self.written + words, end

    def serve(self, words: int, cycle: int) -> int:
        now = cycle
        for _ in range(words):
            self.free, self.open = self.free - 1, self.open + 1
            if self.open == self.port:
                self.lines.append(self.open)
                self.open = 0
            if now < self.busy:
                now = self.busy if self.free <= 0 else now
            elif self.free < self.size - self.size // 2:
                self.drain(now)
        return now - cycle

    def flush(self, cycle: int) -> None:
        while self.open or self.gone < len(self.lines):
            self.drain(cycle)
            cycle = self.busy + 1


def skewed(grid: Grid, before: int, cycles: int) -> Grid:
    """Demands of every cycle: rows of the grid one a cycle after `before` cycles, column j later by j."""
    lines: Grid = []
    for t in range(cycles):
        at = [t - before - j for j in range(len(grid[0]))]
        lines.append([grid[row][j] if 0 <= row < len(grid) else None for j, row in enumerate(at)])
    return lines


def folds(
    dataflow: str, rows: int, cols: int, m: int, n: int, k: int
) -> tuple[list[Word | None], list[Word | None], Iterator[tuple[Grid, Grid, Grid]]]:
    """Fetch order of input and weights, and the demands of each fold: input, weights, results."""
    a_t: Grid = [[(i, j) for i in range(m)] for j in range(k)]  # k x m
    b: Grid = [[(i, j) for j in range(n)] for i in range(k)]  # k x n
    if dataflow == "os":
        left, top = cut(a_t, rows), cut(b, cols)
        out: Grid = [[(i, j) for j in range(n)] for i in range(m)]
        cycles = rows + cols + k - 2

        def demands() -> Iterator[tuple[Grid, Grid, Grid]]:
            for c, strip in enumerate(top):
                for r, part in enumerate(left):
                    done = cut(out[r * rows : (r + 1) * rows], cols)[c]
                    done = done + [[None] * cols] * (rows - len(done))
                    yield skewed(part, 0, cycles), skewed(strip, 0, cycles), skewed(done[::-1], k - 1, cycles)

        return diagonals(stacked(left)), diagonals(stacked(top)), demands()

    held = b if dataflow == "ws" else a_t  # k x columns
    streamed: Grid = [list(row) for row in zip(*(a_t if dataflow == "ws" else b), strict=True)]  # t x k
    parts, strips = cut(streamed, rows), cut(held, cols)
    cycles = 2 * rows + cols + len(streamed) - 2

    def demands() -> Iterator[tuple[Grid, Grid, Grid]]:
        for c, strip in enumerate(strips):
            width = min(cols, len(held[0]) - c * cols)
            for r, part in enumerate(parts):
                load = strip[r * rows : (r + 1) * rows]
                load = (load + [[None] * cols] * (rows - len(load)))[::-1]
                done: Grid = [
                    [(t, j) if j < width else None for j in range(cols)] for t in range(len(streamed))
                ]
                fixed = load + [[None] * cols] * (cycles - rows)
                moving, results = skewed(part, rows, cycles), skewed(done, 2 * rows - 1, cycles)
                yield (moving, fixed, results) if dataflow == "ws" else (fixed, moving, results)

    by_stream, by_row = diagonals(stacked(parts)), [word for row in stacked(strips) for word in row]
    return (*((by_stream, by_row) if dataflow == "ws" else (by_row, by_stream)), demands())


def simulate(
    dataflow: str,
    shape: tuple[int, int, int, int, int],
    sizes: tuple[int, int, int],
    ports: tuple[int, int, int],
) -> Counts:
    """Run rows, cols, m, n, k with SRAM sizes [byte] and port widths [words/cycle] of input, weights and results."""
    rows, cols, m, n, k = shape
    first, second, demands = folds(dataflow, rows, cols, m, n, k)
    inputs, weights = Reads(first, sizes[0], ports[0]), Reads(second, sizes[1], ports[1])
    results = Writes(sizes[2], ports[2])
    stalls = cycle = waited = 0
    for fold in demands:
        for a, b, c in zip(*fold, strict=True):
            now = cycle + stalls
            waited = results.serve(sum(word is not None for word in c), now)
            last = now + waited
            stalls += max(inputs.serve(a, now), weights.serve(b, now), waited)
            cycle += 1
    results.flush(last)
    return Counts(stalls, inputs.fetched, weights.fetched, results.written)
