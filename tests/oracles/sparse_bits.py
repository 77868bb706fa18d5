"""Encodings of sparse matrices as strings of bits, written and read one field after another.

Every writer gives two strings: of values that are not zero, and of everything else. Each matrix holds whole numbers
below 2^bits.
"""

from itertools import combinations
from math import ceil, log2

Matrix = list[list[int]]


def field(value: int, bits: int) -> str:
    """`value` in so many bits."""
    return format(value, f"0{bits}b") if bits else ""


def index_bits(count: int) -> int:
    """Bits of an index below `count`."""
    return ceil(log2(count)) if count > 1 else 0


def bitmap(matrix: Matrix, bits: int) -> int:
    """Bits beside the values."""
    return len("".join("1" if value else "0" for row in matrix for value in row))


def dense(matrix: Matrix, bits: int) -> int:
    """Bits of the zeros."""
    return len("".join(field(0, bits) for row in matrix for value in row if not value))


def csr(matrix: Matrix, bits: int) -> int:
    """Column indices, and a pointer before each row and after the last."""
    total = sum(1 for row in matrix for value in row if value)
    text, seen = field(0, index_bits(total + 1)), 0
    for row in matrix:
        for column, value in enumerate(row):
            if value:
                text += field(column, index_bits(len(row)))
                seen += 1
        text += field(seen, index_bits(total + 1))
    return len(text)


def csc(matrix: Matrix, bits: int) -> int:
    """The same of the transpose."""
    return csr([list(column) for column in zip(*matrix, strict=True)], bits)


def coo(matrix: Matrix, bits: int) -> int:
    """Row and column of each value."""
    text = ""
    for r, row in enumerate(matrix):
        for c, value in enumerate(row):
            if value:
                text += field(r, index_bits(len(matrix))) + field(c, index_bits(len(row)))
    return len(text)


def rle(matrix: Matrix, bits: int, run_bits: int) -> int:
    """Zeros before each value; after 2^r - 1 of them comes an explicit zero."""
    text, zeros = "", 0
    string = [value for row in matrix for value in row]
    while string and not string[-1]:
        string.pop()
    for value in string:
        if value:
            text += field(zeros, run_bits)
            zeros = 0
        elif zeros == 2**run_bits - 1:
            text += field(zeros, run_bits) + field(0, bits)
            zeros = 0
        else:
            zeros += 1
    return len(text)


def two_level(matrix: Matrix, bits: int, block: int) -> int:
    """A bit a block of the string, and the bits of those that are not empty."""
    text = ""
    string = [value for row in matrix for value in row]
    for at in range(0, len(string), block):
        part = string[at : at + block]
        text += "1" if any(part) else "0"
        if any(part):
            text += "".join("1" if value else "0" for value in part)
    return len(text)


def nm(matrix: Matrix, bits: int, n: int, m: int, kind: str) -> int:
    """Places in each group, and the zeros that fill it up to N values."""
    text = ""
    choices = list(combinations(range(m), n))
    for row in matrix:
        for at in range(0, len(row), m):
            group = row[at : at + m]
            text += field(0, bits) * (n - sum(1 for value in group if value))
            if kind == "nm-index":
                text += field(0, index_bits(m)) * n
            elif kind == "nm-bitmap":
                text += "".join("1" if value else "0" for value in group)
            else:
                text += field(0, index_bits(len(choices)))
    return len(text)
