"""Bursts decoded together are those decoded one by one, over channels, ranks and hashes; a bijection."""

import numpy as np
import pytest

from bankside.arch.dram.device.address import channel_of, compile_address, decode
from bankside.arch.dram.device.address_batch import decode_bursts

ORDER = ("row", "rank", "bank", "column", "bank_group", "pseudo_channel", "channel")


@pytest.mark.parametrize("name", ["ddr4-2400", "hbm2", "hbm3", "hmc-vault", "lpddr5"])
@pytest.mark.parametrize("xor", [None, {"bank": 0}])
def test_d5_as_one_by_one(name, xor, device):
    standard = device(name)
    address = compile_address(standard, ORDER, xor)
    bursts = np.arange(0, 5000 * 7, 7, dtype=np.int64)
    where = decode_bursts(address, bursts)
    for i in range(0, len(bursts), 37):
        channel, local = channel_of(address, int(bursts[i]))
        assert tuple(where[:, i]) == (channel, *decode(address, local))


def test_d5_neighbours_never_share_a_place(device):
    address = compile_address(device("hbm3"), ORDER, {"bank": 0})
    where = decode_bursts(address, np.arange(1 << 16, dtype=np.int64))
    assert len(np.unique(where, axis=1).T) == 1 << 16
