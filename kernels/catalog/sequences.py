"""Sequences that attend: from checked options to a model's kernels, and what contradicts."""

import re
from collections import Counter
from typing import Final

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.attention import model_attention, plain_attention
from bankside.kernels.catalog.decode_step import decode_step
from bankside.kernels.catalog.kept import PAGES, Reading
from bankside.kernels.catalog.layer import layer_kernel
from bankside.kernels.catalog.native_sparse import STRIDE
from bankside.kernels.catalog.options import Values
from bankside.kernels.catalog.step import ALL, Step, decode, prefill, together
from bankside.kernels.models import Model
from bankside.kernels.operators import Kernel

DECODED: Final = ("keep", "budget", "page", "residual", "tokens", "candidates", "prompt")
"""Options of decoded tokens."""


def _decoder(values: Values) -> None:
    model = values.model
    if model is not None and not model.causal:
        values.errors.append(
            f"Model {model.name} is an encoder: it decodes nothing; its layers run in prefill."
        )


def decode_attention(values: Values) -> Kernel:
    """A model's heads, or given ones."""
    _decoder(values)
    steps, precision = _steps(values), values.precision()
    if values.model is not None:
        because = "together with a model, which has them"
        values.refuse("heads", "kv_heads", "head_dim", "window", because=because)
        values.check()
        return model_attention(values.model, values.model.widest(), steps, precision)
    window = values.integer("window") if values.has("window") else 0
    return plain_attention(_heads(values), steps, precision, (True, window))


def prefill_attention(values: Values) -> Kernel:
    """A model's heads and mask, or given ones."""
    step, precision = prefill(values.integer("batch"), values.integer("context")), values.precision()
    if values.model is not None:
        because = "together with a model, which has them"
        values.refuse("heads", "kv_heads", "head_dim", "mask", "window", because=because)
        return model_attention(values.model, values.model.widest(), [step], precision)
    causal = not values.has("mask") or values.text("mask") == "causal"
    window = values.integer("window") if values.has("window") else 0
    return plain_attention(_heads(values), [step], precision, (causal, window))


def _steps(values: Values) -> list[Step]:
    """One step of sequences of one context, or one for each of several."""
    if not values.has("contexts"):
        return [_step(values, values.integer("batch"), values.integer("context"))]
    if values.has("context"):
        values.errors.append(
            "Option context cannot be given together with contexts, which has those of all sequences."
        )
    if values.has("batch") and values.integer("batch") != 1:
        values.errors.append(
            "Option batch cannot be given together with contexts, which says how many there are."
        )
    counted: Counter[int] = Counter()
    for part in values.text("contexts").split(","):
        found = re.fullmatch(r"\s*([0-9]{1,15})\s*(?:x\s*([0-9]{1,9}))?\s*", part)
        if found is None or not int(found[1]) or found[2] == "0":
            values.errors.append(
                f"Option contexts has {part.strip()!r:.60}; it must be lengths and how many sequences have them, as "
                "8192x3,512."
            )
        else:
            counted[int(found[1])] += int(found[2] or 1)
    return [_step(values, count, context) for context, count in counted.items()] or [decode(1, 1)]


def _step(values: Values, batch: int, context: int) -> Step:
    """New tokens of sequences of one context, and what contradicts."""
    reading = _reading(values)
    tokens = values.integer("tokens") if values.has("tokens") else 1
    candidates = values.integer("candidates") if values.has("candidates") else 1
    prompt = values.integer("prompt") if values.has("prompt") else 0
    if values.has("candidates") != values.has("prompt"):
        values.errors.append(
            "Options candidates and prompt belong together: how many go on from a prompt of how many tokens."
        )
    if prompt and prompt + tokens > context:
        values.errors.append(
            f"Option prompt is {prompt}; of a context of {context} tokens it leaves no {tokens} to a candidate."
        )
    if tokens > context:
        values.errors.append(f"Option tokens is {tokens}, more than the context of {context}.")
    if reading != ALL and candidates > 1:
        values.errors.append(
            "Options keep and residual cannot be given together with candidates, whose prompt is read whole."
        )
    if reading.keep and tokens > reading.budget:
        values.errors.append(
            f"Option budget is {reading.budget}; it leaves at least the {tokens} new tokens, which are kept first."
        )
    if tokens > 1 and (reading.keep in ("quest", "nsa", "h2o") or reading.residual):
        values.errors.append(
            f"Option tokens is {tokens}; quest, nsa, h2o and residual are of one new token: each of several would "
            "choose tokens of its own."
        )
    return decode(batch, context, tokens, reading, candidates, prompt)


def _reading(values: Values) -> Reading:
    """What is read of the cache, and what contradicts."""
    keep = values.text("keep") if values.has("keep") else ""
    if keep and not values.has("budget"):
        values.errors.append(f"Option budget is needed for {keep}: how many tokens it leaves.")
    if not keep:
        values.refuse("budget", because="without keep, which says how tokens are chosen")
    if keep not in PAGES:
        values.refuse("page", because="without keep quest or nsa, whose tokens are picked in pages")
    if keep == "nsa":
        values.refuse("residual", because="together with nsa, whose branches read one format")
    if keep == "nsa" and values.has("page") and values.integer("page") % STRIDE:
        values.errors.append(
            f"Option page is {values.integer('page')}; blocks of nsa are whole numbers of {STRIDE} tokens."
        )
    given = {name: values.integer(name) for name in ("budget", "page", "residual") if values.has(name)}
    precision = values.precision()
    if "residual" in given and precision.kv == precision.activations:
        values.errors.append("Option residual is of a cache that is quantised: give a kv_format of its own.")
    return Reading(keep, **({"page": PAGES[keep]} if keep in PAGES else {}) | given)


def _heads(values: Values) -> tuple[int, int, int]:
    heads, head_dim = values.integer("heads"), values.integer("head_dim")
    kv_heads = values.integer("kv_heads") if values.has("kv_heads") else heads
    if heads % kv_heads:
        values.errors.append(f"Option heads is {heads}, which kv_heads = {kv_heads} does not divide.")
    values.check()
    return heads, kv_heads, head_dim


def one_layer(values: Values) -> Kernel:
    """The last layer unless told; decoding unless the model is an encoder."""
    model = _model(values)
    stage = values.text("stage") if values.has("stage") else ("decode" if model.causal else "prefill")
    if stage == "decode":
        _decoder(values)
    layer = values.integer("layer") if values.has("layer") else len(model.layers) - 1
    if layer >= len(model.layers):
        values.errors.append(
            f"Option layer is {layer}, but {model.name} has layers 0 to {len(model.layers) - 1}."
        )
    if stage == "prefill":
        values.refuse(*DECODED, "contexts", because="in prefill, whose tokens read what they make")
        step = prefill(values.integer("batch"), values.integer("context"))
    else:
        step = together(_steps(values))
    values.check()
    return layer_kernel(model, layer, step, values.precision())


def whole_step(values: Values) -> Kernel:
    """Decoders only."""
    _decoder(values)
    step = together(_steps(values))
    values.check()
    return decode_step(_model(values), step, values.precision())


def _model(values: Values) -> Model:
    model = values.model
    if model is None:
        raise ConfigError(["Option model is needed here."])
    return model
