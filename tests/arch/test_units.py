import math
from fractions import Fraction

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch import units
from bankside.arch.units import UnitError, parse

TIME_WANTED = "expected a time such as '3.9 us', but "
DIMENSIONS = [value for value in vars(units).values() if isinstance(value, units.Dimension)]


@pytest.mark.parametrize(
    ("text", "dimension", "expected"),
    [
        ("1.6 GHz", units.FREQUENCY, 1.6e9),
        ("3.9 us", units.TIME, 3.9e-6),
        ("3.9us", units.TIME, 3.9e-6),
        ("  3.9\tus ", units.TIME, 3.9e-6),
        ("3.9 µs", units.TIME, 3.9e-6),
        ("3.9 μs", units.TIME, 3.9e-6),
        ("0.1 ns", units.TIME, 1e-10),
        ("2 fs", units.TIME, 2e-15),
        ("64 ms", units.TIME, 0.064),
        ("10 year", units.TIME, 315576000.0),
        ("-3 us", units.TIME, -3e-6),
        ("0 s", units.TIME, 0.0),
        ("2 KiB", units.BYTES, 2048.0),
        ("2 kB", units.BYTES, 2000.0),
        ("256 bit", units.BYTES, 32.0),
        ("1 GiB", units.BYTES, 2.0**30),
        ("1 GB", units.BYTES, 1e9),
        ("256 bit", units.BITS, 256.0),
        ("32 B", units.BITS, 256.0),
        ("1 Mibit", units.BITS, 2.0**20),
        ("64 GB/s", units.BANDWIDTH, 64e9),
        ("6.4 Gbit/s", units.BANDWIDTH, 0.8e9),
        ("819.2 GB/s", units.BANDWIDTH, 819.2e9),
        ("901 pJ", units.ENERGY, 901e-12),
        ("0.44 pJ/bit", units.ENERGY_PER_BIT, 0.44e-12),
        ("8 pJ/B", units.ENERGY_PER_BIT, 1e-12),
        ("0.1 pJ/bit/mm", units.ENERGY_PER_BIT_LENGTH, 1e-10),
        ("100 mm2", units.AREA, 1e-4),
        ("100 mm^2", units.AREA, 1e-4),
        ("100 mm²", units.AREA, 1e-4),
        ("1 um2", units.AREA, 1e-12),
        ("0.5 mW/mm2", units.POWER_DENSITY, 500.0),
        ("40 W/cm2", units.POWER_DENSITY, 4e5),
        ("85 degC", units.TEMPERATURE, 358.15),
        ("-40 °C", units.TEMPERATURE, 233.15),
        ("300 K", units.TEMPERATURE, 300.0),
        ("10 degC", units.TEMPERATURE_DIFFERENCE, 10.0),
        ("2 W/mK", units.THERMAL_CONDUCTIVITY, 2.0),
        ("2 W/m/K", units.THERMAL_CONDUCTIVITY, 2.0),
        ("2 W/(m K)", units.THERMAL_CONDUCTIVITY, 2.0),
        ("2 W/(m*K)", units.THERMAL_CONDUCTIVITY, 2.0),
        ("2 W/m.K", units.THERMAL_CONDUCTIVITY, 2.0),
        ("2 W m^-1 K^-1", units.THERMAL_CONDUCTIVITY, 2.0),
        ("1.63e6 J/m3/K", units.HEAT_CAPACITY, 1.63e6),
        ("1.63 J/cm3K", units.HEAT_CAPACITY, 1.63e6),
        ("10 mm2K/W", units.AREA_RESISTANCE, 1e-5),
        ("10 mm2·K/W", units.AREA_RESISTANCE, 1e-5),
        ("1.1 V", units.VOLTAGE, 1.1),
        ("1.1 W/A", units.VOLTAGE, 1.1),
        ("20 fF", units.CAPACITANCE, 20e-15),
    ],
)
def test_parse_gives_the_nearest_double(text: str, dimension: units.Dimension, expected: float) -> None:
    assert parse(text, dimension) == expected


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda d: d.name)
def test_examples_are_quantities_of_their_dimension(dimension: units.Dimension) -> None:
    assert parse(dimension.example, dimension) > 0


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda d: d.name)
def test_dimensions_agree_with_pint(dimension: units.Dimension) -> None:
    """S7: pint, which knows nothing of our table, reads the example to the same SI number."""
    registry = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    number, unit = dimension.example.split(" ", 1)
    unit = unit.replace(" ", "*")
    for name in ("mm2", "um2", "m2", "m3"):
        unit = unit.replace(name, f"{name[:-1]}**{name[-1]}")
    reference = registry.Quantity(float(number), unit)
    si = dimension.unit.replace("m2 ", "m2*").replace("m2", "m**2").replace("m3", "m**3")
    assert parse(dimension.example, dimension) == pytest.approx(reference.to(si).magnitude, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "dimension", "sentence"),
    [
        (3, units.TIME, "expected a time such as '3.9 us', but 3 has no unit."),
        (0.5, units.AREA, "expected an area such as '100 mm2', but 0.5 has no unit."),
        ("3", units.TIME, "expected a time such as '3.9 us', but '3' has no unit."),
        ("us", units.TIME, "expected a time such as '3.9 us', but 'us' is not a number followed by a unit."),
        ("1,5 us", units.TIME, "expected a time such as '3.9 us', but in '1,5 us' ',5 us' is not a unit."),
        ("1_0 us", units.TIME, "expected a time such as '3.9 us', but in '1_0 us' '_0 us' is not a unit."),
        (
            "3 GHz",
            units.TIME,
            TIME_WANTED + "'GHz' in '3 GHz' is not a unit of time.",
        ),
        (
            "1e300 Ps",
            units.TIME,
            TIME_WANTED + "'1e300 Ps' is too large for a double.",
        ),
        (
            "1e-330 s",
            units.TIME,
            TIME_WANTED + "'1e-330 s' is too small for a double.",
        ),
        (
            "3 sec",
            units.TIME,
            "expected a time such as '3.9 us', but in '3 sec' 'sec' is not a unit (did you mean s?).",
        ),
        (
            "1 ghz",
            units.FREQUENCY,
            "expected a frequency such as '1.6 GHz', but in '1 ghz' 'ghz' is not a unit (did you mean GHz?).",
        ),
        (
            "2 KB",
            units.BYTES,
            "expected a size such as '2 KiB', but in '2 KB' 'KB' is not a unit "
            "(write kB for 1000 or KiB for 1024).",
        ),
        (
            "2 Gb/s",
            units.BANDWIDTH,
            "expected a bandwidth such as '64 GB/s', but in '2 Gb/s' 'Gb' is not a unit "
            "(write Gbit for bits or GB for bytes).",
        ),
        (
            "85 C",
            units.TEMPERATURE,
            "expected a temperature such as '85 degC', but in '85 C' 'C' is not a unit (write degC).",
        ),
        ("3 s//s", units.TIME, "expected a time such as '3.9 us', but in '3 s//s' 's//s' is not a unit."),
        ("3 (s", units.TIME, "expected a time such as '3.9 us', but in '3 (s' '(s' is not a unit."),
        ("3 s/", units.TIME, "expected a time such as '3.9 us', but in '3 s/' 's/' is not a unit."),
        ("3 /", units.TIME, "expected a time such as '3.9 us', but in '3 /' '/' is not a unit."),
    ],
)
def test_refusals_are_sentences(text: str | float, dimension: units.Dimension, sentence: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse(text, dimension)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("text", ["nan s", "1e9999 s", "0x10 s", "", " ", "1 s s", "1 s2", "1 Kis", "1 ks h"])
def test_refuses(text: str) -> None:
    with pytest.raises(UnitError, match="expected a time"):
        parse(text, units.TIME)


def test_a_long_text_is_shown_short() -> None:
    with pytest.raises(UnitError) as caught:
        parse("9" * 1000 + " s", units.TIME)
    assert len(str(caught.value)) < 200


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=9))
def test_microseconds_are_rounded_once(number: object) -> None:
    assert parse(f"{number:f} us", units.TIME) == float(Fraction(f"{number:f}") / 10**6)


@given(  # a quantity of minus zero is zero
    st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0),
    st.sampled_from(DIMENSIONS),
)
def test_s6_written_quantities_read_back(value: float, dimension: units.Dimension) -> None:
    back = parse(units.write(value, dimension), dimension)
    assert back == value and math.copysign(1, back) == math.copysign(1, value)


@given(st.text(max_size=120), st.sampled_from(DIMENSIONS))
def test_any_text_is_read_or_refused_with_a_sentence(text: str, dimension: units.Dimension) -> None:
    try:
        assert math.isfinite(parse(text, dimension))
    except UnitError as error:
        assert str(error).startswith("expected a") and str(error).endswith(".")
