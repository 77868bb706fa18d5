"""The mapper: what it chooses fits, covers the problem and is no slower than plain tiling."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.spec import ConfigError
from bankside.kernels.mapping import ACCUMULATOR_BYTES, Problem, Resources, choose


def node(cores: int = 4, sram: float = 64 * 1024, rows: int = 16, cols: int = 16) -> Resources:
    def cycles(m: int, n: int, k: int) -> tuple[int, int, str]:
        folds = math.ceil(k / rows) * math.ceil(n / cols)
        return rows + folds * max(m, rows) + rows + cols - 2, folds * max(m, rows), "matrix"

    return Resources(cores, sram, 1e9, 100e9, 50e-9, 1e9, rows, cols, cycles)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(1, 300), st.integers(1, 3000), st.integers(1, 3000))
def test_chosen_tile_fits_twice_and_covers(batch: int, m: int, n: int, k: int) -> None:
    problem = Problem(batch, m, n, k, 2, 2, 2, a_from_memory=True, out_to_memory=True)
    resources = node()
    chosen = choose(problem, resources)
    buffers = 2 * chosen.kt * (chosen.mt + chosen.nt) * 2
    kept = chosen.nt if chosen.order == "nk" else math.ceil(n / chosen.n_cores)
    assert buffers + chosen.mt * kept * ACCUMULATOR_BYTES <= resources.sram_bytes
    assert chosen.batch_cores * chosen.m_cores * chosen.n_cores <= resources.cores
    per_core = [math.ceil(m / chosen.m_cores / chosen.mt), math.ceil(n / chosen.n_cores / chosen.nt)]
    rounds = math.ceil(batch / chosen.batch_cores)
    assert chosen.tiles >= rounds * math.prod(per_core) * math.ceil(k / chosen.kt)


def test_weights_are_read_once_when_rows_fit() -> None:
    chosen = choose(Problem(1, 16, 4096, 4096, 2, 2, 2, False, False), node())
    assert chosen.read_bytes == 4096 * 4096 * 2


def test_more_bandwidth_is_never_slower() -> None:
    problem = Problem(1, 64, 1024, 1024, 2, 2, 2, True, True)
    slow = choose(problem, node()).time_s
    fast_node = Resources(**{**node().__dict__, "bandwidth_bytes_per_s": 200e9})
    assert choose(problem, fast_node).time_s <= slow


def test_a_scratchpad_too_small_for_any_tile_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="No tile of 1 x 16 x 16 fits the 64 B SRAM"):
        choose(Problem(1, 4, 64, 64, 2, 2, 2, True, True), node(sram=64))
