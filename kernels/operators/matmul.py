"""Matrix products: projections, feed-forward layers, experts, plain GEMV and GEMM."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.operator import Operator
from bankside.kernels.operators.tensor import Role, Tensor
from bankside.kernels.operators.windows import Windows


@dataclass(frozen=True, slots=True)
class MatMul(Operator):
    """`batch` independent products out[m, n] = a[m, k] @ b[k, n].

    Parameters
    ----------
    label
        The operator's name in reports.
    batch
        Independent products (heads, experts, sequences).
    m
        Rows that meet the same b: tokens, or tokens x the query heads of a group.
    n, k
        Columns of b and rows of b. A GEMV y[M] = W[M, K] x[K] is m = 1, n = M, k = K.
    a, b, out
        The three matrices. The role of b says where it rests: model weights, KV cache, or activations made just
        before; results of the role "kv" are appended to the cache.
    shared_b
        Consecutive products that read one b: the batch has `batch / shared_b` different b. Divides `batch`.
    windows
        Where rows of a are windows of an image, which a then holds in their place.
    """

    label: str
    batch: int
    m: int
    n: int
    k: int
    a: Tensor
    b: Tensor
    out: Tensor
    shared_b: int = 1
    windows: Windows | None = None

    def __post_init__(self) -> None:
        if self.windows and (self.m, self.k) != (self.windows.rows, self.windows.depth):
            raise ValueError(f"{self.label}: its rows and depth are not those of its windows.")
        moving = self.batch * self.m * self.k / self.uses
        counts = (moving, self.batch // self.shared_b * self.k * self.n)
        wanted = zip((self.a, self.b, self.out), (*counts, self.batch * self.m * self.n), strict=True)
        if wrong := [tensor.name for tensor, count in wanted if tensor.elements != count]:
            raise ValueError(f"{self.label}: its loops do not go over all of {', '.join(wrong)}.")

    @classmethod
    def of(
        cls,
        label: str,
        loops: tuple[int, int, int, int],
        role: Role,
        formats: tuple[Format, Format, Format],
        shared_b: int = 1,
        windows: Windows | None = None,
    ) -> Self:
        """On tensors of its own, named after it.

        Parameters
        ----------
        loops
            batch, m, n, k.
        role
            Of b.
        formats
            Of a, b and out.
        """
        batch, m, n, k = loops
        shape = (batch, windows.elements // windows.channels, windows.channels) if windows else (batch, m, k)
        a = Tensor(f"{label}.a", shape, formats[0])
        b = Tensor(f"{label}.b", (batch // shared_b, k, n), formats[1], role)
        out = Tensor(f"{label}.out", (batch, m, n), formats[2])
        return cls(label, batch, m, n, k, a, b, out, shared_b, windows)

    @property
    def uses(self) -> Fraction:
        """Rows that an element of a stands in."""
        return self.windows.uses if self.windows else Fraction(1)

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Both operands."""
        return self.a, self.b

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The results."""
        return (self.out,)

    @property
    def carried(self) -> tuple[Tensor, ...]:
        """The left operand; the right one is read where it rests."""
        return (self.a,)

    @property
    def weight_matrix(self) -> Tensor | None:
        """The right operand, where it is of the model."""
        return self.b if self.b.role == "weights" else None

    def storing(self, stored: Format) -> Self:
        """The right operand in another format."""
        return replace(self, b=replace(self.b, format=stored))

    @property
    def macs(self) -> int:
        """Multiply-accumulates: batch m n k."""
        return self.batch * self.m * self.n * self.k

    @property
    def flops(self) -> int:
        """Two per multiply-accumulate (K multiplications and K additions per output)."""
        return 2 * self.macs

    def computed_in(self, taken: Taken) -> Self:
        """Both operands as the core multiplies them, results as it writes them."""
        a, b = self.a.read_in(taken.moving), self.b.read_in(taken.stationary)
        return replace(self, a=a, b=b, out=self.out.read_in(taken.written))
