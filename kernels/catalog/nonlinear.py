"""Row-wise kernels alone: softmax, norms, activations, and functions of vectors that rest in memory."""

from typing import Final

from bankside.kernels.formats import Format
from bankside.kernels.operators import FUNCTIONS, Kernel, Phase, RowWise, Tensor

OPERANDS: Final = {"add": 2, "mul": 2, "swiglu": 2, "geglu": 2, "reglu": 2}
NORM_WEIGHTS: Final = {"rmsnorm": 1, "layernorm": 2}  # vectors of a row's length: gain; gain and bias

ACTIVATIONS: Final = tuple(
    name
    for name, function in FUNCTIONS.items()
    if not function.reduces and name not in ("weighted_sum", "rope")
)


def rowwise(label: str, function: str, rows: int, cols: int, format: Format) -> RowWise:
    """The operator with the operands and weights that `function` takes."""
    weights = NORM_WEIGHTS.get(function, 0) * cols
    return RowWise.of(label, function, (rows, cols), OPERANDS.get(function, 1), format, weights)


def rowwise_kernel(name: str, function: str, rows: int, cols: int, format: Format) -> Kernel:
    """A kernel of that one operator."""
    op = rowwise(name, function, rows, cols, format)
    parameters: dict[str, int | str] = {"function": function} if name != function else {}
    parameters |= {"rows": rows, "cols": cols, "format": format.name}
    return Kernel(name, parameters, format, (Phase(1, (op,)),))


def elementwise_kernel(function: str, elements: int, format: Format) -> Kernel:
    """A function of every element of vectors that rest in memory, whose result rests beside them."""
    names = [f"operand{i}" for i in range(OPERANDS.get(function, 1))]
    sources = tuple(Tensor(name, (1, elements), format, "kv") for name in names)
    op = RowWise.over("elementwise", function, sources, Tensor("result", (1, elements), format, "kv"))
    parameters: dict[str, int | str] = {"function": function, "elements": elements, "format": format.name}
    return Kernel("elementwise", parameters, format, (Phase(1, (op,)),))
