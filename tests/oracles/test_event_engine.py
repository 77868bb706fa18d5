"""The naive engine against a schedule drawn by hand, and its own rules on random programs."""

import random
from itertools import pairwise

import pytest
from tests.oracles.event_engine import Op, Timeline, critical_path, next_edge_fs, run

C = "compute"


def random_program(seed: int) -> tuple[list[Op], list[int]]:
    draw = random.Random(seed)
    periods = [draw.choice([1, 2, 3, 7, 10]) for _ in range(draw.randint(1, 4))]
    ops = []
    for i in range(draw.randint(1, 30)):
        deps = tuple(sorted(draw.sample(range(i), min(i, draw.randint(0, 3)))))
        work = {c: draw.randint(1, 9) for c in draw.sample(["compute", "dram_data", "noc_hop"], 2)}
        ops.append(Op(draw.randrange(len(periods)), work, deps))
    return ops, periods


def test_hand_drawn_schedule_of_two_units() -> None:
    ops = [
        Op(0, {"dram_data": 4}),  # 0..40
        Op(0, {"dram_data": 3, "dram_refresh": 1}),  # 40..80
        Op(1, {C: 5}, (0,)),  # ready 40, edge 42, ends 57
        Op(1, {C: 5}, (1,)),  # ready 80, edge 81, ends 96
        Op(1, {C: 20}, (0,)),  # ready 40, unit free 57, ends 117: op 3 waits for it until 117, ends 132
    ]
    timeline = run(ops, [10, 3])
    assert timeline.start_fs == [0, 40, 42, 117, 57]
    assert timeline.end_fs == [40, 80, 57, 132, 117]
    path, split = critical_path(ops, [10, 3], timeline)
    assert path == [3, 4, 2, 0]
    assert split == {C: 90, "dram_data": 40, "sync": 2}


def test_first_ready_goes_first_and_index_breaks_ties() -> None:
    ops = [Op(0, {C: 8}), Op(1, {C: 2}), Op(2, {C: 5}, (0,)), Op(2, {C: 5}, (1,)), Op(2, {C: 5}, (1,))]
    assert run(ops, [1, 1, 1]).start_fs == [0, 0, 12, 2, 7]


def test_callable_work_sees_its_start_and_is_called_in_time_order() -> None:
    seen = []

    def stateful(start_fs: int) -> dict[str, int]:
        seen.append(start_fs)
        return {"dram_data": len(seen)}

    ops = [Op(0, stateful, (1,)), Op(1, {C: 7}), Op(0, stateful)]
    assert run(ops, [5, 1]) == Timeline([10, 0, 0], [20, 7, 5], [{"dram_data": 2}, {C: 7}, {"dram_data": 1}])
    assert seen == [0, 10]


def test_a_dependency_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        run([Op(0, {C: 1}, (1,)), Op(0, {C: 1}, (0,))], [1])


def test_no_ops_take_no_time() -> None:
    assert critical_path([], [1], run([], [1])) == ([], {})


def test_t8_random_programs_obey_every_rule() -> None:
    for seed in range(200):
        ops, periods = random_program(seed)
        timeline = run(ops, periods)
        ready = [max((timeline.end_fs[d] for d in op.deps), default=0) for op in ops]
        for unit, period in enumerate(periods):
            mine = sorted(
                (i for i in range(len(ops)) if ops[i].unit == unit), key=lambda i: timeline.start_fs[i]
            )
            assert mine == sorted(mine, key=lambda i: (ready[i], i))
            free = 0
            for i in mine:
                assert timeline.start_fs[i] == next_edge_fs(max(ready[i], free), period)
                assert timeline.end_fs[i] - timeline.start_fs[i] == sum(timeline.causes[i].values()) * period
                free = timeline.end_fs[i]


def test_t8_split_of_the_critical_path_sums_to_the_end() -> None:
    for seed in range(200):
        ops, periods = random_program(seed)
        timeline = run(ops, periods)
        path, split = critical_path(ops, periods, timeline)
        assert sum(split.values()) == max(timeline.end_fs)
        assert all(v > 0 for v in split.values())
        assert split.get("sync", 0) < len(path) * max(periods)
        for later, earlier in pairwise(path):
            assert earlier in ops[later].deps or ops[earlier].unit == ops[later].unit
        assert timeline.start_fs[path[-1]] == 0
