"""Attention of many heads over a context, in one fused operator."""

from dataclasses import dataclass

from bankside.kernels.formats import Format
from bankside.kernels.operators.rowwise import FUNCTIONS


@dataclass(frozen=True, slots=True)
class Attention:
    """softmax(q k^T) v over a context, for `kv_heads` groups of `group` query heads that share keys and
    values.

    The `queries` tokens of a sequence stand at the end of its `context` tokens: query i (from 0) is token
    `context - queries + i`. Decode is queries = 1, prefill is queries = context. With `causal` a query meets
    itself and what stands before it, so only the lower triangle is counted; without it, or with one query,
    all of `context` is counted.

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
    kv_shared
        V is the first `d_v` elements of K's row, which is read once for both (absorbed MLA: d_qk = 576, d_v =
        512).
    causal
        Whether a query sees only itself and earlier tokens.
    q_format, kv_format, out_format
        Number formats; the scores and the softmax are taken in `q_format`.
    """

    label: str
    sequences: int
    kv_heads: int
    group: int
    queries: int
    context: int
    d_qk: int
    d_v: int
    kv_shared: bool
    causal: bool
    q_format: Format
    kv_format: Format
    out_format: Format

    @property
    def heads(self) -> int:
        """Query heads of one sequence."""
        return self.kv_heads * self.group

    @property
    def pairs(self) -> int:
        """Pairs (query, key) of one head of one sequence."""
        masked = self.queries * (self.queries - 1) // 2 if self.causal else 0
        return self.queries * self.context - masked

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
    def q_bytes(self) -> int:
        """Bytes of the queries [byte]."""
        return self.q_format.bytes_of(self.sequences * self.heads * self.queries * self.d_qk)

    @property
    def k_bytes(self) -> int:
        """Bytes of the keys; with `kv_shared` also all there is of the values [byte]."""
        return self.kv_format.bytes_of(self.sequences * self.kv_heads * self.context * self.d_qk)

    @property
    def v_bytes(self) -> int:
        """Bytes of the values that are not part of the keys [byte]."""
        if self.kv_shared:
            return 0
        return self.kv_format.bytes_of(self.sequences * self.kv_heads * self.context * self.d_v)

    @property
    def kv_bytes(self) -> int:
        """Keys and values, each read once [byte]."""
        return self.k_bytes + self.v_bytes

    @property
    def out_bytes(self) -> int:
        """Bytes of the result [byte]."""
        return self.out_format.bytes_of(self.sequences * self.heads * self.queries * self.d_v)

    @property
    def score_bytes(self) -> int:
        """One copy of all scores, which only a machine that does not fuse the softmax moves [byte]."""
        return self.q_format.bytes_of(self.score_elements)

    @property
    def bytes_min(self) -> int:
        """Queries, keys and values read once, result written once; scores stay inside [byte]."""
        return self.q_bytes + self.kv_bytes + self.out_bytes

    @property
    def weights_bytes(self) -> int:
        """None: attention has no weights [byte]."""
        return 0

    @property
    def activation_bytes(self) -> int:
        """Queries and result [byte]."""
        return self.q_bytes + self.out_bytes
