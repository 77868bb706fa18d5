"""Where tensors lie as a phase goes on: parts with their whole, copies at several core kinds, the last one made."""

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import MatMul, Tensor
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.places import Places
from bankside.kernels.plan.split import Split

BF16 = FORMATS["bf16"]
START = Placement("pe", (("rows", 4),), "hbm")
COLUMNS, WHOLE = Placement("pe", (("columns", 4),)), Placement("host", copies=1)
X = Tensor("x", (8, 64), BF16)


def test_what_nothing_placed_lies_where_the_phase_begins() -> None:
    places = Places(START)
    assert places.latest((X,), "pe").placement == START
    assert places.find(X, "host") is None
    assert list(places.missing((X,), "host")) == [("pe", [(X, START)])]


def test_a_part_lies_where_the_whole_lies_until_it_is_placed_itself() -> None:
    places, half = Places(START), X.part("half", (4, 64))
    places.put(X, COLUMNS)
    assert places.latest((half,), "pe").placement == COLUMNS
    assert (
        places.latest((half.part("quarter", (2, 64)),), "pe").placement == START
    )  # its whole was never named
    places.put(half, Placement("pe", (("rows", 2),)))
    assert places.latest((half.part("quarter", (2, 64)),), "pe").placement.axes == ("rows",)
    assert places.latest((X,), "pe").placement == COLUMNS


def test_what_a_part_s_width_is_follows_from_what_was_placed() -> None:
    places = Places(START)
    places.put(X, COLUMNS)
    assert places.latest((X.part("few", (8, 3)),), "pe").width == 16
    places.put(Tensor("odd", (8, 63), BF16), COLUMNS)
    assert places.latest((Tensor("odd", (8, 63), BF16),), "pe").width == 1
    assert places.latest((Tensor("new", (8, 64), BF16),), "pe").width is None


def test_operands_of_a_function_lie_as_the_last_that_was_made() -> None:
    places, y = Places(START), Tensor("y", (8, 64), BF16)
    places.put(X, COLUMNS)
    assert places.latest((X, y), "pe").placement == COLUMNS
    places.put(y, Placement("pe", (("heads", 4),)))
    assert places.latest((X, y), "pe").placement.axes == ("heads",)
    with pytest.raises(LookupError, match="before it is brought there"):
        places.latest((X,), "host")


def test_what_arrives_is_at_every_node_and_still_where_it_came_from() -> None:
    places = Places(START)
    places.put(X, COLUMNS)
    places.arrive((X,), "host", 1)
    assert places.latest((X,), "host").placement == WHOLE
    assert places.latest((X,), "pe").placement == COLUMNS
    assert list(places.missing((X,), "host")) == []


def test_results_that_are_part_of_a_tensor_place_it() -> None:
    a, b = Tensor("a", (2, 4), BF16), Tensor("b", (4, 3), BF16, "weights")
    op = MatMul("p", 1, 2, 3, 4, a, b, Tensor("out.low", (2, 3), BF16, of="out"))
    tensors = {"a": Placement("pe", copies=4), "b": START, "out.low": COLUMNS}
    places = Places(START)
    places.apply(op, OperatorPlan("p#1", "pe", "pe", Split(1, 3, 4), tensors))
    assert places.latest((Tensor("out", (2, 5), BF16),), "pe").placement == COLUMNS
    assert places.latest((a,), "pe").placement.whole
