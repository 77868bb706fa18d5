import os
import shutil
import stat
import time
from pathlib import Path

import pytest
from tests.calling import calls

from bankside.arch.jit import cache_folder, cache_home, source_digest
from bankside.arch.jit.folder import DIGEST, PACKAGE_ROOTS


def test_the_digest_sees_every_source_and_nothing_else(tmp_path: Path) -> None:
    root = tmp_path / "arch"
    (root / "deep").mkdir(parents=True)
    (root / "a.py").write_text("a = 1\n")
    (root / "deep" / "b.py").write_text("b = 1\n")
    seen = [source_digest([root])]
    (root / "deep" / "b.py").write_text("b = 2\n")
    seen.append(source_digest([root]))
    (root / "deep" / "b.py").rename(root / "deep" / "c.py")
    seen.append(source_digest([root]))
    (root / "a.py").write_text("")
    seen.append(source_digest([root]))
    assert len(set(seen)) == 4 and all(DIGEST.fullmatch(one) for one in seen)
    (root / "data.yaml").write_text("a: 1")
    assert source_digest([root]) == seen[-1]
    shutil.copytree(root, tmp_path / "elsewhere" / "arch")
    assert source_digest([tmp_path / "elsewhere" / "arch"]) == seen[-1]


def test_the_digest_makes_few_calls_a_file() -> None:
    """Each command waits for it."""
    files = sum(1 for root in PACKAGE_ROOTS for _ in root.rglob("*.py"))
    assert calls(source_digest) < 40 * files


def test_the_cache_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path / "new" / "cache"))
    old = os.umask(0o002)
    try:
        folder = cache_folder([])
    finally:
        os.umask(old)
    assert folder == tmp_path / "new" / "cache" / source_digest([])
    for each in (folder, *list(folder.parents)[:2]):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700
    assert cache_folder([]) == folder  # what it made itself it trusts


def test_the_users_own_folder_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path))
    cache_folder([])
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_ours_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path))
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / source_digest([])).symlink_to(target)
    assert cache_folder([]) is None
    assert list(target.iterdir()) == []
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    assert cache_folder([]) is None
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path / "loop"))
    assert cache_folder([]) is None


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
@pytest.mark.parametrize("which", ["open", "open/below/home"])
def test_s3_parents_that_others_may_write_are_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, which: str
) -> None:
    home = tmp_path / "open" / "below" / "home"
    home.mkdir(parents=True, mode=0o700)
    for each in (home, *list(home.parents)[:2]):
        each.chmod(0o755)
    monkeypatch.setenv("BANKSIDE_CACHE", str(home))
    assert cache_folder([]) is not None
    (tmp_path / which).chmod(mode)
    assert cache_folder([]) is None
    (tmp_path / which).chmod(mode | stat.S_ISVTX)  # as /tmp: others cannot replace what is not theirs
    assert cache_folder([]) is not None


def test_s3_a_link_is_judged_by_where_it_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "home").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "open" / "home")
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path / "link"))
    (tmp_path / "open").chmod(0o755)
    assert cache_folder([]) == tmp_path / "open" / "home" / source_digest([])
    (tmp_path / "open").chmod(0o777)
    assert cache_folder([]) is None


def test_only_old_caches_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKSIDE_CACHE", str(tmp_path))
    old = [tmp_path / f"{n:020x}" for n in range(8)]
    for age, folder in enumerate(old):
        folder.mkdir()
        (folder / "code").write_text("x")
        os.utime(folder, (time.time() - 7 * 86400 - age,) * 2)
    running, foreign = tmp_path / ("a" * 20), tmp_path / "foreign"
    running.mkdir()
    foreign.mkdir()
    os.utime(foreign, (0, 0))
    current = cache_folder([])
    # the current one, the one still in use and the two used last before it are kept
    assert set(tmp_path.iterdir()) == {current, running, foreign, *old[:2]}


def test_the_home_of_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANKSIDE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache_home() == Path("/x/bankside/compiled")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_home() == Path.home() / ".cache" / "bankside" / "compiled"
