"""The tiling of attention on a node."""

from dataclasses import dataclass, field, replace

from bankside.kernels.operators import Attention
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES

STATISTICS = 2  # running maximum and sum of a row

MERGES = "weighted_sum"
"""The work that adding up partial results of a row is: each counts by the exponential of its maximum."""


@dataclass(frozen=True)
class Blocks:
    """How a node computes its heads: cores over heads, over one head's context and over its queries; tile of query
    rows and tokens; tiles of keys and values that a core has room for.

    `rows` of the queries x group rows that share keys are served in one pass over them; cores over queries pass over
    the keys together, each with rows of its own. `multiplier` is the unit that multiplies a whole tile, "matrix" or
    "vector", or both where scores and sums take one each.
    """

    head_cores: int
    context_cores: int
    rows: int
    tokens: int
    row_cores: int = 1
    buffers: int = 2
    multiplier: str = field(default="matrix", compare=False)

    def opens(self, op: Attention) -> bool:
        """Whether a core goes from one tile of a prompt's queries to the next."""
        return op.queries > 1 and op.queries * op.group > self.rows

    def within(self, heads: int, context: int) -> "Blocks":
        """The same for a node that has fewer heads or tokens."""
        context_cores = min(self.context_cores, context)
        return replace(self, head_cores=min(self.head_cores, heads), context_cores=context_cores)

    def as_dict(self) -> dict[str, object]:
        """For results and pins."""
        return {
            "cores": {"heads": self.head_cores, "queries": self.row_cores, "context": self.context_cores},
            "tile": {"rows": self.rows, "tokens": self.tokens, "buffers": self.buffers},
            "unit": f"{self.multiplier}+nonlinear",
        }


def token_bytes(op: Attention) -> float:
    """Bytes that one token adds to what a head streams: its key, and its value unless that is part of the key."""
    return op.k.format.bits / 8 * (op.d_qk + (0 if op.kv_shared else op.d_v))


def partial_bytes(op: Attention) -> int:
    """The partial result of one head's rows: sums and statistics [byte]."""
    return op.queries * op.group * (op.d_v + STATISTICS) * ACCUMULATOR_BYTES


def merged_rows(op: Attention, blocks: Blocks, heads: int) -> int:
    """Rows of which a core adds up the partial results, where cores over the context share them."""
    side = blocks.row_cores * blocks.context_cores
    return -(-heads // blocks.head_cores) * -(-op.queries * op.group // side)
