"""Trains that run by themselves end as programs of them do."""

import numpy as np
import pytest

from bankside.arch.causes import COMPUTE, LAUNCH, LINK_SERIAL, NONLINEAR, REDUCE
from bankside.arch.engine.alone import Alone
from bankside.arch.engine.execute import execute
from bankside.arch.engine.hardware import NO_HARDWARE
from bankside.arch.engine.kinds import DELAY
from bankside.arch.engine.program import COSTS, LATEST_FS, ProgramBuilder, RunTooLongError
from bankside.arch.engine.trains import COST, Chained, Closes, Opens, Tiles, ops_of, weave

CHAIN = np.array([[0, COST, LINK_SERIAL, 0, 0, 0, 1], [1, COST, LAUNCH, 0, 1, 7, 64]])
NOTHING = np.zeros(0, dtype=np.int64)


def units() -> ProgramBuilder:
    builder = ProgramBuilder()
    builder.unit("channel", 10)
    builder.unit("path", 1, DELAY)
    builder.unit("matrix", 3)
    builder.label("x")
    return builder


def train(seed: int, steps: int, scale: int = 1) -> Chained:
    rng = np.random.default_rng(seed)
    cycles = np.zeros((steps, 1, COSTS), dtype=np.int64)
    cycles[:, 0] = rng.integers(0, 90, (steps, COSTS)) * scale
    tiles = Tiles(
        np.arange(steps),
        np.full((steps, 1), 2),
        np.array([[COMPUTE, NONLINEAR, 1, 2, 3]]),
        cycles,
        np.zeros(2, int),
    )
    opens, closes = (
        Opens((rng.random(steps) < 0.2).astype(np.int64), 1, LAUNCH, 40),
        Closes(1, REDUCE, 11 * (seed % 2)),
    )
    count, rate = rng.integers(0, 3, (steps, 2)) * rng.integers(0, 20, (steps, 2)), np.array([2.5, 0.25])
    return Chained(
        0, CHAIN, rate, 1, 0, 500, count, tiles, opens, closes, 2, np.zeros(3, int), NOTHING, NOTHING
    )


def as_program(made: Chained) -> ProgramBuilder:
    builder, woven = units(), weave(made)
    assert ops_of(made) == len(woven.unit)
    builder.append(woven.label, woven.unit, (woven.words, woven.work), (woven.deps, woven.dep), 0)
    return builder


def test_a_train_alone_ends_as_its_program() -> None:
    alone = Alone(units(), NO_HARDWARE)
    for seed in range(12):
        made = train(seed, 1 + 7 * seed)
        found = alone.ends_fs(made)
        assert found is not None
        expected, woven = execute(as_program(made).build()).end_fs, weave(made)
        assert found[0] == expected.max()
        assert found[1].tolist() == expected[woven.tile_at].tolist()


def test_a_train_of_which_every_step_brings_takes_and_opens_has_room_enough() -> None:
    alone = Alone(units(), NO_HARDWARE)
    opens = Opens(np.ones(83, dtype=np.int64), 1, LAUNCH, 40)
    made = train(1, 83)._replace(bursts=np.full((83, 2), 5), opens=opens)
    found = alone.ends_fs(made)
    assert found is not None
    assert found[0] == execute(as_program(made).build()).end_fs.max()


def test_more_operations_than_are_kept_are_refused_before_there_are_arrays_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, builder = train(3, 9), units()
    monkeypatch.setattr("bankside.arch.engine.program.MOST_OPS", ops_of(made))
    builder.reserve(ops_of(made))
    with pytest.raises(RunTooLongError, match=f"has {ops_of(made) + 1} tile operations or more"):
        builder.reserve(ops_of(made) + 1)
    as_program(made)
    assert Alone(units(), NO_HARDWARE).ends_fs(made) is not None
    monkeypatch.setattr("bankside.arch.engine.alone.MOST_OPS", ops_of(made) - 1)
    assert Alone(units(), NO_HARDWARE).ends_fs(made) is None


def test_what_does_not_run_says_so_as_a_program() -> None:
    made = train(1, 9, LATEST_FS // 300)
    assert Alone(units(), NO_HARDWARE).ends_fs(made) is None
    with pytest.raises(RunTooLongError):
        execute(as_program(made).build())
