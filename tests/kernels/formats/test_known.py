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
        ("int8_asym_g64", 8.375),
        ("int3_asym_g128", 3.1484375),
        ("mxfp8_e5m2", 8.25),
        ("mxfp6_e2m3", 6.25),
        ("mxint8", 8.25),
        ("bitmod_fp4", 4.078125),
        ("bitmod_fp3", 3.078125),
        ("anda_m4", 5.078125),
        ("anda_m11", 12.078125),
    ],
)
def test_bits_per_element_include_the_block_scale(name: str, bits: float) -> None:
    format = FORMATS[name]
    assert format.bits == bits
    assert format.bytes_of(1024) == 1024 * bits / 8


def test_bytes_round_up_once_for_the_whole_tensor() -> None:
    assert [FORMATS["int4"].bytes_of(n) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert FORMATS["mxfp4"].bytes_of(33) == 18  # 33 x 4.25 bit = 17.53 byte


def test_blocks_end_with_the_row() -> None:
    assert FORMATS["int4_g128"].bits_of(2 * 200, row=200) == 2 * (200 * 4 + 2 * 16)
    assert FORMATS["int8_channel"].bits_of(2 * 200, row=200) == 2 * (200 * 8 + 16)
    assert FORMATS["bitmod_fp4"].bits_of(2 * 256, row=256) == 2 * (256 * 4 + 2 * 10 + 16)
    assert FORMATS["bf16"].bits_of(2 * 200, row=200) == 2 * 200 * 16
    assert FORMATS["nvfp4"].bytes_of(17, row=17) == 11  # 17 x 4 + 2 x 8 = 84 bits


def test_every_torch_dtype_names_a_format() -> None:
    assert set(TORCH_DTYPES.values()) <= set(FORMATS)
    assert all(format.name == name for name, format in FORMATS.items())
