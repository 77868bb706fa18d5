"""What a core does with formats that it does not multiply."""

from fractions import Fraction

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.formats.computed import computed_as, read_as, written_as
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


@pytest.mark.parametrize(
    ("name", "own", "conversion"),
    [
        ("bf16_2:4", BASE, Conversion("bf16", 1)),
        ("int8_g128_2:4", BASE, Conversion("int8", 1, Fraction(1, 128))),
        ("int4_g128_2:4", BASE, Conversion("bf16", 3)),
        ("int8_g128_2:4", ("int8_2:4",), None),
    ],
)
def test_elements_are_put_to_their_places_where_zeros_are_not_skipped(
    name: str, own: tuple[str, ...], conversion: Conversion | None
) -> None:
    found = computed_as(FORMATS[name], own)
    assert (found and found.conversion) == conversion


@pytest.mark.parametrize(
    ("name", "conversion"),
    [
        ("bf16_2:4", None),
        ("int8_g128_2:4", Conversion("int8_2:4", 0, Fraction(1, 128))),
        ("bf16_2:4_bitmap", Conversion("bf16", 1)),
        ("bf16_1:4", Conversion("bf16", 1)),
        ("int4_2:4", Conversion("bf16", 3)),
    ],
)
def test_zeros_are_skipped_of_what_a_unit_says_it_skips(name: str, conversion: Conversion | None) -> None:
    found = computed_as(FORMATS[name], BASE, "bf16", ("bf16_2:4", "int8_2:4"))
    assert found is not None and found.conversion == conversion
    assert found.computed == (conversion.to if conversion else name)


@pytest.mark.parametrize(
    ("name", "read", "written"),
    [
        ("fp8_e4m3", 0, 0),
        ("int4", 0, 0),
        ("mxfp8_e4m3", 1, 2),
        ("mxfp4", 2, 3),
        ("int4_asym_g128", 2, 4),
        ("bitmod_fp4", 2, 1 + 4 * (1 + 4 + 2) + 1),
        ("anda_m6", 8, 1 + 7 + 1),
    ],
)
def test_functions_read_and_write_scaled_formats_for_operations_of_lanes(
    name: str, read: int, written: int
) -> None:
    for count, found in (
        (read, read_as(FORMATS[name], BASE, "bf16")),
        (written, written_as(FORMATS[name], BASE)),
    ):
        assert (found.conversion.per_element if found.conversion else 0) == count
    assert read_as(FORMATS[name], (name,), "bf16") == written_as(FORMATS[name], (name,)) == FORMATS[name]


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
