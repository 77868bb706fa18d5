"""Projections run alone."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate


@pytest.mark.parametrize(
    ("label", "m", "k"),
    [("attn.k_proj", 1024, 4096), ("attn.v_proj", 1024, 4096), ("mlp.up_proj", 14336, 4096)],
)
def test_a_projection_that_shares_its_input_in_a_layer_brings_it_when_alone(
    label: str, m: int, k: int
) -> None:
    machine = load_machine("hybrid-3d")
    alone = simulate(build("gemv", model="llama-3-8b", op=label), machine).to_dict()
    plain = simulate(build("gemv", m=m, k=k), machine).to_dict()
    for key in ("time_fs", "bandwidth", "energy"):
        assert alone[key] == plain[key]
