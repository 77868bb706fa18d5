"""Shares of tensors: all packages together do what one did, and what is added up is what one computed."""

import numpy as np
import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Collective, Kernel
from bankside.kernels.reference.operators import compute
from bankside.kernels.sharding.kernel import dealt
from bankside.kernels.sharding.layout import Layout


def exchanges(kernel: Kernel) -> list[tuple[str, str, int]]:
    return [(op.label, op.pattern, op.x.bytes) for _, op in kernel.operators() if isinstance(op, Collective)]


def sums(kernel: Kernel) -> dict[str, int]:
    """Multiply-accumulates by label."""
    found: dict[str, int] = {}
    for count, op in kernel.operators():
        found[op.label] = found.get(op.label, 0) + count * op.macs
    return found


@pytest.mark.parametrize("model", ["llama-3-70b", "llama-2-7b", "mixtral-8x7b", "qwen2.5-72b"])
@pytest.mark.parametrize("tp", [2, 8])
def test_packages_together_multiply_what_one_did(model: str, tp: int) -> None:
    kernel = build("layer", model=model, context=512, batch=2)
    share = dealt(kernel, Layout(tp=tp))
    own = sums(share)
    for label, macs in sums(kernel).items():
        assert own[label] == (macs if label == "moe.router" else macs // tp)
    assert share.kv_bytes * tp == kernel.kv_bytes
    behind = "moe.combine" if model == "mixtral-8x7b" else "mlp.down_proj"
    assert [name for name, pattern, _ in exchanges(share)] == [
        "attn.o_proj.all_reduce",
        f"{behind}.all_reduce",
    ]


def test_a_key_value_head_is_kept_by_all_who_need_it() -> None:
    kernel = build("layer", model="llama-3-70b", context=512)
    share = dealt(kernel, Layout(tp=64))
    assert sums(share)["attn.k_proj"] * 8 == sums(kernel)["attn.k_proj"]
    assert share.kv_bytes * 8 == kernel.kv_bytes
    assert sums(share)["attn.attention"] * 64 == sums(kernel)["attn.attention"]


def test_latents_are_made_by_all_and_heads_by_each() -> None:
    kernel = build("layer", model="deepseek-v3", context=512, layer=10)
    share = dealt(kernel, Layout(tp=8))
    own, all_of = sums(share), sums(kernel)
    for label in ("attn.q_a_proj", "attn.kv_a_proj"):
        assert own[label] == all_of[label]
    for label in ("attn.q_b_proj", "attn.kv_b_proj_k", "attn.attention", "attn.kv_b_proj_v", "attn.o_proj"):
        assert own[label] * 8 == all_of[label]


def test_a_product_alone_is_gathered() -> None:
    share = dealt(build("gemv", m=4096, k=1024), Layout(tp=4))
    assert exchanges(share) == [("gemv.all_gather", "all_gather", 2048)]
    step = dealt(build("decode-step", model="llama-3-8b", context=64), Layout(tp=4))
    assert exchanges(step)[-1][:2] == ("head.all_gather", "all_gather")


def test_beyond_the_heads_is_a_sentence() -> None:
    with pytest.raises(
        ConfigError, match="32 query heads for 64 packages; beyond the heads the length of keys"
    ):
        dealt(build("decode-attention", model="llama-3-8b", context=64), Layout(tp=64))
    with pytest.raises(ConfigError, match="3 packages cannot share 32 query and 8 key-value heads evenly"):
        dealt(build("decode-attention", model="llama-3-8b", context=64), Layout(tp=3))


def test_shares_added_up_are_the_feed_forward_of_one() -> None:
    tp, hidden, width = 4, 16, 24
    rng = np.random.default_rng(0)
    x, gate, up = (
        rng.normal(size=(2, hidden)),
        rng.normal(size=(hidden, width)),
        rng.normal(size=(hidden, width)),
    )
    down = rng.normal(size=(width, hidden))
    made = (gate_out := x @ gate) / (1 + np.exp(-gate_out)) * (x @ up)
    own = width // tp
    parts = []
    for k in range(tp):
        at = slice(k * own, (k + 1) * own)
        inner = (g := x @ gate[:, at]) / (1 + np.exp(-g)) * (x @ up[:, at])
        parts.append(inner @ down[at])
    assert np.allclose(sum(parts), made @ down)
    (op,) = (
        op
        for _, op in dealt(build("layer", model="llama-2-7b", context=8), Layout(tp=tp)).operators()
        if isinstance(op, Collective) and op.label.startswith("mlp")
    )
    one = np.ones(op.x.shape)
    assert np.array_equal(compute(op, {op.x.name: one})[op.out.name], tp * one)
