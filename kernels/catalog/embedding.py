"""Embeddings of sparse features: bags of rows of many tables, each added up (SparseLengthsSum of DLRM)."""

from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.operators import Kernel, Lookup, Phase, Tensor


def embedding_kernel(shape: tuple[int, int, int], batch: int, pooling: int, format: Format) -> Kernel:
    """A bag of `pooling` rows of each table for every sample; `shape`: tables, rows, columns."""
    tables, rows, columns = shape
    op = Lookup(
        "embedding",
        Tensor("tables", shape, format, "weights"),
        Tensor("rows", (tables, batch, pooling), FORMATS["int32"]),
        Tensor("pooled", (tables, batch, columns), format),
    )
    parameters: dict[str, int | str] = {
        "tables": tables, "rows": rows, "dim": columns, "batch": batch, "pooling": pooling,
    }  # fmt: skip
    return Kernel("embedding", parameters, format, (Phase(1, (op,)),))
