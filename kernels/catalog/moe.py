"""A mixture of experts under uniform routing."""

from math import floor
from typing import NamedTuple

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.models import Model, Moe
from bankside.kernels.models.activations import GATED
from bankside.kernels.operators import MatMul, Operator, RowWise


def expected_experts(experts: int, per_token: int, tokens: int) -> float:
    """Expected number of different experts that `tokens` tokens visit: E (1 - (1 - k/E)^T).

    Each token visits k different experts of E, all choices alike and tokens independent, so an expert is
    missed by one token with probability 1 - k/E.
    """
    return experts * (1.0 - (1.0 - per_token / experts) ** tokens)


class Load(NamedTuple):
    """Experts that run, and how many tokens each gets: `light` experts `rows`, `heavy` experts one more."""

    light: int
    heavy: int
    rows: int

    @property
    def experts(self) -> int:
        """Experts that run, whose weights are read."""
        return self.light + self.heavy


def spread(moe: Moe, tokens: int) -> Load:
    """Tokens over experts: the expected number of experts, rounded to nearest, and all visits spread evenly.

    All `tokens x per_token` visits are kept, so products are exact; weight bytes are exact but for the
    rounding. A real router's imbalance is not in it.
    """
    visits = tokens * moe.per_token
    experts = min(moe.experts, visits, floor(expected_experts(moe.experts, moe.per_token, tokens) + 0.5))
    experts = max(experts, moe.per_token)
    rows, heavy = divmod(visits, experts)
    return Load(experts - heavy, heavy, rows)


def routing_notes(moe: Moe, tokens: int) -> tuple[str, ...]:
    """What the counts of a mixture rest on; nothing with one token, which visits exactly `per_token`."""
    if tokens == 1:
        return ()
    mean = expected_experts(moe.experts, moe.per_token, tokens)
    return (
        f"Routing is taken as uniform: {tokens} tokens x {moe.per_token} experts meet {mean:.2f} of "
        f"{moe.experts} experts on average, counted as {spread(moe, tokens).experts}, with the tokens spread "
        "evenly over them.",
    )


def moe_operators(model: Model, moe: Moe, tokens: int, precision: Precision) -> list[Operator]:
    """Router, routed experts, shared expert, and the weighted sum of their results, of one layer."""
    act, load = precision.activations, spread(moe, tokens)
    visits = tokens * moe.per_token
    shared = moe.shared_width > 0
    operators: list[Operator] = [
        projection("moe.router", tokens, moe.experts, model.hidden, precision),
        RowWise("moe.scores", moe.scores, tokens, moe.experts, 1, act),
        *_experts("moe.experts.gate_proj", load, moe.width, model.hidden, precision),
        *_experts("moe.experts.up_proj", load, moe.width, model.hidden, precision, same_input=True),
        RowWise("moe.experts.act", GATED[moe.activation], visits, moe.width, 2, act),
        *_experts("moe.experts.down_proj", load, model.hidden, moe.width, precision),
    ]
    if shared:
        operators += [
            projection("moe.shared.gate_proj", tokens, moe.shared_width, model.hidden, precision),
            projection(
                "moe.shared.up_proj", tokens, moe.shared_width, model.hidden, precision, same_input=True
            ),
            RowWise("moe.shared.act", GATED[moe.activation], tokens, moe.shared_width, 2, act),
            projection("moe.shared.down_proj", tokens, model.hidden, moe.shared_width, precision),
        ]
    terms = moe.per_token + shared
    return [*operators, RowWise("moe.combine", "weighted_sum", tokens, model.hidden, terms, act)]


def _experts(
    label: str, load: Load, outputs: int, inputs: int, precision: Precision, same_input: bool = False
) -> list[MatMul]:
    parts = ((load.light, load.rows), (load.heavy, load.rows + 1))
    return [
        projection(label, rows, outputs, inputs, precision, experts, same_input)
        for experts, rows in parts
        if experts
    ]


def idle_weights(model: Model, moe: Moe, tokens: int) -> int:
    """Weights of the experts of one layer that no token visits [elements]."""
    return (moe.experts - spread(moe, tokens).experts) * 3 * model.hidden * moe.width
