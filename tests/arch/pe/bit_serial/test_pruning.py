"""Weights without some of their columns."""

import numpy as np

from bankside.arch.pe.bit_serial.pruning import averaged


def test_redundant_columns_go_first_and_without_loss() -> None:
    narrow = np.random.default_rng(0).integers(-16, 16, (4, 64))
    assert (averaged(narrow, 8, 3) == narrow).all()
    wide = narrow.copy()
    wide[:, ::32] = 127
    assert (averaged(wide, 8, 2) != wide).any()


def test_lowest_columns_become_their_mean() -> None:
    values = np.random.default_rng(1).integers(-128, 128, (6, 64))
    pruned = averaged(values, 8, 4)
    low = (values & 15).reshape(6, 2, 32)
    assert (pruned >> 4 == values >> 4).all()
    assert ((pruned & 15) == np.repeat(np.rint(low.mean(axis=2)).astype(int), 32, axis=1)).all()
