"""Attention of many heads over a context, in one fused operator."""

from dataclasses import dataclass, replace
from typing import Final, Self

from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.operator import Line, Operator
from bankside.kernels.operators.rowwise import FUNCTIONS
from bankside.kernels.operators.tensor import Tensor

MOVED, SCORES, SOFTMAX, VALUES, MERGE = range(5)
"""Lines of an attention in reports: keys, values, queries and results on their way; its parts; and what adds up the
partial results of a head whose context is split."""

PARTS: Final = ("scores", "softmax", "values", "merge")


@dataclass(frozen=True, slots=True)
class Attention(Operator):
    """softmax(q k^T) v over a context, for `kv_heads` groups of `group` query heads that share keys and
    values.

    The `queries` tokens of a sequence stand at the end of its `context` tokens: query i (from 0) is token
    `context - queries + i`. Decode is queries = 1, prefill is queries = context. With `causal` a query meets
    itself and what stands before it, so only the lower triangle is counted; without it, or with one query,
    all of `context` is counted. A `window` or a `chunk` leaves of that the nearest tokens, or those of the query's own
    piece of the context.

    Parameters
    ----------
    label
        The operator's name in reports.
    sequences
        Sequences, each with its own keys and values.
    kv_heads, group
        Key-value heads, and query heads per key-value head (GQA; 1 for MHA).
    queries, context
        Tokens that ask, and tokens that are met, of one sequence.
    d_qk, d_v
        Elements of a key (and query) row and of a value row of one head.
    causal
        Whether a query sees only itself and earlier tokens.
    window
        Tokens that a query sees, itself included, or as many on either side together where it sees later ones too;
        0 for all.
    chunk
        Length of pieces of the context that see only themselves; 0 for all.
    q, k, v, out
        Queries, keys, values and results. Where v is part of k it is the first `d_v` elements of each row, which is
        read once for both (absorbed MLA: d_qk = 576, d_v = 512). The scores and the softmax are taken in q's format.
    """

    label: str
    sequences: int
    kv_heads: int
    group: int
    queries: int
    context: int
    d_qk: int
    d_v: int
    causal: bool
    q: Tensor
    k: Tensor
    v: Tensor
    out: Tensor
    window: int = 0
    chunk: int = 0

    @classmethod
    def of(
        cls,
        label: str,
        shape: tuple[int, int, int, int, int],
        widths: tuple[int, int],
        formats: tuple[Format, Format, Format],
        causal: bool = True,
        kv_shared: bool = False,
    ) -> Self:
        """On tensors of its own, named after it.

        Parameters
        ----------
        shape
            sequences, kv_heads, group, queries, context.
        widths
            d_qk, d_v.
        formats
            Of queries, of keys and values, and of the results.
        kv_shared
            Whether values are the first elements of keys.
        """
        sequences, kv_heads, group, queries, context = shape
        heads, rows = kv_heads * group, (sequences, kv_heads, context)
        q = Tensor(f"{label}.q", (sequences, queries, heads * widths[0]), formats[0])
        k = Tensor(f"{label}.k", (*rows, widths[0]), formats[1], "kv")
        v = Tensor(f"{label}.v", (*rows, widths[1]), formats[1], "kv", k.name if kv_shared else None)
        out = Tensor(f"{label}.out", (sequences, queries, heads * widths[1]), formats[2])
        return cls(label, *shape, *widths, causal, q, k, v, out)

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Queries, keys and values."""
        return self.q, self.k, self.v

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The results."""
        return (self.out,)

    @property
    def carried(self) -> tuple[Tensor, ...]:
        """The queries; keys and values are read where they rest."""
        return (self.q,)

    def computed_in(self, taken: Taken) -> Self:
        """Queries, keys and values as the core multiplies them, results as it writes them."""
        q = self.q.read_in(taken.moving)
        k, v = (tensor.read_in(taken.stationary) for tensor in (self.k, self.v))
        return replace(self, q=q, k=k, v=v, out=self.out.read_in(taken.written))

    @property
    def kv_shared(self) -> bool:
        """Whether values are part of the keys' rows."""
        return self.v.of == self.k.name

    @property
    def nameless(self) -> Self:
        """The same work on the same shapes, whatever it and its tensors are called."""
        q, k, out = (
            replace(each, name=name, of=None)
            for each, name in ((self.q, "q"), (self.k, "k"), (self.out, "out"))
        )
        v = replace(self.v, name="v", of=k.name if self.kv_shared else None)
        return replace(self, label="attention", q=q, k=k, v=v, out=out)

    @property
    def decodes(self) -> bool:
        """Whether its queries are few beside the tokens before them: one, or guesses that are verified together."""
        return self.queries == 1 or 2 * self.queries <= self.context

    @property
    def heads(self) -> int:
        """Query heads of one sequence."""
        return self.kv_heads * self.group

    @property
    def pairs(self) -> int:
        """Pairs (query, key) of one head of one sequence."""
        before = self.context - self.queries
        return self._met(self.context) - self._met(before) if before else self._met(self.context)

    def _met(self, tokens: int) -> int:
        """Pairs of the first `tokens` queries, were all of the context queries."""
        if self.chunk:
            pieces, rest = divmod(tokens, self.chunk)
            return pieces * _pairs(self.chunk, self.causal) + _pairs(rest, self.causal)
        if not self.causal:
            side = min(self.window // 2, tokens - 1)
            return tokens * (2 * side + 1) - side * (side + 1) if self.window else tokens * self.context
        full = min(tokens, self.window or tokens)
        return _pairs(full, True) + (tokens - full) * self.window

    @property
    def score_elements(self) -> int:
        """Scores of all heads and sequences, which are also the elements that softmax passes."""
        return self.sequences * self.heads * self.pairs

    @property
    def score_macs(self) -> int:
        """Multiply-accumulates of q k^T."""
        return self.score_elements * self.d_qk

    @property
    def context_macs(self) -> int:
        """Multiply-accumulates of p v."""
        return self.score_elements * self.d_v

    @property
    def macs(self) -> int:
        """Both products."""
        return self.score_macs + self.context_macs

    @property
    def softmax_rows(self) -> int:
        """Rows that softmax normalises: one per query, head and sequence."""
        return self.sequences * self.heads * self.queries

    @property
    def softmax_cols(self) -> int:
        """Elements of the longest such row."""
        return self.context

    @property
    def longest_row(self) -> int:
        """Those of them that a query sees."""
        return min(each for each in (self.context, self.window, self.chunk) if each)

    @property
    def matmul_flops(self) -> int:
        """The two products only; the figure that published attention intensities use."""
        return 2 * self.macs

    @property
    def softmax_flops(self) -> int:
        """Operations of the softmax, by the convention of `FUNCTIONS`."""
        return FUNCTIONS["softmax"].flops_per_element * self.score_elements

    @property
    def flops(self) -> int:
        """Products and softmax."""
        return self.matmul_flops + self.softmax_flops

    @property
    def lines(self) -> tuple[Line, ...]:
        """What it moves, and its parts."""
        flops = (2 * self.score_macs, self.softmax_flops, 2 * self.context_macs, 0)
        parts = (Line(f"{self.label}.{name}", n, 0) for name, n in zip(PARTS, flops, strict=True))
        return (Line(self.label, 0, self.bytes_min), *parts)

    @property
    def score_bytes(self) -> int:
        """One copy of all scores, which only a machine that does not fuse the softmax moves [byte]."""
        return self.q.format.bytes_of(self.score_elements)


def _pairs(tokens: int, causal: bool) -> int:
    """Pairs of a piece of the context that sees itself."""
    return tokens * (tokens + 1) // 2 if causal else tokens * tokens
