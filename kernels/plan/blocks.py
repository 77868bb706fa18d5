"""The tiling of attention on a node."""

from dataclasses import dataclass, replace

from bankside.kernels.operators import Attention

STATISTICS = 2  # running maximum and sum of a row


@dataclass(frozen=True)
class Blocks:
    """How a node computes its heads: cores over heads and over one head's context; tile of query rows and tokens.

    `rows` of the queries x group rows that share keys are served in one pass over them.
    """

    head_cores: int
    context_cores: int
    rows: int
    tokens: int

    def within(self, heads: int, context: int) -> "Blocks":
        """The same for a node that has fewer heads or tokens."""
        context_cores = min(self.context_cores, context)
        return replace(self, head_cores=min(self.head_cores, heads), context_cores=context_cores)

    def as_dict(self) -> dict[str, object]:
        """For results and pins."""
        return {
            "cores": {"heads": self.head_cores, "context": self.context_cores},
            "tile": {"rows": self.rows, "tokens": self.tokens},
            "unit": "matrix+nonlinear",
        }


def token_bytes(op: Attention) -> float:
    """Bytes that one token adds to what a head streams: its key, and its value unless that is part of the key."""
    return op.k.format.bits / 8 * (op.d_qk + (0 if op.kv_shared else op.d_v))
