"""The unit `sparsity`: figures of cases, what it recommends, and cells that are wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bankside.arch.spec import ConfigError
from bankside.unit import sparsity as unit

SIZE = {"rows": "1024", "cols": "1024"}


def run(**case: str) -> dict[str, Any]:
    return unit.run_case(case)


@pytest.mark.parametrize(
    ("case", "printed"),
    [
        ({"encoding": "bitmap", "density": "0.05"}, 20),
        ({"encoding": "rle", "density": "0.01", "run_bits": "4", "bits": "8"}, 72.7851),
        ({"encoding": "rle", "density": "0.05", "run_bits": "5", "bits": "16"}, 10.0453),
        ({"encoding": "csr", "density": "0.05"}, 10.3128),
        ({"encoding": "csc", "density": "0.05"}, 10.3128),
        ({"encoding": "coo", "density": "0.2"}, 20),
        ({"encoding": "nm-index", "n": "2", "m": "8"}, 3),
        ({"encoding": "nm-bitmap", "n": "4", "m": "8"}, 2),
        ({"encoding": "nm-rank", "n": "2", "m": "4"}, 1.5),
        ({"encoding": "two-level", "density": "0.2", "block": "8"}, 4.78614),
    ],
)
def test_metadata_of_random_matrices(case: dict[str, str], printed: float) -> None:
    assert run(**SIZE, **case)["metadata_bits_per_nonzero"] == pytest.approx(printed, rel=1e-5)


def test_groups_take_n_cycles() -> None:
    found = run(**SIZE, encoding="nm-bitmap", n="2", m="8", bits="16")
    assert found["decoder_cycles"] == 1024 * 128 * 2
    assert found["elements_per_cycle"] == 4
    assert found["of_dense"] == 0.3125


def test_a_drawn_matrix_is_counted() -> None:
    found = run(rows="64", cols="64", encoding="bitmap", seed="1", pattern="rows", density="0.25")
    assert found["total_bits"] == 64 * 64 + 16 * 64 * 8
    # whole rows alone: a bit for each row, and one for each element of those that are kept
    rows = run(
        rows="64", cols="64", encoding="two-level", block="64", seed="1", pattern="rows", density="0.25"
    )
    assert rows["total_bits"] == 64 + 16 * 64 + 16 * 64 * 8
    blocked = run(rows="64", cols="64", encoding="csr", seed="1", pattern="block", block="8x8", density="0.5")
    assert blocked["total_bits"] == 2048 * 8 + 2048 * 6 + 65 * 12


def test_a_file_and_a_recommendation(tmp_path: Path) -> None:
    path = tmp_path / "mask.npy"
    np.save(path, np.tile([1, 0, 0, 2], (16, 32)).astype(np.int8))
    found = run(tensor=str(path), bits="4")
    # C(4, 2) = 6 choices in 3 bits
    assert (found["encoding"], found["total_bits"]) == ("nm-rank", 16 * 32 * (2 * 4 + 3))
    assert found["next"] == "bitmap along rows, whole"  # as large as indices and bitmaps of groups
    assert run(tensor=str(path), encoding="bitmap")["total_bits"] == 16 * 128 + 16 * 64 * 8


def test_the_order_of_access_decides() -> None:
    sparse = SIZE | {"density": "0.002"}
    assert run(**sparse, order="rows")["encoding"] == "csr"
    assert run(**sparse, order="columns")["encoding"] == "csc"
    assert run(**SIZE, density="0.95")["encoding"] == "dense"


def test_bad_cells_are_sentences() -> None:
    for case, told in (
        (SIZE | {"n": "5", "m": "4"}, "n must be at most m: 5:4 keeps more than there is."),
        (
            {"rows": "4", "cols": "6", "encoding": "nm-index"},
            "cols: groups of 4 do not divide a row of 6 elements.",
        ),
        (SIZE | {"encoding": "nm-index", "density": "0.3"}, "density of 2:4 is 0.5, not 0.3."),
        (SIZE | {"encoding": "ellpack"}, "encoding must be one of dense"),
        (SIZE | {"density": "0"}, "density must be above 0."),
        (SIZE | {"block": "4x"}, "block must be a number"),
        ({"rows": "100000", "cols": "100000", "seed": "0"}, "A drawn matrix has 67108864 elements at most"),
        ({"cols": "3"}, "rows is missing."),
    ):
        with pytest.raises(ConfigError) as caught:
            unit.run_case(case)
        assert told in caught.value.errors[0], caught.value.errors


def test_what_was_not_given_is_missing_and_nothing_else() -> None:
    with pytest.raises(ConfigError) as caught:
        unit.run_case({"encoding": "nm-index", "n": "2", "m": "4"})
    assert caught.value.errors == ["rows is missing.", "cols is missing."]
