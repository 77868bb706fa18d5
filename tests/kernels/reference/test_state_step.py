"""Recurrences against sums over all earlier tokens."""

import numpy as np

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import StateStep, Tensor
from bankside.kernels.reference import compute

FP32 = FORMATS["fp32"]
RNG = np.random.default_rng(5)
STATES, D_K, D_V, TOKENS = 2, 3, 4, 6


def arrays(decay: tuple[int, ...]) -> dict[str, np.ndarray]:
    shape = (TOKENS, STATES)
    return {
        "r.q": RNG.normal(size=(*shape, D_K)),
        "r.k": RNG.normal(size=(*shape, D_K)),
        "r.v": RNG.normal(size=(*shape, D_V)),
        "r.decay": RNG.uniform(0.5, 1.0, size=(*shape, *decay)),
        "r.rate": RNG.uniform(size=shape),
    }


def step(function: str) -> StateStep:
    state = Tensor("s", (STATES, D_K, D_V), FP32, "kv")
    rows = Tensor("x", (TOKENS, 1), FP32)
    out = Tensor("y", (TOKENS, STATES * D_V), FP32)
    return StateStep("r", function, STATES, D_K, D_V, TOKENS, (rows,), state, out, None, True)


def test_linear_attention_is_attention_without_softmax_under_decays() -> None:
    given = arrays(())
    made = compute(step("linear_step"), given)["y"].reshape(TOKENS, STATES, D_V)
    for state in range(STATES):
        for token in range(TOKENS):
            expected = np.zeros(D_V)
            for before in range(token + 1):
                share = given["r.q"][token, state] @ given["r.k"][before, state]
                kept = np.prod(given["r.decay"][before + 1 : token + 1, state])
                expected += share * kept * given["r.v"][before, state]
            np.testing.assert_allclose(made[token, state], expected)


def test_a_delta_rule_of_rate_one_finds_the_last_value_of_a_key() -> None:
    given = arrays(())
    keys = given["r.k"] / np.linalg.norm(given["r.k"], axis=-1, keepdims=True)
    given |= {"r.k": keys, "r.q": keys, "r.rate": np.ones((TOKENS, STATES))}
    made = compute(step("delta_step"), given)["y"].reshape(TOKENS, STATES, D_V)
    np.testing.assert_allclose(made, given["r.v"])


def test_a_decay_may_be_of_every_element() -> None:
    given = arrays((D_K, D_V))
    out = compute(step("selective_step"), given)
    state = np.zeros((D_K, D_V))
    for token in range(TOKENS):
        state = given["r.decay"][token, 1] * state + np.outer(given["r.k"][token, 1], given["r.v"][token, 1])
    np.testing.assert_allclose(out["s.new"][1], state)
