"""Formats of YAML files, and names that say what a format is."""

from pathlib import Path

import numpy as np
import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS
from bankside.kernels.formats.own import find
from bankside.kernels.formats.quantise import dequantise, quantise


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(f"description: mine\n{text}\n", encoding="utf-8")
    return str(path)


def test_a_file_that_states_a_known_format_is_that_format(tmp_path: Path) -> None:
    values = np.random.default_rng(5).standard_normal((2, 96))
    for text, name in (
        ("{exponent: 2, mantissa: 1, scale: exponent, block: 32}", "mxfp4"),
        ("{bits: 4, symmetric: false, scale: fp16, block: 32}", "int4_asym_g32"),
        ("{bits: 8, scale: fp16, block: row}", "int8_channel"),
        ("{exponent: 4, mantissa: 3, specials: nan, scale: fp32}", "fp8_e4m3_tensor"),
        ("{exponent: 2, mantissa: 1, scale: e4m3, block: 16}", "nvfp4"),
    ):
        own = find(written(tmp_path, text.strip("{}").replace(", ", "\n")))
        known = FORMATS[name]
        assert (own.name, own.bits, own.block, own.scale_bits) == (
            "mine",
            known.bits,
            known.block,
            known.scale_bits,
        )
        np.testing.assert_array_equal(dequantise(quantise(own, values)), dequantise(quantise(known, values)))


def test_nf4_is_shipped() -> None:
    format = find("nf4")
    assert (format.name, format.bits, format.block) == ("nf4", 4.5, 64)
    assert dequantise(quantise(format, [-2.0, 0.0, 2.0, 2 * 0.33])).tolist() == [
        -2.0, 0.0, 2.0, 2 * 0.33791524171829224,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("exponent: 3", "states both its exponent and its mantissa"),
        ("bits: 4\nlevels: [0, 1]", "states one of: exponent and mantissa"),
        ("bits: 4\nsymmetric: false", "scales of fp16 or fp32"),
        ("bits: 4\nblock: 32", "Blocks need a scale"),
        ("bits: 4\nscale: exponent", "needs a block, or a row"),
        ("levels: [0, 0]", "other than zero"),
        ("bits: 4\nscale: fp16\nblock: 0", "block"),
        ("bits: 4\nwidth: 3", "unknown key 'width'"),
    ],
)
def test_bad_files_are_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        find(written(tmp_path, text))
    assert "mine.yaml" in caught.value.errors[0]


def test_unknown_names_are_told() -> None:
    for name in ("int4_g0", "int9", "fp4_e9", "anda_m12", "mxfp4_g64", "int4_gx"):
        with pytest.raises(ConfigError, match=f"There is no format '{name}'"):
            find(name)
    with pytest.raises(ConfigError, match="there is no such file"):
        find("none/such.yaml")
