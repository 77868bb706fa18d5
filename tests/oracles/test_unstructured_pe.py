"""Queues drawn by hand, limits of deep queues, and numpy's product."""

import numpy as np
import pytest
from tests.oracles.lane_groups import dot_products
from tests.oracles.unstructured_pe import eie, relative_column, sparten, sparten_cluster_cycles


def sparse(
    shape: tuple[int, ...], density: float, seed: int
) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    """Random integers with zeros."""
    random = np.random.default_rng(seed)
    return random.integers(1, 9, shape) * (random.random(shape) < density)


def test_relative_indices_by_hand() -> None:
    assert relative_column([0, 3, 0, 0, 5, 0]) == [(1, 3), (2, 5)]
    assert relative_column([0] * 15 + [4]) == [(15, 4)]
    assert relative_column([0] * 16 + [4]) == [(15, 0), (0, 4)]
    assert relative_column([0] * 40) == []
    assert relative_column([0, 0, 0, 0, 6], index_bits=2) == [(3, 0), (0, 6)]


def test_two_pes_by_hand() -> None:
    # PE 0 holds rows 0 and 2, PE 1 rows 1 and 3. Column 0 is 2 entries in PE 0, none in PE 1; column 1 one
    # and two; column 2 none and one.
    weights = [[1, 2, 0], [0, 3, 4], [5, 0, 0], [0, 6, 0]]
    # Cycle 1 a0: PE 0 works. 2 a1: PE 0 on a0's second, PE 1 on a1. 3 a2: PE 0 on a1, PE 1 on a1's second.
    # 4: PE 1 on a2.
    found = eie(weights, [1, 10, 100], pes=2, fifo_depth=2)
    assert found == (4, [3, 3], 0, [21, 430, 5, 60])
    # With one place a1 waits in cycle 2 for a0, a2 in cycle 4 for the second entry of a1.
    found = eie(weights, [1, 10, 100], pes=2, fifo_depth=1)
    assert found == (5, [3, 3], 2, [21, 430, 5, 60])
    # A zero activation is not sent.
    assert eie(weights, [1, 0, 100], pes=2, fifo_depth=2) == (2, [2, 1], 0, [1, 400, 5, 0])


@pytest.mark.parametrize("density", [0.02, 0.1, 0.5, 1.0])
def test_eie_multiplies_and_deep_queues_approach_the_fullest_pe(density: float) -> None:
    weights = sparse((80, 30), density, 1)
    activations = sparse((30,), 0.6, 2)
    taken = []
    for depth in (1, 2, 4, 64):
        found = eie(weights.tolist(), activations.tolist(), pes=4, fifo_depth=depth)
        assert found.product == (weights @ activations).tolist()
        taken.append(found.cycles)
    sent = int((activations != 0).sum())
    assert taken == sorted(taken, reverse=True)
    assert max(*found.work, sent) <= taken[-1] <= max(found.work) + sent
    assert found.stalls == 0


def test_padding_zeros_cost_cycles() -> None:
    weights = [[0]] * 16 + [[2]]
    assert eie(weights, [3], pes=1, fifo_depth=4) == (2, [2], 0, [0] * 16 + [6])


def test_sparten_counts_matches() -> None:
    values, other = [[1, 0, 2, 3, 0, 0, 0, 5]], [4, 4, 0, 4, 1, 1, 1, 0]
    assert sparten(values, other, group=4) == ([[2, 1]], [[16, 0]])


def test_sparten_multiplies() -> None:
    weights, activations = sparse((8, 256), 0.3, 3), sparse((256,), 0.5, 4)
    served = sparten(weights.tolist(), activations.tolist())
    assert dot_products(served) == (weights @ activations).tolist()
    matches = ((weights != 0) & (activations != 0)).reshape(8, 2, 128).sum(axis=2)
    assert served.cycles == np.maximum(matches, 1).tolist()


def test_pairs_of_dense_and_sparse_filters() -> None:
    cycles = [[9], [1], [5], [4], [8], [2], [7], [3]]
    nonzeros = [row[0] for row in cycles]
    assert sparten_cluster_cycles(cycles, units=2) == 9 + 5 + 8 + 7
    # Of 9 8 7 5 | 4 3 2 1: 9+5, 8+7 and 4+1, 3+2.
    assert sparten_cluster_cycles(cycles, units=2, nonzeros=nonzeros) == 15 + 5
    assert sparten_cluster_cycles(cycles, units=4, nonzeros=nonzeros) == 10
    assert sparten_cluster_cycles(cycles[:3], units=4, nonzeros=nonzeros[:3]) == 10
