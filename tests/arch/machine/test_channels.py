"""What channels remember is shared by machines with equal channels, bounded, and begun anew when it is full."""

from tests.remembering import LongRuns

from bankside.arch.dram.channel.in_order.kind import WORTH
from bankside.arch.dram.channel.in_order.memory.layout import STEPS, crowded
from bankside.arch.dram.channel.tables import COUNT, ROOM
from bankside.arch.machine.channels import Memories
from bankside.arch.machine.machine import load_machine


def test_short_runs_have_no_memory_of_streams() -> None:
    memories, machine = Memories(), load_machine("hybrid-3d")
    hbm = machine.memories["hbm"]
    burst_s = hbm.burst_bytes / hbm.channel_peak("vault")
    assert not memories.of(machine, (WORTH - 1) * burst_s).words.size
    brief = memories.of(machine)
    assert memories.of(load_machine("npu-lpddr5"), 2 * burst_s) is not brief
    assert memories.of(machine) is brief
    long = memories.of(machine, 2 * burst_s)
    assert long.words.size
    assert memories.of(machine) is long


def test_bursts_of_trials_count_from_the_next_run_on() -> None:
    memories, machine = Memories(), load_machine("hybrid-3d")
    assert not memories.of(machine, 1e-15).words.size
    memories.tried(machine, WORTH)
    assert not memories.of(machine).words.size
    assert memories.of(machine, 1e-15).words.size


def test_equal_channels_share_a_memory_and_the_least_asked_for_goes() -> None:
    memories = LongRuns(2)
    machine = load_machine("hybrid-3d")
    first = memories.of(machine)
    assert memories.of(load_machine("hybrid-3d", ("cores.pe.clock=500 MHz",))) is first
    memories.of(load_machine("npu-lpddr5"))
    assert memories.of(machine) is first
    memories.of(load_machine("hmc-vault"))
    assert len(memories) == 2
    assert memories.of(machine) is first
    assert memories.of(load_machine("hybrid-3d", ("memories.hbm.controller.depth=16",))) is first


def test_a_full_memory_is_begun_anew() -> None:
    memories, machine = LongRuns(), load_machine("hybrid-3d")
    first = memories.of(machine)
    (begin, end), *_ = first.places.values()
    words = first.words[begin:end]
    assert not crowded(words)
    words[STEPS + COUNT] = words[STEPS + ROOM] - 1
    assert crowded(words)
    assert memories.of(machine) is not first
