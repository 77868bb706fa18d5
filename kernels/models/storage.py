"""Which format each weight of a quantised checkpoint has, by the module names that the library lists."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import translate
from typing import Final

from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.models.feed_forward import Moe
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.parameters import parameters, read_by_token
from bankside.kernels.models.weight import Weight

# Modules of a layer under the names that families of the library give them, by the first word of ours.
_PARENTS: Final[dict[str, tuple[str, ...]]] = {
    "attn": ("self_attn", "attn"),
    "delta": ("linear_attn", "self_attn"),
    "linear": ("self_attn",),
    "ssm": ("mixer", "mamba"),
    "mlp": ("mlp", "ffn", "feed_forward", "mixer"),
    "moe": ("mlp", "ffn", "block_sparse_moe", "feed_forward", "mixer"),
}
_CHILDREN: Final[dict[str, tuple[str, ...]]] = {
    "kv_a_proj": ("kv_a_proj_with_mqa",),
    "router": ("gate", "router"),
    "qkv_proj": ("in_proj_qkv", "q_proj"),
    "gate_proj": ("gate_proj", "gate_up_proj", "in_proj_z", "g_proj", "w1"),
    "rate_proj": ("in_proj_b", "in_proj_a", "b_proj"),
    "up_proj": ("up_proj", "gate_up_proj", "w3"),
    "down_proj": ("down_proj", "w2"),
    "o_proj": ("o_proj", "out_proj"),
}
_PREFIX: Final = re.compile(r"^(model\.|language_model\.)+")
# Methods that leave the head alone unless told otherwise.
_HEAD_KEPT: Final = ("fp8", "gptq", "awq", "auto-round", "bitsandbytes", "mxfp4", "fbgemm_fp8", "eetq")


def with_formats(model: Model) -> Model:
    """The model with the format of every weight that has another than the model's own, by name."""
    stored = model.stored
    if not stored.method:
        return model
    kept = _Modules(stored.kept)
    others = [(name, _Modules(modules)) for name, modules in stored.others]

    def named(paths: list[str], plain: bool) -> str:
        for name, modules in others:
            if modules.hits(paths):
                return name
        return "" if plain or kept.hits(paths) else stored.weights

    def formats(index: int, layer: Layer) -> tuple[tuple[str, str], ...]:
        part = layer.feed_forward
        beside = isinstance(part, Moe) and part.beside is not None
        found = []
        for weight in (*layer.attention_weights(model.hidden), *layer.mlp_weights(model.hidden)):
            parents = ("",) if beside and weight.name.startswith("moe.") else None
            if format := named(list(_paths(weight.name, index, parents)), _plain(weight)):
                found.append((weight.name, format))
        return tuple(found)

    layers = [replace(layer, formats=formats(index, layer)) for index, layer in enumerate(model.layers)]
    head = replace(model.head, format=named(["lm_head", "head"], stored.method in _HEAD_KEPT))
    return replace(model, layers=tuple(layers), head=head)


def _plain(weight: Weight) -> bool:
    """Whether a weight is quantised only where it is named: vectors, tables, routers, convolutions."""
    return weight.inputs == 1 or weight.name.endswith((".router", ".conv", ".positions", ".mix"))


def format_of(model: Model, name: str) -> Format:
    """The format of that name, or the model's own where the name is "".

    Raises
    ------
    ConfigError
        There is no such format.
    """
    if name and name not in FORMATS:
        sentence = f"The checkpoint of {model.name} holds the format {name}, which is not known"
        raise ConfigError([f"{sentence}; give the formats of weights and KV to run it."])
    return FORMATS[name] if name else model.format


def weight_bytes(model: Model) -> int:
    """Bytes of all weights, each in its format; biases, norms and tables in the model's own [byte].

    Raises
    ------
    ConfigError
        The checkpoint has a format that Bankside does not know.
    """
    total = 0
    for first, count in model.layer_groups():
        layer = model.layers[first]
        names = dict(layer.formats)
        own = model.format.bytes_of(len(layer.norms) * model.norm_elements)
        for weight in (*layer.attention_weights(model.hidden), *layer.mlp_weights(model.hidden)):
            matrix = weight.copies * weight.outputs * weight.inputs
            own += format_of(model, names.get(weight.name, "")).bytes_of(matrix)
            own += model.format.bytes_of(weight.biases)
        total += count * own
    tables = (model.vocab + model.tables) * model.hidden + sum(each.elements for each in model.outside)
    norms = (model.final_norm + model.embedding_norm) * model.norm_elements
    head = model.head
    inner = sum(each.elements for each in head.inner) + head.outputs * head.bias
    scores = 0 if head.tied else format_of(model, head.format).bytes_of(head.outputs * model.hidden)
    return total + model.format.bytes_of(tables + norms + inner) + scores


def streamed_bytes(model: Model) -> int:
    """Bytes of the weights that one decoded token makes the machine read, each in its format [byte].

    Raises
    ------
    ConfigError
        The checkpoint has a format that Bankside does not know.
    """
    total = model.format.bytes_of(parameters(model).streamed)
    for first, count in model.layer_groups():
        layer = model.layers[first]
        names = dict(layer.formats)
        for weight in read_by_token(model, layer):
            format, matrix = (
                format_of(model, names.get(weight.name, "")),
                weight.visited * weight.outputs * weight.inputs,
            )
            total += count * (format.bytes_of(matrix) - model.format.bytes_of(matrix))
    head = model.head
    scores = 0 if head.tied else head.outputs * model.hidden
    return total + format_of(model, head.format).bytes_of(scores) - model.format.bytes_of(scores)


class _Modules:
    """A list of modules: names, of which all inside is meant, and patterns ("*", or a regular expression)."""

    def __init__(self, listed: Iterable[str]) -> None:
        names = [_PREFIX.sub("", name) for name in listed]
        self._names = {name.rstrip(".") for name in names if "*" not in name and not name.startswith("re:")}
        globs = [translate(name) for name in names if "*" in name and not name.startswith("re:")]
        globs += [translate(f"{name}.*") for name in names if "*" in name and not name.startswith("re:")]
        self._patterns = []
        for text in [*globs, *(name.removeprefix("re:") for name in names if name.startswith("re:"))]:
            try:
                self._patterns.append(re.compile(text))
            except re.error as error:
                raise ConfigError(
                    [f"The pattern {text!r:.80} of a list of modules cannot be read: {error}."]
                ) from None

    def hits(self, paths: list[str]) -> bool:
        """Whether one of `paths`, or a module that it stands in, is in the list."""
        if not self._names and not self._patterns:
            return False
        for path in paths:
            words = path.split(".")
            around = (".".join(words[: end + 1]) for end in range(len(words)))
            if any(name in self._names for name in (*around, *words)):
                return True
            if any(pattern.match(path) for pattern in self._patterns):
                return True
        return False


def _paths(name: str, layer: int, parents: tuple[str, ...] | None = None) -> Iterator[str]:
    """Paths that the library may give to our weight `name` of a layer, inside `parents` where they are known."""
    first, *rest = name.split(".")
    child = rest[-1] if rest else first
    children = (child, *_CHILDREN.get(child, ()))
    inside = {
        "experts": ("experts.0.", "experts."),
        "shared": ("shared_experts.", "shared_expert."),
        "index": ("indexer.",),
    }
    middles = inside.get(rest[0], ("",)) if len(rest) > 1 else ("",)
    for parent in parents or _PARENTS.get(first, (first,)):
        for middle in middles:
            for each in children:
                yield f"layers.{layer}.{parent}{'.' if parent else ''}{middle}{each}"
