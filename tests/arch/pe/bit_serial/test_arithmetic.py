"""What the schemes compute is what numpy does."""

import numpy as np
import pytest

from bankside.arch.pe.bit_serial.arithmetic import PRODUCTS, averaged, by_minority
from bankside.arch.pe.bit_serial.encodings import ENCODINGS
from bankside.arch.pe.bit_serial.scheme import Setting
from bankside.arch.pe.bit_serial.schemes import SCHEMES


@pytest.mark.parametrize("name", PRODUCTS)
def test_sums_of_products_are_those_of_numpy(name: str) -> None:
    generator = np.random.default_rng(5)
    known = SCHEMES[name].encodings if name in SCHEMES else ()
    for trial in range(40):
        bits = int(generator.integers(3, 9))
        encoding = known[trial % len(known)] if known else ENCODINGS[0]
        setting = Setting(bits=bits, group=8, encoding=encoding, other_bits=8, keep=3)
        low = -(1 << (bits - 1)) if trial % 2 else 0
        values = generator.integers(low, low + (1 << bits), (5, 24))
        if name == "nm-serial":
            values[:, generator.permutation(8)[3:] + 8 * np.arange(3)[:, None]] = 0
        if name in ("sparten", "eie"):
            values *= generator.integers(0, 2, values.shape)
        vector = generator.integers(-128, 128, 24)
        assert (PRODUCTS[name](setting, values, vector) == values @ vector).all()


def test_pruned_columns_are_the_mean_of_their_group() -> None:
    generator = np.random.default_rng(1)
    values, vector = generator.integers(-128, 128, (6, 64)), generator.integers(-128, 128, 64)
    for columns in (2, 4):
        pruned = averaged(values, columns, 32)
        low = (values & ((1 << columns) - 1)).reshape(6, 2, 32)
        assert (pruned >> columns == values >> columns).all()
        wanted = np.repeat(np.rint(low.mean(axis=2)).astype(int), 32, axis=1)
        assert (pruned & ((1 << columns) - 1) == wanted).all()
        setting = Setting(bits=8, pruned=columns)
        assert (by_minority(setting, pruned, vector) == pruned @ vector).all()
