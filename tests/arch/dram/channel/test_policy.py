"""A policy that only this file knows: a machine names it and runs on it, and the engine is as it was."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.compiling import compiling

import bankside as bs
from bankside.arch.causes import DRAM_DATA
from bankside.arch.dram.channel.policy import FRFCFS, POLICIES, Policy, register_policy
from bankside.arch.dram.channel.source import COUNT
from bankside.arch.engine.kinds import Kind, register
from bankside.arch.events import COLUMN_READ
from bankside.arch.jit import kernel
from bankside.arch.jit.folder import INTERPRETED
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError

Int64s = npt.NDArray[np.int64]


@kernel
def ideal(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """`state[1]` slots a burst, and nothing else."""
    begin = max(arrival, state[0])
    state[0] = begin + work[COUNT] * state[1]
    causes[DRAM_DATA] += work[COUNT] * state[1]
    events[COLUMN_READ] += work[COUNT]
    return int(state[0])


def start(packed: Any, depth: int, refresh_multiplier: int, closing: bool) -> Int64s:
    return np.array([0, depth], dtype=np.int64)


IDEAL = register_policy(Policy("ideal", register(Kind("ideal channel", ideal, 1)), start, depth=2))


def test_a_machine_runs_on_a_policy_of_ones_own() -> None:
    kernel = bs.kernel("gemv", m=1024, k=1024)
    bs.simulate(kernel, load_machine("base-die"))
    with compiling() as names:
        two, seven = (
            bs.simulate(
                kernel, load_machine("base-die", ["memories.hbm.controller.policy=ideal", *more])
            ).document
            for more in ([], ["memories.hbm.controller.depth=7"])
        )
    assert names == ([] if INTERPRETED else ["ideal"])
    machine = load_machine("base-die")
    standard = machine.memories["hbm"].standard
    assert standard is not None
    bursts = -(-1024 * 1024 * 2 // machine.memories["hbm"].channels // standard.burst_bytes)
    assert seven["time_fs"] - two["time_fs"] == pytest.approx(5 * bursts * standard.slot_fs, rel=0.05)


def test_names_are_given_once() -> None:
    with pytest.raises(ValueError, match="a policy named 'frfcfs' already"):
        register_policy(Policy("frfcfs", IDEAL.kind, start))
    assert register_policy(FRFCFS) is FRFCFS
    assert {"in-order", "frfcfs", "frfcfs-rowhit", "per-bank"} < set(POLICIES)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("policy=fifo", r"controller.policy: There is no policy 'fifo'; there are frfcfs, frfcfs-rowhit,"),
        ("depth=65", r"controller.depth: in-order looks at most 64 deep, not 65."),
        ("depth=0", r"controller.depth=0: must be at least 1"),
    ],
)
def test_controllers_that_cannot_be_are_refused_at_their_place(setting: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        load_machine("base-die", [f"memories.hbm.controller.{setting}"])


def test_only_a_dram_has_a_controller() -> None:
    with pytest.raises(ConfigError, match="Only a DRAM"):
        load_machine("sram-lpu", ["memories.sram.controller.policy=frfcfs"])


def test_hosts_of_hbm_look_64_bursts_ahead_and_others_32() -> None:
    depths = {name: load_machine(name).memories for name in ("xpu-h100", "xpu-a100", "tpu-like", "base-die")}
    assert [memories["hbm"].depth for memories in depths.values()] == [64, 64, 64, 32]
    assert {memories["hbm"].policy.name for memories in depths.values()} == {"in-order"}
