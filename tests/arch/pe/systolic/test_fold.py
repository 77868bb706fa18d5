"""Where dimensions lie, and what the phases of one fold cost."""

from bankside.arch.pe.systolic.fold import IS, OS, WS, phases, port_roles, spatial, steps


def test_dimensions() -> None:
    assert [spatial(d, 2, 3, 5) for d in (WS, OS, IS)] == [(5, 3, 2), (2, 3, 5), (5, 2, 3)]


def test_phases() -> None:
    assert phases(WS, 8, 4, 10, 0, 0, 0) == (8, 10, 0)
    assert phases(IS, 8, 4, 10, 3, 4, 1) == (16, 40, 0)
    assert phases(OS, 8, 4, 10, 1, 3, 4) == (0, 30, 32)
    assert (steps(7, 0), steps(7, 7), steps(7, 3)) == (1, 1, 3)


def test_ports_by_operand() -> None:
    assert port_roles(WS, 1, 2, 3) == (2, 1, 3)
    assert port_roles(OS, 1, 2, 3) == (3, 1, 2)
    assert port_roles(IS, 1, 2, 3) == (1, 2, 3)
