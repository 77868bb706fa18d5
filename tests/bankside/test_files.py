import os
import stat
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


@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o664, 0o444])
def test_s12_a_replaced_file_keeps_its_permissions(tmp_path: Path, permissions: int) -> None:
    target = tmp_path / "out.json"
    target.write_text("private")
    target.chmod(permissions)
    write_atomically(target, "new")
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == permissions


def test_s12_what_is_private_is_never_open_to_others(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("private")
    target.chmod(0o600)

    def pieces():
        yield "new"
        [temporary] = (each for each in tmp_path.iterdir() if each != target)
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600

    write_atomically(target, pieces())


def test_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_atomically(tmp_path / "out.json", "new")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == 0o640
