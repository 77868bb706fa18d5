"""Native sparse attention reads compressed runs, picked blocks and a window."""

import pytest

from bankside.kernels.catalog.catalog import build
from bankside.kernels.catalog.native_sparse import RUN, STRIDE, WINDOW, runs_of
from bankside.kernels.operators import Attention, Kernel, RowWise

HEADS = {"heads": 8, "kv_heads": 2, "head_dim": 16}


def decode(**options: int | str) -> Kernel:
    return build("decode-attention", **(HEADS | {"context": 4096, "keep": "nsa", "budget": 1024} | options))


@pytest.mark.parametrize("context", [1025, 4096, 4099, 65536])
def test_a_token_reads_runs_picked_tokens_and_the_newest(context: int) -> None:
    of_token = 2 * 2 * 16 * 2
    runs = len(range(0, context - RUN + 1, STRIDE))
    assert runs_of(context) == runs
    assert decode(context=context).kv_bytes == (runs + 1024 + WINDOW) * of_token


def test_what_is_not_picked_takes_room_and_runs_take_more() -> None:
    whole = build("decode-attention", **HEADS, context=4096).resident_bytes["kv"]
    assert decode().resident_bytes["kv"] == whole + runs_of(4096) * 2 * 2 * 16 * 2


def test_branches_are_attention_and_blocks_are_weighed_by_what_their_runs_got() -> None:
    operators = [op for _, op in decode().operators()]
    assert [op.context for op in operators if isinstance(op, Attention)] == [255, 1024, 512]
    (sums, blocks, join) = [op for op in operators if isinstance(op, RowWise)][1:]
    assert (sums.operands, sums.elements) == (4, 2 * 255)
    assert (blocks.operands, blocks.elements) == (64 // STRIDE * (RUN // STRIDE), 2 * 64)
    assert join.operands == 3


def test_short_contexts_and_large_budgets_read_all() -> None:
    assert decode(budget=4096).kv_bytes == build("decode-attention", **HEADS, context=4096).kv_bytes
    assert decode(context=20, budget=16, page=16).kv_bytes == 20 * 2 * 2 * 16 * 2


def test_blocks_are_whole_strides() -> None:
    with pytest.raises(Exception, match="page is 40; blocks of nsa are whole numbers of 16"):
        decode(page=40)
    with pytest.raises(Exception, match="residual cannot be given together with nsa"):
        decode(residual=8, kv_format="int4_g32")
