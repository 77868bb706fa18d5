import os
from pathlib import Path

import pytest

from bankside.files import refuse_unwritable, write_atomically


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    write_atomically(target, "old\n")
    write_atomically(target, "neu: µ\n")
    assert target.read_bytes() == "neu: µ\n".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.json"
    write_atomically(target, "old\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space") as caught:
        write_atomically(target, "new\n")
    assert caught.value.filename == str(target)
    assert target.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    precious, link = tmp_path / "precious", tmp_path / "out.json"
    precious.write_text("kept")
    link.symlink_to(precious)
    write_atomically(link, "new")
    assert precious.read_text() == "kept"
    assert not link.is_symlink()


def test_a_device_is_written_as_it_is() -> None:
    write_atomically(Path(os.devnull), "gone")
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without full devices")
def test_a_full_device_is_named() -> None:
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_atomically(Path("/dev/full"), "text")


def test_unwritable_places_are_told_apart(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "new.json")
    with pytest.raises(IsADirectoryError):
        refuse_unwritable(tmp_path)
    with pytest.raises(FileNotFoundError):
        refuse_unwritable(tmp_path / "no" / "new.json")


def test_a_long_text_may_come_in_pieces(tmp_path: Path) -> None:
    target = tmp_path / "out.trace"
    write_atomically(target, (f"line {i}\n" for i in range(3)))
    assert target.read_text() == "line 0\nline 1\nline 2\n"


def test_pieces_that_fail_half_way_leave_nothing(tmp_path: Path) -> None:
    def broken():
        yield "line\n"
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        write_atomically(tmp_path / "out.trace", broken())
    assert list(tmp_path.iterdir()) == []
