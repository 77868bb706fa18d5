"""Bytes and operations of a recurrence's step, by hand."""

from dataclasses import replace

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.formats.computed import Taken, read_as, written_as
from bankside.kernels.operators import Kernel, Phase, StateStep, Tensor

FP32, BF16 = FORMATS["fp32"], FORMATS["bf16"]


def step(function: str = "delta_step") -> StateStep:
    state = Tensor("s", (6, 4, 8), FP32, "kv")
    rows = Tensor("qkv", (1, 96), BF16)
    return StateStep("s", function, 6, 4, 8, 1, (rows,), state, Tensor("y", (1, 48), BF16))


def test_a_state_is_read_once_and_written_once() -> None:
    op = step()
    assert op.kv_bytes == 4 * 192 == op.written.bytes
    assert op.bytes_min == 2 * 96 + 2 * 4 * 192 + 2 * 48
    kernel = Kernel("k", {}, BF16, (Phase(3, (op,)),))
    assert kernel.resident_bytes["kv"] == 3 * 4 * 192


def test_a_fresh_state_is_only_written_however_many_tokens_pass() -> None:
    op = replace(step(), fresh=True, tokens=5)
    assert (op.kv_bytes, op.written.bytes) == (0, 4 * 192)
    assert op.flops == 7 * 192 * 5


@pytest.mark.parametrize(
    ("function", "flops"), [("linear_step", 5), ("delta_step", 7), ("selective_step", 7)]
)
def test_operations_of_an_element(function: str, flops: int) -> None:
    assert step(function).flops == flops * 192
    assert step(function).macs == 0


def test_states_are_read_in_one_way_and_written_in_another() -> None:
    taken = Taken(
        lambda fmt: fmt,
        lambda fmt: fmt,
        lambda fmt: read_as(fmt, ("bf16",), "bf16"),
        lambda fmt: written_as(fmt, ("bf16",)),
    )
    plain = step().computed_in(taken)
    assert (plain.turned_in, plain.state.turned, plain.written.turned, plain.out.turned) == (0, 0, 0, 0)
    packed = replace(step(), state=Tensor("s", (6, 4, 8), FORMATS["mxfp4"], "kv")).computed_in(taken)
    assert (packed.state.turned, packed.written.turned) == (2 * 192, 3 * 192)
    assert packed.written.bytes == packed.state.bytes == 24 * 5
    assert replace(packed, fresh=True).turned_in == 0
