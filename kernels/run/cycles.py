"""Cycle stacks: femtoseconds to whole cycles without losing one."""

from collections.abc import Mapping

from bankside.arch.causes import CAUSES


def cycles_of(time_fs: int, period_fs: int) -> int:
    """Whole cycles that cover a time: ceil(time / period)."""
    return -(-time_fs // period_fs)


def in_cycles(stack_fs: Mapping[str, int], period_fs: int) -> dict[str, int]:
    """Cycles of each cause; they sum to `cycles_of(sum)` exactly.

    Every cause is floored; the cycles left over go to the largest fractions, ties in the order of the causes.
    """
    total = cycles_of(sum(stack_fs.values()), period_fs)
    floors = {cause: stack_fs.get(cause, 0) // period_fs for cause in CAUSES}
    left = total - sum(floors.values())
    order = sorted(CAUSES, key=lambda cause: -(stack_fs.get(cause, 0) % period_fs))
    for cause in order[:left]:
        floors[cause] += 1
    return floors
