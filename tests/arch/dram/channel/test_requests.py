"""Request streams: the generator against arithmetic in plain integers, formulas against loops over requests."""

import numpy as np
import pytest

from bankside.arch.dram.channel.requests import Geometry, lcg
from bankside.arch.spec import ConfigError
from bankside.unit.channel.request_streams import PATTERNS, pattern

HBM2 = Geometry(4, 4, 32, 32768, 2, 32)
GDDR6 = Geometry(1, 16, 128, 16384, 1, 256)


def plain_draws(seed: int, n: int) -> list[int]:
    draws, x = [], seed
    for _ in range(n):
        x = (6364136223846793005 * x + 1442695040888963407) % 2**64
        draws.append(x >> 33)
    return draws


@pytest.mark.parametrize("seed", [1, 7, 11])
def test_generator(seed: int) -> None:
    assert lcg(seed, 1001).tolist() == plain_draws(seed, 1001)


@pytest.mark.parametrize("geometry", [HBM2, GDDR6])
def test_random_stream_draws_in_order(geometry: Geometry) -> None:
    stream, draws = pattern("rand_mix33_s3", geometry), iter(plain_draws(3, 5 * 400))
    for i in range(400):
        group, bank, row, column = (
            next(draws) % size
            for size in (geometry.bank_groups, geometry.banks_per_group, geometry.rows, geometry.columns)
        )
        assert (stream.bank_group[i], stream.bank[i], stream.row[i], stream.column[i]) == (
            group,
            bank,
            row,
            column,
        )
        assert stream.op[i] == (next(draws) % 100 < 33)


def test_interleaved_index() -> None:
    stream = pattern("stride17_bgint", HBM2)
    for i in (0, 1, 500, 8191):
        line = 17 * i
        assert stream.bank_group[i] == line % 4
        assert stream.column[i] == line // 4 % 32
        assert stream.bank[i] == line // 128 % 4
        assert stream.row[i] == line // 512


def test_pages_are_whole() -> None:
    stream = pattern("kv_page4k_s7", HBM2)
    page = plain_draws(7, 1)[0] % (4 * 4 * 32 * 32768 // 128)
    line = page * 128 + np.arange(128)
    assert stream.row[:128].tolist() == (line // 512 % 32768).tolist()
    assert stream.column[:128].tolist() == (line // 4 % 32).tolist()


def test_writes_of_lock_step_go_half_the_rows_away() -> None:
    stream = pattern("gemv_allbank_wr64", HBM2)
    assert stream.op.sum() == 512 and stream.op[63] == 1
    assert stream.row[63] == 16384 and stream.row[62] == 0


@pytest.mark.parametrize("name", PATTERNS)
def test_streams_stay_inside_the_device(name: str) -> None:
    stream = pattern(name, HBM2)
    limits = {"pc": 2, "bank_group": 4, "bank": 4, "row": 32768, "column": 32, "op": 2}
    for field, limit in limits.items():
        values = getattr(stream, field)
        assert values.dtype == np.int64 and values.flags.writeable and values.flags.c_contiguous
        assert values.min() >= 0 and values.max() < limit
    assert (np.diff(stream.at_cycle) >= 0).all()


def test_a_stream_for_more_pseudo_channels_than_there_are_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="two pseudo-channels"):
        pattern("dual_pc_rand_s10", GDDR6)
