"""What is wrong with a file is found before anything of it is used."""

import shutil
from pathlib import Path

import pytest

from bankside.arch.jit.sealed import read, seal, write

BODY = bytes(range(64))


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "f.code"
    write(path, BODY)
    return path


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_what_is_written_is_read(sealed: Path) -> None:
    assert read(sealed) == BODY
    assert list(sealed.parent.iterdir()) == [sealed]


def test_s3_every_flipped_bit_is_found(sealed: Path) -> None:
    data = sealed.read_bytes()
    for bit in range(8 * len(data)):
        sealed.write_bytes(flipped(data, bit))
        assert read(sealed) is None, bit


def test_s3_every_truncation_and_addition_is_found(sealed: Path) -> None:
    data = sealed.read_bytes()
    for size in range(len(data)):
        sealed.write_bytes(data[:size])
        assert read(sealed) is None, size
    sealed.write_bytes(data + b"\0")
    assert read(sealed) is None


def test_a_sound_file_under_another_name_is_found(sealed: Path) -> None:
    shutil.copy(sealed, sealed.with_name("g.code"))
    assert read(sealed.with_name("g.code")) is None
    assert seal("f.code", BODY) != seal("g.code", BODY)


def test_what_cannot_be_read_is_missing(tmp_path: Path) -> None:
    assert read(tmp_path / "none.code") is None
    (tmp_path / "folder.code").mkdir()
    assert read(tmp_path / "folder.code") is None
    write(tmp_path / "folder.code", BODY)  # nor can it be replaced: as a full disk
    assert [each.name for each in tmp_path.iterdir()] == ["folder.code"]
