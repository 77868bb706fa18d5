"""Passes in runs are the same passes, and those told alike have the same pieces."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.machine.machine import load_machine
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.lower.pim.passes import Passes, cut_into, in_passes
from bankside.kernels.mapping.cores import hub_of

BF16 = (FORMATS["bf16"],) * 3


def each(passes: Passes) -> list[list[int]]:
    return np.repeat(passes.shapes, passes.times, axis=1).T.tolist()


@given(st.lists(st.tuples(*[st.integers(1, 3)] * 3), min_size=1, max_size=30))
def test_runs_hold_every_pass_in_its_place(shapes: list[tuple[int, int, int]]) -> None:
    passes = Passes.of(*np.array(shapes, dtype=np.int64).T)
    assert each(passes) == [list(shape) for shape in shapes]
    assert not np.all(passes.shapes[:, 1:] == passes.shapes[:, :-1], axis=0).any()
    rows = {(n, k): 0 for _, n, k in shapes}
    for m, n, k in shapes:
        rows[n, k] += m
    assert passes.together.T.tolist() == [[rows[pair], *pair] for pair in sorted(rows)]


def test_a_product_is_cut_into_whole_passes_and_the_rest() -> None:
    passes = in_passes((7, 5, 3), 3)
    assert passes.shapes.T.tolist() == [[3, 5, 3], [1, 5, 3]] and passes.times.tolist() == [2, 1]
    assert cut_into(7, 3).tolist() == [3, 3, 1]


@pytest.mark.parametrize(
    ("name", "cut"), [("aim", 64), ("attacc-bank", 100), ("hbm-pim", 33), ("lp5x-pim", 48)]
)
@pytest.mark.parametrize("vary", [1, 2])
def test_pieces_of_many_kinds_are_those_of_each_pass_by_itself(name: str, cut: int, vary: int) -> None:
    """`vary`: outputs or depth grow, as tokens do for scores and for sums."""
    machine = load_machine(name)
    core = machine.primary
    banks = Banks(Lowering(machine), core, hub_of(machine, core), 0)
    rows = 1 if core.spec.sums else min(3, core.spec.accumulators or 3)
    tokens = np.repeat(np.arange(1, 400, 3), 2)
    sizes = (tokens, 40) if vary == 1 else (40, tokens)
    passes = Passes.of(np.full(len(tokens), rows), *sizes)
    together = banks.pieces(1, passes, BF16, cut)
    alone = [
        banks.pieces(1, Passes(passes.shapes[:, [i]], np.array([2])), BF16, cut)
        for i in range(len(tokens) // 2)
    ]
    of_alone = zip(*(astuple(one)[1:5] for one in alone), strict=True)
    order, at = [], 0
    for first, end, times in together.loops:
        order += [*range(at, first), *list(range(first, end)) * times]
        at = end
    order += range(at, len(together))
    for made, wanted in zip(astuple(together)[1:5], of_alone, strict=True):
        assert made[order].tolist() == np.concatenate(wanted).tolist()
