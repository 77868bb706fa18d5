"""Values of weights as users give them."""

from pathlib import Path

import numpy as np
import pytest

from bankside.arch.spec import ConfigError
from bankside.experiment.grid_points import Point, Settings, Workshop
from bankside.experiment.tensors import values_of


def test_files_and_distributions(tmp_path: Path) -> None:
    weights = np.arange(12, dtype=np.int8).reshape(3, 4)
    np.save(tmp_path / "w.npy", weights)
    file, named, rest = values_of([f"mlp.up_proj={tmp_path / 'w.npy'}", "attn.q_proj=laplace:3", "llm"])
    assert file.label == "mlp.up_proj" and file.array is not None and (file.array == weights).all()
    assert (named.label, named.source, named.seed) == ("attn.q_proj", "laplace", 3)
    assert (rest.label, rest.source, rest.drawn) == ("", "llm", True)
    np.save(tmp_path / "v.npy", weights + 1)
    assert values_of([f"x={tmp_path / 'v.npy'}"])[0].digest != file.digest


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["w.npy"], "--tensor takes OPERATOR=FILE, or a distribution (uniform, gaussian"),
        (["x=w.txt"], "tensor must be a .npy or .safetensors file, not 'w.txt'."),
        (["x=w.npy"], "w.npy: there is no such file."),
        (["x=llm", "x=relu"], "--tensor names x twice."),
    ],
)
def test_what_is_no_tensor_is_told(texts: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        values_of(texts)
    assert any(sentence in error for error in caught.value.errors), caught.value.errors


def test_points_with_other_values_are_other_points(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.ones((8, 16), dtype=np.int8))
    shop, options = Workshop(), (("m", 8), ("k", 16), ("format", "int8"))
    given = (), ("laplace",), (f"gemv={tmp_path / 'w.npy'}",)
    points = [Point("gemv", options, "base-die", settings=Settings(tensors=texts)) for texts in given]
    assert len({shop.content(point)[0] for point in points}) == 3
    assert [len(shop.kernel(point).values) for point in points] == [0, 1, 1]
