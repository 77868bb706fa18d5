"""The closed form against the 36 cycle counts that the simulator's authors published (speedup_plot.ipynb)."""

from typing import NamedTuple

import pytest
from tests.oracles.bitmod_accelerator import Array, Llm, accelerator_cycles

MODELS = {
    "OPT-1.3B": Llm(2048, 8192, 24, 32, 32, 50272, gated=False),
    "Phi-2": Llm(2560, 10240, 32, 32, 32, 51200, gated=False),
    "Yi-6B": Llm(4096, 11008, 32, 32, 4, 64000, gated=True),
    "Llama-2-7B": Llm(4096, 11008, 32, 32, 32, 32000, gated=True),
    "Llama-2-13B": Llm(5120, 13824, 40, 40, 40, 32000, gated=True),
    "Llama-3-8B": Llm(4096, 14336, 32, 32, 8, 128256, gated=True),
}


class Published(NamedTuple):
    """An array with its weights, tokens of a pass, and cycles of each of the models in order."""

    array: Array
    weight_bits: float
    tokens: int
    cycles: list[int]


PUBLISHED = [
    Published(Array(64, 12, 1, 1), 16, 1, [82153718, 165841248, 362970848, 413518608, 804330080, 469624976]),
    Published(Array(64, 16, 4, 2), 3.0625, 1, [15857750, 31959712, 69662944, 79493200, 154552560, 90099088]),
    Published(
        Array(64, 16, 4, 3), 6.0625, 1, [31220054, 62986912, 137681120, 156919888, 305157360, 178109840]
    ),
    Published(
        Array(32, 24, 1, 1), 16, 256, [669255680, 1399816192, 2878668800, 3156574208, 6676111360, 3969089536]
    ),
    Published(
        Array(32, 32, 4, 2),
        4.0625,
        256,
        [233070592, 515194880, 946937856, 1202921472, 2601461760, 1273233408],
    ),
    Published(
        Array(32, 32, 4, 3),
        6.0625,
        256,
        [336236544, 693780480, 1414209536, 1649680384, 3537397760, 1901133824],
    ),
]


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: f"{case.weight_bits} bits, {case.tokens} tokens")
def test_published_cycles_exactly(case: Published) -> None:
    found = [
        accelerator_cycles(llm, case.array, weight_bits=case.weight_bits, tokens=case.tokens, context=256)
        for llm in MODELS.values()
    ]
    assert found == case.cycles
