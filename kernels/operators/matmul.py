"""Matrix products: projections, feed-forward layers, experts, plain GEMV and GEMM."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from bankside.kernels.formats import Format

if TYPE_CHECKING:
    from bankside.kernels.plan.tiling import Mapping

OperandClass: TypeAlias = Literal["weights", "kv", "activations"]


@dataclass(frozen=True, slots=True)
class MatMul:
    """`batch` independent products out[m, n] = a[m, k] @ b[k, n].

    Parameters
    ----------
    label
        The operator's name in reports; operators of one kernel may share a name and are then reported
        together.
    batch
        Independent products (heads, experts, sequences).
    m
        Rows that meet the same b: tokens, or tokens x the query heads of a group.
    n, k
        Columns of b and rows of b. A GEMV y[M] = W[M, K] x[K] is m = 1, n = M, k = K.
    stationary
        What b is, hence where it lives: model weights, KV cache, or activations made just before.
    a_format, b_format, out_format
        Number formats of the three matrices.
    shared_b
        Consecutive products that read one b: the batch has `batch / shared_b` different b. Divides `batch`.
    same_input
        Whether a is that of the product before (queries, keys and values of one layer; gate and up), so that it need
        not be gathered again.
    pin
        How a node is told to compute it; None leaves the choice to the mapper.
    split
        With a pin: nodes over products, rows and columns; None deals columns.
    cached
        Whether the result is appended to the KV cache, so that it is written to memory.
    """

    label: str
    batch: int
    m: int
    n: int
    k: int
    stationary: OperandClass
    a_format: Format
    b_format: Format
    out_format: Format
    shared_b: int = 1
    same_input: bool = False
    pin: "Mapping | None" = None
    split: tuple[int, int, int] | None = None
    cached: bool = False

    @property
    def macs(self) -> int:
        """Multiply-accumulates: batch m n k."""
        return self.batch * self.m * self.n * self.k

    @property
    def flops(self) -> int:
        """Two per multiply-accumulate (K multiplications and K additions per output)."""
        return 2 * self.macs

    @property
    def a_bytes(self) -> int:
        """Bytes of all a [byte]."""
        return self.a_format.bytes_of(self.batch * self.m * self.k)

    @property
    def b_bytes(self) -> int:
        """Bytes of all different b [byte]."""
        return self.b_format.bytes_of(self.batch // self.shared_b * self.k * self.n)

    @property
    def out_bytes(self) -> int:
        """Bytes of all results [byte]."""
        return self.out_format.bytes_of(self.batch * self.m * self.n)

    @property
    def bytes_min(self) -> int:
        """Every operand read once, every result written once [byte]."""
        return self.a_bytes + self.b_bytes + self.out_bytes

    @property
    def weights_bytes(self) -> int:
        """Bytes of model weights among the operands [byte]."""
        return self.b_bytes if self.stationary == "weights" else 0

    @property
    def kv_bytes(self) -> int:
        """Bytes of KV cache among the operands [byte]."""
        return self.b_bytes if self.stationary == "kv" else 0

    @property
    def activation_bytes(self) -> int:
        """Bytes of everything else: inputs, results, activations used as b [byte]."""
        return self.bytes_min - self.weights_bytes - self.kv_bytes
