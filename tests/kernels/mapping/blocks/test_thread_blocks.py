"""Thread blocks: what a cache saves, which cuts are looked at, and that a pin of them is one."""

import numpy as np
import pytest

import bankside as bs
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.blocks.thread_blocks import MATRIX, best_blocks, candidates, reads
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.resources import resources
from bankside.kernels.plan.steps import moved_bytes, total_bytes
from bankside.kernels.plan.tiling import Problem, fits, written_share

GPU = "xpu-a100"


def product(m: int, n: int, k: int) -> Problem:
    return Problem(1, m, n, k, 2, 2, 2, a_from_memory=True, out_to_memory=True)


def test_an_operand_that_the_cache_holds_is_read_once() -> None:
    core = load_machine(GPU).primary
    assert core.cache is not None
    assert core.cache.size == 40 * 2**20
    tile, whole = (np.array([128]), np.array([256])), np.array([1])
    assert reads(core, product(1024, 65536, 8192), tile, whole) == (1.0, 1.0)  # a is 16 MiB
    a, b = reads(core, product(8192, 8192, 8192), tile, whole)  # 128 MiB each
    assert 2.0 < a + b < 10
    small = load_machine(GPU, ["path.host.cache.size=1 MiB"]).primary
    assert sum(reads(small, product(8192, 8192, 8192), tile, whole)) >= a + b


def test_blocks_are_those_that_are_stated_and_fit() -> None:
    core = (machine := load_machine(GPU)).primary
    problem = product(512, 4096, 4096)
    node = resources(machine, core, problem)
    found = candidates(core, node, problem, {}, MATRIX)
    assert set(found.mt) == {16, 32, 64, 128, 256}
    for at in range(len(found.mt)):
        each = found.mapping(at)
        assert each.dealing is not None
        assert each.mt * each.nt <= 32768
        assert each.m_cores * each.mt >= problem.m > (each.m_cores - 1) * each.mt
        assert each.blocks == each.m_cores * each.n_cores * each.dealing.slices
        assert fits(problem, node, each)
    assert set(candidates(core, node, product(4, 4096, 4096), {}, MATRIX).mt) == {16}


@pytest.mark.parametrize("rows", [64, 8192])
def test_many_ways_side_by_side_are_what_each_is_by_itself(rows: int) -> None:
    core = (machine := load_machine(GPU)).primary
    problem = product(rows, 9000, 8192)
    found = candidates(core, resources(machine, core, problem), problem, {}, MATRIX)
    written = written_share(found.waves, found.posted, found.cores, found.blocks)
    byte = moved_bytes(problem, found.a_reads, found.b_reads, np.asarray(written))
    for at in range(len(found.mt)):
        each = found.mapping(at)
        assert (each.blocks, each.counts(problem)[0]) == (found.blocks[at], found.waves[at])
        assert total_bytes(problem, each) == byte[at]


def test_a_single_row_runs_on_the_lanes_and_more_on_the_matrix_unit() -> None:
    core = (machine := load_machine(GPU)).primary
    for rows, unit, tile in ((1, "vector", 1), (2, "matrix", 16)):
        problem = product(rows, 4096, 4096)
        node = resources(machine, core, problem)
        assert {(each.unit, each.mt) for each in best_blocks(core, node, problem)} == {(unit, tile)}
        assert {each.unit for each in best_blocks(core, node, problem, unit="matrix")} == {"matrix"}
        assert bool(best_blocks(core, node, problem, unit="vector")) == (rows == 1)


def test_a_tile_more_than_there_are_cores_takes_a_wave_more() -> None:
    core = (machine := load_machine(GPU)).primary
    steps = {}
    for n in (108, 109):
        problem = product(128, 256 * n, 8192)
        pinned = {"tile.m": 128, "tile.n": 256, "tile.k": 32, "blocks.k": 1}
        (one,) = best_blocks(core, resources(machine, core, problem), problem, pinned)
        steps[n] = one.counts(problem)[0]
    assert steps == {108: 1, 109: 2}


def test_cores_without_stated_blocks_have_none() -> None:
    core = (machine := load_machine("hybrid-3d")).primary
    problem = product(64, 512, 512)
    assert best_blocks(core, resources(machine, core, problem), problem) == []
    pin = PinSpec(operator="gemm", blocks={"batch": 1, "m": 1, "n": 2, "k": 1})
    with pytest.raises(ConfigError, match=r"blocks.n = 2.*has no thread blocks"):
        bs.simulate(bs.kernel("gemm", m=64, n=512, k=512), machine, mapping=[pin])


def test_blocks_and_cores_exclude_each_other() -> None:
    pin = PinSpec(operator="gemm", blocks={"n": 2}, cores={"n": 2})
    with pytest.raises(ConfigError, match="has cores and blocks"):
        bs.simulate(bs.kernel("gemm", m=64, n=512, k=512), load_machine(GPU), mapping=[pin])


def test_a_pin_of_blocks_is_what_runs() -> None:
    kernel, machine = bs.kernel("gemm", m=64, n=1024, k=1024, format="bf16"), load_machine(GPU)
    pin = PinSpec(operator="gemm", tile={"m": 64, "n": 64}, blocks={"k": 2})
    (ran,) = bs.simulate(kernel, machine, mapping=[pin]).document["mapping"]["operators"]
    assert ran["blocks"] == {"batch": 1, "m": 1, "n": 16, "k": 2}
    assert (ran["tile"]["m"], ran["tile"]["n"]) == (64, 64)
    with pytest.raises(ConfigError, match=r"blocks.k = 64.*none of that many"):
        bs.simulate(kernel, machine, mapping=[PinSpec(operator="gemm", blocks={"k": 64})])
