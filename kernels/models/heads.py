"""Softmax attention with keys and values of its own: MHA, GQA and MQA, over all, a window or a chunk."""

from dataclasses import dataclass
from typing import Literal

from bankside.kernels.models.weight import Weight, matrix

# "head": one gain of a head's width for all heads; "heads": a gain for every head; "whole": over all heads.
QkNorm = Literal["", "head", "heads", "whole"]
Gate = Literal["", "element", "head"]


@dataclass(frozen=True, slots=True)
class Indexer:
    """A small attention of its own that picks which keys a query meets.

    Parameters
    ----------
    heads, head_dim
        Its query heads, and the width of one; its keys have one head, and are cached.
    top
        Keys, or blocks of keys, that are picked.
    query_inputs
        Width of what its queries are projected from; 0 for the residual stream.
    weighted
        Whether its heads are weighed by a projection of the residual stream (DeepSeek-V3.2).
    norm_elements
        Of the norms over its keys (and queries).
    block
        Keys to a block; 1 where single keys are picked.
    """

    heads: int
    head_dim: int
    top: int
    query_inputs: int = 0
    weighted: bool = True
    norm_elements: int = 0
    block: int = 1

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections of queries, of keys and of the heads' weights, and the norms."""
        return (
            matrix("attn.index.q_proj", self.heads * self.head_dim, self.query_inputs or hidden),
            matrix("attn.index.k_proj", self.head_dim, hidden),
            *([matrix("attn.index.weights_proj", self.heads, hidden)] if self.weighted else []),
            *([Weight("attn.index.norm", self.norm_elements)] if self.norm_elements else []),
        )


@dataclass(frozen=True, slots=True)
class Heads:
    """Grouped-query attention.

    Parameters
    ----------
    heads, kv_heads
        Query heads, and key-value heads.
    head_dim, v_dim
        Width of a head's query and key, and of its value.
    window, chunk
        Earlier tokens a token can see (itself included), or the length of the pieces that see only themselves;
        0 for all. Not both.
    rotary
        Elements of a head's query and key that are rotated; 0 where positions come from elsewhere.
    q_bias, kv_bias, out_bias
        Which projections carry a bias vector.
    qk_norm, norm_rows
        How queries and keys are normalised, and vectors of the norm (2 with a bias).
    gate
        Whether results are gated, element by element (Qwen3-Next) or head by head (Step-3.5).
    sinks
        Whether every head has a logit that takes part in the softmax without a key (gpt-oss).
    own_keys, own_values
        Whether there are projections of keys and values; values may be the keys, and a layer may use another
        layer's cache.
    cached
        Whether the layer keeps keys and values at all.
    indexer
        What picks keys, where not all are met.
    """

    heads: int
    kv_heads: int
    head_dim: int
    v_dim: int
    window: int = 0
    chunk: int = 0
    rotary: int = 0
    q_bias: bool = False
    kv_bias: bool = False
    out_bias: bool = False
    qk_norm: QkNorm = ""
    norm_rows: int = 1
    gate: Gate = ""
    sinks: bool = False
    own_keys: bool = True
    own_values: bool = True
    cached: bool = True
    indexer: Indexer | None = None

    @property
    def kind(self) -> str:
        """The word for it in reports."""
        if self.indexer is not None:
            return "sparse"
        return "sliding" if self.window else "chunked" if self.chunk else "full"

    @property
    def group(self) -> int:
        """Query heads per key-value head."""
        return self.heads // self.kv_heads

    @property
    def kv_elements(self) -> int:
        """Elements that are cached per token: keys, values, and keys of the indexer."""
        if not self.cached:
            return 0
        index = self.indexer.head_dim if self.indexer is not None else 0
        return self.kv_heads * (self.head_dim + self.v_dim) + index

    @property
    def state_elements(self) -> int:
        """None: nothing but the cache is kept."""
        return 0

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections on a residual stream of width `hidden`, and norms inside."""
        query, result = self.heads * self.head_dim, self.heads * self.v_dim
        key, value = self.kv_heads * self.head_dim, self.kv_heads * self.v_dim
        found = [matrix("attn.q_proj", query, hidden, self.q_bias)]
        if self.own_keys:
            found.append(matrix("attn.k_proj", key, hidden, self.kv_bias))
        if self.own_keys and self.own_values:
            found.append(matrix("attn.v_proj", value, hidden, self.kv_bias))
        if self.gate:
            whole = self.gate == "element"  # a half of the queries' projection, with its bias
            gate = result if whole else self.heads
            found.append(matrix("attn.gate_proj", gate, hidden, whole and self.q_bias))
        for name, heads in (("attn.q_norm", self.heads), ("attn.k_norm", self.kv_heads)):
            if self.qk_norm and (self.own_keys or name == "attn.q_norm"):
                width = self.head_dim if self.qk_norm == "head" else heads * self.head_dim
                found.append(Weight(name, self.norm_rows * width))
        if self.sinks:
            found.append(Weight("attn.sinks", self.heads))
        if self.indexer is not None:
            found += self.indexer.weights(hidden)
        return (*found, matrix("attn.o_proj", hidden, result, self.out_bias))
