"""New keys and values are written in the format that their cache keeps."""

import pytest

from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Kernel, Tensor


def appended(kernel: Kernel) -> list[Tensor]:
    return [out for _, op in kernel.operators() for out in op.outputs if out.role == "kv"]


@pytest.mark.parametrize("stage", ["prefill", "decode"])
@pytest.mark.parametrize(("model", "caches"), [("llama-3-8b", 2), ("deepseek-v3", 1)])
def test_a_layer_appends_as_much_as_a_token_takes_in_its_cache(model: str, caches: int, stage: str) -> None:
    how = {"model": model, "layer": 0, "stage": stage, "context": 64, "kv_format": "int4_asym_g32"}
    new = appended(build("layer", **how))
    assert len(new) == caches
    tokens, width = (64 if stage == "prefill" else 1), (1024 if caches == 2 else 576)
    assert {each.bytes for each in new} == {tokens * width * (4 + (16 + 4) / 32) / 8}


def test_what_is_turned_and_normed_is_not_rounded_before() -> None:
    kernel = build("layer", model="llama-3-8b", context=64, kv_format="int4")
    (turn,) = [op for _, op in kernel.operators() if op.label == "attn.rope"]
    assert {each.format.name for each in (*turn.inputs, *turn.outputs)} == {"bf16"}


def test_the_newest_tokens_wait_in_the_format_of_activations_and_one_is_packed() -> None:
    kernel = build("layer", model="llama-3-8b", context=4096, kv_format="int4_g32", residual=128)
    new = {each.name: each.format.name for each in appended(kernel)}
    assert new == {
        "attn.k_proj.out": "bf16",
        "attn.v_proj.out": "bf16",
        "attn.attention.coded": "int4_g32",
    }
