"""Decoders run whole, with the bytes that they have; what has no operators is refused in a sentence that names it."""

from collections import Counter
from dataclasses import replace

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.models import Layer, Model, load, parameters
from bankside.kernels.models.compressed import Compressed
from bankside.kernels.models.weight import Weight
from bankside.validation.claims import FOLDER

MODELS = FOLDER / "checkpoints" / "models"
DECODERS = sorted(path.stem for path in MODELS.glob("*.json") if load(path).causal)
CONTEXT = 700


def read(name: str) -> Model:
    """A checkpoint of ours."""
    return load(MODELS / f"{name}.json")


def met_elements(layer: Layer) -> int:
    """Elements of keys and values that one decoded token meets in a layer."""
    mixer = layer.mixer
    if layer.stack == "encoder" or mixer is None:
        return 0
    if isinstance(mixer, Compressed):
        runs = CONTEXT // mixer.ratio if mixer.ratio else 0
        picked = min(runs, mixer.top) if mixer.top else runs
        return (min(CONTEXT, mixer.window) + picked) * mixer.head_dim + runs * mixer.index_dim
    reach = getattr(mixer, "window", 0) or getattr(mixer, "chunk", 0) or CONTEXT
    crossed = layer.cross.kv_elements if layer.cross is not None else 0
    own = getattr(mixer, "kv_heads", 0) * (getattr(mixer, "head_dim", 0) + getattr(mixer, "v_dim", 0))
    return min(CONTEXT, reach) * (mixer.kv_elements or own) + CONTEXT * crossed


@pytest.mark.parametrize("name", DECODERS)
def test_a_step_reads_what_one_token_meets_and_holds_every_weight(name: str) -> None:
    model = read(name)
    step = build("decode-step", model=model, context=CONTEXT, format="bf16")
    counted = parameters(model)
    assert step.resident_bytes["weights"] == 2 * counted.total
    # biases and sinks are not read
    assert step.weights_bytes == pytest.approx(2 * counted.streamed, rel=1e-3)
    states = sum(layer.state_elements for layer in model.layers)
    kept = [layer for layer in model.layers if getattr(layer.mixer, "cached", True)]
    assert step.resident_bytes["kv"] >= step.kv_bytes == 2 * sum(map(met_elements, kept)) + 4 * states


@pytest.mark.parametrize("name", DECODERS)
def test_a_step_writes_a_token_of_every_cache_and_every_state(name: str) -> None:
    model = read(name)
    step = build("decode-step", model=model, context=CONTEXT, format="bf16")
    written: Counter[str] = Counter()
    for count, op in step.operators():
        for tensor in op.outputs:
            if tensor.role == "kv":
                written[tensor.format.name] += count * tensor.bytes
    matrices = sum(layer.state_elements - remembered(layer) for layer in model.layers)
    newest = sum(channels(layer) for layer in model.layers)
    assert written["fp32"] == 4 * (matrices + newest)
    appended = sum(layer.kv_elements for layer in model.layers if not isinstance(layer.mixer, Compressed))
    appended += sum(layer.mixer.head_dim for layer in model.layers if isinstance(layer.mixer, Compressed))
    assert written["bf16"] == 2 * appended


def channels(layer: Layer) -> int:
    """Channels of a layer's convolution."""
    convolution = [each for each in layer.attention_weights(1) if each.name.endswith(".conv")]
    return convolution[0].outputs if convolution else 0


def remembered(layer: Layer) -> int:
    """Elements of earlier tokens that a layer's convolution keeps."""
    return channels(layer) * (getattr(layer.mixer, "conv", 1) - 1)


@pytest.mark.parametrize("name", DECODERS)
def test_every_layer_runs_in_prefill_with_all_its_weights(name: str) -> None:
    model = read(name)
    first = {layer: index for index, layer in reversed(list(enumerate(model.layers)))}
    for layer, index in first.items():
        kernel = build("layer", model=model, layer=index, stage="prefill", context=300, format="bf16")
        weights = layer.attention_weights(model.hidden) + layer.mlp_weights(model.hidden)
        elements = sum(each.elements for each in weights) + len(layer.norms) * model.norm_elements
        assert kernel.resident_bytes["weights"] == 2 * elements
        products = sum(each.met - each.visited * each.bias for each in weights if each.inputs > 1)
        assert kernel.macs > 0.95 * 300 * products


def test_layers_that_use_an_earlier_cache_read_it_and_hold_none() -> None:
    model = read("gemma-4-e2b")
    assert not getattr(model.layers[-1].mixer, "cached", True)
    kernel = build("layer", model=model, context=CONTEXT)
    assert kernel.kv_bytes == 0
    assert sum(op.kv_bytes for _, op in kernel.operators()) == 2 * met_elements(model.layers[-1])


def test_an_indexer_reads_all_its_keys_and_leaves_those_it_picks() -> None:
    model, context = read("deepseek-v3.2"), 65536
    kernel = build("layer", model=model, context=context, format="bf16")
    assert kernel.kv_bytes == 2 * (128 * context + 576 * 2048)
    assert kernel.resident_bytes["kv"] == 2 * (128 + 576) * context
    scores = next(op for _, op in kernel.operators() if op.label == "attn.index.scores")
    assert scores.macs == 64 * 128 * context


def test_compressed_runs_that_are_not_picked_are_held() -> None:
    model, context = read("deepseek-v4-flash"), 65536
    index = next(i for i, layer in enumerate(model.layers) if layer.kinds[0] == "compressed-sparse")
    mixer = model.layers[index].mixer
    assert isinstance(mixer, Compressed)
    kernel = build("layer", model=model, layer=index, context=context, format="bf16")
    runs = context // mixer.ratio
    held = (mixer.window + runs) * mixer.head_dim + runs * mixer.index_dim
    assert kernel.resident_bytes["kv"] == 2 * held
    assert kernel.kv_bytes == 2 * (held - (runs - mixer.top) * mixer.head_dim)


@pytest.mark.parametrize(
    ("layer", "outside", "part"),
    [
        (
            {"extra": (Weight("attn.residual_mix", 4),)},
            (),
            "Layer 0 of tiny has weights beside its parts (attn.residual_mix)",
        ),
        ({}, (Weight("head.residual_mix", 4),), "weights outside its layers (head.residual_mix)"),
        ({"activation": "situ"}, (), "Layer 0 of tiny has the activation situ"),
    ],
)
def test_what_cannot_be_run_is_named(
    layer: dict[str, object], outside: tuple[Weight, ...], part: str
) -> None:
    model = read("qwen3-0.6b")
    own = model.layers[0]
    changes = dict(layer)
    if activation := changes.pop("activation", None):
        changes["feed_forward"] = replace(own.feed_forward, activation=activation)  # type: ignore[type-var]
    changed = replace(model, name="tiny", layers=(replace(own, **changes),), outside=outside)  # type: ignore[arg-type]
    with pytest.raises(ConfigError) as caught:
        build("decode-step", model=changed, context=100)
    (error,) = caught.value.errors
    assert part in error


def test_a_recurrence_is_no_attention_kernel() -> None:
    with pytest.raises(ConfigError, match="mixes tokens by ssm, which is no kernel by itself"):
        build("decode-attention", model=str(MODELS / "mamba-2.8b.json"), context=100)
