"""The same attention over fewer tokens, or under another name."""

from dataclasses import replace

from bankside.kernels.operators import Attention


def shortened(op: Attention, context: int) -> Attention:
    """The same over `context` tokens."""
    tokens = (op.sequences, op.kv_heads, context)
    k, v = (replace(tensor, shape=(*tokens, tensor.shape[-1])) for tensor in (op.k, op.v))
    return replace(op, context=context, k=k, v=v)


def labelled(op: Attention, label: str) -> Attention:
    """The same under another name, on tensors of their own."""
    names = {
        tensor.name: f"{label}.{tensor.name.rpartition('.')[2]}" for tensor in (op.q, op.k, op.v, op.out)
    }
    q, k, v, out = (
        replace(tensor, name=names[tensor.name], of=names.get(tensor.of or "", tensor.of))
        for tensor in (op.q, op.k, op.v, op.out)
    )
    return replace(op, label=label, q=q, k=k, v=v, out=out)
