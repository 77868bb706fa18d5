"""What each kind of operator computes, on named arrays."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from bankside.kernels.operators import (
    Attention,
    Collective,
    Lookup,
    MatMul,
    Operator,
    RowWise,
    StateStep,
    Traversal,
)
from bankside.kernels.operators.table import Table
from bankside.kernels.reference.attention import attention
from bankside.kernels.reference.matmul import batched_gemm, windows
from bankside.kernels.reference.rowwise import Array, rowwise
from bankside.kernels.reference.state_step import state_step
from bankside.kernels.reference.traversal import traversal

Arrays = Mapping[str, Array]
Compute = Callable[[Any, Arrays], dict[str, Array]]
"""Arrays of the inputs' names and shapes to those of the outputs."""


def compute(op: Operator, arrays: Arrays) -> dict[str, Array]:
    """The outputs of an operator by name.

    Parameters
    ----------
    arrays
        An array for each tensor that it reads, of the tensor's shape or one that has as many elements. Angles of "rope"
        and weights of "weighted_sum" are no tensors: "LABEL.cos" and "LABEL.sin" of shape (rows, cols), and
        "LABEL.scale" of shape (operands, rows). Of a recurrence they are "LABEL.q", "LABEL.k", "LABEL.v",
        "LABEL.decay" and "LABEL.rate", each (tokens, states, ...).
    """
    made = REFERENCES.of(op)(op, arrays)
    return {tensor.name: made[tensor.name].reshape(tensor.shape) for tensor in op.outputs}


def _product(op: MatMul, arrays: Arrays) -> dict[str, Array]:
    a = arrays[op.a.name]
    if op.windows is not None:
        a = windows(a.reshape(op.batch, op.windows.height, op.windows.width, -1), op.windows)
    a = a.reshape(op.batch, op.m, op.k)
    b = arrays[op.b.name].reshape(op.batch // op.shared_b, op.k, op.n)
    return {op.out.name: batched_gemm(a, b, op.shared_b)}


def _attention(op: Attention, arrays: Arrays) -> dict[str, Array]:
    tokens = (op.sequences, op.kv_heads, op.context)
    q = arrays[op.q.name].reshape(op.sequences, op.queries, op.kv_heads, op.group, op.d_qk)
    k = arrays[op.k.name].reshape(*tokens, op.d_qk)
    v = k[..., : op.d_v] if op.kv_shared else arrays[op.v.name].reshape(*tokens, op.d_v)
    each = [
        attention(q[s].transpose(1, 2, 0, 3), k[s], v[s], op.causal, op.window, op.chunk)
        for s in range(op.sequences)
    ]
    return {op.out.name: np.stack(each).transpose(0, 3, 1, 2, 4)}


def _function(op: RowWise, arrays: Arrays) -> dict[str, Array]:
    flat = [arrays[tensor.name].reshape(op.rows, -1) for tensor in op.sources]
    together = np.concatenate(flat, axis=1) if len(flat) > 1 else flat[0]
    operands = list(np.split(together, op.operands, axis=1))
    if op.function == "conv":
        assert op.weights is not None
        each = arrays[op.weights.name].reshape(op.operands, op.cols)
        return {op.out.name: rowwise(op.function, np.stack(operands), each)}
    if op.function == "weighted_sum":
        return {op.out.name: rowwise(op.function, np.stack(operands), arrays[f"{op.label}.scale"])}
    if op.function == "rope":
        return {
            op.out.name: rowwise(op.function, *operands, arrays[f"{op.label}.cos"], arrays[f"{op.label}.sin"])
        }
    weights = np.split(arrays[op.weights.name], op.weights.elements // op.cols) if op.weights else []
    return {op.out.name: rowwise(op.function, *operands, *weights)}


def _recurrence(op: StateStep, arrays: Arrays) -> dict[str, Array]:
    states = np.zeros((op.states, op.d_k, op.d_v)) if op.fresh else np.array(arrays[op.state.name])
    q, k, v, decay = (arrays[f"{op.label}.{name}"] for name in ("q", "k", "v", "decay"))
    rates = arrays[f"{op.label}.rate"] if op.function == "delta_step" else None
    made = np.empty((op.tokens, op.states, op.d_v))
    for token in range(op.tokens):
        for each in range(op.states):
            at = token, each
            rate = rates[at] if rates is not None else None
            made[at], states[each] = state_step(states[each], q[at], k[at], v[at], decay[at], rate)
    return {op.out.name: made, op.written.name: states}


def _traversal(op: Traversal, arrays: Arrays) -> dict[str, Array]:
    return {op.out.name: traversal(op.function, arrays[op.source.name].reshape(-1), op.out.elements)}


def _exchanged(op: Collective, arrays: Arrays) -> dict[str, Array]:
    """Of packages that all have the same, which one array stands for."""
    x = arrays[op.x.name].reshape(op.x.shape)
    if op.pattern == "all_reduce":
        x = op.group * x
    return {op.out.name: np.concatenate([x] * (op.out.elements // op.x.elements), axis=-1)}


def _lookup(op: Lookup, arrays: Arrays) -> dict[str, Array]:
    """Sums of rows; numbers of rows are whole."""
    table = arrays[op.table.name].reshape(op.table.shape)
    indices = arrays[op.indices.name].reshape(op.indices.shape).astype(np.int64)
    sums = [table[which][indices[which]].sum(axis=-2) for which in range(op.tables)]
    return {op.out.name: np.stack(sums)}


REFERENCES: Final[Table[Compute]] = Table(
    "reference",
    {
        MatMul: _product,
        Attention: _attention,
        RowWise: _function,
        StateStep: _recurrence,
        Traversal: _traversal,
        Lookup: _lookup,
        Collective: _exchanged,
    },
)
