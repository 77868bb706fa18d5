"""Every operator of one layer, in order, and the layer as a kernel.

What is not an operator: bias vectors of projections ride in the accumulators, so their bytes are resident but
no traffic; choosing the k best of a router's scores; moving tokens to their experts and back.
"""

from bankside.kernels.catalog.attention import attention_operator, window_note
from bankside.kernels.catalog.gemm import gated, projection
from bankside.kernels.catalog.moe import idle_weights, moe_operators, routing_notes
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.runnable import runnable
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Dense, Heads, Mla, Model, Moe
from bankside.kernels.models.activations import GATED
from bankside.kernels.models.parameters import layer_biases
from bankside.kernels.operators import Kernel, MatMul, Operator, Phase, RowWise, Tensor

PARTS = ("attn", "mlp")


def layer_operators(model: Model, index: int, step: Step, precision: Precision) -> tuple[Operator, ...]:
    """Operators of layer `index` (from 0), in the order in which their results are needed.

    Raises
    ------
    ConfigError
        The layer has a part that no operator exists for.
    """
    runnable(model, index)
    precision = precision.of_layer(model, model.layers[index])
    x, order = stream("x", model, step.tokens, precision), model.layers[index].order
    if order.startswith("parallel"):
        return tuple(_side_by_side(model, index, step, x, precision))
    operators: list[Operator] = []
    norms = model.layers[index].norms
    for name in PARTS:
        inner, before, inside = x, f"{name}.norm", f"{name}.post_norm"
        if before in norms and order != "post":
            operators.append(norm := norm_operator(before, model, x, precision))
            inner = norm.out
        operators += _part(name, model, index, step, inner, precision)
        (made,) = operators[-1].outputs
        if inside in norms:
            operators.append(norm := norm_operator(inside, model, made, precision))
            made = norm.out
        operators.append(add := _residual(name, x, made))
        x = add.out
        if before in norms and order == "post":
            operators.append(norm := norm_operator(before, model, x, precision))
            x = norm.out
    return tuple(operators)


def _side_by_side(model: Model, index: int, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    """Both parts read the stream as it came, through one norm or one each, and are added to it after one another."""
    operators: list[Operator] = []
    norms = {label: norm_operator(label, model, x, precision) for label in model.layers[index].norms}
    made: list[Tensor] = []
    shared = norms.get("norm")
    operators += [shared] if shared is not None else []
    for name in PARTS:
        norm = norms.get(f"{name}.norm", shared)
        operators += [norm] if norm is not None and norm is not shared else []
        operators += _part(name, model, index, step, norm.out if norm is not None else x, precision)
        made += operators[-1].outputs
    for name, result in zip(PARTS, made, strict=True):
        operators.append(add := _residual(name, x, result))
        x = add.out
    return operators


def _part(name: str, model: Model, index: int, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    """Attention or the feed-forward part of a layer."""
    mixer, feed_forward = runnable(model, index)
    if name == "attn":
        return _attention(model, mixer, step, x, precision)
    if isinstance(feed_forward, Moe):
        return moe_operators(feed_forward, x, precision)
    return _mlp(feed_forward, x, precision)


def _residual(part: str, x: Tensor, made: Tensor) -> RowWise:
    label = f"{part}.residual"
    return RowWise.over(label, "add", (x, made), Tensor(f"{label}.out", x.shape, x.format))


def stream(name: str, model: Model, tokens: int, precision: Precision) -> Tensor:
    """Rows of the residual stream."""
    return Tensor(name, (tokens, model.hidden), precision.activations)


def norm_operator(label: str, model: Model, x: Tensor, precision: Precision) -> RowWise:
    """A norm over the residual stream."""
    return _norm(label, model.norm, x, x.shape, model.norm_elements)


def _norm(
    label: str, function: str, x: Tensor, shape: tuple[int, ...], elements: int | None = None
) -> RowWise:
    """A norm of `shape` = (rows, elements of a row), with `elements` weights: unless told, a gain for each of a row."""
    rows, cols = shape
    weights = Tensor(f"{label}.weight", (cols if elements is None else elements,), x.format, "weights")
    return RowWise(label, function, rows, cols, (x,), Tensor(f"{label}.out", x.shape, x.format), weights)


def head_operator(model: Model, x: Tensor, precision: Precision) -> MatMul:
    """The head on rows `x`."""
    return projection("head", x, model.head.outputs, precision.of_head(model))


def _attention(
    model: Model, mixer: Heads | Mla, step: Step, x: Tensor, precision: Precision
) -> list[Operator]:
    """From the normed stream to the results of all heads, projected back."""
    if isinstance(mixer, Mla):
        operators, width = _mla(model, mixer, step, x, precision), mixer.heads * mixer.v
    else:
        operators, width = _projections(model, mixer, step, x, precision), mixer.heads * mixer.v_dim
    (attended,) = operators[-1].outputs
    rows = attended.part("attn.attended", (step.tokens, width))
    return [*operators, projection("attn.o_proj", rows, model.hidden, precision)]


def _cached(label: str, a: Tensor, outputs: int, precision: Precision, cache: str) -> MatMul:
    """A projection whose result is appended to the KV cache `cache`."""
    appended = Tensor(f"{label}.out", (a.shape[0], outputs), precision.activations, "kv", cache)
    return projection(label, a, outputs, precision, appended)


def _projections(model: Model, mixer: Heads, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    tokens, act, width = step.tokens, precision.activations, mixer.head_dim
    kv_width = mixer.kv_heads * width
    cache = attention_operator(mixer, model.causal, step, precision)
    products = (
        projection("attn.q_proj", x, mixer.heads * width, precision),
        _cached("attn.k_proj", x, kv_width, precision, cache.k.name),
        _cached("attn.v_proj", x, mixer.kv_heads * mixer.v_dim, precision, cache.v.name),
    )
    q, k = products[0].out, products[1].out.part("attn.k_new", (tokens, kv_width))
    operators: list[Operator] = [*products]
    if mixer.qk_norm:
        norms = [
            _norm(label, "rmsnorm", rows, _normed(mixer, rows, heads))
            for label, rows, heads in (("attn.q_norm", q, mixer.heads), ("attn.k_norm", k, mixer.kv_heads))
        ]
        operators += norms
        q, k = (norm.out for norm in norms)
    if mixer.rotary:
        turning = tuple(
            rows.part(f"{rows.name}.rotary", (tokens, heads * mixer.rotary))
            for rows, heads in ((q, mixer.heads), (k, mixer.kv_heads))
        )
        turned = Tensor("attn.rope.out", (tokens, (mixer.heads + mixer.kv_heads) * mixer.rotary), act)
        operators.append(RowWise.over("attn.rope", "rope", turning, turned))
        q = turned.part("attn.q_turned", q.shape)
    return [*operators, attention_operator(mixer, model.causal, step, precision, q)]


def _normed(mixer: Heads, rows: Tensor, heads: int) -> tuple[int, int]:
    """Rows, and elements of a row, that a norm of queries or keys is over: all heads together, or each by itself."""
    tokens, width = rows.shape
    return (tokens, width) if mixer.qk_norm == "whole" else (tokens * heads, mixer.head_dim)


def _mla(model: Model, mla: Mla, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    """Latent attention. Decoding absorbs the halves of kv_b_proj: the key half into the queries, the value
    half into the results, head by head, so that the cache is read as latent rows; prefill expands it to keys
    and values.
    """
    tokens, act, heads = step.tokens, precision.activations, mla.heads
    operators: list[Operator] = []
    asked, label = x, "attn.q_proj"
    if mla.q_lora:
        q_a = projection("attn.q_a_proj", x, mla.q_lora, precision)
        q_a_norm = _norm("attn.q_a_norm", "rmsnorm", q_a.out, q_a.out.shape)
        operators += [q_a, q_a_norm]
        asked, label = q_a_norm.out, "attn.q_b_proj"
    q = projection(label, asked, heads * (mla.nope + mla.rope), precision)
    kv_a = _cached("attn.kv_a_proj", x, mla.kv_lora + mla.rope, precision, "attn.latent")
    latent = kv_a.out.part("attn.kv_a_new", (tokens, mla.kv_lora))
    kv_a_norm = _norm("attn.kv_a_norm", "rmsnorm", latent, latent.shape)
    turning = (
        q.out.part("attn.q_rope", (tokens, heads * mla.rope)),
        kv_a.out.part("attn.k_rope", (tokens, mla.rope)),
    )
    turned = Tensor("attn.rope.out", (tokens, (heads + 1) * mla.rope), act)
    operators += [q, kv_a, kv_a_norm, RowWise.over("attn.rope", "rope", turning, turned)]
    if not step.decoding:
        expand = projection("attn.kv_b_proj", kv_a_norm.out, heads * (mla.nope + mla.v), precision)
        return [*operators, expand, attention_operator(mla, model.causal, step, precision, q.out)]
    absorbed = Tensor("attn.q_absorbed", (tokens, heads * (mla.kv_lora + mla.rope)), act)
    nope = q.out.part("attn.q_nope", (heads, tokens, mla.nope))
    into = Tensor("attn.q_latent", (heads, tokens, mla.kv_lora), act, of=absorbed.name)
    attention = attention_operator(mla, model.causal, step, precision, absorbed)
    results = attention.out.part("attn.latent_out", (heads, tokens, mla.kv_lora))
    return [
        *operators,
        projection("attn.kv_b_proj_k", nope, mla.kv_lora, precision, into),
        attention,
        projection("attn.kv_b_proj_v", results, mla.v, precision),
    ]


def _mlp(part: Dense, x: Tensor, precision: Precision) -> list[Operator]:
    if part.gated:
        return gated("mlp", GATED[part.activation], x, part.width, precision)
    up = projection("mlp.up_proj", x, part.width, precision)
    out = Tensor("mlp.act.out", up.out.shape, up.out.format)
    act = RowWise.over("mlp.act", part.activation, (up.out,), out)
    return [up, act, projection("mlp.down_proj", out, x.columns, precision)]


def idle_bytes(model: Model, index: int, step: Step, precision: Precision) -> int:
    """Weights of a layer that stay in memory unread: biases, and experts that no token visits [byte]."""
    idle = precision.weights.bytes_of(layer_biases(model, index))
    if isinstance(moe := model.layers[index].feed_forward, Moe):
        experts = precision.of_layer(model, model.layers[index]).weights_of("moe.experts.up_proj")
        idle += experts.bytes_of(idle_weights(model, moe, step.tokens))
    return idle


def layer_notes(model: Model, index: int, step: Step, precision: Precision) -> tuple[str, ...]:
    """What the numbers of a layer rest on."""
    notes = precision.notes + precision.weight_notes + step.notes(model)
    notes += window_note(model.layers[index], step)
    if isinstance(moe := model.layers[index].feed_forward, Moe):
        notes += routing_notes(moe, step.tokens)
    return notes


def layer_words(model: Model, index: int) -> str:
    """What kind of layer it is, for labels; attention that meets all is the rule, and not named."""
    mixer, part = model.layers[index].kinds
    words = [mixer] if mixer not in ("full", "mla") else []
    return ", ".join([*words, "moe" if part == "moe" else "dense"])


def layer_kernel(model: Model, index: int, step: Step, precision: Precision) -> Kernel:
    """One layer as a kernel."""
    words = layer_words(model, index)
    parameters: dict[str, int | str] = {
        "model": model.name,
        "stage": "decode" if step.decoding else "prefill",
        "layer": index,
        "kind": words,
        "context": step.context,
        "batch": step.sequences,
    }
    return Kernel(
        "layer",
        parameters | precision.parameters(),
        precision.activations,
        (Phase(1, layer_operators(model, index, step, precision), f"layer {index} ({words})"),),
        layer_notes(model, index, step, precision),
        idle_bytes(model, index, step, precision),
    )
