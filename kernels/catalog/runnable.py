"""Which layers of a model there are operators for; the others are counted, and refused where they would run."""

from typing import Final

from bankside.arch.spec import ConfigError
from bankside.kernels.models import Dense, Heads, Layer, Mla, Model, Moe
from bankside.kernels.models.activations import GATED
from bankside.kernels.operators import FUNCTIONS

BESIDE: Final = frozenset(
    ("attn.mix", "mlp.mix", "input.gate_proj", "input.up_proj", "input.norm", "attn.distances")
)
OUTSIDE: Final = frozenset(
    [
        *("embedding.in_proj", "embedding.out_proj", "embedding.table", "encoder.final_norm", "head.mix"),
        *("input.table", "input.model_proj", "input.model_norm"),
    ]
)


def runnable(model: Model, index: int) -> Layer:
    """Layer `index` of `model`.

    Raises
    ------
    ConfigError
        A part of it has no operators.
    """
    layer = model.layers[index]
    if lacking := [*_beside(layer), *_feed_forward(layer)]:
        raise ConfigError(
            [
                f"Layer {index} of {model.name} has {', '.join(lacking)}, which is counted but cannot be run yet."
            ]
        )
    return layer


def attended(model: Model, index: int) -> Heads | Mla:
    """What attends in layer `index` of `model`.

    Raises
    ------
    ConfigError
        It is no attention to keys and values, or has no operators.
    """
    mixer = runnable(model, index).mixer
    if not isinstance(mixer, Heads | Mla):
        kind = model.layers[index].kinds[0]
        raise ConfigError(
            [
                f"Layer {index} of {model.name} mixes tokens by {kind}, which is no kernel by itself: run the layer."
            ]
        )
    return mixer


def whole(model: Model) -> None:
    """Refuse a model with weights outside its layers that no operator reads.

    Raises
    ------
    ConfigError
        There are such weights.
    """
    names = [weight.name for weight in (*model.outside, *model.head.inner) if weight.name not in OUTSIDE]
    if names:
        sentence = f"Model {model.name} has weights outside its layers ({', '.join(names)})"
        raise ConfigError([f"{sentence}, which are counted but cannot be run yet; its layers may run."])


def _beside(layer: Layer) -> list[str]:
    names = [weight.name for weight in layer.extra if weight.name not in BESIDE]
    return [f"weights beside its parts ({', '.join(names)})"] if names else []


def _feed_forward(layer: Layer) -> list[str]:
    part, found = layer.feed_forward, list[str]()
    if part is None:
        return found
    asked: list[Dense | Moe] = (
        [part, part.beside] if isinstance(part, Moe) and part.beside is not None else [part]
    )
    for each in asked:
        if each.activation not in (GATED if each.gated else FUNCTIONS):
            found.append(f"the activation {each.activation}")
    return found
