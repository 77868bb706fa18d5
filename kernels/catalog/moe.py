"""A mixture of experts under uniform routing."""

from math import floor
from typing import NamedTuple

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.feed_forward import dense_operators
from bankside.kernels.catalog.parts.norms import made_by, norm
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.models import Dense, Model, Moe
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
    operators: list[Operator] = []
    seen, asked = x, x
    if moe.extra:
        operators, seen, asked = _own_norms(moe, x)
    router = projection("moe.router", asked, moe.experts, precision)
    operators += [router, made_by("moe.scores", moe.scores, router.out)]
    if moe.latent:
        operators.append(narrow := projection("moe.latent_down_proj", seen, moe.latent, precision))
        seen = narrow.out
    routed, results = _routed(moe, seen, precision)
    operators += routed
    if moe.latent:
        operators += _widened(moe, (tokens, hidden), results, precision)
        results = operators[-1].outputs
    if moe.shared_width > 0:
        shared = Dense(moe.shared_width, moe.activation, moe.gated)
        operators += dense_operators(shared, x, precision, "moe.shared")
        results += operators[-1].outputs
    if moe.shared_gate:
        weight = projection("moe.shared.weight_proj", x, 1, precision)
        operators += [weight, made_by("moe.shared.weight", "sigmoid", weight.out)]
    out = Tensor("moe.combine.out", (tokens, hidden), act)
    return [*operators, RowWise.over("moe.combine", "weighted_sum", results, out)]


def beside_operators(moe: Moe, x: Tensor, normed: Tensor, precision: Precision) -> list[Operator]:
    """A dense part on the normed rows, the mixture on the rows as they came, each with a norm behind it, and their sum
    (Gemma-4)."""
    assert moe.beside is not None
    first = dense_operators(moe.beside, normed, precision)
    second = moe_operators(moe, x, precision)
    (left,), (right,) = first[-1].outputs, second[-1].outputs
    norms = [norm(f"moe.norms.{name}", rows, rows.shape) for name, rows in (("dense", left), ("moe", right))]
    return [*first, *second, *norms, made_by("moe.both", "add", norms[0].out, norms[1].out)]


def _own_norms(moe: Moe, x: Tensor) -> tuple[list[Operator], Tensor, Tensor]:
    """A norm before the experts, and one with scales before the router."""
    before = norm("moe.norms.experts", x, x.shape)
    scaled = norm("moe.router.scales", x, x.shape, x.columns + moe.experts)
    return [before, scaled], before.out, scaled.out


def _widened(
    moe: Moe, shape: tuple[int, int], results: tuple[Tensor, ...], precision: Precision
) -> list[Operator]:
    """The weighted sum of experts in their own width, its norm, and the way back to the stream."""
    met = Tensor("moe.latent.out", (shape[0], moe.latent), precision.activations)
    operators: list[Operator] = [RowWise.over("moe.latent", "weighted_sum", results, met)]
    if moe.latent_norm:
        operators.append(normed := norm("moe.latent_norm", met, met.shape))
        met = normed.out
    return [*operators, projection("moe.latent_up_proj", met, shape[1], precision)]


def _routed(moe: Moe, x: Tensor, precision: Precision) -> tuple[list[Operator], tuple[Tensor, ...]]:
    """The experts that run, those with one token more apart, and their results."""
    (tokens, hidden), load = x.shape, spread(moe, x.shape[0])
    both = ((".light", load.light, load.rows), (".heavy", load.heavy, load.rows + 1))
    inputs = [
        (part, x.part(f"moe.experts{part}.x", (experts, rows, hidden)))
        for part, experts, rows in both
        if experts
    ]
    first: list[Operator] = []
    for name in ("gate_proj", "up_proj") if moe.gated else ("up_proj",):
        first += [
            projection(f"moe.experts.{name}", rows, moe.width, precision, None, part) for part, rows in inputs
        ]
    made = Tensor("moe.experts.act.out", (tokens * moe.per_token, moe.width), precision.activations)
    met = tuple(tensor for op in first for tensor in op.outputs)
    function = GATED[moe.activation] if moe.gated else moe.activation
    act = RowWise.over("moe.experts.act", function, met, made)
    downs = [
        projection(
            "moe.experts.down_proj", made.part(f"moe.experts{part}.made", (*rows.shape[:2], moe.width)), hidden,
            precision, None, part,
        )
        for part, rows in inputs
    ]  # fmt: skip
    return [*first, act, *downs], tuple(op.out for op in downs)


def idle_weights(model: Model, moe: Moe, tokens: int) -> int:
    """Weights of the experts of one layer that no token visits [elements]."""
    products = (3 if moe.gated else 2) * (moe.latent or model.hidden) * moe.width
    return (moe.experts - spread(moe, tokens).experts) * products
