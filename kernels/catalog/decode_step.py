"""A whole decode step: all layers, the final norm and the head, for one new token per sequence."""

from bankside.kernels.catalog.layer import (
    head_operator,
    idle_bytes,
    layer_notes,
    layer_operators,
    layer_words,
    norm_operator,
    stream,
)
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.runnable import whole
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Model
from bankside.kernels.operators import Kernel, Operator, Phase


def decode_step(model: Model, step: Step, precision: Precision) -> Kernel:
    """Runs of equal layers as phases, then the head.

    Looking up the embedding's rows and sampling are left out; the embedding's tables count as resident.

    Raises
    ------
    ConfigError
        A layer, or what stands outside the layers, has no operators.
    """
    whole(model)
    phases = []
    idle = precision.weights.bytes_of(_unread_tables(model))
    notes: dict[str, None] = {}
    for first, count in model.layer_groups():
        label = f"layers {first}-{first + count - 1} ({layer_words(model, first)})"
        phases.append(Phase(count, layer_operators(model, first, step, precision), label))
        idle += count * idle_bytes(model, first, step, precision)
        notes |= dict.fromkeys(layer_notes(model, first, step, precision))
    final: list[Operator] = []
    x = stream("x", model, step.tokens, precision)
    if model.final_norm:
        final.append(norm := norm_operator("final.norm", model, x, precision))
        x = norm.out
    if model.head.outputs:
        final.append(head_operator(model, x, precision))
    if final:
        phases.append(Phase(1, tuple(final), "head"))
    parameters: dict[str, int | str] = {
        "model": model.name,
        "context": step.context,
        "batch": step.sequences,
    }
    return Kernel(
        "decode-step",
        parameters | precision.parameters(),
        precision.activations,
        tuple(phases),
        tuple(notes),
        idle,
    )


def _unread_tables(model: Model) -> int:
    """Elements outside the layers that no operator reads: all tables but a tied head's, and the head's bias."""
    rows = model.tables + (0 if model.head.tied else model.vocab)
    norm = model.norm_elements if model.embedding_norm else 0
    return rows * model.hidden + norm + model.head.outputs * model.head.bias
