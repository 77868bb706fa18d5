"""Encodings against strings of bits, matrices back from their codes, and printed figures of random matrices."""

import numpy as np
import numpy.typing as npt
import pytest
from tests.oracles import sparse_bits as oracle

from bankside.arch.spec import ConfigError
from bankside.kernels.sparsity.encoding import Encoding, Statistics
from bankside.kernels.sparsity.known import GROUPED, NAMES, encoding
from bankside.kernels.sparsity.pattern import keep, keep_blocks, keep_nm

Int64s = npt.NDArray[np.int64]


def matrices(seed: int = 3) -> list[Int64s]:
    draw = np.random.default_rng(seed)
    made = [
        draw.integers(1, 256, (rows, columns)) * (draw.random((rows, columns)) < density)
        for rows, columns in ((1, 8), (5, 16), (16, 24), (9, 40))
        for density in (0.02, 0.1, 0.5, 1.0)
    ]
    return [*made, np.zeros((3, 8), np.int64), np.eye(8, dtype=np.int64)]


def wanted(name: str, matrix: Int64s, bits: int) -> int:
    rows = matrix.tolist()
    if name == "rle":
        return oracle.rle(rows, bits, 3)
    if name == "two-level":
        return oracle.two_level(rows, bits, 6)
    return {
        "dense": oracle.dense,
        "bitmap": oracle.bitmap,
        "csr": oracle.csr,
        "csc": oracle.csc,
        "coo": oracle.coo,
    }[name](rows, bits)


def made(name: str) -> Encoding:
    return encoding(name, run_bits=3, block=6)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in GROUPED])
def test_bits_equal_the_written_string_and_the_matrix_comes_back(name: str) -> None:
    for matrix in matrices():
        found = made(name).encode(matrix, 8)
        assert found.metadata_bits == made(name).metadata_bits(matrix != 0, 8) == wanted(name, matrix, 8)
        np.testing.assert_array_equal(made(name).decode(found), matrix)


@pytest.mark.parametrize("name", GROUPED)
@pytest.mark.parametrize(("n", "m"), [(1, 2), (2, 4), (3, 4), (4, 4), (1, 8), (3, 8), (4, 8), (5, 8)])
def test_groups_equal_the_written_string_and_the_matrix_comes_back(name: str, n: int, m: int) -> None:
    draw = np.random.default_rng(n * m)
    for full in (True, False):
        scores = draw.standard_normal((7, 3 * m))
        matrix = draw.integers(1, 256, scores.shape) * keep_nm(scores, n, m)
        if not full:
            matrix *= draw.random(scores.shape) < 0.7
        one = encoding(name, (n, m))
        found = one.encode(matrix, 8)
        assert found.metadata_bits == oracle.nm(matrix.tolist(), 8, n, m, name)
        assert found.values.size == 7 * 3 * n == one.steps(matrix != 0)
        np.testing.assert_array_equal(one.decode(found), matrix)


def test_ranks_take_the_fewest_bits() -> None:
    assert [
        encoding("nm-rank", nm).metadata_bits(np.zeros((1, nm[1]), bool), 0) for nm in ((2, 4), (4, 8))
    ] == [3, 7]


@pytest.mark.parametrize(
    ("bits", "ratio"),
    [(16, 0.5625), (8, 0.625), (4, 0.75)],
)
def test_two_of_four_take_the_published_share(bits: int, ratio: float) -> None:
    for name in ("nm-index", "nm-bitmap"):
        statistics = Statistics(64, 64, 0.5)
        total = statistics.nonzeros * bits + encoding(name, (2, 4)).expected_bits(statistics, bits)
        assert total / (64 * 64 * bits) == ratio


def test_index_and_bitmap_of_groups_cross_at_m_over_log_m() -> None:
    for m in (2, 4, 8, 16, 32):
        for n in range(1, m + 1):
            one, other = (encoding(name, (n, m)) for name in ("nm-bitmap", "nm-index"))
            statistics = Statistics(1, m, n / m)
            difference = one.expected_bits(statistics, 8) - other.expected_bits(statistics, 8)
            assert np.sign(difference) == np.sign(m / np.log2(m) - n)


@pytest.mark.parametrize(
    ("name", "density", "shape", "bits", "printed"),
    [
        ("rle", 0.01, (1024, 1024), 8, 134.385),
        ("rle", 0.1, (1024, 1024), 16, 17.3607),
        ("csr", 0.01, (128, 128), 8, 13.2988),
        ("csr", 0.2, (1024, 1024), 8, 10.088),
        ("coo", 0.5, (4096, 4096), 8, 24),
        ("bitmap", 0.05, (128, 128), 8, 20),
    ],
)
def test_means_over_random_matrices(
    name: str, density: float, shape: tuple[int, int], bits: int, printed: float
) -> None:
    statistics = Statistics(*shape, density)
    assert made(name).expected_bits(statistics, bits) / statistics.nonzeros == pytest.approx(
        printed, rel=5e-6
    )


@pytest.mark.parametrize(("block", "printed"), [(4, 8.70988), (8, 9.23159), (16, 12.4475), (32, 16.7508)])
def test_means_of_two_levels(block: int, printed: float) -> None:
    statistics = Statistics(512, 512, 0.05)
    found = encoding("two-level", block=block).expected_bits(statistics, 8) / statistics.nonzeros
    assert found == pytest.approx(printed, rel=1e-5)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in GROUPED])
@pytest.mark.parametrize("density", [0.03, 0.3])
def test_random_matrices_lie_about_the_mean(name: str, density: float) -> None:
    draw, one = np.random.default_rng(8), made(name)
    statistics = Statistics(60, 90, density)
    masks = [draw.random((60, 90)) < density for _ in range(400)]
    bits = [one.metadata_bits(mask, 8) for mask in masks]
    steps = [one.steps(mask) for mask in masks]
    # pointers are as wide as the number of values asks for
    slack = {"csr": 61, "csc": 91}.get(name, 0)
    # the mean is of an endless string; one that ends has no explicit zeros after its last value
    broken = (1 - density) ** 8
    unwritten = broken / (1 - broken) if name == "rle" else 0.0
    assert (
        abs(np.mean(bits) + 11 * unwritten - one.expected_bits(statistics, 8))
        <= 3 * np.std(bits) / 20 + slack
    )
    assert abs(np.mean(steps) + unwritten - one.expected_steps(statistics)) <= 3 * np.std(steps) / 20


def test_patterns_keep_what_they_say() -> None:
    draw = np.random.default_rng(4)
    scores = draw.standard_normal((8, 32))
    two = keep(scores, "nm", 0.0, (2, 8), (1, 1))
    assert (two.reshape(-1, 8).sum(axis=1) == 2).all()
    sizes = np.abs(scores).reshape(-1, 8)
    assert (
        np.where(two.reshape(-1, 8), sizes, np.inf).min(axis=1) >= np.partition(sizes, -2, axis=1)[:, -2]
    ).all()
    assert keep(scores, "unstructured", 0.25, (2, 4), (1, 1)).sum() == 64
    assert sorted(keep(scores, "rows", 0.5, (2, 4), (1, 1)).sum(axis=1)) == [0] * 4 + [32] * 4
    assert sorted(keep(scores, "columns", 0.25, (2, 4), (1, 1)).sum(axis=0)) == [0] * 24 + [8] * 8
    blocked = keep_blocks(scores, 0.5, (4, 4)).reshape(2, 4, 8, 4).sum(axis=(1, 3))
    assert set(blocked.reshape(-1)) == {0, 16} and blocked.sum() == 8 * 16


def test_more_than_a_group_has_is_refused() -> None:
    with pytest.raises(ConfigError, match="5:4 keeps more"):
        encoding("nm-index", (5, 4))
    with pytest.raises(ConfigError, match="Groups of 4 do not divide a row of 6 elements"):
        keep_nm(np.ones((2, 6)), 2, 4)
    with pytest.raises(ConfigError, match="A group of the matrix has 3 values, and 2:4 keeps 2"):
        encoding("nm-bitmap", (2, 4)).encode(np.array([[1, 2, 3, 0]]), 8)
    with pytest.raises(ConfigError, match="ranks have 62 bits at most"):
        encoding("nm-rank", (64, 128))
