"""How long units are at work: unions of intervals, and shares of a run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.engine.program import LABEL_AT
from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.busy import COVERED, covered_fs, covered_in_order
from bankside.kernels.run.simulate import simulate


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), max_size=12))
def test_covered_time_is_that_of_the_union(spans: list[tuple[int, int]]) -> None:
    covered = {at for start, length in spans for at in range(start, start + length)}
    start, length = np.array(spans, dtype=np.int64).reshape(-1, 2).T
    assert covered_fs(start, start + length) == len(covered)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 15)), max_size=30))
def test_units_whose_operations_begin_in_order_are_covered_alike(ops: list[tuple[int, int, int]]) -> None:
    unit, start, length = np.array(ops, dtype=np.int64).reshape(-1, 3).T.copy()
    spans = np.zeros((3, 3), dtype=np.int64)
    covered_in_order(unit | 7 << LABEL_AT, start, start + length, np.array([False, False, True]), spans)
    for of, found in enumerate(spans[COVERED].tolist()):
        own, lengths = start[unit == of], length[unit == of]
        if of == 2:
            assert found == lengths.sum()
        elif (np.diff(own) >= 0).all():
            assert found == covered_fs(own, own + lengths)
        else:
            assert found == -1


def test_a_unit_with_fewer_lanes_is_busy_for_longer_and_then_all_the_time() -> None:
    """However much of it is hidden behind the memory, which the cycle stack alone does not tell."""
    kernel = build("decode-attention", model="llama-3-70b", context=16384, batch=8)
    busy, memory = [], []
    for lanes in (16, 8, 4, 1):
        machine = load_machine("base-die", ["memories.hbm.stacks=8", f"cores.pe.nonlinear.lanes={lanes}"])
        result = simulate(kernel, machine).to_dict()
        shares = result["busy"]
        assert all(0 < each["mean"] <= each["busiest"] <= 1 for each in shares.values())
        busy.append(shares["pe.nonlinear"]["mean"])
        memory.append(shares["hbm"]["mean"])
    assert busy == sorted(busy)
    assert busy[0] < 0.4
    assert busy[-1] > 0.94
    assert memory[0] > 0.9 > memory[-1]


def test_busy_time_is_that_of_the_stated_cycles() -> None:
    """One matrix product that its array computes all the time: busy for its cycles, the other units never."""
    machine = load_machine("base-die")
    kernel = build("gemm", m=512, n=512, k=512)
    result = simulate(kernel, machine).to_dict()
    core = machine.cores["pe"]
    (plan,) = result["mapping"]["operators"]
    assert plan["unit"] == "matrix"
    least_s = 512**3 / (32 * 32 * core.count * core.spec.clock)
    share = result["busy"]["pe.matmul"]
    assert share["mean"] == share["busiest"]
    assert share["mean"] * result["time_s"] >= least_s
    assert share["mean"] * result["time_s"] == pytest.approx(
        (result["stack_fs"]["compute"] + result["stack_fs"]["fill_drain"]) / 1e15, rel=0.5
    )
    assert set(result["busy"]) == {"pe.matmul", "hbm"}


def test_lanes_that_take_a_part_of_every_tile_are_busy_as_long_as_the_array() -> None:
    """A GEMV on a narrow array: the lanes multiply most of it, and would otherwise seem to do nothing."""
    result = simulate(build("gemv", m=4096, k=4096), load_machine("hybrid-3d")).to_dict()
    (plan,) = result["mapping"]["operators"]
    assert plan["unit"] == "both"
    counted = result["events"]
    assert counted["pe.vector"]["mac"] > counted["pe.matmul"]["mac"] > 0
    assert result["busy"]["pe.vector"] == result["busy"]["pe.matmul"]
    least_s = counted["pe.vector"]["mac"] / load_machine("hybrid-3d").cores["pe"].count / 64 / 1e9
    assert least_s <= result["busy"]["pe.vector"]["mean"] * result["time_s"]


def test_packages_that_share_tensors_are_all_as_busy_and_stages_take_turns() -> None:
    """Of two packages that split every tensor both work all the time; of two stages one waits while the other works."""
    machine = load_machine("base-die", stacks=2)
    shared = simulate(build("layer", model="llama-3-8b", context=512), machine, parallel="tp").to_dict()
    assert shared["busy"]["hbm"]["mean"] == pytest.approx(shared["busy"]["hbm"]["busiest"], rel=0.02)
    assert shared["busy"]["hbm"]["mean"] >= shared["bandwidth"]["dram"]["utilisation"] > 0.5
    turns = simulate(build("decode-step", model="llama-3-8b", context=512), machine, parallel="pp").to_dict()
    assert turns["busy"]["hbm"]["mean"] >= turns["bandwidth"]["dram"]["utilisation"] > 0.3
    assert turns["busy"]["hbm"]["mean"] <= turns["busy"]["hbm"]["busiest"] < 0.6
    alone = simulate(build("decode-step", model="llama-3-8b", context=512), load_machine("base-die"))
    assert alone.to_dict()["busy"]["hbm"]["mean"] > 0.9
