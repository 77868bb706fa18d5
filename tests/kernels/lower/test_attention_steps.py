"""Which tiles attention has: every pair that counts is in one, and the bound that orders tiles counts as many."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.attention_steps import attention_steps, each_core
from bankside.kernels.mapping.attention import tile_count
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks

BF16 = FORMATS["bf16"]


def operator(group: int, queries: int, earlier: int, causal: bool, mask: tuple[int, int]) -> Attention:
    earlier = earlier if causal or mask == (0, 0) else 0
    shape = (1, 1, group, queries, queries + earlier)
    op = Attention.of("attn", shape, (8, 8), (BF16, BF16, BF16), causal)
    return replace(op, window=mask[0], chunk=mask[1])


MASKS = st.one_of(
    st.just((0, 0)), st.tuples(st.integers(1, 99), st.just(0)), st.tuples(st.just(0), st.integers(1, 99))
)
SHAPES = st.builds(operator, st.integers(1, 5), st.integers(1, 90), st.integers(0, 90), st.booleans(), MASKS)
TILES = st.tuples(st.integers(1, 60), st.integers(1, 60))


@given(SHAPES, TILES, st.integers(1, 5), st.integers(1, 9))
def test_the_bound_counts_the_tiles_of_each_round(
    op: Attention, tile: tuple[int, int], at_once: int, heads: int
) -> None:
    blocks = Blocks(at_once, 1, *tile)
    nest = attention_steps(op, blocks, heads, op.context)
    rounds = -(-heads // at_once)
    assert len(nest.tokens) == rounds * tile_count(op, blocks, op.context)
    assert (nest.at_node == nest.tokens).all()
    assert (nest.pairs == nest.rows * nest.tokens).all()


@given(SHAPES, TILES, st.integers(1, 7), st.integers(1, 4))
def test_cores_over_queries_compute_what_one_computes_after_the_other(
    op: Attention, tile: tuple[int, int], row_cores: int, cores: int
) -> None:
    blocks = Blocks(1, cores, *tile, row_cores)
    together = attention_steps(op, blocks, 1, op.context)
    alone = each_core(op, blocks, 1, op.context)
    assert together.pairs.sum() == alone.pairs.sum() == (alone.rows * alone.at_node).sum()
    assert len(together.tokens) <= len(alone.tokens)
    assert together.at_node.sum() <= alone.at_node.sum()
    assert (together.pairs <= row_cores * cores * together.rows.max() * together.tokens).all()
    assert tile_count(op, blocks, op.context) == len(together.tokens)


@given(SHAPES, TILES, st.integers(1, 5))
def test_tiles_hold_every_pair_that_counts(op: Attention, tile: tuple[int, int], cores: int) -> None:
    nest = attention_steps(op, Blocks(1, cores, *tile), 1, op.context)
    met = int((nest.rows * nest.at_node).sum())
    assert op.group * op.pairs <= met <= op.group * op.queries * op.context
    if not (op.causal or op.window or op.chunk):
        assert met == op.group * op.pairs


def test_the_last_round_and_the_last_tiles_are_ragged() -> None:
    nest = attention_steps(operator(1, 3, 2, True, (0, 0)), Blocks(2, 2, 2, 2), 3, 5)
    assert nest.heads.tolist() == [2, 2, 2, 1, 1, 1]
    assert nest.rows.tolist() == [2, 1, 1] * 2
    assert nest.tokens.tolist() == [2, 2, 1] * 2
    assert nest.at_node.tolist() == [4, 4, 1] * 2
