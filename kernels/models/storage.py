"""Which format each weight of a quantised checkpoint has, by the module names that the library lists."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import cached_property
from typing import Final

from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.models.feed_forward import Moe
from bankside.kernels.models.model import Model
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


class Storage:
    """Formats of the weights of one model.

    Raises
    ------
    ConfigError
        The checkpoint has a format that Bankside does not know.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        stored = model.stored
        named = {stored.weights, stored.kv, *(name for name, _ in stored.others)} - {""}
        if unknown := sorted(named - set(FORMATS)):
            raise ConfigError(
                [
                    f"The checkpoint of {model.name} holds the format {', '.join(unknown)}, which is not known; "
                    "give the formats of weights and KV to run it."
                ]
            )
        self.kv = FORMATS[stored.kv] if stored.kv else model.format
        self._most = FORMATS[stored.weights] if stored.weights else model.format

    def of(self, weight: Weight, layer: int) -> Format:
        """The format of a weight of layer `layer`; vectors and routers are never quantised unless named."""
        part = self.model.layers[layer].feed_forward
        apart = isinstance(part, Moe) and part.beside is not None and weight.name.startswith("moe.")
        paths = list(_paths(weight.name, layer, ("",) if apart else None))
        for name, modules in self._others:
            if modules.hits(paths):
                return FORMATS[name]
        plain = weight.inputs == 1 or weight.name.endswith((".router", ".conv", ".positions", ".mix"))
        return self.model.format if plain or self._kept.hits(paths) else self._most

    @property
    def head(self) -> Format:
        """The format of the head."""
        paths = ["lm_head", "head"]
        for name, modules in self._others:
            if modules.hits(paths):
                return FORMATS[name]
        kept = self.model.stored.method in _HEAD_KEPT or self._kept.hits(paths)
        return self.model.format if kept else self._most

    def weight_bytes(self) -> int:
        """Bytes of all weights, each in its format; biases and norms in the model's own [byte]."""
        model, total = self.model, 0
        for index, layer in enumerate(model.layers):
            for weight in (*layer.attention_weights(model.hidden), *layer.mlp_weights(model.hidden)):
                matrix = weight.copies * weight.outputs * weight.inputs
                total += self.of(weight, index).bytes_of(matrix) + model.format.bytes_of(weight.biases)
            total += model.format.bytes_of(len(layer.norms) * model.norm_elements)
        tables = (model.vocab + model.tables) * model.hidden + sum(each.elements for each in model.outside)
        norms = (model.final_norm + model.embedding_norm) * model.norm_elements
        head = model.head
        inner = sum(each.elements for each in head.inner) + head.outputs * head.bias
        total += model.format.bytes_of(tables + norms + inner)
        return total + (0 if head.tied else self.head.bytes_of(head.outputs * model.hidden))

    @cached_property
    def _kept(self) -> "_Modules":
        return _Modules(self.model.stored.kept)

    @cached_property
    def _others(self) -> list[tuple[str, "_Modules"]]:
        return [(name, _Modules(modules)) for name, modules in self.model.stored.others]


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
