from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError, library, names, path_of


def test_configs_stand_beside_the_package() -> None:
    assert library.CONFIGS.resolve() == Path(__file__).parents[3] / "configs"


def test_names_are_sorted_and_without_suffix(shipped: Path) -> None:
    for name in ("xpu.yaml", "aim.yml", "bert.json", "README.md"):
        (shipped / "machines" / name).write_text("a: 1")
    assert names("machines") == ["aim", "bert", "xpu"]
    assert names("devices") == []
    assert names("nonsense") == []
    assert path_of("aim", "machines") == shipped / "machines" / "aim.yml"


def test_an_unknown_name_is_told_what_is_near(shipped: Path) -> None:
    for name in ("hbm-pim", "hybrid-3d"):
        (shipped / "machines" / f"{name}.yaml").write_text("a: 1")
    with pytest.raises(ConfigError) as near:
        path_of("hybrid3d", "machines")
    assert near.value.errors == ["There is no 'hybrid3d' among the machines; did you mean 'hybrid-3d'?"]
    with pytest.raises(ConfigError) as far:
        path_of("qqqq", "machines")
    assert far.value.errors == [
        "There is no 'qqqq' among the machines; shipped machines: hbm-pim, hybrid-3d."
    ]


def test_paths_are_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("a: 1")
    assert path_of(path, "machines") == path_of(str(path), "machines") == path
    with pytest.raises(ConfigError, match=r"no\.yaml: there is no such file\.$"):
        path_of(tmp_path / "no.yaml", "machines")
    with pytest.raises(ConfigError, match=r": it is a folder, not a file\.$"):
        path_of(f"{tmp_path}/", "machines")


@pytest.mark.parametrize("name", ["../machines/x", "/etc/no-such-file", "x/../../y", "a.yaml"])
def test_names_never_leave_the_folder(name: str, shipped: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file\.$"):
        path_of(name, "machines")


@pytest.mark.parametrize("name", ["a" * 5000 + "/b", "a\0b/c"])
def test_impossible_paths(name: str) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file\.$"):
        path_of(name, "machines")
