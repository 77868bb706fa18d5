"""Names of formats that keep N of every M elements: bf16_2:4 is a bf16 tensor of which 2 of 4 are stored."""

import re
from typing import Final

SPARSE: Final = re.compile(r"(?P<dense>.+)_(?P<keep>[1-9]\d{0,3}):(?P<of>[1-9]\d{0,3})")


def pattern_of(name: str) -> tuple[int, int]:
    """N and M of a format's name; (1, 1) of a dense one."""
    found = SPARSE.fullmatch(name)
    return (int(found["keep"]), int(found["of"])) if found else (1, 1)


def dense_of(name: str) -> str:
    """The name of the format whose elements are kept."""
    found = SPARSE.fullmatch(name)
    return found["dense"] if found else name
