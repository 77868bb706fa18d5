from pathlib import Path

import pytest


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that stands for the package's configurations."""
    configs = tmp_path / "package" / "configs"
    for kind in ("machines", "devices"):
        (configs / kind).mkdir(parents=True)
    for module in ("library", "compose", "loading"):
        monkeypatch.setattr(f"bankside.arch.spec.{module}.CONFIGS", configs)
    return configs
