"""Native sparse attention: compressed runs of tokens, picked blocks, and the newest tokens (Yuan et al., NSA,
arXiv 2502.11089).

Every 16 tokens a run of 32 is pooled to one key and one value of a head. A query meets all of these; what it gives them
picks blocks of 64 tokens, the same ones for all heads of a group, which it then meets token by token, and it meets the
newest 512. Gates weigh the three results.
"""

from dataclasses import replace
from typing import Final, NamedTuple

from bankside.kernels.catalog.shortened import labelled, shortened
from bankside.kernels.formats import Format
from bankside.kernels.operators import Attention, Operator, RowWise, Tensor

RUN: Final = 32
STRIDE: Final = 16
BLOCK: Final = 64
WINDOW: Final = 512
"""Tokens of a compressed run, from one to the next, of a picked block, and of the window (section 4.1)."""


class Branches(NamedTuple):
    """Operators in order, the result, and keys and values that are kept unread [byte]."""

    operators: tuple[Operator, ...]
    out: Tensor
    idle_byte: int


def runs_of(context: int) -> int:
    """Whole compressed runs of a context."""
    return max(0, (context - RUN) // STRIDE + 1)


def branches(op: Attention, picked: int, block: int, act: Format) -> Branches:
    """The three branches of a decoded token's attention, `picked` tokens in blocks of `block`.

    A run that the new token completes is pooled by a weighted sum, of which a step has its share: RUN / STRIDE tokens.
    """
    runs, near = runs_of(op.context), min(WINDOW, op.context)
    coarse = labelled(shortened(op, runs), f"{op.label}.compressed")
    coarse = replace(coarse, q=op.q)
    fine = shortened(op, picked)
    newest = replace(labelled(shortened(op, near), f"{op.label}.window"), q=op.q)
    out = replace(op.out, name=f"{op.label}.join.out")
    join = RowWise.over(f"{op.label}.join", "weighted_sum", (coarse.out, fine.out, newest.out), out)
    operators = (
        *_pooled(op, act),
        coarse,
        *_importance(coarse, -(-op.context // block), block, act),
        fine,
        newest,
        join,
    )
    return Branches(operators, out, max(0, op.kv_bytes - fine.kv_bytes - newest.kv_bytes))


def _pooled(op: Attention, act: Format) -> tuple[Operator, ...]:
    width = op.kv_heads * (op.d_qk + (0 if op.kv_shared else op.d_v))
    tokens = Tensor(f"{op.label}.run", (op.sequences, RUN // STRIDE, width), act)
    row = Tensor(f"{op.label}.compress.out", (op.sequences, width), act)
    return (RowWise.over(f"{op.label}.compress", "weighted_sum", (tokens,), row),)


def _importance(coarse: Attention, blocks: int, block: int, act: Format) -> tuple[Operator, ...]:
    """What all heads of a group give the runs of each block: their sum, and over the runs that begin in a block or
    reach into it (eq. 9, 10), block / STRIDE offsets times RUN / STRIDE strides; picking the best is no operator."""
    each, terms = coarse.sequences * coarse.kv_heads, (block // STRIDE) * (RUN // STRIDE)
    given = Tensor(f"{coarse.label}.probabilities", (each, coarse.group, coarse.context), act)
    summed = Tensor(f"{coarse.label}.head_sums.out", (each, coarse.context), act)
    met = Tensor(f"{coarse.label}.met", (each, terms, blocks), act)
    found = Tensor(f"{coarse.label}.importance.out", (each, blocks), act)
    sums = RowWise.over(f"{coarse.label}.head_sums", "weighted_sum", (given,), summed)
    of_blocks = RowWise.over(f"{coarse.label}.importance", "weighted_sum", (met,), found)
    return (sums, of_blocks) if coarse.group > 1 else (of_blocks,)
