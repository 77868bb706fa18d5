import os
import stat
from pathlib import Path

import pytest

from bankside.arch.jit.trust import make_folders, make_private, refuse_shared


def mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def test_the_folder_at_fault_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "shared" / "own"
    make_folders(folder)
    refuse_shared(folder)
    (tmp_path / "shared").chmod(0o770)
    with pytest.raises(PermissionError) as caught:
        refuse_shared(folder)
    assert caught.value.filename == str(tmp_path / "shared")


def test_folders_of_another_user_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own").mkdir()
    someone = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: someone)
    with pytest.raises(PermissionError, match="another user"):
        make_private(tmp_path / "own")
    if os.getuid():
        with pytest.raises(PermissionError, match="others may write"):
            refuse_shared(tmp_path)


def test_what_others_may_only_read_is_kept(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "code").write_text("ours")
    (tmp_path / "own").chmod(0o755)
    make_private(tmp_path / "own")
    assert mode(tmp_path / "own") == 0o700
    assert (tmp_path / "own" / "code").read_text() == "ours"


@pytest.mark.parametrize("open_to", [0o720, 0o702, 0o777])
def test_s3_what_others_may_have_written_goes(tmp_path: Path, open_to: int) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "code").write_text("whose?")
    (tmp_path / "own").chmod(open_to)
    make_private(tmp_path / "own")
    assert mode(tmp_path / "own") == 0o700
    assert list((tmp_path / "own").iterdir()) == []


def test_a_link_is_not_made_private(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other").chmod(0o777)
    (tmp_path / "own").symlink_to(tmp_path / "other")
    with pytest.raises(PermissionError):
        make_private(tmp_path / "own")
    assert mode(tmp_path / "other") == 0o777
