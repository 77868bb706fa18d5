"""Every operator of one layer, in order, and the layer as a kernel.

What is not an operator: bias vectors of projections ride in the accumulators, so their bytes are resident but
no traffic; choosing the k best of a router's scores; moving tokens to their experts and back.
"""

from bankside.kernels.catalog.attention import attention_operator, window_note
from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.moe import idle_weights, moe_operators, routing_notes
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Mla, Model
from bankside.kernels.models.activations import GATED
from bankside.kernels.models.parameters import layer_biases
from bankside.kernels.operators import Kernel, MatMul, Operator, Phase, RowWise


def layer_operators(model: Model, layer: int, step: Step, precision: Precision) -> tuple[Operator, ...]:
    """Operators of layer `layer` (from 0), in the order in which their results are needed."""
    attention = [
        *(_mla(model, model.mla, step, precision) if model.mla else _projections(model, step, precision)),
        projection("attn.o_proj", step.tokens, model.hidden, _attended(model), precision),
        _residual("attn.residual", model, step, precision),
    ]
    if model.moe is not None and model.is_moe(layer):
        mlp = moe_operators(model, model.moe, step.tokens, precision)
    else:
        mlp = _mlp(model, step, precision)
    mlp.append(_residual("mlp.residual", model, step, precision))
    attention_norm = norm_operator("attn.norm", model, step.tokens, precision)
    mlp_norm = norm_operator("mlp.norm", model, step.tokens, precision)
    if model.post_norm:
        return (*attention, attention_norm, *mlp, mlp_norm)
    return (attention_norm, *attention, mlp_norm, *mlp)


def norm_operator(label: str, model: Model, tokens: int, precision: Precision) -> RowWise:
    """A norm over the residual stream."""
    return RowWise(label, model.norm, tokens, model.hidden, 1, precision.activations, model.norm_elements)


def head_operator(model: Model, tokens: int, precision: Precision) -> MatMul:
    """The language-model head on `tokens` tokens."""
    return projection("head", tokens, model.vocab, model.hidden, precision)


def _attended(model: Model) -> int:
    """Width of all heads' results together."""
    return model.heads * (model.mla.v if model.mla is not None else model.head_dim)


def _residual(label: str, model: Model, step: Step, precision: Precision) -> RowWise:
    return RowWise(label, "add", step.tokens, model.hidden, 2, precision.activations)


def _cached(
    label: str, tokens: int, outputs: int, inputs: int, precision: Precision, same_input: bool = True
) -> MatMul:
    """A projection whose result is appended to the KV cache."""
    return projection(label, tokens, outputs, inputs, precision, same_input=same_input, cached=True)


def _projections(model: Model, step: Step, precision: Precision) -> list[Operator]:
    tokens, act, width = step.tokens, precision.activations, model.head_dim
    operators: list[Operator] = [
        projection("attn.q_proj", tokens, model.heads * width, model.hidden, precision),
        _cached("attn.k_proj", tokens, model.kv_heads * width, model.hidden, precision),
        _cached("attn.v_proj", tokens, model.kv_heads * width, model.hidden, precision),
    ]
    if model.qk_norm:
        operators.append(RowWise("attn.q_norm", "rmsnorm", tokens * model.heads, width, 1, act, width))
        operators.append(RowWise("attn.k_norm", "rmsnorm", tokens * model.kv_heads, width, 1, act, width))
    if model.rotary:
        rotated = (model.heads + model.kv_heads) * width
        operators.append(RowWise("attn.rope", "rope", tokens, rotated, 1, act))
    return [*operators, attention_operator(model, step, precision)]


def _mla(model: Model, mla: Mla, step: Step, precision: Precision) -> list[Operator]:
    """Latent attention. Decoding absorbs the halves of kv_b_proj: the key half into the queries, the value
    half into the results, head by head, so that the cache is read as latent rows; prefill expands it to keys
    and values.
    """
    tokens, act, heads = step.tokens, precision.activations, model.heads
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
    attention = attention_operator(model, step, precision)
    if step.decoding:
        return [
            *operators,
            projection("attn.kv_b_proj_k", tokens, mla.kv_lora, mla.nope, precision, copies=heads),
            attention,
            projection("attn.kv_b_proj_v", tokens, mla.v, mla.kv_lora, precision, copies=heads),
        ]
    expand = projection("attn.kv_b_proj", tokens, heads * (mla.nope + mla.v), mla.kv_lora, precision)
    return [*operators, expand, attention]


def _mlp(model: Model, step: Step, precision: Precision) -> list[Operator]:
    tokens, act, width = step.tokens, precision.activations, model.intermediate
    up = projection("mlp.up_proj", tokens, width, model.hidden, precision, same_input=model.gated)
    down = projection("mlp.down_proj", tokens, model.hidden, width, precision)
    if not model.gated:
        return [up, RowWise("mlp.act", model.activation, tokens, width, 1, act), down]
    gate = projection("mlp.gate_proj", tokens, width, model.hidden, precision)
    return [gate, up, RowWise("mlp.act", GATED[model.activation], tokens, width, 2, act), down]


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
