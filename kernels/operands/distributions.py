"""Tensors of whole numbers drawn by stated statistics.

uniform
    All values alike: two's complement ones, or of sign-magnitude those without a sign.
gaussian, laplace
    Variance 1, rounded so that the largest number, 2^(bits-1) - 1, stands for `clip` deviations; beyond it is cut off.
llm
    Gaussian with every 128th column, from a random first one, 20 times as large: the outlier channels of LLM
    activations (a few in thousands, some 20 times larger: Dettmers et al., LLM.int8(), 2022, recalled); one scale for
    the tensor, by its largest magnitude.
relu
    Gaussian less its 90 % quantile, below which all is zero, without a sign and to 2^bits - 1.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.bit_serial import expected
from bankside.arch.pe.bit_serial.encodings import highest, lowest

DISTRIBUTIONS: Final = ("uniform", "gaussian", "laplace", "llm", "relu")

CLIP: Final = 4.0
"""Standard deviations of the largest number unless it is said."""

OUTLIER_EVERY: Final = 128
OUTLIER: Final = 20.0
QUANTILE_90: Final = 1.2815515655446004


def draw(
    name: str, shape: tuple[int, int], bits: int, seed: int, signed: bool = True, clip: float = CLIP
) -> npt.NDArray[Any]:
    """Whole numbers of the distribution: int16[shape], int32 where 16 bits have no sign."""
    generator = np.random.default_rng(seed)
    kind: Any = np.int32 if bits == 16 else np.int16
    if name == "uniform":
        low, end = (lowest(bits), -lowest(bits)) if signed else (0, highest(bits) + 1)
        return np.asarray(generator.integers(low, end, shape, dtype=kind))
    most = -lowest(bits) - 1
    wide = name == "laplace"
    drawn = generator.laplace(0.0, np.sqrt(0.5), shape) if wide else generator.standard_normal(shape)
    if name == "llm":
        drawn[:, int(generator.integers(min(OUTLIER_EVERY, shape[1]))) :: OUTLIER_EVERY] *= OUTLIER
        return np.asarray(np.rint(drawn * (most / np.abs(drawn).max())), dtype=kind)
    if name == "relu":
        most = highest(bits)
        drawn, clip = np.maximum(drawn - QUANTILE_90, 0.0), max(clip - QUANTILE_90, 1e-9)
    return np.asarray(np.clip(np.rint(drawn * (most / clip)), -most, most), dtype=kind)


def shares(name: str, bits: int, signed: bool = True, clip: float = CLIP) -> npt.NDArray[np.float64] | None:
    """Probability of every value from the least on, where elements are independent of each other; None elsewhere."""
    if name == "uniform":
        return expected.uniform(bits, signed)
    if name == "gaussian":
        return expected.gaussian(bits, clip)
    return expected.laplace(bits, clip) if name == "laplace" else None
