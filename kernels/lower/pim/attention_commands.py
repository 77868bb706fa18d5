"""Decode attention at the banks, bank groups or buffer die of HBM3, as AttAcc does it, on one channel.

A channel takes one head at a time, two of them overlapped: while the scores of one are computed its results move to
the softmax unit and the query of the other to the units' buffers; while the other's scores are computed the first
goes through the softmax and back; then the weighted sums of both. Rounds of sixteen score rows, and steps of one
column of outputs, end with a fence, and the moves of a round's results run beside the columns of the next.
Source: AttAcc simulator c600051, pim_ramulator_src/trace_gen (score_cpvec, score_mac, context_cpvec, context_mac,
run_attention).
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from bankside.arch.dram.channel.pim.program import (
    BANK,
    COLUMN,
    COMMAND,
    COUNT,
    DATA,
    FIELDS,
    NO_ROW,
    OPERAND,
    PURPOSE,
    RESULT,
    ROW,
    Entries,
    PimProgram,
    merged,
)
from bankside.arch.dram.device.commands import PIM_RD, PIM_WR
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.pim.placement import PSEUDO_CHANNELS, Placement, place

ROUND = 16
"""Score rows per round: a unit's results then fill one burst of sixteen fp16 numbers."""


@dataclass(frozen=True)
class Shape:
    """Attention of one head: tokens, head dimension, size of an element [byte]."""

    tokens: int
    dim: int
    element_bytes: int = 2


@dataclass(frozen=True)
class _Head:
    """The moves and columns of one head, as entries."""

    query: Entries
    rounds: list[Entries]
    scores: list[Entries]
    softmax: Entries
    weights: Entries
    steps: list[Entries]
    outputs: list[Entries]


def attention_attacc(
    standard: Standard,
    placement: str,
    shape: Shape,
    heads: int,
    *,
    softmax_per_step: bool = False,
    values_of_first: bool = False,
) -> Entries:
    """Program of one channel for `heads` heads, one after the other in overlapped pairs.

    Parameters
    ----------
    standard : Standard
        A device whose columns of one node hold those of both pseudo-channels.
    placement : str
        BA, BG or BUFFER.
    heads : int
        Heads of this channel.
    softmax_per_step : bool
        As the first published trace generators (c1540de) have it: an unpaired head's softmax and the moves of its
        results are repeated after every round. AttAcc's shipped result cache has the counts of that.
    values_of_first : bool
        As all published trace generators have it: the second head of a pair goes over the first one's values
        again, which costs no new row in short contexts.

    Raises
    ------
    ConfigError
        When keys and values of the heads do not fit the channel.
    """
    where = place(standard, placement)
    _check_capacity(standard, shape, heads)
    program = PimProgram()
    row = 0
    waiting: _Head | None = None
    for _ in range(heads):
        head, row = _head(standard, where, shape, row)
        if waiting is None:
            waiting = head
        else:
            _pair(program, waiting, head, values_of_first)
            waiting = None
    if waiting is not None:
        _alone(program, waiting, softmax_per_step)
    return merged(program.entries())


def _check_capacity(standard: Standard, shape: Shape, heads: int) -> None:
    banks = standard.ranks * standard.bank_groups * standard.banks_per_group
    moved = 2 * heads * shape.tokens * shape.dim * shape.element_bytes
    room = standard.rows * standard.columns * standard.burst_bytes * banks
    if moved > room:
        raise ConfigError([f"Keys and values of {heads} heads take {moved} byte, and a channel has {room}."])


def repeated_moves(standard: Standard, placement: str, shape: Shape) -> int:
    """Entries by which `softmax_per_step` lengthens an unpaired head: they grow as the tokens squared."""
    where = place(standard, placement)
    lanes = standard.burst_bytes // PSEUDO_CHANNELS // shape.element_bytes
    rounds = ceil(ceil(shape.tokens / where.token_ways) / ROUND)
    return rounds * (1 + len(where.weight_banks) * ceil(shape.tokens / (where.token_ways * lanes)))


def deal(heads: int, channels: int) -> list[tuple[int, int]]:
    """Heads of a stack dealt to its channels in turn: (heads of each, channels that have so many)."""
    each, rest = divmod(heads, channels)
    return [(n, count) for n, count in ((each + 1, rest), (each, channels - rest)) if n and count]


def _moves(command: int, banks: list[int], purpose: int, each: int = 1) -> Entries:
    entries = np.zeros((len(banks) * each, len(FIELDS)), np.int64)
    entries[:, [COMMAND, ROW, COUNT, PURPOSE]] = command, NO_ROW, 1, purpose
    entries[:, BANK] = np.repeat(banks, each)
    entries[:, COLUMN] = np.tile(np.arange(each), len(banks))
    return entries


def _matrix(where: Placement, row: int, count: int) -> tuple[Entries, int]:
    """All columns of a matrix from `row` on, and the row after it."""
    entries = np.zeros((count, len(FIELDS)), np.int64)
    bank, within, column = where.locate(np.arange(count, dtype=np.int64))
    entries[:, [COMMAND, COUNT, PURPOSE]] = where.command, 1, DATA
    entries[:, BANK], entries[:, ROW], entries[:, COLUMN] = bank, row + within, column
    return entries, int(row + within.max() + 1)


def _head(standard: Standard, where: Placement, shape: Shape, row: int) -> tuple[_Head, int]:
    lanes = standard.burst_bytes // PSEUDO_CHANNELS // shape.element_bytes
    rows = ceil(shape.tokens / where.token_ways)
    per_row = ceil(shape.dim / where.dim_ways / lanes)
    keys, row = _matrix(where, row, rows * per_row)
    steps = ceil(shape.dim / (where.dim_ways * lanes))
    values, row = _matrix(where, row, steps * rows)
    width = ROUND * per_row
    rounds = [keys[at : at + width] for at in range(0, len(keys), width)]
    scores = _moves(PIM_RD, where.score_banks, RESULT)
    outputs = _moves(PIM_RD, where.context_banks, RESULT)
    head = _Head(
        query=_moves(PIM_WR, where.operand_banks, OPERAND, per_row),
        rounds=rounds,
        scores=[scores] * len(rounds),
        softmax=_moves(PIM_RD, [0], RESULT),
        weights=_moves(PIM_WR, where.weight_banks, OPERAND, ceil(shape.tokens / (where.token_ways * lanes))),
        steps=[values[at : at + rows] for at in range(0, len(values), rows)],
        outputs=[outputs] * steps,
    )
    return head, row


def _share(entries: Entries, part: int, parts: int) -> Entries:
    """Part `part` of `parts` equal parts, the last ones shorter."""
    size = -(-len(entries) // parts)
    return entries[part * size : (part + 1) * size]


def _phase(
    program: PimProgram,
    columns: list[Entries],
    results: list[Entries],
    start: Entries | None = None,
    beside: Entries | None = None,
    late: bool = False,
) -> None:
    """Columns in fenced rounds; each round's results are moved during the next.

    `start` goes with the first round; `beside` is spread over all rounds, or over the second half of them.
    """
    count = len(columns)
    skipped = count // 2 if late else 0
    for j in range(count):
        program.extend(columns[j].copy())
        if j:
            program.extend(results[j - 1].copy())
        if j == 0 and start is not None:
            program.extend(start.copy())
        if beside is not None and j >= skipped:
            program.extend(_share(beside, j - skipped, count - skipped).copy())
        program.fence()
    program.extend(results[-1].copy())


def _pair(program: PimProgram, first: _Head, second: _Head, values_of_first: bool) -> None:
    program.extend(first.query.copy())
    program.fence()
    _phase(program, first.rounds, first.scores, beside=second.query)
    _phase(program, second.rounds, second.scores, first.softmax, first.weights, late=True)
    _phase(program, first.steps, first.outputs, second.softmax, second.weights, late=True)
    _phase(program, (first if values_of_first else second).steps, second.outputs)


def _alone(program: PimProgram, head: _Head, softmax_per_step: bool) -> None:
    program.extend(head.query.copy())
    program.fence()
    count = len(head.rounds)
    for j in range(count + 1):
        if j < count:
            program.extend(head.rounds[j].copy())
        if j:
            program.extend(head.scores[j - 1].copy())
        if j < count:
            program.fence()
        if j == count or softmax_per_step:
            program.extend(head.softmax.copy())
            program.extend(head.weights.copy())
            program.fence()
    _phase(program, head.steps, head.outputs)
