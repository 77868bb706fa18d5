"""What each scheme computes: sums of products, put together from the digits that its cycles process.

`values` are int64[rows, k], of which the scheme takes the digits, and `vector` int64[k] their second operands; the
results are int64[rows], equal to `values @ vector`.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from bankside.arch.pe.bit_serial.encodings import digits
from bankside.arch.pe.bit_serial.scheme import Int64s, Setting
from bankside.arch.pe.bit_serial.schemes import FUSED

Product = Callable[[Setting, Int64s, Int64s], Int64s]


def whole(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Whole operands."""
    return values @ vector


def by_digits(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Column by column: the sum of what has a digit there, shifted."""
    plus, minus = digits(values, setting.bits, setting.encoding)
    added = np.zeros(len(values), dtype=np.int64)
    for column in range(setting.bits + 2):
        taken = ((plus >> column) & 1) @ vector - ((minus >> column) & 1) @ vector
        added += taken << column
    return added


def by_pairs(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Pairs of digits of both operands, counted by the power of two that they are together (Laconic's histogram)."""
    own = _columns(values, setting.bits, setting)
    second = _columns(vector, setting.other_bits, setting)
    counted = own @ second.T  # of each column of the values, row and column of the vector
    histogram = np.zeros((setting.bits + setting.other_bits + 3, len(values)), dtype=np.int64)
    for i, rows in enumerate(counted):
        for j, count in enumerate(rows.T):
            histogram[min(i + j, len(histogram) - 1)] += count
    return np.asarray((histogram << np.arange(len(histogram))[:, None]).sum(axis=0), dtype=np.int64)


def _columns(values: Int64s, bits: int, setting: Setting) -> Int64s:
    """The digit of every value in each column: -1, 0 or 1."""
    plus, minus = digits(values, bits, setting.encoding)
    return np.array([((plus >> column) & 1) - ((minus >> column) & 1) for column in range(bits + 2)])


def by_bricks(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Pairs of bits of both operands, the top ones with their sign (Bit Fusion)."""
    added = np.zeros(len(values), dtype=np.int64)
    for i, own in enumerate(_bricks(values, setting.bits)):
        for j, second in enumerate(_bricks(vector, setting.other_bits)):
            added += (own @ second) << (2 * (i + j))
    return added


def _bricks(values: Int64s, bits: int) -> list[Int64s]:
    width = next(width for width in FUSED if width >= bits)
    rest, found = values, []
    for _ in range(width // 2 - 1):
        found.append(rest & 3)
        rest = rest >> 2
    return [*found, rest]


def by_minority(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Halves of 8 weights: of each column the rarer symbol is added, where that is zero taken from the sum of all."""
    half = 8
    pad = -values.shape[1] % half
    groups = np.pad(values, ((0, 0), (0, pad))).reshape(len(values), -1, half)
    second = np.pad(vector, (0, pad)).reshape(-1, half)
    together = second.sum(axis=1)
    signed = bool((values < 0).any())
    added = np.zeros(len(values), dtype=np.int64)
    for column in range(setting.bits):
        ones = (groups >> column) & 1
        rare = ones.sum(axis=2) <= half // 2
        selected = np.where(rare[..., None], ones, 1 - ones)
        part = (selected * second).sum(axis=2)
        psum = np.where(rare, part, together - part).sum(axis=1)
        added += (-psum if signed and column == setting.bits - 1 else psum) << column
    return added


def by_terms(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Terms of a power of two, one of each weight a cycle: Booth digits of whole numbers (BitMoD)."""
    return by_digits(setting._replace(encoding="booth"), values, vector)


def by_planes(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Planes of magnitudes, with a plane of signs (Anda)."""
    return by_digits(setting._replace(encoding="sign-magnitude"), values, vector)


def by_places(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """N stored values of each group, the place of each picking its second operand."""
    groups = values.reshape(len(values), -1, setting.group)
    order = np.argsort(groups == 0, axis=2, kind="stable")[:, :, : setting.keep]
    stored = np.take_along_axis(groups, order, axis=2)
    second = np.broadcast_to(vector.reshape(-1, setting.group), groups.shape)
    return np.asarray((stored * np.take_along_axis(second, order, axis=2)).sum(axis=(1, 2)), dtype=np.int64)


def by_matches(setting: Setting, values: Int64s, vector: Int64s) -> Int64s:
    """Pairs of which neither is zero."""
    row, place = np.nonzero((values != 0) & (vector != 0))
    added = np.zeros(len(values), dtype=np.int64)
    np.add.at(added, row, values[row, place] * vector[place])
    return added


PRODUCTS: Final[dict[str, Product]] = {
    "bit-parallel": whole,
    "stripes": by_digits,
    "essential": by_digits,
    "pragmatic": by_digits,
    "laconic": by_pairs,
    "shapeshifter": by_digits,
    "loom": by_pairs,
    "bitfusion": by_bricks,
    "bitwave": by_digits,
    "bitvert": by_minority,
    "bitmod": by_terms,
    "anda": by_planes,
    "nm-serial": by_places,
    "sparten": by_matches,
    "eie": by_matches,
}
"""By scheme."""
