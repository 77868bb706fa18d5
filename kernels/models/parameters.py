"""How many parameters a model has, by part, as the published checkpoint stores them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.weight import Weight

ADDED: Final = ("attn.sinks", "attn.distances")
"""Weights that only add to scores of attention."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters by part, over all layers.

    Parameters
    ----------
    attention
        Projections with their biases, norms inside (MLA's, Qwen3's), recurrences.
    mlp
        Feed-forward parts, or routers and all experts, and what stands beside the parts of a layer.
    norm
        Norms over the residual stream.
    embedding
        Tables of tokens, learned positions and token types, and other weights outside the layers.
    head
        What stands on the last layer; 0 where it is the embedding's table.
    active
        Those that one token meets: `per_token` experts of a mixture; the whole embedding is counted.
    streamed
        Weights that one decoded token makes the machine read: the active ones without tables of rows, an encoder and
        what is made of its rows once, and the head whether tied or not.
    biases
        Of the above, bias vectors of projections and routers inside the layers.
    apart
        Weights of the checkpoint that are not counted: a pooler, a masked-language-model head.
    """

    attention: int
    mlp: int
    norm: int
    embedding: int
    head: int
    active: int
    streamed: int
    biases: int
    apart: int = 0

    @property
    def total(self) -> int:
        """All parts."""
        return self.attention + self.mlp + self.norm + self.embedding + self.head


def parameters(model: Model) -> Parameters:
    """Count the parameters of `model`. Layers for multi-token prediction are not counted."""
    attention = mlp = norm = biases = idle = once = 0
    for first, count in model.layer_groups():
        layer = model.layers[first]
        mixing, alone = layer.attention_weights(model.hidden), layer.mlp_weights(model.hidden)
        attention += count * _elements(mixing)
        mlp += count * _elements(alone)
        norm += count * len(layer.norms) * model.norm_elements
        biases += count * layer_biases(model, first)
        idle += count * sum(weight.elements - weight.met for weight in (*mixing, *alone))
        once += count * (layer_parameters(model, layer)[1] - _read_always(model, layer))
    norm += model.norm_elements if model.final_norm else 0

    embedding = (model.vocab + model.tables) * model.hidden + _elements(model.outside)
    embedding += model.norm_elements if model.embedding_norm else 0
    head = model.head
    scores = head.outputs * (model.hidden + head.bias) + _elements(head.inner)
    untied = scores - (head.outputs * model.hidden if head.tied else 0)
    narrow = [weight.outputs for weight in model.outside if weight.name == "embedding.out_proj"]
    head_read = head.outputs * ((narrow or [model.hidden])[0] + head.bias)
    active = attention + mlp + norm + embedding + untied - idle
    return Parameters(
        attention=attention,
        mlp=mlp,
        norm=norm,
        embedding=embedding,
        head=untied,
        active=active,
        streamed=active
        - embedding
        - untied
        - once
        + _read_outside(model)
        + _elements(head.inner)
        + head_read,
        biases=biases,
        apart=_elements(head.apart),
    )


def read_by_token(model: Model, layer: Layer) -> tuple[Weight, ...]:
    """Weights of a layer that decoding a token reads: none of an encoder's, nor projections of an encoder's rows."""
    if layer.stack == "encoder":
        return ()
    mixing = (each for each in layer.attention_weights(model.hidden) if each.name not in _OF_ENCODER)
    return (*mixing, *layer.mlp_weights(model.hidden))


def _read_always(model: Model, layer: Layer) -> int:
    """Elements of a layer that decoding a token reads."""
    norms = 0 if layer.stack == "encoder" else len(layer.norms) * model.norm_elements
    return norms + sum(each.met for each in read_by_token(model, layer))


def _read_outside(model: Model) -> int:
    """Elements outside the layers that are no tables, of which rows are looked up, and not an encoder's."""
    return sum(
        each.elements
        for each in model.outside
        if not each.name.startswith("encoder.") and "table" not in each.name
    )


_OF_ENCODER: Final = ("cross.k_proj", "cross.v_proj")


def layer_parameters(model: Model, layer: Layer) -> tuple[int, int]:
    """Parameters of one layer, and those of them that one token meets."""
    weights = layer.attention_weights(model.hidden) + layer.mlp_weights(model.hidden)
    norms = len(layer.norms) * model.norm_elements
    return _elements(weights) + norms, sum(weight.met for weight in weights) + norms


def layer_biases(model: Model, index: int) -> int:
    """Elements of the bias vectors of projections, and of the router, of one layer, of its sinks and of distances."""
    layer = model.layers[index]
    weights = layer.attention_weights(model.hidden) + layer.mlp_weights(model.hidden)
    return sum(each.elements if each.name in ADDED else each.biases for each in weights)


def _elements(weights: Iterable[Weight]) -> int:
    return sum(weight.elements for weight in weights)
