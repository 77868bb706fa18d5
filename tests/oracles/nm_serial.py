"""N:M element-serial PE (USPE of SAT, TCAD 2023, arXiv 2309.13015): kept values one after another.

Cycle and storage rules: research/units.md section 2.1.
"""

from math import ceil, comb, log2
from typing import NamedTuple

from tests.oracles.lane_groups import Other, Rows, Served, grouped, serve


class Stored(NamedTuple):
    """N values of a group and where they stand."""

    values: list[int]
    positions: list[int]


def stored(group: list[int], *, n: int) -> Stored:
    """The nonzeros in order; zeros from the front fill up to n. More than n nonzeros are refused."""
    nonzeros = [k for k, value in enumerate(group) if value != 0]
    if len(nonzeros) > n:
        raise ValueError(f"A group holds {len(nonzeros)} nonzeros, its pattern {n}.")
    zeros = [k for k, value in enumerate(group) if value == 0]
    kept = sorted(nonzeros + zeros[: n - len(nonzeros)])
    return Stored([group[k] for k in kept], kept)


def nm_serial(
    values: Rows, other: Other = None, *, n: int, m: int, mask: str = "index", port_words: int | None = None
) -> Served:
    """One stored value a cycle, N cycles a group in every PE; dense mode is N = M.

    mask: "bitmap" scans M bits with a priority encoder, "index" reads a position a value. With a port of
    `port_words` activations a cycle for the M of a group, a group takes ceil(M / port_words) at least.
    """
    if not 1 <= n <= m:
        raise ValueError(f"N:M needs 1 <= N <= M, not {n}:{m}.")
    fetch = 0 if port_words is None else ceil(m / port_words)

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        kept = stored(a, n=n)
        bitmap = [1 if k in kept.positions else 0 for k in range(m)]
        taken = total = 0
        for value in kept.values:
            if mask == "bitmap":
                at = bitmap.index(1)
                bitmap[at] = 0
            else:
                at = kept.positions[taken]
            total += value * b[at]
            taken += 1
        return max(taken, fetch), total

    return serve(values, other, group=m, by=one)


def mask_bits(*, n: int, m: int, mask: str) -> int:
    """Bits of a group's mask; "combinatorial" numbers the patterns."""
    if mask == "bitmap":
        return m
    if mask == "index":
        return n * ceil(log2(m))
    return ceil(log2(comb(m, n)))


def stored_fraction(*, n: int, m: int, bits: int, mask: str = "index") -> float:
    """Stored bits over dense bits."""
    return (n * bits + mask_bits(n=n, m=m, mask=mask)) / (m * bits)


def output_stationary_cycles(*, k: int, n: int, m: int, rows: int, columns: int) -> int:
    """Compute cycles of a systolic tile: the reduction K becomes K N / M (sections 1 and 2.1)."""
    return k * n // m + rows + columns - 2


def online_prune(values: Rows, *, n: int, m: int) -> tuple[list[list[int]], int]:
    """Keep the n largest magnitudes of each M (of equal ones the earlier); M cycles a group, one lane (SORE)."""
    pruned: list[list[int]] = []
    cycles = 0
    for row in grouped(values, m):
        pruned.append([])
        for group in row:
            best: list[int] = []
            for k, value in enumerate(group):
                at = len(best)
                while at > 0 and abs(group[best[at - 1]]) < abs(value):
                    at -= 1
                best.insert(at, k)
                best = best[:n]
                cycles += 1
            pruned[-1].extend(value if k in best else 0 for k, value in enumerate(group))
    return pruned, cycles
