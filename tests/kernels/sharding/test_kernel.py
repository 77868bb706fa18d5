"""Stages of a pipeline: all layers run, rows go on between, weights rest in the fullest stage."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.sharding.kernel import dealt, resting
from bankside.kernels.sharding.layout import Layout


def test_rows_are_handed_on_between_stages() -> None:
    kernel = build("decode-step", model="llama-3-8b", context=64)
    share = dealt(kernel, Layout(tp=2, pp=4))
    assert [phase.count for phase in share.phases] == [32, 1, 3]
    (hand,) = share.phases[-1].operators
    assert hand.label == "stage.send" and hand.inputs[0].bytes == 4096 * 2
    layers, head = (phase.resident_bytes("weights") for phase in share.phases[:2])
    rests = resting(share, Layout(tp=2, pp=4))
    assert (
        rests.weights_bytes == 8 * layers // 32 + head
    )  # 33 in four stages: nine at most, and the head is heavy
    apart = resting(dealt(kernel, Layout(tp=2, pp=33)), Layout(tp=2, pp=33))
    assert apart.weights_bytes == head


def test_more_stages_than_layers_are_told() -> None:
    with pytest.raises(ConfigError, match="has 1 layers and phases, fewer than 4 stages"):
        dealt(build("gemv", m=64, k=64), Layout(pp=4))
