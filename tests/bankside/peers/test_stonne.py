"""STONNE's mesh: measured runs, and tiles summed one by one."""

from itertools import product

import pytest

from bankside.peers.stonne import total_cycles


@pytest.mark.parametrize(("network", "measured"), [(8, 5), (4, 6)])
def test_measured_rows(network: int, measured: int) -> None:
    assert total_cycles(4, 4, 1, 1, 1, network) == measured


def test_tiles_add_up() -> None:
    for rows, cols, m, n, k, network in product((1, 4), (3, 4), (1, 4, 9), (2, 8, 9), (1, 6), (4, 8)):
        total = 0
        for i, j in product(range(0, m, rows), range(0, n, cols)):
            r, c = min(rows, m - i), min(cols, n - j)
            total += k * -(-(rows + cols) // network) + r + c + 3 - (min(r, c) == 1)
        assert total_cycles(rows, cols, m, n, k, network) == total
