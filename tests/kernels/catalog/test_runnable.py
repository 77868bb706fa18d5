"""What has operators runs, with the bytes that it has; what has none is refused in a sentence that names it."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.models import load, parameters
from bankside.validation.claims import FOLDER

MODELS = FOLDER / "checkpoints" / "models"
RUN = [
    *(
        "gemma-2-2b",
        "gemma-3-1b",
        "phi-3-mini-4k",
        "phi-4",
        "gpt-j-6b",
        "gpt-neox-20b",
        "opt-1.3b",
        "bloom-7b1",
    ),
    *("mpt-7b", "falcon-7b", "falcon-40b", "olmo-2-7b", "olmo-3-7b", "starcoder2-7b", "starcoder"),
    *("granite-3.0-8b", "deepseek-v2-lite", "glm-4.5-air", "gpt-oss-20b", "qwen3-8b", "qwen3-30b-a3b"),
    *("llama-3.1-405b", "llama-4-scout", "llama-4-maverick", "kimi-k2", "stablelm-2-1.6b", "smollm3-3b"),
    *(
        "exaone-4.0-32b",
        "internlm2-7b",
        "baichuan2-7b",
        "dbrx",
        "minimax-m2.5",
        "mimo-v2-flash",
        "phi-3.5-moe",
    ),
    *("glm-4-9b", "glm-4.7-flash", "command-r7b"),
]


@pytest.mark.parametrize("name", RUN)
def test_a_step_reads_what_one_token_meets_and_holds_every_weight(name: str) -> None:
    model = load(MODELS / f"{name}.json")
    context = 700
    step = build("decode-step", model=model, context=context)
    counted = parameters(model)
    assert step.resident_bytes["weights"] == 2 * counted.total
    assert step.weights_bytes == pytest.approx(
        2 * counted.streamed, rel=5e-3
    )  # biases and sinks are not read
    met = 0
    for layer in model.layers:
        reach = getattr(layer.mixer, "window", 0) or getattr(layer.mixer, "chunk", 0) or context
        met += min(context, reach) * layer.kv_elements
    assert step.kv_bytes == 2 * met


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("mamba-2.8b", "attention of kind ssm with none feed-forward"),
        ("qwen3-next-80b-a3b", "Layer 0 of qwen3-next-80b-a3b has a weighed shared expert"),
        ("qwen3.5-27b", "attention of kind gated-delta"),
        ("deepseek-v3.2", "sparse attention"),
        ("minimax-m3", "Layer 3 of minimax-m3 has an indexer of keys"),
        ("deepseek-v4-flash", "weights outside its layers (head.mix)"),
        ("gemma-4-e2b", "weights outside its layers (input.table"),
        ("nemotron-4-340b", "the activation relu2"),
        ("opt-350m", "weights outside its layers (embedding.in_proj"),
        ("t5-base", "weights outside its layers (encoder.final_norm)"),
    ],
)
def test_what_cannot_be_run_is_named(name: str, part: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build("decode-step", model=str(MODELS / f"{name}.json"), context=100)
    (error,) = caught.value.errors
    assert part in error
