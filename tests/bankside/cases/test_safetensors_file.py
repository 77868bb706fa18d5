"""Tensors of .safetensors files: every format that is read, and files that are refused."""

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from safetensors import TensorSpec, serialize_file
from safetensors.numpy import save_file

from bankside.arch.spec import ConfigError
from bankside.cases.safetensors_file import load, split
from bankside.cases.tensors import MOST_ELEMENTS
from bankside.unit import format as unit

KINDS = ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?")
VALUES = np.arange(-6, 6).reshape(3, 4)


def written(path: Path, **codes: tuple[str, npt.NDArray[np.generic]]) -> Path:
    """A file of tensors that NumPy cannot save, of names of formats and codes."""
    specs = {
        name: TensorSpec(dtype=kind, shape=list(held.shape), data_ptr=held.ctypes.data, data_len=held.nbytes)
        for name, (kind, held) in codes.items()
    }
    serialize_file(specs, path)
    return path


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Tensors of all of NumPy's formats, an odd count of bytes among them."""
    path = tmp_path / "plain.safetensors"
    tensors = {f"w.{kind}": np.abs(VALUES).astype(kind) for kind in KINDS}
    save_file(tensors | {"odd": np.arange(3, dtype=np.int8)}, path, metadata={"format": "np"})
    return path


def test_every_tensor_of_a_file_is_read_by_name(plain: Path) -> None:
    for kind in KINDS:
        found = load(plain, f"w.{kind}", 12)
        assert found.dtype == np.dtype(kind)
        assert np.array_equal(found, np.abs(VALUES).astype(kind))
    assert load(plain, "odd", 3).tolist() == [0, 1, 2]


def test_formats_that_numpy_has_not_are_read_bit_by_bit(tmp_path: Path) -> None:
    numbers = np.array([[1.0, -2.5, 3.0e38, 2.0**-133]], np.float32)
    path = written(
        tmp_path / "coded.safetensors",
        brain=("bfloat16", (numbers.view(np.uint32) >> 16).astype(np.uint16)),
        e4m3=("float8_e4m3fn", np.array([0x00, 0x01, 0x38, 0x7E, 0xB8], np.uint8)),
        e5m2=("float8_e5m2", np.array([0x01, 0x3C, 0x7B, 0xBC], np.uint8)),
    )
    brain = load(path, "brain", 4)
    assert brain.dtype == np.float32
    assert np.array_equal(brain, (numbers.view(np.uint32) & 0xFFFF0000).view(np.float32))
    assert load(path, "e4m3", 5).tolist() == [0.0, 2.0**-9, 1.0, 448.0, -1.0]
    assert load(path, "e5m2", 4).tolist() == [2.0**-16, 1.0, 57344.0, -1.0]


def test_a_case_names_a_tensor_of_a_file(plain: Path, tmp_path: Path) -> None:
    assert split(f"{plain}:w.f4") == (plain, "w.f4")
    assert unit.run_case({"format": "fp8_e4m3", "tensor": f"{plain}:w.i1"})["max_abs_err"] == 0.0
    alone = tmp_path / "alone.safetensors"
    save_file({"only": VALUES.astype(np.float32)}, alone)
    assert unit.run_case({"format": "bf16", "tensor": str(alone)})["stored_bytes"] == 24


def test_bad_files_are_sentences(plain: Path, tmp_path: Path) -> None:
    whole = plain.read_bytes()
    for name, content in (("cut", whole[:-1]), ("head", whole[:20]), ("none", b""), ("text", b"x" * 64)):
        (tmp_path / f"{name}.safetensors").write_bytes(content)
    save_file({}, tmp_path / "empty.safetensors")
    save_file({"w": np.array([1.0, np.nan], np.float32)}, tmp_path / "nan.safetensors")
    save_file({"w": np.zeros((0, 4), np.float32)}, tmp_path / "zero.safetensors")
    save_file({"w": np.ones(2, np.complex64)}, tmp_path / "complex.safetensors")
    written(tmp_path / "bad.safetensors", w=("float8_e4m3fn", np.array([0x7F], np.uint8)))
    for cell, told in (
        ("missing.safetensors", "there is no such file."),
        ("cut.safetensors", "file not fully covered"),
        ("head.safetensors", "invalid header length"),
        ("none.safetensors", "header too small"),
        ("text.safetensors", "header too large"),
        ("empty.safetensors", "it holds no tensor."),
        ("plain.safetensors", "it holds 13 tensors, "),
        ("plain.safetensors:v", "it holds no tensor v, but "),
        ("nan.safetensors", "it has infinities or NaN."),
        ("bad.safetensors:w", "it has infinities or NaN."),
        ("zero.safetensors", "it has no elements."),
        ("complex.safetensors", "w is in C64; F64, F32, F16, "),
    ):
        with pytest.raises(ConfigError) as caught:
            unit.run_case({"format": "int4", "tensor": str(tmp_path / cell)})
        assert told in caught.value.errors[0], caught.value.errors
        assert caught.value.errors[0].endswith(".")


def test_a_tensor_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    side = MOST_ELEMENTS + 1
    header = b'{"w":{"dtype":"I8","shape":[%d],"data_offsets":[0,%d]}}' % (side, side)
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + side)  # a hole, which takes no room
    with pytest.raises(ConfigError, match=f"w has {side} elements"):
        unit.run_case({"format": "int4", "tensor": str(path)})
