"""What a layer appends to its caches, in the format that they keep."""

from dataclasses import replace

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.formats import Format
from bankside.kernels.operators import MatMul, Tensor


def cached(label: str, a: Tensor, outputs: int, step: Step, precision: Precision, cache: str) -> MatMul:
    """A projection whose result is appended to the KV cache `cache`."""
    appended = Tensor(f"{label}.out", (a.shape[0], outputs), appended_in(step, precision), "kv", cache)
    return projection(label, a, outputs, precision, appended)


def appended_in(step: Step, precision: Precision) -> Format:
    """The format in which new keys and values are written: the cache's, or where the newest wait to be quantised that
    of activations."""
    return precision.activations if step.reading.residual else precision.kv


def unrounded(new: Tensor, name: str, shape: tuple[int, ...], precision: Precision) -> Tensor:
    """Some of what a projection made, before it is rounded to the format of the cache."""
    return replace(new.part(name, shape), format=precision.activations)
