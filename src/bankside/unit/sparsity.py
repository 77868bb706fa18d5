"""Unit `sparsity`: what the places of a sparse matrix's elements take, encoded in one way or the cheapest."""

from typing import Any, Final, get_args

import numpy as np

from bankside.arch.spec import ConfigError
from bankside.cases.reader import Case, Reader, refuse
from bankside.cases.tensors import tensor
from bankside.kernels.sparsity.choose import Offer, Order, offers
from bankside.kernels.sparsity.crossover import entropy_bits
from bankside.kernels.sparsity.encoding import Encoding, Statistics
from bankside.kernels.sparsity.known import GROUPED, NAMES, encoding
from bankside.kernels.sparsity.pattern import Bools, Pattern, keep

COLUMNS: Final = {
    "encoding": f"{', '.join(NAMES)}; without one the cheapest is recommended",
    "rows": "rows of the matrix",
    "cols": "columns of the matrix",
    "density": "share of elements that are not zero (default N / M)",
    "bits": "bits of a value (default 8)",
    "n": "values kept of every m consecutive elements of a row (default 2)",
    "m": "elements of a group (default 4)",
    "run_bits": "rle: bits of a run of zeros (default 4)",
    "block": "two-level, pattern block: elements, or block rows and columns as 4x4 (default 16)",
    "pattern": f"with a seed: {', '.join(get_args(Pattern))} (default nm where N:M is encoded, else unstructured)",
    "seed": "seed of a matrix that is drawn and counted (default: the mean over all such matrices)",
    "tensor": "the matrix, whose zeros are left out: W.npy, or W.safetensors:NAME; in place of rows, cols and density",
    "order": "how a dataflow reads it: rows or columns (default rows)",
    "strip": "rows or columns that it reads at a time (default 1)",
}
MOST_ELEMENTS: Final = 1 << 26
"""Elements of a matrix that is drawn and counted."""


def run_case(case: Case) -> dict[str, Any]:
    """Result columns of one case.

    Returns
    -------
    dict
        encoding, metadata_bits_per_nonzero, total_bits (values and metadata), of_dense (the share of all elements'
        bits), bound_bits_per_nonzero (entropy of the places, where they are independent), decoder_cycles and
        elements_per_cycle of a decoder that takes one stored item a cycle; of the recommendation also laid (along
        rows or columns, whole or in strips), read_bits of one pass of the dataflow, and next, the runner-up.

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    errors: list[str] = []
    read = Reader(case, errors)
    nm = read.whole("n", 1, 1 << 12, 2), read.whole("m", 1, 1 << 12, 4)
    if nm[0] > nm[1]:
        read.complain(f"n must be at most m: {nm[0]}:{nm[1]} keeps more than there is.", "n")
    name = read.choice("encoding", NAMES) if read.text("encoding") else ""
    bits = read.whole("bits", 1, 64, 8)
    how = nm, read.whole("run_bits", 1, 32, 4), _block(read)
    matrix = _matrix(read, nm, name, how[2])
    order: Order = "columns" if read.choice("order", ("rows", "columns"), "rows") == "columns" else "rows"
    strip = read.whole("strip", 1, 1 << 40, 1)
    refuse(errors)
    assert matrix is not None
    if name:
        found = encoding(name, nm, how[1], _elements(how[2]))
        return _one(found, matrix, bits)
    grouped = bool(read.text("n") or read.text("m")) or read.text("pattern") == "nm"
    return _cheapest(_fitting(matrix, how, grouped), matrix, bits, order, strip)


def _block(read: Reader) -> tuple[int, int]:
    """Rows and columns of a block; a single number is elements of one row."""
    parts = read.text("block", "16").lower().split("x")
    if len(parts) > 2 or not all(part.strip().isdigit() and 0 < int(part) <= 1 << 20 for part in parts):
        read.complain("block must be a number from 1 to 1048576, or two like 4x4.", "block")
        return 1, 16
    return (1, int(parts[0])) if len(parts) == 1 else (int(parts[0]), int(parts[1]))


def _elements(block: tuple[int, int]) -> int:
    return block[0] * block[1]


def _matrix(
    read: Reader, nm: tuple[int, int], name: str, block: tuple[int, int]
) -> Bools | Statistics | None:
    """The mask of a tensor or of a drawn matrix, or the statistics of all such matrices."""
    if read.text("tensor"):
        array = tensor(read, "tensor")
        return (
            None
            if array is None
            else (array.reshape(-1, array.shape[-1]) if array.ndim else array[None, None]) != 0
        )
    rows, columns = read.whole("rows", 1, 1 << 31), read.whole("cols", 1, 1 << 31)
    density = read.real("density", 0.0, 1.0, min(1.0, nm[0] / nm[1]))
    if name in GROUPED:
        if read.text("density") and abs(density - nm[0] / nm[1]) > 1e-9:
            read.complain(f"density of {nm[0]}:{nm[1]} is {nm[0] / nm[1]:g}, not {density:g}.", "density")
        if read.text("cols") and columns % nm[1]:
            read.complain(f"cols: groups of {nm[1]} do not divide a row of {columns} elements.", "cols")
    if density == 0.0:
        read.complain("density must be above 0.", "density")
    if not read.text("seed"):
        return Statistics(rows, columns, density)
    seed = read.whole("seed", 0, 1 << 62)
    kind: Any = read.choice("pattern", get_args(Pattern), "nm" if name in GROUPED else "unstructured")
    if rows * columns > MOST_ELEMENTS:
        read.complain(f"A drawn matrix has {MOST_ELEMENTS} elements at most, not {rows * columns}.", "rows")
    if read.errors:
        return None
    generator = np.random.default_rng(seed)
    if kind == "unstructured":
        return generator.random((rows, columns)) < density
    return keep(generator.standard_normal((rows, columns)), kind, density, nm, block)


def _fitting(
    matrix: Bools | Statistics, how: tuple[tuple[int, int], int, tuple[int, int]], grouped: bool
) -> list[Encoding]:
    """All encodings that can hold the matrix; of a random one those of N:M where it is said to be such."""
    nm, run_bits, block = how
    found = []
    for name in NAMES:
        try:
            one = encoding(name, nm, run_bits, _elements(block))
            if name in GROUPED:
                if not isinstance(matrix, Statistics):
                    one.metadata_bits(matrix, 1)
                elif not grouped or abs(matrix.density - nm[0] / nm[1]) > 1e-9 or matrix.columns % nm[1]:
                    continue
        except ConfigError:
            continue
        found.append(one)
    return found


def _counts(matrix: Bools | Statistics) -> tuple[float, int]:
    """Values that are not zero, and elements."""
    if isinstance(matrix, Statistics):
        return matrix.nonzeros, matrix.rows * matrix.columns
    return int(matrix.sum()), matrix.size


def _one(found: Encoding, matrix: Bools | Statistics, bits: int) -> dict[str, Any]:
    if isinstance(matrix, Statistics):
        extra, steps = found.expected_bits(matrix, bits), found.expected_steps(matrix)
    else:
        extra, steps = found.metadata_bits(matrix, bits), found.steps(matrix)
    return _columns(found.name, _counts(matrix), (extra, bits), steps)


def _columns(name: str, counts: tuple[float, int], size: tuple[float, int], steps: float) -> dict[str, Any]:
    """Result columns; size: bits of the metadata and of a value."""
    (nonzeros, elements), (extra, bits) = counts, size
    total = nonzeros * bits + extra
    return {
        "encoding": name,
        "metadata_bits_per_nonzero": extra / nonzeros if nonzeros else "",
        "total_bits": total,
        "of_dense": total / (elements * bits),
        "bound_bits_per_nonzero": entropy_bits(nonzeros / elements) if nonzeros else "",
        "decoder_cycles": steps,
        "elements_per_cycle": elements / steps if steps else "",
    }


def _cheapest(
    fitting: list[Encoding], matrix: Bools | Statistics, bits: int, order: Order, strip: int
) -> dict[str, Any]:
    ranked = offers(fitting, matrix, bits, order, strip)
    best = ranked[0]
    second = next((offer for offer in ranked if offer.encoding != best.encoding), best)
    counts = _counts(matrix)
    columns = _columns(best.encoding, counts, (best.stored_bits - counts[0] * bits, bits), best.cycles)
    return columns | {
        "laid": _laid(best),
        "read_bits": best.read_bits,
        "next": f"{second.encoding} {_laid(second)}",
    }


def _laid(offer: Offer) -> str:
    return f"along {offer.along}, {'whole' if offer.parts == 'whole' else 'in strips'}"
