"""Quantisers against lists of all code points, against casts of the machine, and against printed error figures."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from tests.oracles import formats as oracle

from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.formats.codes import decode, encode, nearest
from bankside.kernels.formats.known import FLOATS
from bankside.kernels.formats.quantise import dequantise, quantise, sqnr_db

Float64s = npt.NDArray[np.float64]
MX = {
    "mxfp8_e4m3": (oracle.minifloat(4, 3, 1), 8),
    "mxfp8_e5m2": (oracle.minifloat(5, 2, 4), 15),
    "mxfp6_e3m2": (oracle.minifloat(3, 2, 0), 4),
    "mxfp6_e2m3": (oracle.minifloat(2, 3, 0), 2),
    "mxfp4": (oracle.minifloat(2, 1, 0), 2),
}


def tensors() -> list[Float64s]:
    """Normal values, heavy tails, rows of very different size, tiny ones, ties, zeros: float64[rows, 128]."""
    draw = np.random.default_rng(11)
    ties = np.arange(-64, 64, dtype=np.float64) / 4
    return [
        draw.standard_normal((1, 128)),
        draw.standard_t(1.5, (1, 128)),
        draw.standard_normal((2, 128)) * np.array([[1e-4], [300.0]]),
        draw.standard_normal((1, 128)) * 1e-6,
        np.stack([ties, ties * 0]),
    ]


def restored(name: str, values: npt.ArrayLike) -> Float64s:
    return dequantise(quantise(FORMATS[name], values))


def blocks(values: Float64s, size: int) -> list[list[float]]:
    return [row[at : at + size].tolist() for row in values for at in range(0, values.shape[1], size)]


def flat(found: Sequence[Sequence[Fraction]]) -> list[float]:
    return [float(value) for block in found for value in block]


@pytest.mark.parametrize("name", MX)
def test_microscaling_equals_the_listed_points(name: str) -> None:
    points, highest = MX[name]
    for values in tensors():
        wanted = flat([oracle.mx(points, highest, block) for block in blocks(values, 32)])
        assert restored(name, values).reshape(-1).tolist() == wanted


def test_mxint8_is_whole_numbers_of_a_64th() -> None:
    for values in tensors():
        wanted = flat(
            [oracle.mx(oracle.whole(127, -127), 0, block, Fraction(1, 64)) for block in blocks(values, 32)]
        )
        assert restored("mxint8", values).reshape(-1).tolist() == wanted


@pytest.mark.parametrize(("bits", "group"), [(2, 32), (3, 128), (4, 32), (4, 48), (5, 64), (6, 32), (8, 128)])
def test_groups_of_whole_numbers_equal_the_listed_points(bits: int, group: int) -> None:
    top = 2 ** (bits - 1) - 1
    for values in tensors():
        parts = blocks(values, group)
        wanted = flat([oracle.scaled(oracle.whole(top, -top), Fraction(top), "e", part) for part in parts])
        assert restored(f"int{bits}_g{group}", values).reshape(-1).tolist() == pytest.approx(
            wanted, rel=1e-15
        )
        wanted = flat([oracle.with_zero(bits, "e", part) for part in parts])
        assert restored(f"int{bits}_asym_g{group}", values).reshape(-1).tolist() == pytest.approx(
            wanted, rel=1e-15
        )


def test_a_tensor_and_a_row_share_a_scale() -> None:
    points, top = oracle.whole(127, -127), Fraction(127)
    for values in tensors():
        whole = [float(v) for v in oracle.scaled(points, top, "f", values.reshape(-1).tolist())]
        assert restored("int8", values).reshape(-1).tolist() == pytest.approx(whole, rel=1e-15)
        rows = flat([oracle.scaled(points, top, "e", row.tolist()) for row in values])
        assert restored("int8_channel", values).reshape(-1).tolist() == pytest.approx(rows, rel=1e-15)


def test_nvfp4_equals_the_listed_points() -> None:
    for values in tensors():
        largest = float(np.abs(values).max())
        wanted = flat([oracle.nvfp4(block, largest) for block in blocks(values, 16)])
        assert restored("nvfp4", values).reshape(-1).tolist() == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize("mantissa", [4, 7, 11])
def test_anda_cuts_off_below_the_shared_exponent(mantissa: int) -> None:
    for values in tensors():
        parts = blocks(values, 64)
        for name, cut in ((f"anda_m{mantissa}", True), (f"anda_m{mantissa}_rounded", False)):
            wanted = flat([oracle.anda(mantissa, part, cut) for part in parts])
            assert restored(name, values).reshape(-1).tolist() == wanted


@pytest.mark.parametrize("element", ["fp4", "fp3"])
def test_bitmod_takes_the_special_value_that_loses_least(element: str) -> None:
    for values in tensors():
        for row in values:
            wanted = flat(oracle.bitmod(element, blocks(row[None], 32)))
            found = restored(f"bitmod_{element}_g32", row)
            assert found.tolist() == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize(("name", "dtype"), [("fp16", np.uint16), ("bf16", np.uint32)])
def test_all_codes_of_16_bits_mean_what_the_machine_says(name: str, dtype: type) -> None:
    codes = np.arange(1 << 16)
    if name == "fp16":
        exact = codes.astype(dtype).view(np.float16).astype(np.float64)
    else:
        with np.errstate(invalid="ignore"):  # signalling NaNs
            exact = (codes.astype(dtype) << np.uint32(16)).view(np.float32).astype(np.float64)
    element = FLOATS[name]
    values = decode(element, codes)
    np.testing.assert_array_equal(values, exact)
    np.testing.assert_array_equal(
        np.signbit(values), np.signbit(exact) | (np.isnan(values) & np.signbit(values))
    )
    numbers = ~np.isnan(exact)
    np.testing.assert_array_equal(encode(element, nearest(element, exact))[numbers], codes[numbers])


@pytest.mark.parametrize("name", ["fp8_e4m3", "fp8_e5m2", "fp6_e3m2", "fp6_e2m3", "fp4"])
def test_every_number_and_every_middle_of_a_small_float(name: str) -> None:
    element, specials = FLOATS[name], {"fp8_e4m3": 1, "fp8_e5m2": 4}.get(name, 0)
    points = oracle.minifloat(element.exponent, element.mantissa, specials)
    values = sorted({value for _, value in points})
    middles = [(a + b) / 2 for a, b in pairwise(values)]
    tries = [*values, *middles, 2 * values[-1], 2 * values[0]]
    wanted = [float(oracle.nearest(points, value)) for value in tries]
    assert nearest(element, np.array([float(value) for value in tries])).tolist() == wanted
    codes = np.array([code for code, _ in points])
    assert decode(element, codes).tolist() == [float(value) for _, value in points]
    assert encode(element, decode(element, codes)).tolist() == codes.tolist()


def test_casts_to_half_and_single_precision_equal_the_machines() -> None:
    values = np.random.default_rng(2).standard_t(1.0, 20_000) * 1000
    with np.errstate(over="ignore"):
        half, single = values.astype(np.float16), values.astype(np.float32)
    np.testing.assert_array_equal(restored("fp16", values), half.astype(np.float64))
    np.testing.assert_array_equal(restored("fp32", values), single.astype(np.float64))


@pytest.mark.parametrize(
    ("name", "db"),
    [
        ("fp16", 73.656),
        ("bf16", 55.584),
        ("fp8_e4m3", 31.528),
        ("fp8_e5m2_tensor", 25.571),
        ("mxfp8_e4m3", 30.644),
        ("mxfp6_e2m3", 30.944),
        ("mxfp4", 18.787),
        ("mxint8", 41.663),
        ("nvfp4", 20.444),
        ("int8", 38.903),
        ("int4_g128", 18.604),
        ("int3_asym_g64", 14.186),
        ("bitmod_fp4", 20.187),
        ("bitmod_fp3", 14.196),
        ("anda_m8", 41.029),
    ],
)
def test_errors_of_a_normal_distribution(name: str, db: float) -> None:
    values = np.random.default_rng(0).standard_normal(1 << 20)
    assert sqnr_db(values, restored(name, values)) == pytest.approx(db, abs=0.003)


def bitmod_of(values: Float64s) -> list[float]:
    return [value for row in values for value in flat(oracle.bitmod("fp4", blocks(row[None], 128)))]


ORACLES: dict[str, Callable[[Float64s], list[float]]] = {
    **{
        name: lambda x, mx=mx: flat([oracle.mx(*mx, block) for block in blocks(x, 32)])  # type: ignore[misc]
        for name, mx in MX.items()
    },
    "nvfp4": lambda x: flat([oracle.nvfp4(block, float(np.abs(x).max())) for block in blocks(x, 16)]),
    "int8_channel": lambda x: flat(
        [oracle.scaled(oracle.whole(127, -127), Fraction(127), "e", r) for r in x]
    ),
    "int4_g64": lambda x: flat(
        [oracle.scaled(oracle.whole(7, -7), Fraction(7), "e", b) for b in blocks(x, 64)]
    ),
    "int4_asym_g128": lambda x: flat([oracle.with_zero(4, "e", block) for block in blocks(x, 128)]),
    "bitmod_fp4": bitmod_of,
    "anda_m6": lambda x: flat([oracle.anda(6, block, True) for block in blocks(x, 64)]),
}


@pytest.mark.parametrize("name", ORACLES)
def test_errors_of_heavy_tails_and_scaled_rows(name: str) -> None:
    draw = np.random.default_rng(23)
    heavy = draw.standard_t(2.0, (4, 128))
    scaled = draw.standard_normal((4, 128)) * np.logspace(-3, 3, 4)[:, None]
    for values in (heavy, scaled):
        wanted = sqnr_db(values, np.array(ORACLES[name](values)).reshape(values.shape))
        assert sqnr_db(values, restored(name, values)) == pytest.approx(wanted, abs=0.05)


def test_n_of_m_of_a_format_keeps_the_largest_in_it() -> None:
    values = np.random.default_rng(5).standard_normal((4, 64))
    kept = np.where(np.argsort(np.argsort(np.abs(values).reshape(4, 16, 4))) > 1, 1.0, 0.0).reshape(4, 64)
    assert restored("bf16_2:4", values).tolist() == (restored("bf16", values) * kept).tolist()
    assert restored("int4_g32_2:4", values).tolist() == restored("int4_g32", values * kept).tolist()
    with pytest.raises(ConfigError, match="Groups of 4 do not divide a row of 63 elements"):
        restored("bf16_2:4", values[:, 1:])


def test_what_a_format_holds_comes_back_as_it_was() -> None:
    whole = np.arange(-127.0, 128.0)
    assert restored("int8", whole).tolist() == whole.tolist()
    assert sqnr_db(whole, restored("int8", whole)) == float("inf")
    fours = np.array([0.0, -0.5, 1.0, 1.5, 2.0, -3.0, 4.0, 6.0] * 4) * 2.0**-9
    for name in ("mxfp4", "bf16", "fp16"):
        assert restored(name, fours).tolist() == fours.tolist()


def test_a_row_that_blocks_do_not_divide_keeps_its_length() -> None:
    values = np.random.default_rng(1).standard_normal((3, 41))
    stored = quantise(FORMATS["int4_g32"], values)
    assert stored.codes.shape == (3, 2, 32) and stored.scales.shape == (3, 2, 1)
    assert (stored.codes >= 0).all() and (stored.codes < 16).all()
    assert dequantise(stored).shape == (3, 41)


def test_values_without_a_scale_are_refused() -> None:
    with pytest.raises(ConfigError, match="infinities or NaN has no scale, which int4_g32 needs"):
        quantise(FORMATS["int4_g32"], np.array([1.0, np.nan]))
    with pytest.raises(ConfigError, match=r"too large for int4_g32: a scale of 1\.43e\+05 is beyond fp16"):
        quantise(FORMATS["int4_g32"], np.full(32, 1e6))
    with pytest.raises(ConfigError, match="Of the format odd only the size is known"):
        quantise(Format("odd", "int", 5), np.ones(3))
