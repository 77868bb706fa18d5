"""Every operator of one layer, in order, and the layer as a kernel.

What is not an operator: bias vectors of projections ride in the accumulators, so their bytes are resident but
no traffic; choosing the k best of a router's scores; moving tokens to their experts and back.
"""

from bankside.kernels.catalog.attention import attention_operator, window_note
from bankside.kernels.catalog.gemm import gated, projection
from bankside.kernels.catalog.moe import idle_weights, moe_operators, routing_notes
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Mla, Model
from bankside.kernels.models.activations import GATED
from bankside.kernels.models.parameters import layer_biases
from bankside.kernels.operators import Kernel, MatMul, Operator, Phase, RowWise, Tensor


def layer_operators(model: Model, layer: int, step: Step, precision: Precision) -> tuple[Operator, ...]:
    """Operators of layer `layer` (from 0), in the order in which their results are needed."""
    x = stream("x", model, step.tokens, precision)
    operators: list[Operator] = []
    for name, block in (("attn", _attention), ("mlp", _moe if model.is_moe(layer) else _mlp)):
        inner = x
        if not model.post_norm:
            operators.append(norm := norm_operator(f"{name}.norm", model, x, precision))
            inner = norm.out
        operators += block(model, step, inner, precision)
        (made,) = operators[-1].outputs
        sum_of = Tensor(f"{name}.residual.out", x.shape, x.format)
        operators.append(RowWise.over(f"{name}.residual", "add", (x, made), sum_of))
        x = sum_of
        if model.post_norm:
            operators.append(norm := norm_operator(f"{name}.norm", model, x, precision))
            x = norm.out
    return tuple(operators)


def stream(name: str, model: Model, tokens: int, precision: Precision) -> Tensor:
    """Rows of the residual stream."""
    return Tensor(name, (tokens, model.hidden), precision.activations)


def norm_operator(label: str, model: Model, x: Tensor, precision: Precision) -> RowWise:
    """A norm over the residual stream."""
    return _norm(label, model.norm, x, x.shape, model.norm_elements)


def _norm(label: str, function: str, x: Tensor, shape: tuple[int, ...], elements: int) -> RowWise:
    """A norm of `shape` = (rows, elements of a row)."""
    weights = Tensor(f"{label}.weight", (elements,), x.format, "weights")
    rows, cols = shape
    return RowWise(label, function, rows, cols, (x,), Tensor(f"{label}.out", x.shape, x.format), weights)


def head_operator(model: Model, x: Tensor, precision: Precision) -> MatMul:
    """The language-model head on rows `x`."""
    return projection("head", x, model.vocab, precision)


def _attention(model: Model, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    """From the normed stream to the results of all heads, projected back."""
    operators = (
        _mla(model, model.mla, step, x, precision) if model.mla else _projections(model, step, x, precision)
    )
    (attended,) = operators[-1].outputs
    width = model.heads * (model.mla.v if model.mla is not None else model.head_dim)
    rows = attended.part("attn.attended", (step.tokens, width))
    return [*operators, projection("attn.o_proj", rows, model.hidden, precision)]


def _cached(label: str, a: Tensor, outputs: int, precision: Precision, cache: str) -> MatMul:
    """A projection whose result is appended to the KV cache `cache`."""
    appended = Tensor(f"{label}.out", (a.shape[0], outputs), precision.activations, "kv", cache)
    return projection(label, a, outputs, precision, appended)


def _projections(model: Model, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    tokens, act, width = step.tokens, precision.activations, model.head_dim
    kv_width = model.kv_heads * width
    cache = attention_operator(model, step, precision)
    products = (
        projection("attn.q_proj", x, model.heads * width, precision),
        _cached("attn.k_proj", x, kv_width, precision, cache.k.name),
        _cached("attn.v_proj", x, kv_width, precision, cache.v.name),
    )
    q, k = products[0].out, products[1].out.part("attn.k_new", (tokens, kv_width))
    operators: list[Operator] = [*products]
    if model.qk_norm:
        q_norm = _norm("attn.q_norm", "rmsnorm", q, (tokens * model.heads, width), width)
        k_norm = _norm("attn.k_norm", "rmsnorm", k, (tokens * model.kv_heads, width), width)
        operators += [q_norm, k_norm]
        q, k = q_norm.out, k_norm.out
    if model.rotary:
        turned = Tensor("attn.rope.out", (tokens, (model.heads + model.kv_heads) * width), act)
        operators.append(RowWise.over("attn.rope", "rope", (q, k), turned))
        q = turned.part("attn.q_turned", q.shape)
    return [*operators, attention_operator(model, step, precision, q)]


def _mla(model: Model, mla: Mla, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    """Latent attention. Decoding absorbs the halves of kv_b_proj: the key half into the queries, the value
    half into the results, head by head, so that the cache is read as latent rows; prefill expands it to keys
    and values.
    """
    tokens, act, heads = step.tokens, precision.activations, model.heads
    operators: list[Operator] = []
    asked, label = x, "attn.q_proj"
    if mla.q_lora:
        q_a = projection("attn.q_a_proj", x, mla.q_lora, precision)
        q_a_norm = _norm("attn.q_a_norm", "rmsnorm", q_a.out, q_a.out.shape, mla.q_lora)
        operators += [q_a, q_a_norm]
        asked, label = q_a_norm.out, "attn.q_b_proj"
    q = projection(label, asked, heads * (mla.nope + mla.rope), precision)
    kv_a = _cached("attn.kv_a_proj", x, mla.kv_lora + mla.rope, precision, "attn.latent")
    latent = kv_a.out.part("attn.kv_a_new", (tokens, mla.kv_lora))
    kv_a_norm = _norm("attn.kv_a_norm", "rmsnorm", latent, latent.shape, mla.kv_lora)
    turning = (
        q.out.part("attn.q_rope", (tokens, heads * mla.rope)),
        kv_a.out.part("attn.k_rope", (tokens, mla.rope)),
    )
    turned = Tensor("attn.rope.out", (tokens, (heads + 1) * mla.rope), act)
    operators += [q, kv_a, kv_a_norm, RowWise.over("attn.rope", "rope", turning, turned)]
    if not step.decoding:
        expand = projection("attn.kv_b_proj", kv_a_norm.out, heads * (mla.nope + mla.v), precision)
        return [*operators, expand, attention_operator(model, step, precision, q.out)]
    absorbed = Tensor("attn.q_absorbed", (tokens, heads * (mla.kv_lora + mla.rope)), act)
    nope = q.out.part("attn.q_nope", (heads, tokens, mla.nope))
    into = Tensor("attn.q_latent", (heads, tokens, mla.kv_lora), act, of=absorbed.name)
    attention = attention_operator(model, step, precision, absorbed)
    results = attention.out.part("attn.latent_out", (heads, tokens, mla.kv_lora))
    return [
        *operators,
        projection("attn.kv_b_proj_k", nope, mla.kv_lora, precision, into),
        attention,
        projection("attn.kv_b_proj_v", results, mla.v, precision),
    ]


def _mlp(model: Model, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    if model.gated:
        return gated("mlp", GATED[model.activation], x, model.intermediate, precision)
    up = projection("mlp.up_proj", x, model.intermediate, precision)
    out = Tensor("mlp.act.out", up.out.shape, up.out.format)
    act = RowWise.over("mlp.act", model.activation, (up.out,), out)
    return [up, act, projection("mlp.down_proj", out, model.hidden, precision)]


def _moe(model: Model, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    assert model.moe is not None
    return moe_operators(model, model.moe, x, precision)


def idle_bytes(model: Model, layer: int, step: Step, precision: Precision) -> int:
    """Weights of a layer that stay in memory unread: biases, and experts that no token visits [byte]."""
    idle = layer_biases(model, layer)
    if model.moe is not None and model.is_moe(layer):
        idle += idle_weights(model, model.moe, step.tokens)
    return precision.weights.bytes_of(idle)


def layer_notes(model: Model, layer: int, step: Step, precision: Precision) -> tuple[str, ...]:
    """What the numbers of a layer rest on."""
    notes = precision.notes + precision.weight_notes + step.notes(model) + window_note(model, step)
    if model.moe is not None and model.is_moe(layer):
        notes += routing_notes(model.moe, step.tokens)
    return notes


def layer_kernel(model: Model, layer: int, step: Step, precision: Precision) -> Kernel:
    """One layer as a kernel."""
    kind = "moe" if model.is_moe(layer) else "dense"
    parameters: dict[str, int | str] = {
        "model": model.name,
        "stage": "decode" if step.decoding else "prefill",
        "layer": layer,
        "kind": kind,
        "context": step.context,
        "batch": step.sequences,
    }
    return Kernel(
        "layer",
        parameters | precision.parameters(),
        precision.activations,
        (Phase(1, layer_operators(model, layer, step, precision), f"layer {layer} ({kind})"),),
        layer_notes(model, layer, step, precision),
        idle_bytes(model, layer, step, precision),
    )
