"""Candidates of one prompt read its keys and values once; guesses of a sequence are verified together."""

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Attention, Kernel
from bankside.kernels.reference.operators import compute
from bankside.kernels.run.simulate import simulate

HEADS = {"heads": 8, "kv_heads": 2, "head_dim": 16}
OF_TOKEN = 2 * 2 * 16 * 2


def decode(**options: int | str) -> Kernel:
    return build("decode-attention", **(HEADS | {"context": 1000} | options))


def test_a_prompt_is_read_once_and_what_is_behind_it_by_each() -> None:
    kernel = decode(batch=3, candidates=4, prompt=900)
    assert kernel.kv_bytes == (3 * 900 + 12 * 100) * OF_TOKEN
    assert kernel.macs == decode(batch=12).macs
    assert decode(batch=12).kv_bytes == 12 * 1000 * OF_TOKEN


def test_candidates_meet_the_prompt_as_heads_of_a_group() -> None:
    kernel = decode(batch=1, candidates=2, prompt=24, context=32)
    (op, *_) = [op for _, op in kernel.operators() if isinstance(op, Attention)]
    rng = np.random.default_rng(1)
    q, k, v = (rng.normal(size=shape) for shape in ((2, 1, 8 * 16), (1, 2, 24, 16), (1, 2, 24, 16)))
    alone = build("decode-attention", **HEADS, context=24)
    (one,) = [each for _, each in alone.operators() if isinstance(each, Attention)]
    apart = [compute(one, {one.q.name: row[None], one.k.name: k, one.v.name: v})[one.out.name] for row in q]
    grouped = (
        q.reshape(2, 2, 4 * 16).transpose(1, 0, 2).reshape(1, 1, -1)
    )  # heads of a group of both side by side
    both = compute(op, {op.q.name: grouped, op.k.name: k, op.v.name: v})[op.out.name]
    found = both.reshape(2, 2, 4 * 16).transpose(1, 0, 2).reshape(2, 1, 1, -1)
    assert found == pytest.approx(np.array(apart).reshape(found.shape))


@pytest.mark.parametrize("tokens", [1, 3])
@pytest.mark.parametrize(("window", "shared"), [(100, 0), (101, 1), (150, 50)])
def test_a_window_reaches_as_much_of_the_prompt_as_is_left_of_it(
    window: int, shared: int, tokens: int
) -> None:
    kernel = decode(batch=3, candidates=4, prompt=900, window=window, tokens=tokens)
    reached = shared + (tokens - 1)  # the first of several tokens sees further back
    assert kernel.kv_bytes == (3 * reached + 12 * 100) * OF_TOKEN
    alone = decode(batch=12, window=window, tokens=tokens)
    assert 0 <= kernel.macs - alone.macs <= 12 * 8 * 2 * 16 * tokens * (tokens - 1) / 2
    told = (
        f"{reached} of its 900 tokens together, and 100 of their own" if reached else "reads nothing of the"
    )
    assert any(told in each for each in kernel.notes)
    assert decode(candidates=2, prompt=900, window=7).kv_bytes == 2 * 7 * OF_TOKEN


@pytest.mark.parametrize("tokens", [1, 2, 5])
def test_guesses_share_keys_and_see_those_before_them(tokens: int) -> None:
    kernel = decode(tokens=tokens)
    assert kernel.kv_bytes == 1000 * OF_TOKEN
    assert kernel.macs == 2 * 8 * 16 * sum(range(1000 - tokens + 1, 1001))


def test_guesses_in_a_window_meet_it_and_as_many_more() -> None:
    kernel = decode(tokens=4, window=100)
    assert kernel.kv_bytes == 103 * OF_TOKEN
    assert kernel.macs == 2 * 8 * 16 * 4 * 100


def test_weights_of_a_layer_are_read_once_for_all_guesses() -> None:
    one, four, apart = (
        build("layer", model="llama-3-8b", context=4096, **how) for how in ({}, {"tokens": 4}, {"batch": 4})
    )
    assert four.weights_bytes == one.weights_bytes == apart.weights_bytes
    assert four.kv_bytes == one.kv_bytes == apart.kv_bytes // 4
    assert four.macs < apart.macs


def test_heads_are_split_over_nodes_for_guesses_as_for_one_token() -> None:
    machine = load_machine("xpu-h100")
    many = {"heads": 8, "kv_heads": 1, "head_dim": 128, "context": 65536}
    one, few = (simulate(build("decode-attention", **many, tokens=n), machine).time_s for n in (1, 4))
    assert one <= few < 1.5 * one


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"candidates": 4}, "candidates and prompt belong together"),
        ({"candidates": 4, "prompt": 1000}, "leaves no 1 to a candidate"),
        ({"tokens": 1001}, "more than the context"),
        ({"tokens": 8, "keep": "streaming", "budget": 7}, "at least the 8 new tokens"),
        ({"tokens": 2, "keep": "h2o", "budget": 9}, "would choose tokens of its own"),
        ({"candidates": 2, "prompt": 9, "keep": "h2o", "budget": 9}, "whose prompt is read whole"),
    ],
)
def test_what_contradicts_is_told(options: dict[str, int | str], sentence: str) -> None:
    with pytest.raises(Exception, match=sentence):
        decode(**options)
