"""Every operator of one layer, in order, and the layer as a kernel.

What is not an operator: bias vectors of projections ride in the accumulators, so their bytes are resident but
no traffic; choosing the k best of a router's scores; moving tokens to their experts and back.
"""

from bankside.kernels.catalog.attention import attention_operator, window_note
from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.moe import idle_weights, moe_operators, routing_notes
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.runnable import runnable
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Dense, Heads, Mla, Model, Moe
from bankside.kernels.models.activations import GATED
from bankside.kernels.models.parameters import layer_biases
from bankside.kernels.operators import Kernel, MatMul, Operator, Phase, RowWise


def layer_operators(model: Model, index: int, step: Step, precision: Precision) -> tuple[Operator, ...]:
    """Operators of layer `index` (from 0), in the order in which their results are needed.

    Raises
    ------
    ConfigError
        The layer has a part that no operator exists for.
    """
    mixer, feed_forward = runnable(model, index)
    if isinstance(mixer, Mla):
        attention, attended = _mla(model, mixer, step, precision), mixer.heads * mixer.v
    else:
        attention, attended = _projections(model, mixer, step, precision), mixer.heads * mixer.v_dim
    attention.append(projection("attn.o_proj", step.tokens, model.hidden, attended, precision))
    if isinstance(feed_forward, Moe):
        mlp = moe_operators(model, feed_forward, step.tokens, precision)
    else:
        mlp = _mlp(model, feed_forward, step, precision)
    return tuple(_with_norms(model, index, step, precision, attention, mlp))


def _with_norms(
    model: Model,
    index: int,
    step: Step,
    precision: Precision,
    attention: list[Operator],
    mlp: list[Operator],
) -> list[Operator]:
    """Both parts with the norms and residual adds of the layer's order around them."""
    norms = {
        label: norm_operator(label, model, step.tokens, precision) for label in model.layers[index].norms
    }
    add = {part: _residual(f"{part}.residual", model, step, precision) for part in ("attn", "mlp")}
    order = model.layers[index].order
    if order == "parallel":
        return [norms["norm"], *attention, *mlp, *add.values()]
    if order == "parallel-two":
        return [norms["attn.norm"], *attention, norms["mlp.norm"], *mlp, *add.values()]
    found: list[Operator] = []
    for part, operators in (("attn", attention), ("mlp", mlp)):
        before, inside = norms.get(f"{part}.norm"), norms.get(f"{part}.post_norm")
        found += [before] if before is not None and order != "post" else []
        found += operators
        found += [inside] if inside is not None else []
        found.append(add[part])
        found += [before] if before is not None and order == "post" else []
    return found


def norm_operator(label: str, model: Model, tokens: int, precision: Precision) -> RowWise:
    """A norm over the residual stream."""
    return RowWise(label, model.norm, tokens, model.hidden, 1, precision.activations, model.norm_elements)


def head_operator(model: Model, tokens: int, precision: Precision) -> MatMul:
    """The head on `tokens` tokens."""
    return projection("head", tokens, model.head.outputs, model.hidden, precision)


def _residual(label: str, model: Model, step: Step, precision: Precision) -> RowWise:
    return RowWise(label, "add", step.tokens, model.hidden, 2, precision.activations)


def _cached(
    label: str, tokens: int, outputs: int, inputs: int, precision: Precision, same_input: bool = True
) -> MatMul:
    """A projection whose result is appended to the KV cache."""
    return projection(label, tokens, outputs, inputs, precision, same_input=same_input, cached=True)


def _projections(model: Model, mixer: Heads, step: Step, precision: Precision) -> list[Operator]:
    tokens, act, width = step.tokens, precision.activations, mixer.head_dim
    operators: list[Operator] = [
        projection("attn.q_proj", tokens, mixer.heads * width, model.hidden, precision),
        _cached("attn.k_proj", tokens, mixer.kv_heads * width, model.hidden, precision),
        _cached("attn.v_proj", tokens, mixer.kv_heads * mixer.v_dim, model.hidden, precision),
    ]
    for label, heads in (("attn.q_norm", mixer.heads), ("attn.k_norm", mixer.kv_heads)):
        if mixer.qk_norm == "whole":
            operators.append(RowWise(label, "rmsnorm", tokens, heads * width, 1, act, heads * width))
        elif mixer.qk_norm:
            operators.append(RowWise(label, "rmsnorm", tokens * heads, width, 1, act, width))
    if mixer.rotary:
        rotated = (mixer.heads + mixer.kv_heads) * mixer.rotary
        operators.append(RowWise("attn.rope", "rope", tokens, rotated, 1, act))
    return [*operators, attention_operator(mixer, model.causal, step, precision)]


def _mla(model: Model, mla: Mla, step: Step, precision: Precision) -> list[Operator]:
    """Latent attention. Decoding absorbs the halves of kv_b_proj: the key half into the queries, the value
    half into the results, head by head, so that the cache is read as latent rows; prefill expands it to keys
    and values.
    """
    tokens, act, heads = step.tokens, precision.activations, mla.heads
    query, q_width = heads * (mla.nope + mla.rope), model.hidden
    operators: list[Operator] = []
    if mla.q_lora:
        operators.append(projection("attn.q_a_proj", tokens, mla.q_lora, model.hidden, precision))
        operators.append(RowWise("attn.q_a_norm", "rmsnorm", tokens, mla.q_lora, 1, act, mla.q_lora))
        q_width = mla.q_lora
    q_label = "attn.q_b_proj" if mla.q_lora else "attn.q_proj"
    operators += [
        projection(q_label, tokens, query, q_width, precision),
        _cached("attn.kv_a_proj", tokens, mla.kv_lora + mla.rope, model.hidden, precision, same_input=False),
        RowWise("attn.kv_a_norm", "rmsnorm", tokens, mla.kv_lora, 1, act, mla.kv_lora),
        RowWise("attn.rope", "rope", tokens, (heads + 1) * mla.rope, 1, act),
    ]
    attention = attention_operator(mla, model.causal, step, precision)
    if step.decoding:
        return [
            *operators,
            projection("attn.kv_b_proj_k", tokens, mla.kv_lora, mla.nope, precision, copies=heads),
            attention,
            projection("attn.kv_b_proj_v", tokens, mla.v, mla.kv_lora, precision, copies=heads),
        ]
    expand = projection("attn.kv_b_proj", tokens, heads * (mla.nope + mla.v), mla.kv_lora, precision)
    return [*operators, expand, attention]


def _mlp(model: Model, part: Dense, step: Step, precision: Precision) -> list[Operator]:
    tokens, act, width = step.tokens, precision.activations, part.width
    up = projection("mlp.up_proj", tokens, width, model.hidden, precision, same_input=part.gated)
    down = projection("mlp.down_proj", tokens, model.hidden, width, precision)
    if not part.gated:
        return [up, RowWise("mlp.act", part.activation, tokens, width, 1, act), down]
    gate = projection("mlp.gate_proj", tokens, width, model.hidden, precision)
    return [gate, up, RowWise("mlp.act", GATED[part.activation], tokens, width, 2, act), down]


def idle_bytes(model: Model, index: int, step: Step, precision: Precision) -> int:
    """Weights of a layer that stay in memory unread: biases, and experts that no token visits [byte]."""
    idle = layer_biases(model, index)
    if isinstance(moe := model.layers[index].feed_forward, Moe):
        idle += idle_weights(model, moe, step.tokens)
    return precision.weights.bytes_of(idle)


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
