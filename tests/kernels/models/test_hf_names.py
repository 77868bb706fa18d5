"""Hugging Face's module paths in our names."""

import pytest

from bankside.kernels.models.hf_names import our_name


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("mlp.down_proj", "mlp.down_proj"),
        ("head", "head"),
        ("lm_head", "head"),
        ("model.layers.7.self_attn.q_proj", "attn.q_proj"),
        ("self_attn.kv_a_proj_with_mqa", "attn.kv_a_proj"),
        ("transformer.h.0.mlp.c_fc", "mlp.up_proj"),
        ("transformer.h.0.attn.c_proj", "attn.o_proj"),
        ("bert.encoder.layer.3.attention.self.query", "attn.q_proj"),
        ("bert.encoder.layer.3.attention.output.dense", "attn.o_proj"),
        ("bert.encoder.layer.3.output.dense", "mlp.down_proj"),
        ("model.layers.0.block_sparse_moe.gate", "moe.router"),
        ("model.layers.0.block_sparse_moe.experts.5.w2", "moe.experts.down_proj"),
        ("model.layers.9.mlp.experts.17.gate_proj", "moe.experts.gate_proj"),
        ("model.layers.9.mlp.shared_experts.up_proj", "moe.shared.up_proj"),
    ],
)
def test_module_paths(theirs: str, ours: str) -> None:
    assert our_name(theirs) == ours
