"""Decode attention that reads less than all of its cache, or reads a part of it in another format.

Pages of keys whose bounds promise the highest scores are picked (Quest), or blocks whose compressed runs earn most
(NSA), tokens that earned the most attention or are the newest are kept (H2O, SnapKV, StreamingLLM), and the newest
tokens wait to be quantised (KIVI). What the hardware then does beside attention itself are operators of their own.
"""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from bankside.kernels.catalog.native_sparse import BLOCK, branches, runs_of
from bankside.kernels.catalog.shortened import labelled, shortened
from bankside.kernels.formats import Format
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise, Tensor

KEEPS: Final = ("quest", "nsa", "h2o", "snapkv", "streaming")
"""Quest (Tang et al., ICML 2024), NSA (Yuan et al., ACL 2025), H2O (Zhang et al., NeurIPS 2023), SnapKV (Li et al.,
NeurIPS 2024), StreamingLLM (Xiao et al., ICLR 2024)."""

PAGES: Final = {"quest": 16, "nsa": BLOCK}
"""Tokens that are picked together, where nobody says."""

SINKS: Final = 4
"""First tokens that StreamingLLM keeps, among those of its budget."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a new token reads of its cache: all, or as one of `KEEPS` has it `budget` tokens, in pages of `page`.

    The newest `residual` tokens are in the format of activations.
    """

    keep: str = ""
    budget: int = 0
    page: int = PAGES["quest"]
    residual: int = 0

    @property
    def parameters(self) -> dict[str, int | str]:
        """What a result says of it."""
        told: dict[str, int | str] = {"keep": self.keep, "budget": self.budget} if self.keep else {}
        return told | ({"residual": self.residual} if self.residual else {})


class Read(NamedTuple):
    """Operators in order, the result, keys and values that are kept unread [byte], and sentences."""

    operators: tuple[Operator, ...]
    out: Tensor
    idle_byte: int
    notes: tuple[str, ...]


def read(op: Attention, reading: Reading, act: Format) -> Read:
    """Attention of new tokens as `reading` has it."""
    kept, notes = op.context, list[str]()
    if reading.keep:
        whole = -(-reading.budget // reading.page) * reading.page
        kept = min(op.context, whole if reading.keep in PAGES else reading.budget)
        if reading.keep == "nsa" and not runs_of(op.context):  # too short to compress
            kept = op.context
        notes.append(_sentence(op, reading, kept))
    short = shortened(op, kept)
    picks = reading.keep in PAGES and kept < op.context
    if picks and reading.keep == "nsa":
        found = branches(op, kept, reading.page, act)
        return Read(found.operators, found.out, found.idle_byte, tuple(notes))
    before = pages(op, reading.page, act) if picks else ()
    idle_byte = op.kv_bytes - short.kv_bytes if picks else 0
    middle: tuple[Operator, ...] = (short,)
    if recent := min(reading.residual, kept):
        middle = in_two(short, recent, act)
        quantised = (
            "one token is quantised each step" if recent < kept else "none is old enough to be quantised"
        )
        notes.append(f"The newest {recent} tokens are in {act.name}; {quantised}.")
    out = next(op for op in middle[::-1] if not op.label.endswith(".quantise")).outputs[0]
    after = accumulated(short, act) if reading.keep == "h2o" else ()
    return Read((*before, *middle, *after), out, idle_byte, tuple(notes))


def _sentence(op: Attention, reading: Reading, kept: int) -> str:
    if kept == op.context:
        return f"A budget of {reading.budget} tokens bounds no context of {op.context}: {op.label} reads all."
    if reading.keep == "quest":
        return (
            f"{op.label} reads the bounds of {-(-op.context // reading.page)} pages and {kept} of {op.context} tokens; "
            "choosing the pages is not counted."
        )
    if reading.keep == "nsa":
        return (
            f"{op.label} meets {runs_of(op.context)} compressed runs, {kept} picked of {op.context} tokens, and the "
            "newest; a run is pooled by a weighted sum (the size of the paper's network is not told), the branches "
            "share keys and values, and choosing blocks and projecting gates are not counted."
        )
    how = {
        "h2o": "those that earned most attention, and the newest",
        "snapkv": "those that the end of the prompt picked; picking them is part of the prefill, and not counted",
        "streaming": f"the first {min(SINKS, kept)} and the newest",
    }
    return f"{op.label} keeps {kept} of {op.context} tokens: {how[reading.keep]}."


def pages(op: Attention, page: int, act: Format) -> tuple[Operator, ...]:
    """Scores of pages of so many keys, of which the least and the largest of each column stand beside them.

    The larger of q min and q max in each column, summed, is a product of the positive parts of a query with the largest
    and of its negative parts with the least: twice as deep as a score. Heads that share keys add up their scores.
    """
    each, rows, count = op.sequences * op.kv_heads, op.group * op.queries, -(-op.context // page)
    bounds = Tensor(f"{op.label}.bounds", (each, 2 * op.d_qk, count), op.k.format, "kv")
    signs = Tensor(f"{op.label}.q_signs", (each, rows, 2 * op.d_qk), act)
    scores = Tensor(f"{op.label}.pages.out", (each, rows, count), act)
    product = MatMul(f"{op.label}.pages", each, rows, count, 2 * op.d_qk, signs, bounds, scores)
    if rows == 1:
        return (product,)
    total = Tensor(f"{op.label}.page_sums.out", (each, count), act)
    return product, RowWise.over(f"{op.label}.page_sums", "weighted_sum", (scores,), total)


def in_two(op: Attention, recent: int, act: Format) -> tuple[Operator, ...]:
    """Attention over quantised tokens and over `recent` ones that are not, the sum of both in their weights, and what
    quantises a token: values as they come, keys as many at a time as are recent."""
    fresh = labelled(shortened(op, recent), f"{op.label}.recent")
    k, v = (replace(tensor, format=act) for tensor in (fresh.k, fresh.v))
    fresh = replace(fresh, q=op.q, k=k, v=v)
    if recent == op.context:
        return (fresh,)
    aged = shortened(op, op.context - recent)
    out = replace(op.out, name=f"{op.label}.join.out")
    join = RowWise.over(f"{op.label}.join", "weighted_sum", (aged.out, fresh.out), out)
    width = op.kv_heads * (op.d_qk + (0 if op.kv_shared else op.d_v))
    token = Tensor(f"{op.label}.token", (op.sequences, width), act)
    coded = Tensor(f"{op.label}.coded", token.shape, op.k.format, "kv", op.k.name)
    return aged, fresh, join, RowWise.over(f"{op.label}.quantise", "mul", (token,), coded)


def accumulated(op: Attention, act: Format) -> tuple[Operator, ...]:
    """The attention that each kept token has earned so far: an addition for every probability, of heads that share keys
    first among themselves, and a comparison for the least of the sums, which is evicted."""
    each = op.sequences * op.kv_heads
    shape = (each, op.context)
    given = Tensor(f"{op.label}.probabilities", (each, op.group, op.context), act)
    new = Tensor(f"{op.label}.head_sums.out", shape, act) if op.group > 1 else given
    old = Tensor(f"{op.label}.earned", shape, act, "kv")
    kept = Tensor(f"{op.label}.earned_now", shape, act, "kv", old.name)
    least = Tensor(f"{op.label}.evict.out", shape, act)
    after = (
        RowWise.over(f"{op.label}.accumulate", "add", (new, old), kept),
        RowWise.over(f"{op.label}.evict", "relu", (new,), least),
    )
    if op.group == 1:
        return after
    return RowWise.over(f"{op.label}.head_sums", "weighted_sum", (given,), new), *after
