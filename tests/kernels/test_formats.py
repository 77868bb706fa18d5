"""Footprints against the bits per element that reference tables print."""

import pytest

from bankside.kernels.formats import FORMATS, TORCH_DTYPES


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("fp32", 32),
        ("bf16", 16),
        ("fp8_e4m3", 8),
        ("int4", 4),
        ("mxfp8_e4m3", 8.25),
        ("mxfp6_e3m2", 6.25),
        ("mxfp4", 4.25),
        ("nvfp4", 4.5),
        ("int8_g128", 8.125),
        ("int4_g32", 4.5),
        ("int4_g64", 4.25),
        ("int4_g128", 4.125),
    ],
)
def test_bits_per_element_include_the_block_scale(name: str, bits: float) -> None:
    format = FORMATS[name]
    assert format.bits == bits
    assert format.bytes_of(1024) == 1024 * bits / 8


def test_bytes_round_up_once_for_the_whole_tensor() -> None:
    assert [FORMATS["int4"].bytes_of(n) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert FORMATS["mxfp4"].bytes_of(33) == 18  # 33 x 4.25 bit = 17.53 byte


def test_every_torch_dtype_names_a_format() -> None:
    assert set(TORCH_DTYPES.values()) <= set(FORMATS)
    assert all(format.name == name for name, format in FORMATS.items())
