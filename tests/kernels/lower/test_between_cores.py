from pathlib import Path

import pytest

from bankside.arch.events import BYTES_BANK, COLUMN_WRITE, PAGE_PROGRAM
from bankside.arch.machine.machine import Machine, load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.outcome import Outcome
from bankside.kernels.run.simulate import simulate

TWO = """
extends: base-die
memories: {far: {device: hbm3, stacks: 1}}
dies:
  - {name: base, process: n7}
  - {name: other, process: dram-1z, count: 8, area: 121 mm2, memory: far, beside: true}
cores:
  stream:
    tap: far.base
    per: 32
    clock: 1 GHz
    formats: [bf16]
    sram: {size: 512 KiB, banks: 16, width: 32 B}
    matmul: {unit: systolic, rows: 32, cols: 32, dataflow: ws}
    vector: {lanes: 64}
    nonlinear: {method: pwl, lanes: 16}
place: {weights: far, kv: hbm}
"""
SEQUENCES, KEYS, BYTE = 16, 8 * 128, 2


def _outcome(machine: Machine) -> Outcome:
    kernel = build("layer", model="llama-3-8b", context=256, stage="decode", batch=SEQUENCES)
    return simulate(kernel, machine).outcome


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.yaml"
    path.write_text(TWO, encoding="utf-8")
    return path


def test_new_keys_and_values_are_programmed_into_the_flash_that_keeps_them() -> None:
    """One page a channel for the row that each of the two products adds; nothing of it is written to the DRAM."""
    made = 2 * SEQUENCES * KEYS * BYTE
    dram, flash = (
        _outcome(load_machine("hbf-pnm", (f"place.kv={memory}",))).events for memory in ("hbm", "hbf")
    )
    assert dram["memory.hbf"][PAGE_PROGRAM] == 0
    machine = load_machine("hbf-pnm")
    assert flash["memory.hbf"][PAGE_PROGRAM] == 2 * machine.memories["hbf"].channels
    burst = machine.memories["hbm"].burst_bytes
    assert dram["memory.hbm"][COLUMN_WRITE] - flash["memory.hbm"][COLUMN_WRITE] == made // burst
    cache = 2 * SEQUENCES * KEYS * BYTE * 256
    assert flash["memory.hbf"][BYTES_BANK] - dram["memory.hbf"][BYTES_BANK] == cache + made


def test_new_keys_and_values_go_to_the_other_dram_where_they_lie(two: Path) -> None:
    """None is written to the memory of the weights that made them, unless that is where the machine keeps them."""
    made = 2 * SEQUENCES * KEYS * BYTE
    apart, together = (_outcome(load_machine(str(two), (f"place.kv={kv}",))).events for kv in ("hbm", "far"))
    burst = load_machine(str(two)).memories["hbm"].burst_bytes
    assert apart["memory.far"][COLUMN_WRITE] == 0
    assert together["memory.far"][COLUMN_WRITE] == made // burst
    assert apart["memory.hbm"][COLUMN_WRITE] - together["memory.hbm"][COLUMN_WRITE] == made // burst
