"""PEs for nonzeros anywhere: EIE's interleaved columns, SparTen's chunks of two masks.

Rules: research/units.md section 2.3 (EIE ISCA 2016, SparTen MICRO 2019).
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from tests.oracles.lane_groups import Other, Rows, Served, serve


class Eie(NamedTuple):
    """Cycles, stored entries that each PE worked on, broadcast cycles lost to a full queue, and the product."""

    cycles: int
    work: list[int]
    stalls: int
    product: list[int]


def relative_column(column: Sequence[int], *, index_bits: int = 4) -> list[tuple[int, int]]:
    """(zeros before, value) of a PE's share of a column; a zero is stored after every 2**index_bits - 1 zeros.

    Zeros after the last nonzero are not stored.
    """
    most = 2**index_bits - 1
    entries = []
    zeros = 0
    for value in column:
        if value != 0:
            entries.append((zeros, int(value)))
            zeros = 0
        elif zeros == most:
            entries.append((zeros, 0))
            zeros = 0
        else:
            zeros += 1
    while entries and entries[-1][1] == 0:
        entries.pop()
    return entries


def eie(weights: Rows, activations: Sequence[int], *, pes: int, fifo_depth: int, index_bits: int = 4) -> Eie:
    """Cycle by cycle. PE i holds the rows i, i + pes, ...; a stored entry takes its PE a cycle.

    In a cycle, first the next nonzero activation goes to the queues of all PEs unless one is full, then
    every PE works on one entry of the oldest activation in its queue and drops the activation with the last
    entry. An activation without entries in a PE leaves its queue in no time when it is the oldest.
    """
    rows, columns = len(weights), len(weights[0])
    shares = [
        [
            relative_column([weights[r][c] for r in range(pe, rows, pes)], index_bits=index_bits)
            for c in range(columns)
        ]
        for pe in range(pes)
    ]
    waiting = deque(c for c in range(columns) if activations[c] != 0)
    queues: list[deque[int]] = [deque() for _ in range(pes)]
    at = [0] * pes  # entry of the oldest activation
    row = [0] * pes  # local row that the next entry counts from
    product, work = [0] * rows, [0] * pes
    cycles = stalls = 0
    while waiting or any(queues):
        if waiting and all(len(queue) < fifo_depth for queue in queues):
            column = waiting.popleft()
            for queue in queues:
                queue.append(column)
        elif waiting:
            stalls += 1
        for pe, queue in enumerate(queues):
            while queue and not shares[pe][queue[0]]:
                queue.popleft()
            if not queue:
                continue
            zeros, value = shares[pe][queue[0]][at[pe]]
            row[pe] += zeros
            product[row[pe] * pes + pe] += value * int(activations[queue[0]])
            row[pe] += 1
            work[pe] += 1
            at[pe] += 1
            if at[pe] == len(shares[pe][queue[0]]):
                queue.popleft()
                at[pe] = row[pe] = 0
            while queue and not shares[pe][queue[0]]:
                queue.popleft()
        cycles += 1
    return Eie(cycles, work, stalls, product)


def sparten(values: Rows, other: Other = None, *, group: int = 128) -> Served:
    """A chunk takes a cycle for each position where both operands are nonzero, and at least 1."""

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        matches = [k for k in range(group) if a[k] != 0 and b[k] != 0]
        total = 0
        for k in matches:
            total += a[k] * b[k]
        return max(1, len(matches)), total

    return serve(values, other, group=group, by=one)


def sparten_cluster_cycles(cycles: Rows, *, units: int, nonzeros: Sequence[int] | None = None) -> int:
    """Rows (filters) on the units of a cluster, a barrier when all have ended theirs.

    Without `nonzeros` each unit has one filter a round, in order. With them (nonzero weights of each filter) it
    is greedy balancing: filters by falling nonzeros, of every 2 * units the first with the last, the second
    with the last but one, and so on; a unit takes a pair a round. The order of equal filters is theirs.
    """
    whole = [sum(int(each) for each in row) for row in cycles]
    if nonzeros is None:
        return sum(max(whole[at : at + units]) for at in range(0, len(whole), units))
    order = sorted(range(len(whole)), key=lambda k: -nonzeros[k])
    total = 0
    for at in range(0, len(order), 2 * units):
        block = order[at : at + 2 * units]
        loads = []
        while block:
            dense = block.pop(0)
            sparse = block.pop() if block else None
            loads.append(whole[dense] + (whole[sparse] if sparse is not None else 0))
        total += max(loads)
    return total
