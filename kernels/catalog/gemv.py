"""Projections of a model run alone: the matrix-vector products that decoding one token makes of them."""

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.layer import layer_operators
from bankside.kernels.catalog.moe import routing_notes
from bankside.kernels.catalog.parts.ends import first_operators, last_operators
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import decode
from bankside.kernels.models import Model, Moe
from bankside.kernels.models.hf_names import our_name
from bankside.kernels.operators import Kernel, Operator, Phase


def model_gemv(model: Model, name: str, batch: int, precision: Precision) -> Kernel:
    """The projection `name` of a decode step of `batch` sequences.

    Parameters
    ----------
    name
        Our name of the operator ("mlp.down_proj", "head") or Hugging Face's ("self_attn.q_proj", "lm_head").

    Raises
    ------
    ConfigError
        The model has no such projection; the sentence lists those it has.
    """
    found: dict[str, list[Operator]] = {}
    step = decode(batch, 1)
    for first, _ in model.layer_groups():
        operators = layer_operators(model, first, step, precision)
        here: dict[str, list[Operator]] = {}
        for op in operators:
            if op.macs and op.weights_bytes:
                here.setdefault(op.label, []).append(op)
        found = here | found
    ends = (*first_operators(model, step, precision), *last_operators(model, step, precision))
    found |= {op.label: [op] for op in ends if op.macs and op.weights_bytes}
    label = our_name(name)
    if label not in found:
        known = ", ".join(found)
        raise ConfigError([f"Model {model.name} has no projection {name!r}; it has {known}."])
    chosen = tuple(found[label])
    parameters: dict[str, int | str] = {
        "model": model.name,
        "op": label,
        "m": chosen[0].outputs[0].columns,
        "k": chosen[0].inputs[0].columns,
    }
    shown = precision.parameters()
    parameters |= {"batch": batch, "format": shown["format"], "weights_format": shown["weights_format"]}
    notes = precision.notes + precision.weight_notes
    mixtures = [layer.feed_forward for layer in model.layers if isinstance(layer.feed_forward, Moe)]
    if label.startswith("moe.experts."):
        notes += routing_notes(mixtures[0], batch)
    return Kernel("gemv", parameters, precision.activations, (Phase(1, chosen),), notes)
