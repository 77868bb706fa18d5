"""Uniform routing against exact enumeration, and the operators of a mixture."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.kernels.catalog.moe import expected_experts, idle_weights, moe_operators, routing_notes, spread
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import Model, Moe, load, parameters
from bankside.kernels.operators import MatMul, Tensor
from bankside.kernels.reference import mixture

PRECISION = Precision(*[FORMATS["bf16"]] * 3)


def rows(model: Model, tokens: int) -> Tensor:
    return Tensor("x", (tokens, model.hidden), FORMATS["bf16"])


@pytest.mark.parametrize(("experts", "per_token", "tokens"), [(4, 1, 3), (4, 2, 3), (5, 2, 2), (3, 3, 2)])
def test_expected_experts_equals_enumeration(experts: int, per_token: int, tokens: int) -> None:
    choices = list(combinations(range(experts), per_token))
    distinct = [len(set().union(*run)) for run in product(choices, repeat=tokens)]
    assert expected_experts(experts, per_token, tokens) == pytest.approx(np.mean(distinct))


@pytest.mark.parametrize(("tokens", "expected"), [(8, 52), (16, 82), (32, 112), (64, 126)])
def test_expected_experts_of_128_with_8_each(tokens: int, expected: int) -> None:
    # llm_kernel_facts-148
    assert round(expected_experts(128, 8, tokens)) == expected


@given(experts=st.integers(1, 64), per_token=st.integers(1, 64), tokens=st.integers(1, 200))
def test_all_visits_are_spread_and_no_expert_waits_for_none(
    experts: int, per_token: int, tokens: int
) -> None:
    moe = Moe(experts, min(per_token, experts), 8)
    load = spread(moe, tokens)
    assert load.light * load.rows + load.heavy * (load.rows + 1) == tokens * moe.per_token
    assert moe.per_token <= load.experts <= experts
    assert load.rows >= 1
    assert abs(load.experts - expected_experts(experts, moe.per_token, tokens)) <= 0.5 + 1e-9
    assert max(load.rows + (load.heavy > 0), 0) <= tokens


def test_one_token_visits_exactly_its_experts() -> None:
    assert spread(Moe(256, 8, 2048), 1) == (8, 0, 1)
    assert routing_notes(Moe(256, 8, 2048), 1) == ()
    (note,) = routing_notes(Moe(256, 8, 2048), 16)
    assert "101.96 of 256" in note
    assert "counted as 102" in note


@pytest.mark.parametrize("tokens", [1, 16])
def test_weights_of_a_mixture_are_all_counted(tokens: int) -> None:
    model = load("deepseek-v3")
    moe = model.layers[-1].feed_forward
    assert isinstance(moe, Moe)
    operators = moe_operators(moe, rows(model, tokens), PRECISION)
    read = sum(op.weights_bytes for op in operators) // 2
    mixtures = 58 * (read + idle_weights(model, moe, tokens) + 256)  # and the router's bias
    assert parameters(model).mlp - 3 * 3 * 7168 * 18432 == mixtures


def test_expert_products_keep_every_visit() -> None:
    model = load("deepseek-v3")
    moe = model.layers[-1].feed_forward
    assert isinstance(moe, Moe)
    for op_name, width in (("gate_proj", 2048 * 7168), ("up_proj", 2048 * 7168), ("down_proj", 7168 * 2048)):
        parts = [
            op
            for op in moe_operators(moe, rows(model, 16), PRECISION)
            if isinstance(op, MatMul) and op.label == f"moe.experts.{op_name}"
        ]
        assert sum(op.macs for op in parts) == 16 * 8 * width
        assert sum(op.batch for op in parts) == 102


def test_a_mixture_of_equal_experts_is_one_expert() -> None:
    rng = np.random.default_rng(0)
    x, router = rng.standard_normal((5, 4)), rng.standard_normal((4, 6))
    expert = (rng.standard_normal((4, 3)), rng.standard_normal((4, 3)), rng.standard_normal((3, 4)))
    alone = mixture(x, np.zeros((4, 1)), [expert], 1)
    np.testing.assert_allclose(mixture(x, router, [expert] * 6, 2), alone, atol=1e-12)
