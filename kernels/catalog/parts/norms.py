"""Row-wise pieces that every part of a layer uses: the residual stream, norms, gates."""

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.models import Model
from bankside.kernels.operators import Operator, RowWise, Tensor


def stream(name: str, model: Model, tokens: int, precision: Precision) -> Tensor:
    """Rows of the residual stream."""
    return Tensor(name, (tokens, model.hidden), precision.activations)


def norm_operator(label: str, model: Model, x: Tensor) -> RowWise:
    """A norm over the residual stream."""
    return norm(label, x, x.shape, model.norm_elements, model.norm)


def norm(
    label: str,
    x: Tensor,
    shape: tuple[int, ...],
    elements: int | None = None,
    function: str = "rmsnorm",
    out: Tensor | None = None,
) -> RowWise:
    """A norm of `shape` = (rows, elements of a row), with `elements` weights: unless told, a gain for each of a row."""
    rows, cols = shape
    count = cols if elements is None else elements
    weights = Tensor(f"{label}.weight", (count,), x.format, "weights") if count else None
    return RowWise(
        label, function, rows, cols, (x,), out or Tensor(f"{label}.out", x.shape, x.format), weights
    )


def made_by(label: str, function: str, *sources: Tensor) -> RowWise:
    """A function of rows that are alike."""
    first = sources[0]
    return RowWise.over(label, function, sources, Tensor(f"{label}.out", first.shape, first.format))


def gate(name: str, x: Tensor, made: Tensor, heads: int, precision: Precision) -> list[Operator]:
    """`made` times the sigmoid of a projection of `x`: element by element, or a number for each of `heads`."""
    width = heads or made.columns
    asked = projection(f"{name}.gate_proj", x, width, precision)
    share = made_by(f"{name}.gate_share", "sigmoid", asked.out)
    if not heads:
        return [asked, share, made_by(f"{name}.gate", "mul", made, share.out)]
    width = made.columns // heads
    rows = made.part(f"{name}.gated_heads", (made.elements // width, width))
    out = Tensor(f"{name}.gate.out", rows.shape, made.format)
    scaled = RowWise.over(f"{name}.gate", "weighted_sum", (rows,), out)
    return [asked, share, scaled]
