"""Kernels on one vector that rests in memory: what is found of its elements, and its way there and back."""

from math import ceil

from bankside.kernels.formats import Format
from bankside.kernels.operators import Kernel, Phase, Tensor, Traversal

BINS = 256
"""Of a histogram that says nothing else."""

LEAVES = ("select", "unique")
"""Functions that leave elements out."""


def traversal_kernel(function: str, elements: int, format: Format, share: float, bins: int) -> Kernel:
    """A function of all elements; of a selection or of unique ones a `share` of them is left."""
    source = Tensor("vector", (elements,), format, "kv")
    made = {
        "sum": Tensor("sum", (1,), format),
        "prefix_sum": Tensor("sums", (elements,), format, "kv"),
        "select": Tensor("chosen", (max(1, ceil(share * elements)),), format, "kv"),
        "unique": Tensor("runs", (max(1, ceil(share * elements)),), format, "kv"),
        "histogram": Tensor("bins", (bins,), format),
    }[function]
    parameters: dict[str, int | str] = {"function": function, "elements": elements, "format": format.name}
    if function == "histogram":
        parameters["bins"] = bins
    if function in LEAVES:
        parameters["percent"] = round(100 * share)
    op = Traversal("traversal", function, source, made)
    return Kernel("traversal", parameters, format, (Phase(1, (op,)),))


def transfer_kernel(way: str, byte: int, format: Format) -> Kernel:
    """A vector that goes from the host to memory, or comes back."""
    inward = way != "gather"
    source = Tensor("vector", (byte,), format, "activation" if inward else "kv")
    made = Tensor("arrived", (byte,), format, "kv" if inward else "activation")
    parameters: dict[str, int | str] = {"way": way, "bytes": byte}
    return Kernel("transfer", parameters, format, (Phase(1, (Traversal("transfer", way, source, made),)),))
