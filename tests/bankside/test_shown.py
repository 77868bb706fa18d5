"""The Python front door: three calls, and a result that prints and draws itself."""

import bankside as bs


def test_three_calls_give_a_result_that_prints_itself() -> None:
    result = bs.simulate(bs.kernel("gemv", m=256, k=256), bs.machine("hybrid-3d"))
    text = str(result)
    assert "hybrid-3d" in text
    assert "Where the cycles go" in text
    assert sum(result.cycle_stack.values()) == result.cycles
    assert "<pre" in result._repr_html_() or "<table" in result._repr_html_()
    assert "\x1b" not in text
