"""What a core does with formats that it does not multiply."""

from fractions import Fraction

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.formats.computed import computed_as
from bankside.kernels.formats.format import Conversion
from bankside.kernels.formats.own import find

BASE = ("bf16", "fp16", "int8")


@pytest.mark.parametrize("name", ["bf16", "int8"])
def test_a_format_of_the_core_is_multiplied_as_it_is(name: str) -> None:
    assert computed_as(FORMATS[name], BASE) is FORMATS[name]


def test_a_plain_format_is_taken_for_one_of_its_width() -> None:
    assert computed_as(FORMATS["fp8_e4m3"], BASE) is FORMATS["int8"]
    assert computed_as(FORMATS["bf16"], ("fp16",)) is FORMATS["fp16"]


@pytest.mark.parametrize(
    ("name", "own", "conversion"),
    [
        ("int8_g128", BASE, Conversion("int8", 0, Fraction(1, 128))),
        ("int8_asym_g128", BASE, Conversion("int8", 0, Fraction(2, 128))),
        ("int8_channel", BASE, Conversion("int8")),
        ("mxint8", BASE, Conversion("int8", 0, Fraction(1, 32))),
        ("mxfp8_e4m3", ("fp8_e4m3",), Conversion("fp8_e4m3", 0, Fraction(1, 32))),
        ("int4_g128", BASE, Conversion("bf16", 2)),
        ("int4_g128", ("int8",), Conversion("int8", 2)),
        ("mxfp8_e4m3", BASE, Conversion("bf16", 1)),
        ("nvfp4", ("fp8_e4m3", "fp16"), Conversion("fp8_e4m3", 2)),
        ("bitmod_fp3", ("int8", "fp16"), Conversion("fp16", 2)),
        ("anda_m6", ("bf16",), Conversion("bf16", 8)),
        ("int8", ("bf16",), Conversion("bf16", 1)),
    ],
)
def test_other_formats_are_converted(name: str, own: tuple[str, ...], conversion: Conversion) -> None:
    found = computed_as(FORMATS[name], own)
    assert found is not None
    assert found.conversion == conversion
    assert (found.computed, found.name, found.bits) == (conversion.to, name, FORMATS[name].bits)


def test_the_preferred_format_is_converted_to_where_it_is_wide_enough() -> None:
    for preferred, to in (("fp16", "fp16"), ("int8", "int8"), ("fp32", "bf16")):
        found = computed_as(FORMATS["int4_g64"], BASE, preferred)
        assert found is not None and found.computed == to
    levels = computed_as(find("nf4"), BASE, "int8")
    assert levels is not None and levels.computed == "bf16"


@pytest.mark.parametrize(("name", "own"), [("fp32", BASE), ("mxfp4", ("int8",)), ("int16", ("fp8_e4m3",))])
def test_what_does_not_fit_is_not_computed(name: str, own: tuple[str, ...]) -> None:
    assert computed_as(FORMATS[name], own) is None


def test_rows_count_their_scales_exactly() -> None:
    for name, row, bits in (
        ("int4_g128", 200, 4 + 2 * 16 / 200),
        ("int8_channel", 50, 8 + 16 / 50),
        ("bitmod_fp4", 256, 4 + (2 * 10 + 16) / 256),
        ("bf16", 7, 16),
    ):
        own = FORMATS[name].in_rows(row)
        assert own.bits == bits
        assert own.bytes_of(3 * row) == FORMATS[name].bytes_of(3 * row, row)
