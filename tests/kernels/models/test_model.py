"""Which layers of a model are alike."""

import pytest

from bankside.kernels.models import load


@pytest.mark.parametrize(
    ("name", "groups", "mixtures"),
    [
        ("deepseek-v3", [(0, 3), (3, 58)], [False, True]),
        ("mixtral-8x7b", [(0, 32)], [True]),
        ("llama-3-70b", [(0, 80)], [False]),
    ],
)
def test_runs_of_equal_layers_cover_the_model(
    name: str, groups: list[tuple[int, int]], mixtures: list[bool]
) -> None:
    model = load(name)
    assert model.layer_groups() == groups
    assert [model.layers[first].kinds[1] == "moe" for first, _ in groups] == mixtures


def test_latent_attention_caches_latent_and_rotary_key() -> None:
    assert load("deepseek-v3").layers[0].kv_elements == 512 + 64
    assert load("llama-3-8b").layers[0].kv_elements == 2 * 8 * 128
