"""A mixture of experts under uniform routing."""

from math import floor
from typing import NamedTuple

from bankside.kernels.catalog.gemm import gated, projection
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.models import Model, Moe
from bankside.kernels.models.activations import GATED
from bankside.kernels.operators import Operator, RowWise, Tensor


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


def moe_operators(moe: Moe, x: Tensor, precision: Precision) -> list[Operator]:
    """Router, routed experts, shared expert, and the weighted sum of their results, of one layer on rows `x`."""
    act, (tokens, hidden) = precision.activations, x.shape
    router = projection("moe.router", x, moe.experts, precision)
    scores = Tensor("moe.scores.out", router.out.shape, act)
    routed, results = _routed(moe, x, precision)
    operators: list[Operator] = [
        router,
        RowWise.over("moe.scores", moe.scores, (router.out,), scores),
        *routed,
    ]
    if moe.shared_width > 0:
        shared = gated("moe.shared", GATED[moe.activation], x, moe.shared_width, precision)
        operators += shared
        results += shared[-1].outputs
    out = Tensor("moe.combine.out", (tokens, hidden), act)
    return [*operators, RowWise.over("moe.combine", "weighted_sum", results, out)]


def _routed(moe: Moe, x: Tensor, precision: Precision) -> tuple[list[Operator], tuple[Tensor, ...]]:
    """The experts that run, those with one token more apart, and their results."""
    (tokens, hidden), load = x.shape, spread(moe, x.shape[0])
    both = ((".light", load.light, load.rows), (".heavy", load.heavy, load.rows + 1))
    inputs = [
        (part, x.part(f"moe.experts{part}.x", (experts, rows, hidden)))
        for part, experts, rows in both
        if experts
    ]
    gates = [
        projection("moe.experts.gate_proj", rows, moe.width, precision, None, part) for part, rows in inputs
    ]
    ups = [projection("moe.experts.up_proj", rows, moe.width, precision, None, part) for part, rows in inputs]
    made = Tensor("moe.experts.act.out", (tokens * moe.per_token, moe.width), precision.activations)
    met = tuple(op.out for op in (*gates, *ups))
    act = RowWise.over("moe.experts.act", GATED[moe.activation], met, made)
    downs = [
        projection(
            "moe.experts.down_proj", made.part(f"moe.experts{part}.made", (*rows.shape[:2], moe.width)), hidden,
            precision, None, part,
        )
        for part, rows in inputs
    ]  # fmt: skip
    return [*gates, *ups, act, *downs], tuple(op.out for op in downs)


def idle_weights(model: Model, moe: Moe, tokens: int) -> int:
    """Weights of the experts of one layer that no token visits [elements]."""
    return (moe.experts - spread(moe, tokens).experts) * 3 * model.hidden * moe.width
