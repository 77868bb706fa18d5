"""A model as plain data: what `bankside show model` prints and writes."""

from dataclasses import asdict, replace
from typing import Any

from bankside.arch.spec import ConfigError
from bankside.kernels.models import storage
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.parameters import layer_parameters, parameters
from bankside.kernels.models.recurrent import STATE_FORMAT


def describe(model: Model) -> dict[str, Any]:
    """Counts of the whole model, and every layer with its two parts."""
    counted = parameters(model)
    return {
        "name": model.name,
        "model_type": model.model_type,
        "hidden": model.hidden,
        "vocab": model.vocab,
        "max_positions": model.max_positions,
        "parameters": counted.total,
        "active_parameters": counted.active,
        "kv_bytes_per_token": model.kv_bytes_per_token(),
        "state_bytes": state_bytes(model),
        "head": model.head.kind,
        "parameters_apart": counted.apart,
        "format": model.format.name,
        "weights_format": model.stored.weights or model.format.name,
        "kv_format": model.stored.kv or model.format.name,
        "other_formats": {format: list(modules) for format, modules in model.stored.others},
        "unquantised_modules": list(model.stored.kept),
        "weight_bytes": weight_bytes(model),
        "layers": [_layer(model, index, layer) for index, layer in enumerate(model.layers)],
    }


def state_bytes(model: Model) -> int:
    """Bytes of the states that a sequence keeps whatever its length; recurrent states are kept in fp32 [byte]."""
    return STATE_FORMAT.bytes_of(sum(layer.state_elements for layer in model.layers))


def weight_bytes(model: Model) -> int | None:
    """Bytes of all weights as the checkpoint stores them; None where it has a format that is not known [byte]."""
    try:
        return storage.weight_bytes(model)
    except ConfigError:
        return None


def streamed_bytes(model: Model) -> int | None:
    """Bytes of weights that one decoded token makes the machine read; None where a format is not known [byte]."""
    try:
        return storage.streamed_bytes(model)
    except ConfigError:
        return None


def distinct(model: Model) -> list[tuple[Layer, list[int]]]:
    """Different layers in the order in which they first stand, each with its indices."""
    found: dict[Layer, list[int]] = {}
    for index, layer in enumerate(model.layers):
        found.setdefault(layer, []).append(index)
    return list(found.items())


def words(layer: Layer) -> tuple[str, str]:
    """A line on each of the two parts of a layer."""
    return _words(layer.kinds[0], layer.mixer), _words(layer.kinds[1], layer.feed_forward)


def _words(kind: str, part: Any) -> str:
    shape = [
        f"{name.replace('_', ' ')} {value:,}" for name, value in _shape(part).items() if type(value) is int
    ]
    return f"{kind}: {', '.join(shape)}" if shape else kind


def _layer(model: Model, index: int, layer: Layer) -> dict[str, Any]:
    total, active = layer_parameters(model, layer)
    mixer, part = layer.kinds
    return {
        "index": index,
        **({"stack": layer.stack} if layer.stack else {}),
        "attention": mixer,
        "window": getattr(layer.mixer, "window", 0),
        "feed_forward": part,
        "parameters": total,
        "active_parameters": active,
        "kv_bytes_per_token": replace(model, layers=(layer,)).kv_bytes_per_token(),
        "state_bytes": STATE_FORMAT.bytes_of(layer.state_elements),
        "attention_shape": _shape(layer.mixer),
        "feed_forward_shape": _shape(layer.feed_forward),
        **({"cross_attention_shape": _shape(layer.cross)} if layer.cross is not None else {}),
    }


def _shape(part: Any) -> dict[str, Any]:
    """The fields of a part that are not nothing; tuples of weights are left out."""
    if part is None:
        return {}
    return {name: value for name, value in asdict(part).items() if value and not isinstance(value, tuple)}
