"""Codes of elements: the nearest code of a value, and the value of a code, bit for bit."""

import numpy as np
import numpy.typing as npt

from bankside.kernels.formats.element import Element, Levels, Minifloat, Whole

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]


def nearest(element: Element, values: Float64s, truncates: bool = False, choice: int = 0) -> Float64s:
    """The number of `element` next to each value, the even code in the middle of two.

    Parameters
    ----------
    truncates
        Next towards zero instead; of whole numbers.
    choice
        Which list of levels.
    """
    if isinstance(element, Minifloat):
        return _float(element, values)
    if isinstance(element, Whole):
        steps = np.ldexp(values, element.fraction)
        steps = np.trunc(steps) if truncates else np.rint(steps)
        low = -element.top if element.symmetric else 0
        return np.asarray(np.ldexp(np.clip(steps, low, element.top), -element.fraction), dtype=np.float64)
    _, levels = _sorted(element, choice)
    return levels[_place(levels, values)]


def encode(element: Element, numbers: Float64s, choice: int = 0) -> Int64s:
    """Codes of numbers of `element`, as unsigned bit patterns of `element.bits`."""
    if isinstance(element, Minifloat):
        return _float_code(element, numbers)
    if isinstance(element, Whole):
        steps = np.ldexp(numbers, element.fraction).astype(np.int64)
        if element.magnitude:
            sign = np.signbit(numbers).astype(np.int64) << (element.bits - 1)
            return np.asarray(np.abs(steps) | sign, dtype=np.int64)
        return steps & ((1 << element.bits) - 1)
    order, levels = _sorted(element, choice)
    return order[_place(levels, numbers)]


def decode(element: Element, codes: Int64s, choice: int = 0) -> Float64s:
    """Numbers of codes."""
    if isinstance(element, Minifloat):
        return _float_value(element, codes)
    if isinstance(element, Levels):
        return np.asarray(element.lists[choice], dtype=np.float64)[codes]
    sign = codes >> (element.bits - 1)
    if not element.symmetric:
        steps = codes.astype(np.float64)
    elif element.magnitude:
        steps = np.where(sign, -1.0, 1.0) * (codes & element.top)
    else:
        steps = (codes - (sign << element.bits)).astype(np.float64)
    return np.asarray(np.ldexp(steps, -element.fraction), dtype=np.float64)


def _float(element: Minifloat, values: Float64s) -> Float64s:
    finite = np.isfinite(values)
    plain = np.where(finite, values, 0.0)
    _, exponent = np.frexp(plain)
    exponent = np.maximum(exponent - 1, 1 - element.bias) - element.mantissa
    rounded = np.where(finite, np.ldexp(np.rint(np.ldexp(plain, -exponent)), exponent), values)
    large = np.abs(rounded) > element.maximum
    end = element.maximum if element.saturates else np.inf
    return np.where(large, np.copysign(end, rounded), rounded)


def _float_code(element: Minifloat, numbers: Float64s) -> Int64s:
    sign = np.signbit(numbers).astype(np.int64) << (element.bits - 1)
    finite = np.isfinite(numbers)
    size = np.where(finite, np.abs(numbers), 0.0)
    _, exponent = np.frexp(size)
    exponent = np.where(size > 0, np.maximum(exponent - 1, 1 - element.bias), 1 - element.bias)
    steps = np.ldexp(size, element.mantissa - exponent).astype(np.int64)
    # a normal number's leading bit adds one to the stored exponent of its binade's subnormal reading
    code = steps + ((exponent.astype(np.int64) + element.bias - 1) << element.mantissa)
    top = ((1 << element.exponent) - 1) << element.mantissa
    nan = top | ((1 << element.mantissa) - 1 if element.specials == "nan" else 1 << (element.mantissa - 1))
    return sign | np.where(finite, code, np.where(np.isnan(numbers), nan, top))


def _float_value(element: Minifloat, codes: Int64s) -> Float64s:
    mantissa = codes & ((1 << element.mantissa) - 1)
    stored = (codes >> element.mantissa) & ((1 << element.exponent) - 1)
    normal = stored > 0
    steps = mantissa + (normal.astype(np.int64) << element.mantissa)
    power = np.where(normal, stored, 1) - element.bias - element.mantissa
    size = np.ldexp(steps.astype(np.float64), power)
    last = stored == (1 << element.exponent) - 1
    if element.specials == "ieee":
        size = np.where(last, np.where(mantissa == 0, np.inf, np.nan), size)
    elif element.specials == "nan":
        size = np.where(last & (mantissa == (1 << element.mantissa) - 1), np.nan, size)
    return np.asarray(np.where(codes >> (element.bits - 1), -size, size), dtype=np.float64)


def _sorted(element: Levels, choice: int) -> tuple[Int64s, Float64s]:
    """Codes in the order of their values, one a value, and the values."""
    levels = np.asarray(element.lists[choice], dtype=np.float64)
    values, first = np.unique(levels, return_index=True)
    return first.astype(np.int64), values


def _place(levels: Float64s, values: Float64s) -> Int64s:
    """Where in sorted levels the nearest one stands, the even place in the middle of two."""
    middle = (levels[1:] + levels[:-1]) / 2
    low = np.searchsorted(middle, values, "left")
    between = values == np.append(middle, np.nan)[low]
    return np.asarray(low + (between & (low % 2 == 1)), dtype=np.int64)
