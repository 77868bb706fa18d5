"""Prefill of a linear recurrence, chunk by chunk: products inside a chunk, and with the state that came before it.

A chunk of C tokens of a head with a state d_k x d_v: scores q k^T under the mask and their product with the values, the
state's share q S, and what the chunk adds to the state, k^T v (Dao and Gu 2024, Mamba-2, section 6: the four steps of
SSD). A delta rule also has the keys' overlaps k k^T, solves the triangle that they make for keys and values, and takes
from the values what the state holds under the keys (Yang et al. 2024, DeltaNet, section 3.2: the WY form). Masks leave
half of scores, overlaps and triangle; matrix units compute them whole.
"""

from bankside.kernels.catalog.parts.norms import made_by
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models.recurrent import STATE_FORMAT
from bankside.kernels.operators import MatMul, Operator, RowWise, Tensor


class _Products:
    """Products of all chunks of all sequences, with the name, format and numbers that they share."""

    def __init__(self, name: str, precision: Precision) -> None:
        self.name, self.format = name, precision.activations
        self.operators: list[Operator] = []

    def rows(self, whole: Tensor, label: str, shape: tuple[int, ...]) -> Tensor:
        """Some of what comes, chunk by chunk; the last chunk is filled up."""
        return Tensor(f"{self.name}.{label}", shape, self.format, of=whole.name)

    def product(self, label: str, a: Tensor, b: Tensor) -> Tensor:
        """`a` of shape (batch, m, k) times `b` of shape (batch, k, n)."""
        (batch, m, k), n = a.shape, b.shape[-1]
        out = Tensor(f"{self.name}.{label}.out", (batch, m, n), self.format)
        self.operators.append(MatMul(f"{self.name}.{label}", batch, m, n, k, a, b, out))
        return out

    def function(self, label: str, function: str, *sources: Tensor) -> Tensor:
        """A row-wise function."""
        self.operators.append(op := made_by(f"{self.name}.{label}", function, *sources))
        return op.out


def chunked(
    name: str, shape: tuple[int, int, int], key_heads: int, chunk: tuple[int, bool], step: Step,
    sources: tuple[Tensor, ...], precision: Precision,
) -> list[Operator]:  # fmt: skip
    """The operators, of which the last makes the results of all tokens.

    Parameters
    ----------
    shape
        Heads of a sequence, and d_k and d_v of their states.
    key_heads
        Heads of queries and keys; each serves as many states as the next.
    chunk
        Tokens of a chunk, and whether the rule is a delta rule.
    sources
        What queries, keys and values are parts of: one tensor, or that of the first two and that of values.
    """
    (heads, d_k, d_v), (size, delta) = shape, chunk
    count = step.sequences * -(-step.context // size)
    batch, groups, width = count * heads, count * key_heads, heads // key_heads * d_v
    of = _Products(name, precision)
    qk, vs = sources[0], sources[1 if delta else 0]
    q, k = (of.rows(qk, f"chunk_{label}", (groups, size, d_k)) for label in ("q", "k"))
    turned = of.rows(qk, "chunk_k_turned", (groups, d_k, size))
    each = of.rows(of.product("scores", q, turned), "chunk_scores", (batch, size, size))
    scores = of.function("mask", "weighted_sum", each)
    values = of.rows(vs, "chunk_v", (batch, size, d_v))
    if delta:
        overlaps = of.function("triangle", "weighted_sum", of.product("overlaps", k, turned))
        solved = of.product("solve", overlaps, of.rows(vs, "chunk_kv", (batch, size, d_k + d_v)))
        values = of.rows(solved, "chunk_u", (batch, size, d_v))
    added = of.product("add", turned, of.rows(values, "chunk_v_wide", (groups, size, width)))
    states = of.function("carry", "weighted_sum", added)
    if delta:
        found = of.product("find", of.rows(solved, "chunk_w", (batch, size, d_k)), states)
        values = of.function("take", "add", values, found)
    inside = of.product("inside", scores, values)
    before = of.product("before", q, states)
    kept = (step.sequences * heads, d_k, d_v)
    state = Tensor(f"{name}.state.kept", kept, STATE_FORMAT, "kv", f"{name}.state")
    last = states.part(f"{name}.last_state", kept)
    of.operators.append(RowWise.over(f"{name}.state_kept", "weighted_sum", (last,), state))
    of.function("state", "add", inside, of.rows(before, "chunk_before", inside.shape))
    return of.operators
