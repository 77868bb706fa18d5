"""From checked options to kernels: what contradicts. Those that know models are imported when one is built."""

from collections.abc import Callable

from bankside.kernels.catalog.embedding import embedding_kernel
from bankside.kernels.catalog.gemm import batched_gemm, gemm, gemv
from bankside.kernels.catalog.nonlinear import elementwise_kernel, rowwise_kernel
from bankside.kernels.catalog.options import Values
from bankside.kernels.catalog.vectors import BINS, LEAVES, transfer_kernel, traversal_kernel
from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Kernel


def build_gemv(values: Values) -> Kernel:
    """A shape, or a model's projection."""
    precision, batch = values.precision(), values.integer("batch")
    if (model := values.model) is not None:
        from bankside.kernels.catalog.gemv import model_gemv

        values.refuse("m", "k", because="together with a model, which has the shape")
        op = values.text("op")
        values.check()
        return model_gemv(model, op, batch, precision)
    values.refuse("op", because="without a model")
    return gemv(values.integer("m"), values.integer("k"), batch, precision.activations, precision.weights)


def build_gemm(values: Values) -> Kernel:
    """One product with stationary weights."""
    precision = values.precision()
    shape = (values.integer("m"), values.integer("n"), values.integer("k"))
    return gemm(*shape, precision.activations, precision.weights)


def build_batched_gemm(values: Values) -> Kernel:
    """Products of one shape."""
    batch, shared = values.integer("batch"), values.integer("shared_b")
    if batch % shared:
        values.errors.append(f"Option shared_b is {shared}, which does not divide the batch of {batch}.")
    shape = (values.integer("m"), values.integer("n"), values.integer("k"))
    stationary = values.text("stationary")
    values.check()
    return batched_gemm(batch, *shape, values.precision().activations, stationary, shared)


def build_decode_attention(values: Values) -> Kernel:
    """A model's heads, or given ones."""
    from bankside.kernels.catalog.sequences import decode_attention

    return decode_attention(values)


def build_prefill_attention(values: Values) -> Kernel:
    """A model's heads and mask, or given ones."""
    from bankside.kernels.catalog.sequences import prefill_attention

    return prefill_attention(values)


def build_rowwise(name: str) -> Callable[[Values], Kernel]:
    """The builder of kernel `name`, whose function is an option or the kernel's own name."""

    def of(values: Values) -> Kernel:
        function = values.text("function") if values.has("function") else name
        rows, cols = values.integer("rows"), values.integer("cols")
        return rowwise_kernel(name, function, rows, cols, values.precision().activations)

    return of


def build_elementwise(values: Values) -> Kernel:
    """Vectors of one length."""
    return elementwise_kernel(
        values.text("function"), values.integer("elements"), values.precision().activations
    )


def build_traversal(values: Values) -> Kernel:
    """A function of a vector; counters and shares where it has them."""
    function = values.text("function")
    if function != "histogram":
        values.refuse("bins", because=f"with {function}, which counts nothing")
    if function not in LEAVES:
        values.refuse("percent", because=f"with {function}, which leaves nothing out")
    bins = values.integer("bins") if values.has("bins") else BINS
    percent = values.integer("percent") if values.has("percent") else 50
    if percent > 100:
        values.errors.append(f"Option percent is {percent}; no more than 100 of a hundred are kept.")
    values.check()
    format = values.format("format", FORMATS["int32"])
    return traversal_kernel(function, values.integer("elements"), format, percent / 100, bins)


def build_transfer(values: Values) -> Kernel:
    """Bytes."""
    return transfer_kernel(values.text("way"), values.integer("bytes"), FORMATS["int8"])


def build_embedding(values: Values) -> Kernel:
    """Tables of one shape, whose rows are added as they are stored."""
    format = values.format("format", FORMATS["fp32"])
    values.check()
    shape = values.integer("tables"), values.integer("rows"), values.integer("dim")
    return embedding_kernel(shape, values.integer("batch"), values.integer("pooling"), format)


def build_layer(values: Values) -> Kernel:
    """The last layer unless told; decoding unless the model is an encoder."""
    from bankside.kernels.catalog.sequences import one_layer

    return one_layer(values)


def build_decode_step(values: Values) -> Kernel:
    """Decoders only."""
    from bankside.kernels.catalog.sequences import whole_step

    return whole_step(values)
