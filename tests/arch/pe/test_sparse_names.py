"""Names of sparse formats."""

import pytest

from bankside.arch.pe.sparse_names import dense_of, pattern_of


@pytest.mark.parametrize(
    ("name", "dense", "pattern"),
    [
        ("bf16", "bf16", (1, 1)),
        ("bf16_2:4", "bf16", (2, 4)),
        ("fp8_e4m3_1:16", "fp8_e4m3", (1, 16)),
        ("bf16_0:4", "bf16_0:4", (1, 1)),
        ("2:4", "2:4", (1, 1)),
    ],
)
def test_a_name_says_what_is_kept_of_what(name: str, dense: str, pattern: tuple[int, int]) -> None:
    assert (dense_of(name), pattern_of(name)) == (dense, pattern)
