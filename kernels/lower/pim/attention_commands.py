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
from typing import Final

import numpy as np

from bankside.arch.dram.channel.pim.program import (
    BANK,
    COLUMN,
    COMMAND,
    COUNT,
    DATA,
    FIELDS,
    GAP,
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
from bankside.arch.dram.device.standard import CAUSE_BITS, Standard
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.pim.placement import Placement

ROUND = 16
"""Score rows per round: a unit's results then fill one burst of sixteen fp16 numbers."""


@dataclass(frozen=True)
class Shape:
    """Attention of one head of keys and values.

    tokens; dim: elements of a key; element_bytes: size of an element [byte]; rows: queries that share the keys;
    value_dim: elements of a value, as of a key where it is 0.
    """

    tokens: int
    dim: int
    element_bytes: int = 2
    rows: int = 1
    value_dim: int = 0

    @property
    def d_v(self) -> int:
        """Elements of a value."""
        return self.value_dim or self.dim


@dataclass(frozen=True)
class Pace:
    """What commands wait for that is not the DRAM's, packed with a cause (0: nothing).

    column: lanes slower than columns; move: a link slower than the moves; softmax: how long it takes from its last
    score on.
    """

    column: int = 0
    move: int = 0
    softmax: int = 0


NO_PACE: Final = Pace()


@dataclass(frozen=True)
class _Head:
    """The moves and columns of one head, as entries; the softmax is over when `hidden` columns have gone by."""

    query: Entries
    rounds: list[Entries]
    scores: list[Entries]
    into_softmax: Entries
    hidden: int
    weights: Entries
    steps: list[Entries]
    outputs: list[Entries]

    def softmax(self, pace: Pace, columns: int = 0) -> Entries:
        """Moves into the softmax, of which those out of it keep a distance unless so many columns lie between."""
        moves = self.into_softmax.copy()
        if columns < self.hidden:
            moves[-1, GAP] = max(pace.softmax, pace.move)
        return moves


def attention_program(
    standard: Standard,
    where: Placement,
    shape: Shape,
    heads: int,
    pace: Pace = NO_PACE,
    *,
    first_row: int = 0,
    softmax_per_step: bool = False,
    values_of_first: bool = False,
) -> tuple[Entries, int]:
    """Program of one channel for `heads` heads, one after the other in overlapped pairs, and the row after theirs.

    Parameters
    ----------
    standard : Standard
    where : Placement
        Where its units are.
    heads : int
        Heads of this channel.
    first_row : int
        Row of every bank where keys and values begin.
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
    _check_capacity(standard, shape, heads)
    program = PimProgram()
    row = first_row
    waiting: _Head | None = None
    for _ in range(heads):
        head, row = _head(standard, where, shape, row, pace)
        if waiting is None:
            waiting = head
        else:
            _pair(program, waiting, head, pace, values_of_first)
            waiting = None
    if waiting is not None:
        _alone(program, waiting, pace, softmax_per_step)
    return merged(program.entries()), row


def _check_capacity(standard: Standard, shape: Shape, heads: int) -> None:
    banks = standard.ranks * standard.bank_groups * standard.banks_per_group
    moved = heads * shape.tokens * (shape.dim + shape.d_v) * shape.element_bytes
    room = standard.rows * standard.columns * standard.burst_bytes * standard.pseudo_channels * banks
    if moved > room:
        raise ConfigError([f"Keys and values of {heads} heads take {moved} byte, and a channel has {room}."])


def repeated_moves(where: Placement, shape: Shape) -> int:
    """Entries by which `softmax_per_step` lengthens an unpaired head: they grow as the tokens squared."""
    lanes = where.unit_byte // shape.element_bytes
    rounds = ceil(ceil(shape.tokens / where.token_ways) / ROUND)
    return rounds * (1 + len(where.weight_banks) * ceil(shape.tokens / (where.token_ways * lanes)))


def deal(heads: int, channels: int) -> list[tuple[int, int]]:
    """Heads of a stack dealt to its channels in turn: (heads of each, channels that have so many)."""
    each, rest = divmod(heads, channels)
    return [(n, count) for n, count in ((each + 1, rest), (each, channels - rest)) if n and count]


def _moves(command: int, banks: list[int], purpose: int, gap: int, each: int = 1) -> Entries:
    entries = np.zeros((len(banks) * each, len(FIELDS)), np.int64)
    entries[:, [COMMAND, ROW, COUNT, PURPOSE, GAP]] = command, NO_ROW, 1, purpose, gap
    entries[:, BANK] = np.repeat(banks, each)
    entries[:, COLUMN] = np.tile(np.arange(each), len(banks))
    return entries


def _matrix(standard: Standard, where: Placement, row: int, count: int, gap: int) -> tuple[Entries, int]:
    """All columns of a matrix from `row` on, and the row after it."""
    entries = np.zeros((count, len(FIELDS)), np.int64)
    bank, within, column = where.locate(np.arange(count, dtype=np.int64))
    entries[:, [COMMAND, COUNT, PURPOSE, GAP]] = where.command, 1, DATA, gap
    entries[:, BANK], entries[:, ROW], entries[:, COLUMN] = bank, (row + within) % standard.rows, column
    return entries, int(row + within.max() + 1)


def _head(standard: Standard, where: Placement, shape: Shape, row: int, pace: Pace) -> tuple[_Head, int]:
    lanes = where.unit_byte // shape.element_bytes
    rows, queries = ceil(shape.tokens / where.token_ways), shape.rows
    per_row = ceil(shape.dim / where.dim_ways / lanes)
    keys, row = _matrix(standard, where, row, rows * per_row, pace.column)
    steps = ceil(shape.d_v / (where.dim_ways * lanes))
    values, row = _matrix(standard, where, row, steps * rows, pace.column)
    width = ROUND * per_row
    rounds = [keys[at : at + width] for at in range(0, len(keys), width)]
    scores = _moves(PIM_RD, where.score_banks, RESULT, pace.move, queries)
    outputs = _moves(PIM_RD, where.context_banks, RESULT, pace.move, queries)
    weights = queries * ceil(shape.tokens / (where.token_ways * lanes))
    head = _Head(
        query=_moves(PIM_WR, where.operand_banks, OPERAND, pace.move, queries * per_row),
        rounds=rounds,
        scores=[scores] * len(rounds),
        into_softmax=_moves(PIM_RD, [0], RESULT, pace.move, queries),
        hidden=-(-(pace.softmax >> CAUSE_BITS) // int(standard.packed[0]["mac_beat"])),
        weights=_moves(PIM_WR, where.weight_banks, OPERAND, pace.move, weights),
        steps=[values[at : at + rows] for at in range(0, len(values), rows)],
        outputs=[outputs] * steps,
    )
    return head, row


def _share(entries: Entries, part: int, parts: int) -> Entries:
    """Part `part` of `parts` equal parts, the last ones shorter."""
    size = -(-len(entries) // parts)
    return entries[part * size : (part + 1) * size]


@dataclass(frozen=True)
class _Scores:
    """Scores of a head that go through the softmax and come back as weights while columns of another stream."""

    head: _Head
    pace: Pace


def _phase(
    program: PimProgram,
    columns: list[Entries],
    results: list[Entries],
    beside: Entries | _Scores | None = None,
) -> None:
    """Columns in fenced rounds; each round's results are moved during the next.

    `beside` is spread over all rounds; what goes through the softmax goes there with the first round and comes back
    over the second half of them.
    """
    count = len(columns)
    skipped = count // 2 if isinstance(beside, _Scores) else 0
    spread = beside.head.weights if isinstance(beside, _Scores) else beside
    for j in range(count):
        program.extend(columns[j].copy())
        if j:
            program.extend(results[j - 1].copy())
        if j == 0 and isinstance(beside, _Scores):
            program.extend(beside.head.softmax(beside.pace, sum(len(each) for each in columns[1:skipped])))
        if spread is not None and j >= skipped:
            program.extend(_share(spread, j - skipped, count - skipped).copy())
        program.fence()
    program.extend(results[-1].copy())


def _pair(program: PimProgram, first: _Head, second: _Head, pace: Pace, values_of_first: bool) -> None:
    program.extend(first.query.copy())
    program.fence()
    _phase(program, first.rounds, first.scores, second.query)
    _phase(program, second.rounds, second.scores, _Scores(first, pace))
    _phase(program, first.steps, first.outputs, _Scores(second, pace))
    _phase(program, (first if values_of_first else second).steps, second.outputs)


def _alone(program: PimProgram, head: _Head, pace: Pace, softmax_per_step: bool) -> None:
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
            program.extend(head.softmax(pace))
            program.extend(head.weights.copy())
            program.fence()
    _phase(program, head.steps, head.outputs)
