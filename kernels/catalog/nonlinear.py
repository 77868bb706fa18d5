"""Row-wise kernels alone: softmax, norms, activations."""

from typing import Final

from bankside.kernels.formats import Format
from bankside.kernels.operators import FUNCTIONS, Kernel, Phase, RowWise

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
