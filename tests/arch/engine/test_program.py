"""Building programs: arrays as declared, and refusals."""

import numpy as np
import pytest

from bankside.arch.causes import COMPUTE, N_CAUSE, REDUCE, SYNC
from bankside.arch.engine.kinds import IN_LINE, Kind, priced, register
from bankside.arch.engine.program import ProgramBuilder, Stream

CHANNEL = register(Kind("test program channel", priced, IN_LINE))


def test_program_holds_words_and_dependencies_as_csr() -> None:
    b = ProgramBuilder()
    array, channel = b.unit("array", 500), b.unit("channel", 1000, CHANNEL, part=0)
    label = b.label("gemv")
    read = b.stream(channel, label, Stream(kind=0, first=64, count=8, min_gap=3), [])
    mac = b.fixed(array, label, [(COMPUTE, 7), (REDUCE, 2)], [read])
    b.fixed(array, label, [], [read, mac])
    program = b.build()
    assert program.n_ops == 3
    assert [program.words(i).tolist() for i in range(3)] == [[0, 64, 1, 8, 3], [COMPUTE, 7, REDUCE, 2], []]
    assert program.label.tolist() == [label] * 3
    assert [program.kinds[kind] for kind in program.unit_kind] == ["server", "test program channel"]
    assert (program.dep_start.tolist(), program.dep.tolist()) == ([0, 0, 1, 3], [0, 0, 1])
    assert program.unit_part.tolist() == [-1, 0]
    assert program.unit.dtype == np.int64


def test_a_cleared_builder_has_its_units_and_no_operations() -> None:
    b = ProgramBuilder()
    unit, label = b.unit("array", 500), b.label("gemv")
    b.fixed(unit, label, [(COMPUTE, 7)], [])
    b.clear()
    assert b.n_ops == b.build().n_ops == 0
    b.fixed(unit, label, [(COMPUTE, 7)], [])
    once = b.build()
    assert b.n_ops == b.build().n_ops == 0
    b.fixed(unit, label, [(COMPUTE, 7)], [])
    again = b.build()
    assert (again.op == once.op).all()
    assert again.unit_names == ("array",)


def test_empty_program_has_arrays_of_length_zero() -> None:
    program = ProgramBuilder().build()
    assert program.n_ops == 0
    assert program.work.shape == (0,)
    assert program.op.shape == (0,)


def test_refusals_are_sentences() -> None:
    b = ProgramBuilder()
    with pytest.raises(ValueError, match="period of unit x must be at least 1 fs, not 0"):
        b.unit("x", 0)
    unit, label = b.unit("x", 1), b.label("x")
    with pytest.raises(ValueError, match="Operation 0 cannot wait for operation 0"):
        b.fixed(unit, label, [], [0])
    with pytest.raises(ValueError, match="kind 'unheard of' of unit y is not registered"):
        b.unit("y", 1, Kind("unheard of", priced))
    with pytest.raises(ValueError, match=f"cannot cost 1 cycles of cause {N_CAUSE}"):
        b.fixed(unit, label, [(N_CAUSE, 1)], [])
    with pytest.raises(ValueError, match="cannot cost -1 cycles"):
        b.fixed(unit, label, [(SYNC, -1)], [])


def test_what_is_appended_is_what_one_by_one_would_be() -> None:
    def begun() -> tuple[ProgramBuilder, int, int]:
        b = ProgramBuilder()
        b.unit("x", 10)
        unit, label = b.unit("y", 100, CHANNEL), b.label("l")
        b.stream(unit, label, Stream(1, 5, 2), [])
        return b, unit, label

    one, unit, label = begun()
    words = np.array([5, 2]), np.array([0, 7, 1, 3, 0, COMPUTE, 2])
    deps = np.array([0, 2]), np.array([0, 1])
    assert one.append(np.full(2, label), np.full(2, unit), words, deps, 3) == 1
    one.fixed(0, label, [(REDUCE, 1)], [2])
    other, unit, label = begun()
    other.stream(unit, label, Stream(0, 7, 3), [])
    other.fixed(unit, label, [(COMPUTE, 2), (REDUCE, 0)], [0, 1])
    other.fixed(0, label, [(REDUCE, 1)], [2])
    mine, theirs = one.build(), other.build()
    for field in ("op", "work", "work_start", "dep_start", "dep", "unit_kind"):
        assert getattr(mine, field).tolist() == getattr(theirs, field).tolist()
    assert mine.unit.tolist() == [1, 1, 1, 0]
