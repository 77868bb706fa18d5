"""Which tiles attention has: every pair that counts is in one, and they are counted before there are any."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.pe.nonlinear.datapath import evaluate
from bankside.arch.pe.nonlinear.method import MethodSpec
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.attention_steps import attention_steps, groups, step_count, tiles_met
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks
from bankside.kernels.reference.attention import attention

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
def test_tiles_of_each_round_are_counted_beforehand(
    op: Attention, tile: tuple[int, int], at_once: int, heads: int
) -> None:
    blocks = Blocks(at_once, 1, *tile)
    nest = attention_steps(op, blocks, heads, op.context)
    assert len(nest.tokens) == step_count(op, blocks, heads, op.context)
    assert (nest.at_node == nest.tokens).all()
    assert (nest.pairs == nest.rows * nest.tokens).all()


@given(SHAPES, TILES, st.integers(1, 7), st.integers(1, 4))
def test_cores_over_queries_compute_what_one_computes_after_the_other(
    op: Attention, tile: tuple[int, int], row_cores: int, cores: int
) -> None:
    blocks = Blocks(1, cores, *tile, row_cores)
    together = attention_steps(op, blocks, 1, op.context)
    alone = attention_steps(op, replace(blocks, row_cores=1), 1, op.context)
    assert together.pairs.sum() == alone.pairs.sum() == (alone.rows * alone.at_node).sum()
    assert len(together.tokens) <= len(alone.tokens)
    assert together.at_node.sum() <= alone.at_node.sum()
    assert (together.pairs <= row_cores * cores * together.rows * together.tokens).all()
    assert step_count(op, blocks, 1, op.context) == len(together.tokens)


@given(SHAPES, TILES, st.integers(1, 7), st.integers(1, 4), st.tuples(st.integers(1, 5), st.integers(1, 9)))
def test_tiles_that_each_core_meets_are_those_of_one_core_counted(
    op: Attention, tile: tuple[int, int], row_cores: int, cores: int, heads: tuple[int, int]
) -> None:
    blocks = Blocks(heads[0], cores, *tile, row_cores)
    alone = attention_steps(op, replace(blocks, row_cores=1), heads[1], op.context)
    met = tiles_met(op, blocks, heads[1], op.context)
    counted: Counter[tuple[int, ...]] = Counter()
    for heads_, rows, tokens, at_node, times in zip(
        *(getattr(met, f.name) for f in fields(met)), strict=True
    ):
        counted[heads_, rows, tokens, at_node] += times
    assert counted == Counter(zip(alone.heads, alone.rows, alone.tokens, alone.at_node, strict=True))


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


Floats = npt.NDArray[np.float64]


def computed(
    op: Attention, blocks: Blocks, q: Floats, k: Floats, v: Floats, exp: Callable[[Floats], Floats]
) -> Floats:
    """One head as the tiles compute it: an online softmax of each core over its tokens, then the cores' sums in their
    weights; rows are queries of all heads of the group."""
    made = groups(op, blocks, op.context)
    rows, seen = made.rows.ravel(), made.seen.ravel()
    found = []
    for first, count, own in zip(np.cumsum(rows) - rows, rows.tolist(), seen.tolist(), strict=True):
        if count:
            query = op.context - op.queries + np.arange(first, first + count) // op.group
            start = first_token(op, int(query[0]))
            partial = [
                online(
                    op, blocks.tokens, (q[first : first + count], k, v), query, (start + core * own, own), exp
                )
                for core in range(blocks.context_cores)
            ]
            top = np.max([each[0] for each in partial], axis=0)
            weights = [exp(np.maximum(each[0] - top, -1e30)) for each in partial]
            total = sum(w * each[1] for w, each in zip(weights, partial, strict=True))
            sums = sum(w[:, None] * each[2] for w, each in zip(weights, partial, strict=True))
            found.append(sums / total[:, None])
    return np.concatenate(found)


def first_token(op: Attention, query: int) -> int:
    if op.chunk:
        return query // op.chunk * op.chunk
    reach = op.window - 1 if op.causal else op.window // 2
    return max(0, query - reach) if op.window else 0


def online(
    op: Attention, tokens: int, operands: tuple[Floats, Floats, Floats], query: npt.NDArray[np.int64],
    span: tuple[int, int], exp: Callable[[Floats], Floats],
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Maximum, sum and weighted sum of the tokens of one core."""
    (q, k, v), (start, own) = operands, span
    top, total, sums = np.full(len(q), -np.inf), np.zeros(len(q)), np.zeros((len(q), v.shape[1]))
    for begin in range(start, start + own, tokens):
        key = np.arange(begin, min(begin + tokens, start + own))
        key = key[key < op.context]
        hidden = hides(op, query[:, None], key[None, :])
        scores = np.where(hidden, -np.inf, q @ k[key].T / np.sqrt(op.d_qk))
        grown = np.maximum(top, scores.max(axis=1, initial=-np.inf))
        higher = (grown > top) & np.isfinite(top)
        past = np.where(
            higher, exp(np.where(higher, np.maximum(top, -1e30) - np.maximum(grown, -1e30), 0.0)), 1.0
        )
        new = np.where(
            hidden, 0.0, exp(np.where(hidden, 0.0, scores - np.where(np.isfinite(grown), grown, 0)[:, None]))
        )
        total, sums, top = total * past + new.sum(axis=1), sums * past[:, None] + new @ v[key], grown
    return top, total, sums


def hides(op: Attention, query: npt.NDArray[np.int64], key: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    hidden = (key > query) & op.causal
    if op.window:
        hidden = hidden | (np.abs(query - key) > (op.window - 1 if op.causal else op.window // 2))
    if op.chunk:
        hidden = hidden | (query // op.chunk != key // op.chunk)
    return np.asarray(hidden)


@settings(max_examples=60, deadline=None)
@given(SHAPES, TILES, st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from(["exact", "pwl", "poly"]))
def test_the_tiled_schedule_computes_attention_within_the_error_of_the_units_exponential(
    op: Attention, tile: tuple[int, int], cores: int, seed: int, method: str
) -> None:
    rng = np.random.default_rng(seed)
    q = rng.normal(size=(1, op.group, op.queries, op.d_qk))
    k, v = rng.normal(size=(2, 1, op.context, op.d_qk))
    specs = {"exp": MethodSpec(method=method), "exp2": MethodSpec(method=method)}
    blocks = Blocks(1, min(cores, op.context), *tile)
    rows = q[0].transpose(1, 0, 2).reshape(-1, op.d_qk)
    found = computed(op, blocks, rows, k[0], v[0], lambda x: evaluate("exp", specs, x))
    expected = attention(q, k, v, op.causal, op.window, op.chunk)[0].transpose(1, 0, 2).reshape(-1, op.d_v)
    points = np.linspace(-20, 0, 4001)
    error = float(np.abs(evaluate("exp", specs, points) / np.exp(points) - 1).max())
    steps = -(-op.context // blocks.tokens) + 2  # exponentials whose product a weight is
    assert np.abs(found - expected).max() <= (2 * steps * error + 1e-9) * np.abs(v).max()
