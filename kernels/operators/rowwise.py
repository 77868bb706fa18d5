"""Functions of the rows or elements of a matrix: norms, softmax, activations, residual adds."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.operator import Operator
from bankside.kernels.operators.tensor import Tensor


class Function(NamedTuple):
    """What a row-wise function costs per element.

    Parameters
    ----------
    flops_per_element
        Operations counted per element of the result, by convention: each +, -, x, / and each exp, tanh,
        1/sqrt is one, comparisons are none. With these, softmax, LayerNorm, GELU and the adds of BERT-Base
        give the "Other" row of Kim et al., Full Stack Optimization of Transformer Inference (2023), Table 3,
        within its rounding.
    special_per_element
        How many of them are transcendental (exp, tanh, sin/cos tables excluded).
    reduces
        Whether a row must be reduced (maximum, sum, mean) before its elements can be finished.
    """

    flops_per_element: int
    special_per_element: int
    reduces: bool


FUNCTIONS: Final[dict[str, Function]] = {
    "softmax": Function(4, 1, True),  # subtract maximum, exp, sum, divide
    "rmsnorm": Function(4, 0, True),  # square, sum, times 1/rms, times gain
    "layernorm": Function(
        7, 0, True
    ),  # mean's sum, subtract, square, sum, times 1/std, times gain, plus bias
    "silu": Function(4, 1, False),  # negate, exp, plus 1, divide
    "sigmoid": Function(4, 1, False),  # the same
    "gelu": Function(8, 1, False),  # tanh form by Horner: x^2, x a, + b, x x, tanh, + 1, x x, x 1/2
    "relu": Function(1, 0, False),
    "relu2": Function(2, 0, False),  # relu, its square
    "softplus": Function(4, 2, False),  # plus a bias, exp, plus 1, log
    "sqrtsoftplus": Function(4, 3, False),  # exp, plus 1, log, root
    "tanh": Function(1, 1, False),
    "add": Function(1, 0, False),
    "mul": Function(1, 0, False),
    "rope": Function(3, 0, False),  # two multiplications and one addition per rotated element
    "swiglu": Function(5, 1, False),  # silu(gate) x up
    "geglu": Function(9, 1, False),  # gelu(gate) x up
    "reglu": Function(2, 0, False),  # relu(gate) x up
    "weighted_sum": Function(2, 0, False),  # per operand: times its weight, add; see RowWise.flops
    "conv": Function(2, 0, False),  # the same, with weights of every column
}


@dataclass(frozen=True, slots=True)
class RowWise(Operator):
    """A function of the rows or elements of matrices of one shape.

    Parameters
    ----------
    label
        The operator's name in reports.
    function
        A name in `FUNCTIONS`.
    rows, cols
        Shape of the result; a reducing function reduces along a row.
    sources
        What it reads besides weights: matrices of that shape (2 for "add", "mul", "swiglu"), whole or in parts; what a
        "conv" remembers of earlier rows is kept like a cache.
    out
        The result.
    weights
        Gain and bias vectors of norms, the columns' weights of a "conv".
    """

    label: str
    function: str
    rows: int
    cols: int
    sources: tuple[Tensor, ...]
    out: Tensor
    weights: Tensor | None = None

    def __post_init__(self) -> None:
        count = sum(tensor.elements for tensor in self.sources)
        if self.out.elements != self.elements or count < self.elements or count % self.elements:
            raise ValueError(f"{self.label}: its operands are not matrices of {self.rows} x {self.cols}.")

    @classmethod
    def of(
        cls,
        label: str,
        function: str,
        shape: tuple[int, int],
        operands: int,
        format: Format,
        weight_elements: int = 0,
    ) -> Self:
        """On tensors of its own, named after it: `operands` matrices of `shape` (rows, cols)."""
        sources = tuple(Tensor(f"{label}.in{i}", shape, format) for i in range(operands))
        weights = Tensor(f"{label}.weights", (weight_elements,), format, "weights")
        out = Tensor(f"{label}.out", shape, format)
        return cls(label, function, *shape, sources, out, weights if weight_elements else None)

    @classmethod
    def over(cls, label: str, function: str, sources: tuple[Tensor, ...], out: Tensor) -> Self:
        """Without weights, along the rows that the result has."""
        return cls(label, function, out.elements // out.columns, out.columns, sources, out)

    @property
    def longest_row(self) -> int:
        """A row of a softmax."""
        return self.cols if self.function == "softmax" else 0

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Operands and weights."""
        return (*self.sources, self.weights) if self.weights else self.sources

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The result."""
        return (self.out,)

    @property
    def elements(self) -> int:
        """Elements of the result."""
        return self.rows * self.cols

    @property
    def operands(self) -> int:
        """Matrices of the result's shape that are read."""
        return sum(tensor.elements for tensor in self.sources) // self.elements

    @property
    def flops(self) -> int:
        """Operations by the convention of `FUNCTIONS`; those of sums with weights are per operand."""
        per_element = FUNCTIONS[self.function].flops_per_element
        if self.function in ("weighted_sum", "conv"):
            per_element *= self.operands
        return per_element * self.elements

    @property
    def macs(self) -> int:
        """None: row-wise work does not use the matrix unit."""
        return 0

    def computed_in(self, taken: Taken) -> Self:
        """Everything as functions of elements read it, the result as it is written."""
        sources = tuple(tensor.read_in(taken.read) for tensor in self.sources)
        weights = self.weights and self.weights.read_in(taken.read)
        return replace(self, sources=sources, weights=weights, out=self.out.read_in(taken.written))

    @property
    def turned_in(self) -> float:
        """Operations that turn what it reads into plain numbers."""
        return sum(tensor.turned for tensor in self.inputs)
