"""A whole decode step: all layers, the final norm and the head, for one new token per sequence."""

from bankside.kernels.catalog.attention import unread_cache
from bankside.kernels.catalog.layer import idle_bytes, layer_notes, layer_operators, layer_words
from bankside.kernels.catalog.parts.ends import first_operators, last_operators, unread_elements
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.runnable import whole
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Model
from bankside.kernels.models.parameters import layer_parameters
from bankside.kernels.operators import Kernel, Phase


def decode_step(model: Model, step: Step, precision: Precision) -> Kernel:
    """What makes rows of the embedding, runs of equal layers as phases, then the head; an encoder has run before.

    Looking up the embedding's rows and sampling are left out; the embedding's tables count as resident.

    Raises
    ------
    ConfigError
        A layer, or what stands outside the layers, has no operators.
    """
    whole(model)
    phases = []
    idle, kept = precision.weights.bytes_of(unread_elements(model)), 0
    notes: dict[str, None] = {}
    if first := first_operators(model, step, precision):
        phases.append(Phase(1, first, "embedding"))
    for at, count in model.layer_groups():
        layer = model.layers[at]
        if layer.stack == "encoder":
            idle += count * precision.weights.bytes_of(layer_parameters(model, layer)[0])
            continue
        label = f"layers {at}-{at + count - 1} ({layer_words(model, at)})"
        phases.append(Phase(count, layer_operators(model, at, step, precision), label))
        idle += count * idle_bytes(model, at, step, precision)
        kept += count * unread_cache(layer, step, precision)
        notes |= dict.fromkeys(layer_notes(model, at, step, precision))
    if last := last_operators(model, step, precision):
        phases.append(Phase(1, last, "head"))
    parameters: dict[str, int | str] = {"model": model.name, **step.tokens_told}
    return Kernel(
        "decode-step",
        parameters | step.parameters | precision.parameters(),
        precision.activations,
        tuple(phases),
        tuple(notes),
        idle,
        kept,
    )
