"""What stands before the first layer and behind the last: projections of embeddings, the final norm, the head."""

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.norms import made_by, norm, norm_operator, stream
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Model
from bankside.kernels.models.weight import Weight
from bankside.kernels.operators import MatMul, Operator, RowWise, Tensor


def _outside(model: Model) -> dict[str, Weight]:
    return {weight.name: weight for weight in (*model.outside, *model.head.inner)}


def first_operators(model: Model, step: Step, precision: Precision) -> tuple[Operator, ...]:
    """From rows of the embedding to what layers read; nothing in most models."""
    outside, operators = _outside(model), list[Operator]()
    if (narrow := outside.get("embedding.in_proj")) is not None:
        embedded = Tensor("embedding", (step.tokens, narrow.inputs), precision.activations)
        operators.append(projection("embedding.in_proj", embedded, narrow.outputs, precision))
    if (wide := outside.get("input.model_proj")) is not None:
        x = stream("x", model, step.tokens, precision)
        rows = projection("input.model_proj", x, wide.outputs, precision)
        width = outside["input.model_norm"].elements
        normed = norm("input.model_norm", rows.out, (step.tokens * wide.outputs // width, width))
        table = Tensor("input.table.rows", rows.out.shape, precision.activations)
        operators += [rows, normed, made_by("input.model_add", "add", normed.out, table)]
    return tuple(operators)


def last_operators(model: Model, step: Step, precision: Precision) -> tuple[Operator, ...]:
    """The final norm and the head."""
    outside, operators = _outside(model), list[Operator]()
    x = stream("x", model, step.tokens, precision)
    if (mix := outside.get("head.mix")) is not None:
        streams = Tensor("x", (step.tokens, mix.inputs), precision.activations)
        mixed = projection("head.mix", streams, mix.outputs, precision)
        one = Tensor("head.mixed.out", x.shape, x.format)
        operators += [mixed, RowWise.over("head.mixed", "weighted_sum", (streams,), one)]
        x = one
    if model.final_norm:
        operators.append(normed := norm_operator("final.norm", model, x))
        x = normed.out
    if (narrow := outside.get("embedding.out_proj")) is not None:
        operators.append(out := projection("embedding.out_proj", x, narrow.outputs, precision))
        x = out.out
    if model.head.outputs:
        operators.append(head_operator(model, x, precision))
    return tuple(operators)


def head_operator(model: Model, x: Tensor, precision: Precision) -> MatMul:
    """The head on rows `x`."""
    return projection("head", x, model.head.outputs, precision.of_head(model))


def unread_elements(model: Model) -> int:
    """Elements outside the layers that no operator reads: all tables but a tied head's, what only an encoder reads,
    and biases."""
    rows = model.tables + (0 if model.head.tied else model.vocab)
    norms = model.norm_elements if model.embedding_norm else 0
    outside, tied = _outside(model), model.head.tied and model.head.outputs
    unread = ["input.table", "encoder.final_norm", *([] if tied else ["embedding.table"])]
    beside = sum(outside[name].elements for name in unread if name in outside)
    biases = sum(weight.biases for weight in outside.values())
    return rows * model.hidden + norms + model.head.outputs * model.head.bias + beside + biases
