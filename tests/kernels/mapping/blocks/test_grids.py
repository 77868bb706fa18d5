"""Ways to cut a product: one of them as a mapping."""

import numpy as np

from bankside.kernels.mapping.blocks.grids import Grids
from bankside.kernels.plan.tiling import Dealing, Mapping


def test_one_of_many_is_a_mapping() -> None:
    whole = [np.array(pair) for pair in ((4, 2), (8, 16), (64, 128), (256, 128), (32, 16), (1, 3))]
    found = Grids("matrix", 2, 108, 4, *whole, np.array([1.0, 2.5]), np.array([1.0, 1.0]), np.array([1, 0]))
    assert found.blocks.tolist() == [64, 192]
    assert found.waves.tolist() == [1, 2]
    dealing = Dealing(108, 3, 4, 2.5, 1.0, 0)
    assert found.mapping(1) == Mapping(2, 2, 16, 128, 128, 16, "nk", "matrix", dealing)
