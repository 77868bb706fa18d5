"""What nodes and tiles have of weights whose values are known."""

from dataclasses import replace

import numpy as np
import pytest

from bankside.arch.pe.regions import Regions
from bankside.arch.pe.unit import Decided
from bankside.kernels.formats import FORMATS
from bankside.kernels.plan.parts import bytes_of, core_tiles, known, part_of
from bankside.kernels.plan.steps import Nests
from bankside.kernels.plan.tiling import Mapping, Problem

EACH = np.random.default_rng(1).integers(1, 9, (3, 24, 8)).astype(np.float64)
REGIONS = Regions.of("digest", 4, EACH)
DECIDED = Decided(float(EACH[0].mean()), float(EACH[1].mean()), float(EACH[2].mean() / 4), REGIONS)
FORMAT = replace(
    FORMATS["int8"],
    element_bits=0,
    block=32,
    scale_bits=int(np.ceil(DECIDED.element_bit * 32)),
    decided=DECIDED,
)


def test_a_node_has_the_means_of_its_share() -> None:
    own = part_of(FORMAT, (8, 16), (0, 32))
    assert known(own) and own.decided is not None
    assert own.decided.lane_cycle == pytest.approx(EACH[1, 8:16].mean())
    assert own.bits == pytest.approx(EACH[2, 8:16].mean() / 4, abs=1 / 32)
    assert part_of(FORMATS["int8"], (0, 1), (0, 1)) is FORMATS["int8"] and not known(FORMATS["int8"])


def test_tiles_have_their_own_bytes_and_cycles() -> None:
    own = part_of(FORMAT, (4, 24), (0, 32))
    problem = Problem(1, 2, 20, 32, 1.0, own.bits / 8, 1.0, False, False, (FORMATS["int8"], own), at=(4, 0))
    mapping = Mapping(1, 1, 2, 2, 4, 16, "nk", "matrix")
    nest = Nests(problem, [mapping]).steps()
    byte = bytes_of(problem, nest)
    assert byte.sum() == pytest.approx(EACH[2, 4:].sum() / 8, rel=0.05)
    sizes, part = core_tiles(problem, mapping, nest)
    assert sizes.shape == (3, 2, len(nest.kt)) and sizes[1].sum() == 2 * 20
    first = EACH[0, 4:8, :4].mean(), EACH[0, 8:12, :4].mean()
    assert part.round_cycle[:, 0] == pytest.approx(first)
    last = len(nest.kt) - 1
    assert part.lane_cycle[0, last] == pytest.approx(EACH[1, 20:22, 4:].mean())
