"""Placements in their serial form; what crosses between two of them is held in lower/test_operands.py."""

from bankside.kernels.plan.placement import Placement, crossing

WHOLE, ROWS = Placement("pe", copies=4), Placement("pe", (("rows", 4),))


def test_the_serial_form_says_what_differs_from_the_usual() -> None:
    assert WHOLE.as_dict() == {"nodes": "pe", "copies": 4}
    assert ROWS.as_dict() == {"nodes": "pe", "split": {"rows": 4}}
    resting = Placement("pe", (("batch", 2), ("rows", 3)), "hbm")
    assert resting.as_dict() == {"nodes": "pe", "memory": "hbm", "split": {"batch": 2, "rows": 3}}
    assert (resting.axes, resting.parts("rows"), resting.parts("columns")) == (("batch", "rows"), 3, 1)


def test_what_every_node_has_needs_nothing_and_what_every_node_needs_is_gathered() -> None:
    assert crossing(WHOLE, ROWS) is None
    assert crossing(ROWS, WHOLE) == "all_gather"


def test_as_many_parts_of_an_axis_are_the_same_and_others_are_dealt_anew() -> None:
    assert crossing(ROWS, Placement("pe", (("rows", 4),))) is None
    assert crossing(ROWS, Placement("pe", (("rows", 3),))) == "all_to_all"
    few, many = (Placement("pe", (("batch", parts),)) for parts in (2, 4))
    assert crossing(few, many) is None
