"""Configs of these tests' own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.models import Model, load, path_of


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Model]:
    """Reads a config of the given keys, or of a shipped name's with the given changes."""

    def reader(base: str | dict[str, Any], **changes: Any) -> Model:
        data = json.loads(path_of(base).read_text()) if isinstance(base, str) else base
        folder = tmp_path / "model"
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(data | changes, indent=1))
        return load(folder)

    return reader


@pytest.fixture
def faults(read: Callable[..., Model]) -> Callable[..., list[str]]:
    """The sentences with which a config is refused."""

    def reader(base: str | dict[str, Any], **changes: Any) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            read(base, **changes)
        return caught.value.errors

    return reader
