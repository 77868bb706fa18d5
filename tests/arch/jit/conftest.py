from pathlib import Path

import pytest
from tests.arch.jit.mini import Mini


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    return Mini(tmp_path)
