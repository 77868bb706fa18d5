"""Candidates that go on from one prompt: its keys and values are read once for all of them.

To the tokens of the prompt, the queries of all its candidates are more heads of a group; behind it every candidate has
keys and values of its own. Both results are added up in their weights.
"""

from dataclasses import replace
from typing import NamedTuple

from bankside.kernels.catalog.shortened import labelled, shortened
from bankside.kernels.operators import Attention, RowWise


class Shared(NamedTuple):
    """Attention to the prompt, to what is behind it, and their sum."""

    prompt: Attention
    own: Attention
    join: RowWise


def shared(op: Attention, candidates: int, prompt: int) -> Shared:
    """The attention `op` of sequences, as many of which as there are candidates share their first `prompt` tokens; all
    queries meet all of these, also those whose window begins a few tokens behind the first one's."""
    own = shortened(op, op.context - prompt)
    first = labelled(shortened(op, prompt), f"{op.label}.prompt")
    number, heads = op.sequences // candidates, op.heads * candidates
    k, v = (replace(each, shape=(number, *each.shape[1:])) for each in (first.k, first.v))
    q = op.q.part(f"{op.label}.prompt.q", (number, op.queries, heads * op.d_qk))
    out = replace(first.out, shape=(number, op.queries, heads * op.d_v))
    first = replace(
        first, sequences=number, group=op.group * candidates, causal=False, window=0, q=q, k=k, v=v, out=out
    )
    dealt = out.part(f"{op.label}.prompt.dealt", own.out.shape)
    result = replace(op.out, name=f"{op.label}.join.out")
    return Shared(first, own, RowWise.over(f"{op.label}.join", "weighted_sum", (own.out, dealt), result))
