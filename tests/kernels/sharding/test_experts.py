"""Shares of experts: tokens stay with their packages, experts get all of theirs."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Collective
from bankside.kernels.sharding.kernel import dealt
from bankside.kernels.sharding.layout import Layout


def test_rows_go_to_experts_and_come_back() -> None:
    kernel = build("layer", model="mixtral-8x7b", context=512, batch=64)
    share = dealt(kernel, Layout(ep=8))
    assert share.macs * 8 == kernel.macs
    there, back = (op for _, op in share.operators() if isinstance(op, Collective))
    assert (there.label, back.label) == ("moe.dispatch", "moe.return")
    # eight tokens of a package meet two experts each: 16 rows of 4096 bf16 elements, an eighth to each
    assert there.bytes_each == 16 * 4096 * 2 / 8
    assert back.bytes_each == there.bytes_each


def test_tokens_that_cannot_be_dealt_are_told() -> None:
    with pytest.raises(ConfigError, match="8 packages cannot share 3"):
        dealt(build("layer", model="mixtral-8x7b", context=512, batch=3), Layout(ep=8))
