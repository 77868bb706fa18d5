"""Matrix products: GEMM, batched GEMM, and the projections of a model."""

from bankside.kernels.catalog.precision import Precision
from bankside.kernels.formats import Format
from bankside.kernels.operators import Kernel, MatMul, OperandClass, Phase


def projection(
    label: str,
    tokens: int,
    outputs: int,
    inputs: int,
    precision: Precision,
    copies: int = 1,
    same_input: bool = False,
    cached: bool = False,
) -> MatMul:
    """`copies` products of `tokens` rows with weights of shape (inputs, outputs) of their own."""
    act, weights = precision.activations, precision.weights
    return MatMul(
        label,
        copies,
        tokens,
        outputs,
        inputs,
        "weights",
        act,
        weights,
        act,
        same_input=same_input,
        cached=cached,
    )


def gemm(m: int, n: int, k: int, format: Format, weight_format: Format | None = None) -> Kernel:
    """out[m, n] = a[m, k] @ b[k, n] with b the stationary weights."""
    op = MatMul("gemm", 1, m, n, k, "weights", format, weight_format or format, format)
    parameters: dict[str, int | str] = {"m": m, "n": n, "k": k, "format": format.name}
    parameters["weight_format"] = op.b_format.name
    return Kernel("gemm", parameters, format, (Phase(1, (op,)),))


def batched_gemm(
    batch: int,
    m: int,
    n: int,
    k: int,
    format: Format,
    stationary: OperandClass = "weights",
    shared_b: int = 1,
) -> Kernel:
    """`batch` independent products; every `shared_b` consecutive ones read one b."""
    op = MatMul("batched-gemm", batch, m, n, k, stationary, format, format, format, shared_b)
    parameters: dict[str, int | str] = {"batch": batch, "m": m, "n": n, "k": k, "stationary": stationary}
    parameters |= {"shared_b": shared_b, "format": format.name}
    return Kernel("batched-gemm", parameters, format, (Phase(1, (op,)),))
