"""Layers that keep a state instead of a cache: projections, a short convolution, the recurrence, and the way back.

A decoded token passes the state in one operator. Prefill of a linear recurrence goes chunk by chunk, in products; that
of a state space with a decay for every element token by token, as there is no such form of it.
"""

from collections.abc import Callable
from typing import Any, Final

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.chunks import chunked
from bankside.kernels.catalog.parts.norms import gate, made_by, norm
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Model
from bankside.kernels.models.recurrent import (
    STATE_FORMAT,
    GatedDelta,
    KimiDelta,
    Lightning,
    Mamba1,
    Mamba2,
    Recurrent,
)
from bankside.kernels.operators import MatMul, Operator, RowWise, StateStep, Tensor

DELTA_CHUNK: Final = 64  # Yang et al. 2024 (DeltaNet) and Kimi Linear
SUM_CHUNK: Final = 256  # the block of Lightning Attention


def recurrent_operators(
    model: Model, mixer: Recurrent, step: Step, x: Tensor, precision: Precision
) -> list[Operator]:
    """From the normed stream to the results, projected back."""
    return _KINDS[type(mixer)](model, mixer, step, x, precision)


def recurrence_notes(mixer: Any, step: Step) -> tuple[str, ...]:
    """What the numbers of a recurrence rest on."""
    if step.decoding or not isinstance(mixer, Recurrent) or isinstance(mixer, Mamba1):
        return ()
    other = DELTA_CHUNK if isinstance(mixer, GatedDelta | KimiDelta) else SUM_CHUNK
    size = mixer.chunk if isinstance(mixer, Mamba2) else other
    return (
        f"Chunks of {min(size, step.context)} tokens of a recurrence are counted whole, and as if side by side.",
    )


def _gated_delta(
    model: Model, own: GatedDelta, step: Step, x: Tensor, precision: Precision
) -> list[Operator]:
    tokens, values, keys = step.tokens, own.value_heads * own.value_dim, own.key_heads * own.key_dim
    qkv = _remembered("delta.qkv_proj", "delta.conv", x, own.channels, own.conv, step, precision)
    gated = projection("delta.gate_proj", x, values, precision)
    rates = projection("delta.rate_proj", x, 2 * own.value_heads, precision)
    mixed = _convolved("delta", qkv.out, own.channels, own.conv, step, precision)
    decay = _decays("delta.decay", rates.out, 2 * own.value_heads)
    qk = mixed[-1].outputs[0].part("delta.qk", (tokens, 2 * keys))
    unit = norm("delta.unit", qk, (2 * tokens * own.key_heads, own.key_dim), 0)
    sources = (unit.out, mixed[-1].outputs[0].part("delta.v", (tokens, values)), decay.out)
    made = _passed(
        "delta", "delta_step", (own.value_heads, own.key_dim, own.value_dim), step, sources, precision
    )
    out = made[-1].outputs[0].part("delta.heads", (tokens, values))
    normed = norm("delta.norm", out, (tokens * own.value_heads, own.value_dim))
    back = made_by("delta.gate", "swiglu", gated.out, normed.out)
    return [
        *(qkv, gated, rates, *mixed, decay, unit, *made, normed, back),
        projection("delta.o_proj", back.out, model.hidden, precision),
    ]


def _kimi_delta(model: Model, own: KimiDelta, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    tokens, rows, heads = step.tokens, own.heads * own.head_dim, own.heads
    qkv = _remembered("delta.qkv_proj", "delta.conv", x, 3 * rows, own.conv, step, precision)
    mixed = _convolved("delta", qkv.out, 3 * rows, own.conv, step, precision)
    narrow = projection("delta.decay_a_proj", x, own.head_dim, precision)
    decays = projection("delta.decay_b_proj", narrow.out, rows, precision)
    rates = projection("delta.rate_proj", x, heads, precision)
    share = made_by("delta.rate", "sigmoid", rates.out)
    decay = _decays("delta.decay", decays.out, rows + heads)
    qk = mixed[-1].outputs[0].part("delta.qk", (tokens, 2 * rows))
    unit = norm("delta.unit", qk, (2 * tokens * heads, own.head_dim), 0)
    sources = (unit.out, mixed[-1].outputs[0].part("delta.v", (tokens, rows)), decay.out, share.out)
    made = _passed("delta", "delta_step", (heads, own.head_dim, own.head_dim), step, sources, precision)
    out = made[-1].outputs[0].part("delta.heads", (tokens, rows))
    normed = norm("delta.norm", out, (tokens * heads, own.head_dim))
    operators = [qkv, *mixed, narrow, decays, rates, share, decay, unit, *made, normed]
    if own.full_gate:
        operators += gate("delta", x, normed.out, 0, precision)
    else:
        low = projection("delta.gate_a_proj", x, own.head_dim, precision)
        asked = projection("delta.gate_b_proj", low.out, rows, precision)
        share = made_by("delta.gate_share", "sigmoid", asked.out)
        operators += [low, asked, share, made_by("delta.gate", "mul", normed.out, share.out)]
    (gated,) = operators[-1].outputs
    return [*operators, projection("delta.o_proj", gated, model.hidden, precision)]


def _lightning(model: Model, own: Lightning, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    tokens, rows = step.tokens, own.heads * own.head_dim
    qkv = projection("linear.qkv_proj", x, 3 * rows, precision)
    act = made_by("linear.act", "silu", qkv.out)
    made = _passed(
        "linear", "linear_step", (own.heads, own.head_dim, own.head_dim), step, (act.out,), precision
    )
    out = made[-1].outputs[0].part("linear.heads", (tokens, rows))
    normed = norm("linear.norm", out, (tokens, rows))
    gated = gate("linear", x, normed.out, 0, precision)
    return [
        qkv,
        act,
        *made,
        normed,
        *gated,
        projection("linear.o_proj", gated[-1].outputs[0], model.hidden, precision),
    ]


def _mamba2(model: Model, own: Mamba2, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    tokens, inner = step.tokens, own.heads * own.head_dim
    gated = projection("ssm.in_proj", x, inner, precision, None, ".gate")
    into = _remembered("ssm.in_proj", "ssm.conv", x, own.channels, own.conv, step, precision)
    rates = projection("ssm.in_proj", x, own.heads, precision, None, ".rate")
    mixed = _convolved("ssm", into.out, own.channels, own.conv, step, precision)
    decay = _decays("ssm.decay", rates.out, 3 * own.heads)
    shape = (own.heads, own.state, own.head_dim)
    sources = (mixed[-1].outputs[0], decay.out)
    made = _passed("ssm", "linear_step", shape, step, sources, precision, own.groups, own.chunk)
    out = made[-1].outputs[0].part("ssm.heads", (tokens, inner))
    back = made_by("ssm.gate", "swiglu", gated.out, out)
    operators: list[Operator] = [gated, into, rates, *mixed, decay, *made, back]
    if own.norm:
        operators.append(norm("ssm.norm", back.out, (tokens, inner)))
    return [*operators, projection("ssm.out_proj", operators[-1].outputs[0], model.hidden, precision)]


def _mamba1(model: Model, own: Mamba1, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    tokens, chosen = step.tokens, own.rank + 2 * own.state
    into = _remembered("ssm.in_proj", "ssm.conv", x, own.inner, own.conv, step, precision)
    gated = projection("ssm.in_proj", x, own.inner, precision, None, ".gate")
    mixed = _convolved("ssm", into.out, own.inner, own.conv, step, precision)
    rows = mixed[-1].outputs[0]
    picked = projection("ssm.x_proj", rows, chosen, precision)
    operators: list[Operator] = [into, gated, *mixed, picked]
    if own.norms:
        operators.append(norm("ssm.norms", picked.out, (tokens, chosen)))
    (kept,) = operators[-1].outputs
    rates = projection("ssm.dt_proj", kept.part("ssm.dt", (tokens, own.rank)), own.inner, precision)
    soft = made_by("ssm.rate", "softplus", rates.out)
    act = precision.activations
    decays = Tensor("ssm.decay.weight", (own.inner * (own.state + 1),), act, "weights")
    sources = (rows, kept.part("ssm.bc", (tokens, 2 * own.state)), soft.out)
    scan = _scan("ssm", "selective_step", (own.inner, own.state, 1), step, sources, precision, decays)
    out = scan.out.part("ssm.rows", (tokens, own.inner))
    back = made_by("ssm.gate", "swiglu", gated.out, out)
    return [
        *operators,
        rates,
        soft,
        scan,
        back,
        projection("ssm.out_proj", back.out, model.hidden, precision),
    ]


def _remembered(
    label: str, conv: str, x: Tensor, channels: int, length: int, step: Step, precision: Precision
) -> MatMul:
    """A projection of whose rows the last are remembered for the convolution `conv`: the oldest gives way."""
    if not step.decoding:
        return projection(label, x, channels, precision, None, ".conv")
    out = Tensor(f"{label}.conv.out", (x.shape[0], channels), STATE_FORMAT, "kv", f"{conv}.state")
    return projection(label, x, channels, precision, out, ".conv")


def _convolved(
    name: str, x: Tensor, channels: int, length: int, step: Step, precision: Precision
) -> list[Operator]:
    """The convolution of every channel over the last `length` tokens, and SiLU."""
    act, rows = precision.activations, (step.tokens, channels)
    weights = Tensor(f"{name}.conv.weight", (channels, length), act, "weights")
    out = Tensor(f"{name}.conv.out", rows, act)
    new = x.part(f"{name}.conv.new", rows)
    operators: list[Operator] = []
    earlier: tuple[Tensor, ...]
    if step.decoding:
        earlier = (Tensor(f"{name}.conv.state", (step.sequences, length - 1, channels), STATE_FORMAT, "kv"),)
    else:
        earlier = tuple(
            Tensor(f"{new.name}.before{i}", rows, x.format, of=new.name) for i in range(1, length)
        )
        operators += _kept(name, new, channels, length, step)
    operators.append(RowWise(f"{name}.conv", "conv", step.tokens, channels, (new, *earlier), out, weights))
    return [*operators, made_by(f"{name}.conv_act", "silu", out)]


def _kept(name: str, new: Tensor, channels: int, length: int, step: Step) -> list[Operator]:
    """After a prefill the last rows are written to be remembered."""
    shape = (step.sequences * min(length - 1, step.context), channels)
    if shape[0] == 0:
        return []
    out = Tensor(f"{name}.conv.kept", shape, STATE_FORMAT, "kv", f"{name}.conv.state")
    return [RowWise.over(f"{name}.conv_kept", "weighted_sum", (new.part(f"{name}.conv.last", shape),), out)]


def _decays(label: str, rates: Tensor, elements: int) -> RowWise:
    """Decays of projected rates: softplus with a bias, times what is learned."""
    weights = Tensor(f"{label}.weight", (elements,), rates.format, "weights")
    rows, cols = rates.shape
    out = Tensor(f"{label}.out", rates.shape, rates.format)
    return RowWise(label, "softplus", rows, cols, (rates,), out, weights)


def _passed(
    name: str, function: str, shape: tuple[int, int, int], step: Step, sources: tuple[Tensor, ...],
    precision: Precision, key_heads: int = 0, chunk: int = SUM_CHUNK,
) -> list[Operator]:  # fmt: skip
    """The recurrence of heads with states of `shape` = (heads, d_k, d_v), of which `key_heads` share keys; a sum goes
    through `chunk` tokens at once."""
    if step.decoding:
        return [_scan(name, function, shape, step, sources, precision)]
    delta = function == "delta_step"
    size = min(DELTA_CHUNK if delta else chunk, step.context)
    return chunked(name, shape, key_heads or shape[0], (size, delta), step, sources, precision)


def _scan(
    name: str, function: str, shape: tuple[int, int, int], step: Step, sources: tuple[Tensor, ...],
    precision: Precision, weights: Tensor | None = None,
) -> StateStep:  # fmt: skip
    """All new tokens through the states, one after the other."""
    heads, d_k, d_v = shape
    states = step.sequences * heads
    state = Tensor(f"{name}.state", (states, d_k, d_v), STATE_FORMAT, "kv")
    out = Tensor(f"{name}.state.out", (step.tokens, heads * d_v), precision.activations)
    return StateStep(
        f"{name}.state",
        function,
        states,
        d_k,
        d_v,
        step.queries,
        sources,
        state,
        out,
        weights,
        not step.decoding,
    )


_KINDS: Final[dict[type, Callable[..., list[Operator]]]] = {
    GatedDelta: _gated_delta,
    KimiDelta: _kimi_delta,
    Lightning: _lightning,
    Mamba2: _mamba2,
    Mamba1: _mamba1,
}
