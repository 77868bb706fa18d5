"""Matrix products: GEMV, GEMM, batched GEMM, and the projections of a model."""

from math import prod
from typing import Final

from bankside.kernels.catalog.precision import Precision
from bankside.kernels.formats import Format
from bankside.kernels.operators import Kernel, MatMul, Operator, Phase, Role, RowWise, Tensor

STATIONARY: Final[dict[str, Role]] = {"weights": "weights", "kv": "kv", "activations": "activation"}


def projection(
    label: str, a: Tensor, outputs: int, precision: Precision, out: Tensor | None = None, part: str = ""
) -> MatMul:
    """Rows of `a` times weights of shape (inputs, outputs); of a batch of matrices, each has weights of its own.

    Parameters
    ----------
    a
        Shape (tokens, inputs), or (batch, tokens, inputs).
    out
        The results, where they have a name elsewhere.
    part
        What tells this product's tensors from those of another one of this label.
    """
    *batch, tokens, inputs = a.shape
    copies, name = prod(batch), f"{label}{part}"
    weights = Tensor(f"{name}.weight", (*batch, inputs, outputs), precision.weights_of(label), "weights")
    results = out or Tensor(f"{name}.out", (*batch, tokens, outputs), precision.activations)
    return MatMul(label, copies, tokens, outputs, inputs, a, weights, results)


def gated(name: str, function: str, x: Tensor, width: int, precision: Precision) -> list[Operator]:
    """A feed-forward block of rows `x`: gate and up-projection, the gated activation, and the way back down."""
    gate = projection(f"{name}.gate_proj", x, width, precision)
    up = projection(f"{name}.up_proj", x, width, precision)
    out = Tensor(f"{name}.act.out", gate.out.shape, gate.out.format)
    act = RowWise.over(f"{name}.act", function, (gate.out, up.out), out)
    return [gate, up, act, projection(f"{name}.down_proj", out, x.columns, precision)]


def gemv(m: int, k: int, batch: int, format: Format, weights_format: Format | None = None) -> Kernel:
    """y[m] = W[m, k] x[k] for `batch` vectors that share W."""
    op = MatMul.of("gemv", (1, batch, m, k), "weights", (format, weights_format or format, format))
    parameters: dict[str, int | str] = {"m": m, "k": k, "batch": batch, "format": format.name}
    parameters["weights_format"] = op.b.format.name
    return Kernel("gemv", parameters, format, (Phase(1, (op,)),))


def gemm(m: int, n: int, k: int, format: Format, weights_format: Format | None = None) -> Kernel:
    """out[m, n] = a[m, k] @ b[k, n] with b the stationary weights."""
    op = MatMul.of("gemm", (1, m, n, k), "weights", (format, weights_format or format, format))
    parameters: dict[str, int | str] = {"m": m, "n": n, "k": k, "format": format.name}
    parameters["weights_format"] = op.b.format.name
    return Kernel("gemm", parameters, format, (Phase(1, (op,)),))


def batched_gemm(
    batch: int,
    m: int,
    n: int,
    k: int,
    format: Format,
    stationary: str = "weights",
    shared_b: int = 1,
) -> Kernel:
    """`batch` independent products; every `shared_b` consecutive ones read one b, which is what `stationary` says."""
    op = MatMul.of(
        "batched-gemm", (batch, m, n, k), STATIONARY[stationary], (format, format, format), shared_b
    )
    parameters: dict[str, int | str] = {"batch": batch, "m": m, "n": n, "k": k, "stationary": stationary}
    parameters |= {"shared_b": shared_b, "format": format.name}
    return Kernel("batched-gemm", parameters, format, (Phase(1, (op,)),))
