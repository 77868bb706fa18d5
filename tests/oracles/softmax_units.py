"""Integer softmax units, one score at a time in Python integers, and their schedules, one cycle at a time."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor


def ita(row: Sequence[int], part: int = 16) -> list[int]:
    """Sum of 256 >> (maximum - x) part by part; 65280 / sum, shifted right for each score."""
    top, total = -128, 0
    for first in range(0, len(row), part):
        piece = row[first : first + part]
        grown = max(top, *piece)
        total >>= grown - top
        for x in piece:
            total += 256 >> (grown - x)
        top = grown
    return [(65280 // total) >> (top - x) for x in row]


def softermax(row: Sequence[int], part: int, reciprocal: Sequence[tuple[float, float, float]]) -> list[int]:
    """Scores in quarters of a power of two; `reciprocal`: (low end, value there, rise) of lines of 1/m on [1, 2)."""
    table = [round(2 ** (f / 4) * 2**15) for f in range(4)]

    def power(x: int, whole: int) -> int:
        less = x - 4 * whole
        return table[less % 4] >> -(less // 4)

    whole, total = -32, 0
    for first in range(0, len(row), part):
        piece = row[first : first + part]
        grown = max(whole, ceil(Fraction(max(piece), 4)))
        total >>= grown - whole
        added = 0
        for x in piece:
            added += power(x, grown)
        total, whole = min(total + (added >> 9), 65535), grown
    exponent = total.bit_length() - 1
    m = Fraction(total, 2**exponent)
    low, value, rise = max((line for line in reciprocal if line[0] <= m), key=lambda line: line[0])
    exact = Fraction(value) + Fraction(rise) * (m - Fraction(low)) * 4
    share = round(exact * 128)
    return [min((power(x, whole) * share) >> (15 + exponent - 6), 255) for x in row]


def sole(row: Sequence[int], fraction: int, part: int) -> list[int]:
    """Codes of four bits; the sum keeps its leading one and the bit after it."""

    def code(x: int, top: int) -> int:
        less = x - top
        return min(
            15, -floor(Fraction(less + floor(Fraction(less, 2)) - floor(Fraction(less, 16)), 2**fraction))
        )

    top, total = row[0], 0
    for first in range(0, len(row), part):
        piece = row[first : first + part]
        grown = max(top, *piece)
        total >>= code(top, grown)
        for x in piece:
            total += 2**15 >> code(x, grown)
        top = grown
    lead = total.bit_length() - 1
    share = round(256 * 7 / 12) if total & (1 << (lead - 1)) else round(256 * 5 / 6)
    return [share >> (code(x, top) + lead - 15) for x in row]


def drain(divisions: Sequence[int], dividers: int, fifo: int) -> tuple[int, int]:
    """Cycle in which the last reciprocal is there, and cycles the array waits; rows are complete one a cycle."""
    waiting: list[int] = []
    busy = [0] * dividers
    clock = stalls = done = given = 0
    while done < len(divisions):
        for i, left in enumerate(busy):
            if left:
                busy[i] -= 1
                done += busy[i] == 0
        if done == len(divisions):
            break
        for i, left in enumerate(busy):
            if not left and waiting:
                busy[i] = waiting.pop(0)
        if given < len(divisions):
            free = [i for i, left in enumerate(busy) if not left]
            if free and not waiting:
                busy[free[0]] = divisions[given]
                given += 1
            elif len(waiting) < fifo:
                waiting.append(divisions[given])
                given += 1
            else:
                stalls += 1
        clock += 1
    return clock, stalls


def walk(rows: int, steps: Sequence[int], waits: Sequence[int], last: int) -> int:
    """Cycles of passes over rows: all rows one after the other, then again, each not before its wait is over."""
    clock, ready = 0, [0] * rows
    for step, wait in zip(steps, [*waits, last], strict=True):
        for row in range(rows):
            clock = max(clock, ready[row]) + step
            ready[row] = clock + wait
    return ready[-1]
