"""Layers of published models against the parameters and multiplications that the models are known to have."""

import pytest

from bankside.kernels.operators import MatMul, Phase
from bankside.validation.operands.pruned_models import MODELS


def products(phases: list[Phase]) -> list[tuple[int, MatMul]]:
    return [(phase.count, op) for phase in phases for op in phase.operators if isinstance(op, MatMul)]


@pytest.mark.parametrize(
    ("model", "layers", "parameters", "macs"),
    [
        ("vgg16", 16, 138.34e6, 15.47e9),
        ("resnet34", 37, 21.78e6, 3.664e9),
        ("resnet50", 54, 25.50e6, 4.089e9),
        ("vit-small", 50, 21.91e6, 4.241e9),
        ("vit-base", 50, 86.29e6, 16.85e9),
        ("bert-mrpc", 48, 84.93e6, 43.49e9),
    ],
)
def test_parameters_and_multiplications(model: str, layers: int, parameters: float, macs: float) -> None:
    found = products(MODELS[model]())
    assert sum(count for count, _ in found) == layers
    assert sum(count * op.n * op.k for count, op in found) == pytest.approx(parameters, rel=2e-3)
    assert sum(count * op.macs for count, op in found) == pytest.approx(macs, rel=2e-3)


def test_layers_take_what_the_one_before_made() -> None:
    ops = [op for _, op in products(MODELS["resnet50"]())]
    assert ops[2].a.name == ops[1].out.name
    assert ops[1].a.of == ops[0].out.name  # pooled
    assert ops[14].a.name == ops[11].a.name == ops[10].out.name  # beside the block
