"""The unit `format`: figures of cases, tables' words, and cells that are wrong."""

from pathlib import Path

import numpy as np
import pytest

from bankside.arch.spec import ConfigError
from bankside.cases.format_names import translated
from bankside.unit import format as unit


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("MXFP8 E4M3", "mxfp8_e4m3"),
        ("MXFP4 E2M1", "mxfp4"),
        ("MXINT4 (non-standard)", "mxint4"),
        ("FP8 E4M3 per-tensor amax scale", "fp8_e4m3_tensor"),
        ("FP8 E5M2 unscaled cast", "fp8_e5m2"),
        ("INT8 symmetric per-tensor(2^20)", "int8"),
        ("INT3 asymmetric g64", "int3_asym_g64"),
        ("FP4 E2M1 g128 (fp16 scale)", "fp4_g128"),
        ("BitMoD FP3 (ER +-3, EA +-6) g128", "bitmod_fp3_g128"),
        ("basic FP3 (0,1,2,4) g128", "fp3_g128"),
        ("Anda/BFP g64, 10 mantissa bits, rounded", "anda_m10_rounded"),
        ("int4_g32", "int4_g32"),
    ],
)
def test_words_of_tables(words: str, name: str) -> None:
    assert translated(words) == name


@pytest.mark.parametrize(
    ("case", "bits", "db"),
    [
        ({"format": "int4", "block": "128"}, 4.125, 18.604),
        ({"format": "int4", "block": "128", "symmetric": "false"}, 4.15625, 19.949),
        ({"format": "int4_asym_g32", "symmetric": "true"}, 4.5, 20.266),
        ({"format": "INT8 symmetric per-tensor(2^20)", "block": "tensor"}, 8, 38.903),
        ({"format": "MXFP6 E2M3", "block": "32"}, 6.25, 30.944),
        ({"format": "FP16", "block": "-"}, 16, 73.656),
    ],
)
def test_cases(case: dict[str, str], bits: float, db: float) -> None:
    found = unit.run_case(case)
    assert found["bits_per_element"] == bits
    assert found["sqnr_db"] == pytest.approx(db, abs=0.003)


def test_a_tensor_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "weights.npy"
    np.save(path, np.arange(-127, 128, dtype=np.int8).reshape(5, 51))
    found = unit.run_case({"format": "int8", "block": "channel", "tensor": str(path)})
    assert found["bits_per_element"] == (255 * 8 + 5 * 16) / 255
    assert found["stored_bytes"] == 255 + 10
    whole = unit.run_case({"format": "int8", "tensor": str(path)})
    assert (whole["sqnr_db"], whole["max_abs_err"]) == ("", 0.0)


def test_bad_cells_are_sentences(tmp_path: Path) -> None:
    broken, objects, strings = (tmp_path / name for name in ("nan.npy", "objects.npy", "text.npy"))
    np.save(broken, np.array([1.0, np.nan]))
    np.save(objects, np.array([{}, 1], dtype=object), allow_pickle=True)
    np.save(strings, np.array(["a"]))
    (tmp_path / "short.npy").write_bytes(broken.read_bytes()[:-3])
    (tmp_path / "open.npy").write_bytes(broken.read_bytes().replace(b"(2,)", b"(2, "))
    np.save(tmp_path / "huge.npy", np.array([1e39]))
    for case, told in (
        ({}, "format is missing."),
        ({"format": "int9"}, "There is no format 'int9'"),
        ({"format": "mxfp4", "block": "16"}, "block: mxfp4 has no blocks of 16."),
        ({"format": "mxfp4", "symmetric": "false"}, "symmetric: mxfp4 has no zero point"),
        ({"format": "int4", "block": "0"}, "block must be between 1"),
        ({"format": "int4", "tensor": "w.txt"}, "tensor must be a .npy or .safetensors file, not 'w.txt'."),
        ({"format": "int4", "tensor": str(tmp_path / "none.npy")}, "there is no such file."),
        ({"format": "int4", "tensor": str(broken)}, "it has infinities or NaN."),
        ({"format": "int4", "tensor": str(objects)}, "pickled objects are not taken."),
        ({"format": "int4", "tensor": str(strings)}, "its elements are <U1"),
        ({"format": "int4", "tensor": str(tmp_path / "short.npy")}, "it cannot be read as an array"),
        ({"format": "int4", "tensor": str(tmp_path / "open.npy")}, "it cannot be read as an array"),
        ({"format": "bf16", "tensor": str(tmp_path / "huge.npy")}, "A value of 1e+39 is beyond bf16"),
    ):
        with pytest.raises(ConfigError) as caught:
            unit.run_case(case)
        assert told in caught.value.errors[0], caught.value.errors
