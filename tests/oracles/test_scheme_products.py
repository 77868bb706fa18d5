"""What the schemes compute is what numpy does."""

import numpy as np
import pytest
from tests.oracles.scheme_products import PRODUCTS

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
