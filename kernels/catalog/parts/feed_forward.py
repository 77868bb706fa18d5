"""Dense feed-forward parts."""

from bankside.kernels.catalog.gemm import gated, projection
from bankside.kernels.catalog.parts.norms import made_by
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.models import Dense
from bankside.kernels.models.activations import GATED
from bankside.kernels.operators import Operator, Tensor


def dense_operators(part: Dense, x: Tensor, precision: Precision, name: str = "mlp") -> list[Operator]:
    """Up, activation, down; with a gate where there is one."""
    if part.gated:
        return gated(name, GATED[part.activation], x, part.width, precision)
    up = projection(f"{name}.up_proj", x, part.width, precision)
    act = made_by(f"{name}.act", part.activation, up.out)
    return [up, act, projection(f"{name}.down_proj", act.out, x.columns, precision)]
