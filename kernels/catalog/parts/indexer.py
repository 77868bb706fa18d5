"""A sparse attention's indexer: a small attention of its own whose scores pick the keys that a query meets.

Its queries score every cached key of its own, ReLU, and add up over its heads (DeepSeek-V3.2-Exp report, 2025, eq. 1);
picking the best is no operator.
"""

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.caches import appended_in, unrounded
from bankside.kernels.catalog.parts.norms import norm
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models.heads import Indexer
from bankside.kernels.operators import MatMul, Operator, RowWise, Tensor

NAME = "attn.index"


def indexer_operators(
    indexer: Indexer, step: Step, x: Tensor, latent: Tensor, precision: Precision
) -> list[Operator]:
    """Projections of its queries (from `latent` where they have one), its cached key, and the scores.

    In prefill the scores that the mask hides are counted, as its kernels compute them block by block.
    """
    tokens, width = step.tokens, indexer.head_dim
    asked = latent if indexer.query_inputs else x
    cache = Tensor(f"{NAME}.keys", (step.sequences, width, step.context), precision.kv, "kv")
    appended = Tensor(f"{NAME}.k_proj.out", (tokens, width), appended_in(step, precision), "kv", cache.name)
    q = projection(f"{NAME}.q_proj", asked, indexer.heads * width, precision)
    k = projection(f"{NAME}.k_proj", x, width, precision, appended)
    operators: list[Operator] = [q, k]
    if indexer.norm_elements:
        rows = unrounded(k.out, f"{NAME}.k_new", (tokens, width), precision)
        operators.append(norm(f"{NAME}.norm", rows, (tokens, width), indexer.norm_elements))
    if indexer.weighted:
        operators.append(projection(f"{NAME}.weights_proj", x, indexer.heads, precision))
    return [*operators, *scores(indexer.heads, step, q.out, cache, precision)]


def scores(heads: int, step: Step, q: Tensor, cache: Tensor, precision: Precision) -> list[Operator]:
    """Scores of all heads of the queries `q` on `cache`, shape (sequences, width, keys), and their sum."""
    sequences, width, keys = cache.shape
    rows = step.queries * heads
    out = Tensor(f"{NAME}.scores.out", (sequences, rows, keys), precision.activations)
    product = MatMul(f"{NAME}.scores", sequences, rows, keys, width, q, cache, out)
    kept = Tensor(f"{NAME}.relu.out", out.shape, out.format)
    total = Tensor(f"{NAME}.sum.out", (step.tokens, keys), out.format)
    return [
        product,
        RowWise.over(f"{NAME}.relu", "relu", (out,), kept),
        RowWise.over(f"{NAME}.sum", "weighted_sum", (kept,), total),
    ]
