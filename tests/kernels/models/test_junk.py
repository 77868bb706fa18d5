"""Any key of a config.json may hold anything: a model comes out, or sentences do."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.models import load, names, path_of
from bankside.kernels.models.describe import describe
from bankside.validation.claims import FOLDER

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(0, 40),
    st.floats(allow_nan=True),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


CHECKPOINTS = sorted((FOLDER / "checkpoints" / "models").glob("*.json"))


@pytest.mark.parametrize("config", CHECKPOINTS, ids=[path.stem for path in CHECKPOINTS])
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_s_no_family_makes_anything_but_a_description_or_sentences(
    config: Path, data: Any, tmp_path: Path
) -> None:
    keys = json.loads(config.read_text())
    for key in data.draw(st.lists(st.sampled_from(sorted(keys)), min_size=1, max_size=3)):
        keys[key] = data.draw(ANYTHING)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(keys))
    with contextlib.suppress(ConfigError):
        json.dumps(describe(load(path)), allow_nan=False)


@pytest.mark.parametrize("name", names())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_s_no_config_makes_anything_but_a_model_or_sentences(name: str, data: Any, tmp_path: Path) -> None:
    config = json.loads(path_of(name).read_text())
    for key in data.draw(st.lists(st.sampled_from(sorted(config)), max_size=3)):
        config[key] = data.draw(ANYTHING)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    with contextlib.suppress(ConfigError):
        kernel = build("layer", model=str(path), context=3, batch=2)
        assert 0 < kernel.bytes_min < 2**63
        assert kernel.intensity > 0
