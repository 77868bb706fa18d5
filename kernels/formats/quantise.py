"""Tensors in a format: codes and scales as they are stored, and the values that these stand for."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError
from bankside.kernels.formats.codes import Float64s, Int64s, decode, encode, nearest
from bankside.kernels.formats.element import Element, Levels, Minifloat, Whole
from bankside.kernels.formats.format import Format
from bankside.kernels.formats.known import FLOATS
from bankside.kernels.sparsity.pattern import keep_largest, keep_nm

EXPONENTS: Final = {8: (-127, 127), 5: (-14, 15)}
"""Exponents that a shared one of so many bits holds: E8M0 (OCP Microscaling Formats 1.0, section 5.4.1), and that of
an fp16 number (Anda)."""


@dataclass(frozen=True)
class Quantised:
    """A tensor as a format stores it.

    Attributes
    ----------
    format, shape
        What it is in, and its axes.
    codes : int64[rows, blocks, elements of a block]
        Bit patterns; those that fill the last block of a row up are of zeros.
    scales : float64[rows, blocks, 1]
        What the numbers of the codes are multiplied by.
    zeros : int64[rows, blocks, 1]
        The code that stands for zero, taken from the numbers first.
    choices : int64[rows, blocks, 1]
        Which list of levels a block has.
    """

    format: Format
    shape: tuple[int, ...]
    codes: Int64s
    scales: Float64s
    zeros: Int64s
    choices: Int64s


def quantise(format: Format, values: npt.ArrayLike) -> Quantised:
    """`values` in `format`; blocks are consecutive elements of the last axis.

    Raises
    ------
    ConfigError
        The format's values are not known, or it needs finite values, or scales that it can hold, and these are not.
    """
    array = np.asarray(values, dtype=np.float64)
    element = format.element
    if element is None:
        raise ConfigError(f"Of the format {format.name} only the size is known, not its values.")
    if format.scale != "none" and not np.isfinite(array).all():
        raise ConfigError(f"A tensor with infinities or NaN has no scale, which {format.name} needs.")
    if format.sparse:
        array = _pruned(array, format)
    blocks = _blocks(format, array)
    if isinstance(element, Levels) and len(element.lists) > 1:
        return _best(format, element, array.shape, blocks)
    scales, zeros = _scales(format, element, blocks)
    numbers = nearest(element, _over(blocks, scales) + zeros, format.truncates)
    return Quantised(
        format, array.shape, encode(element, numbers), scales, zeros, np.zeros(scales.shape, dtype=np.int64)
    )


def _pruned(array: Float64s, format: Format) -> Float64s:
    """With zeros for all but the N largest magnitudes of every M elements of a row, or of a share of all."""
    rows = array.reshape(-1, array.shape[-1] if array.ndim else 1)
    share = float(format.density)
    kept = keep_largest(rows, share) if format.encoding else keep_nm(rows, *format.keep)
    return np.where(kept, rows, 0.0).reshape(array.shape)


def dequantise(stored: Quantised) -> Float64s:
    """The values that codes and scales stand for."""
    element = stored.format.element
    assert element is not None
    numbers = decode(element, stored.codes)
    if isinstance(element, Levels):
        for choice in range(1, len(element.lists)):
            own = np.broadcast_to(stored.choices == choice, numbers.shape)
            numbers[own] = decode(element, stored.codes[own], choice)
    rows = ((numbers - stored.zeros) * stored.scales).reshape(stored.codes.shape[0], -1)
    length = stored.shape[-1] if stored.shape else 1
    if stored.format.block == 1:
        return rows.reshape(stored.shape)
    return np.ascontiguousarray(rows[:, :length]).reshape(stored.shape)


def sqnr_db(values: npt.ArrayLike, restored: npt.ArrayLike) -> float:
    """Power of the values over power of the errors [dB]; infinite where nothing is lost."""
    exact, found = (np.asarray(each, dtype=np.float64) for each in (values, restored))
    # in units of the largest, whose square may be no number
    top = float(np.abs(exact).max(initial=0.0)) or 1.0
    error = float(np.square(exact / top - found / top).sum())
    power = float(np.square(exact / top).sum())
    if error == 0.0:
        return float("inf")
    return float(10 * np.log10(power / error)) if power else float("-inf")


def _blocks(format: Format, array: Float64s) -> Float64s:
    """float64[rows, blocks, elements of a block], rows filled up with zeros; one block where the tensor has one."""
    if format.block == 1:
        return array.reshape(1, 1, -1)
    length = array.shape[-1] if array.ndim else 1
    rows = array.reshape(-1, length)
    block = format.block or max(1, length)
    fill = -length % block
    return np.pad(rows, ((0, 0), (0, fill))).reshape(len(rows), -1, block)


def _over(blocks: Float64s, scales: Float64s) -> Float64s:
    """Values in units of their scales; zero where a scale has become zero."""
    return np.divide(blocks, scales, out=np.zeros_like(blocks), where=scales != 0)


def _scales(format: Format, element: Element, blocks: Float64s) -> tuple[Float64s, Int64s]:
    """Scales as they are stored, and zero points."""
    if isinstance(element, Whole) and not element.symmetric:
        return _with_zero(format, element, blocks)
    largest = np.abs(blocks).max(axis=2, keepdims=True, initial=0.0)
    zeros = np.zeros(largest.shape, dtype=np.int64)
    if format.scale == "none":
        return np.ones_like(largest), zeros
    if format.scale == "exponent":
        assert isinstance(element, Minifloat | Whole)
        return _powers(format, element, largest), zeros
    if format.scale == "e4m3":
        whole = largest.max(initial=0.0) / (FLOATS["fp8_e4m3"].maximum * element.maximum)
        tensor = float(np.float32(whole))
        wanted = largest / element.maximum
        part = nearest(FLOATS["fp8_e4m3"], _over(wanted, np.full_like(wanted, tensor)))
        return part * tensor, zeros
    return _kept(format, largest / element.maximum), zeros


def _powers(format: Format, element: Minifloat | Whole, largest: Float64s) -> Float64s:
    """2^(floor(log2(largest)) - exponent of the element's largest numbers), within what is stored."""
    low, high = EXPONENTS[format.scale_bits]
    _, exponent = np.frexp(largest)
    shared = np.where(largest > 0, exponent - 1, low)
    if isinstance(element, Whole) and element.magnitude:
        return np.asarray(np.ldexp(1.0, np.clip(shared, low, high) - element.highest), dtype=np.float64)
    return np.asarray(np.ldexp(1.0, np.clip(shared - element.highest, low, high)), dtype=np.float64)


def _with_zero(format: Format, element: Whole, blocks: Float64s) -> tuple[Float64s, Int64s]:
    """From the least to the largest value, zero included, which is a code."""
    low = blocks.min(axis=2, keepdims=True, initial=0.0)
    high = blocks.max(axis=2, keepdims=True, initial=0.0)
    scales = _kept(format, (high - low) / element.top)
    zeros = np.clip(np.rint(_over(-low, scales)), 0, element.top)
    return scales, zeros.astype(np.int64)


def _kept(format: Format, scales: Float64s) -> Float64s:
    """Scales as numbers of 16 or 32 bits."""
    if format.scale == "int8":
        row = _number(format, "fp16", scales.max(axis=1, keepdims=True, initial=0.0) / 255)
        return np.clip(np.rint(_over(scales, np.broadcast_to(row, scales.shape))), 0, 255) * row
    return _number(format, format.scale, scales)


def _number(format: Format, kind: str, scales: Float64s) -> Float64s:
    kept = nearest(FLOATS[kind], scales)
    if np.isinf(kept).any():
        raise ConfigError(
            f"Values are too large for {format.name}: a scale of {scales.max():.3g} is beyond {kind}."
        )
    return kept


def _best(format: Format, element: Levels, shape: tuple[int, ...], blocks: Float64s) -> Quantised:
    """Each block with the list of levels that has the least squared error, the first of equal ones."""
    largest = np.abs(blocks).max(axis=2, keepdims=True, initial=0.0)
    tops = [max(map(abs, levels)) for levels in element.lists]
    # the number that all scales of a row are multiples of must not depend on what is chosen
    row = _number(format, "fp16", largest.max(axis=1, keepdims=True, initial=0.0) / min(tops) / 255)
    least = np.full(largest.shape, np.inf)
    codes = np.zeros(blocks.shape, dtype=np.int64)
    scales, choices = np.zeros_like(largest), np.zeros(largest.shape, dtype=np.int64)
    for choice, top in enumerate(tops):
        own = np.clip(np.rint(_over(largest / top, np.broadcast_to(row, largest.shape))), 0, 255) * row
        numbers = nearest(element, _over(blocks, own), choice=choice)
        error = np.square(numbers * own - blocks).sum(axis=2, keepdims=True)
        better = error < least
        least = np.where(better, error, least)
        codes = np.where(better, encode(element, numbers, choice), codes)
        scales, choices = np.where(better, own, scales), np.where(better, choice, choices)
    return Quantised(format, shape, codes, scales, np.zeros(largest.shape, dtype=np.int64), choices)
