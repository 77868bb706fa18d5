"""GEMV programs hold every command that HBM-PIM and AiM need, no more and no less."""

import numpy as np
import pytest

from bankside.arch.dram.channel.pim.program import (
    BANK,
    COMMAND,
    DATA,
    FENCE,
    MODE,
    OPERAND,
    RESULT,
    ROW,
    count,
)
from bankside.arch.dram.channel.pim.run import AHEAD, Controller, run_programs
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD, WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.kernels.lower.pim.gemv_commands import gemv_aim, gemv_hbm_pim
from bankside.kernels.lower.pim.session import Session

PAIRS = compile_standard(load("hbm2-pim", "devices", DeviceSpec).spec, "bank_pair")
AIM = compile_standard(load("gddr6-aim", "devices", DeviceSpec).spec, "bank")


def test_a_gemv_reads_each_weight_once() -> None:
    entries = gemv_hbm_pim(PAIRS, 4096, 4096, 64, read_back=False)
    # 4096 x 4096 x 2 B over 64 channels, 8 banks and 32 B at once
    assert count(entries, DATA) == 4096 * 4096 * 2 // (64 * 8 * 32)
    assert count(entries, OPERAND) == 4096 * 2 // 32
    assert count(entries, RESULT) == 8
    # park in 16, switch 4, code 1, start, stop, switch back 2, park out 16
    assert count(entries, MODE) == 16 + 4 + 1 + 1 + 1 + 2 + 16
    data = entries[:, entries[COMMAND] == MAC]
    assert len(np.unique(data[1:4], axis=1).T) == data.shape[1]
    assert (data[BANK] == 0).sum() == (data[BANK] == 1).sum()


@pytest.mark.parametrize(("m", "k"), [(64, 16), (100, 1000), (8192, 4096), (1, 1)])
def test_ragged_sizes_are_rounded_up_to_tiles(m: int, k: int) -> None:
    entries = gemv_hbm_pim(PAIRS, m, k, 16)
    tiles = -(-m // (8 * 16 * 8)) * -(-k // (16 * 8))
    assert count(entries, DATA) == 64 * tiles
    reads = entries[:, (entries[COMMAND] == RD) & (entries[5] == RESULT)]
    assert reads.shape[1] == 8 * 8 * -(-m // (8 * 16 * 8))
    assert len(np.unique(entries[1:4, (entries[5] == DATA)], axis=1).T) == 64 * tiles


def test_every_operand_broadcast_is_fenced() -> None:
    entries = gemv_hbm_pim(PAIRS, 1024, 1024, 16)
    operands = np.flatnonzero(entries[5] == OPERAND)
    assert (entries[FENCE, operands].reshape(-1, 8) == [0] * 7 + [1]).all()
    assert set(entries[ROW, operands]) == {PAIRS.rows - 1}


def test_a_batch_streams_the_weights_again() -> None:
    one, four = (gemv_hbm_pim(PAIRS, 1024, 1024, 16, batch=n, read_back=False) for n in (1, 4))
    assert count(four, DATA) == 4 * count(one, DATA)
    assert count(four, MODE) == count(one, MODE) + 3 * 2


def test_a_matrix_too_large_for_the_banks_is_refused() -> None:
    with pytest.raises(ConfigError, match="rows of each bank"):
        gemv_hbm_pim(PAIRS, 1 << 17, 1 << 17, 1)


def test_the_device_file_states_what_a_session_costs() -> None:
    session = Session(PAIRS)
    session.enter(6)
    session.toggle()
    into = run_programs(PAIRS, [session.entries()], Controller(), refresh=False).command_slots
    session.toggle()
    session.leave()
    both = run_programs(PAIRS, [session.entries()], Controller(), refresh=False).command_slots
    packed = PAIRS.packed[0]
    assert (int(packed["enter"]), int(packed["exit"])) == (into, both - into)


def test_aim_drains_every_piece_of_every_group_of_outputs() -> None:
    entries = gemv_aim(AIM, 1024, 4096, 32)
    groups, pieces = 1024 // (16 * 32), 4096 // 16 // 64
    assert set(entries[COMMAND]) == {MAC, PIM_WR, PIM_RD}
    assert count(entries, DATA) == groups * 4096 // 16
    assert count(entries, OPERAND) == 4096 // 16
    assert count(entries, RESULT) == groups * pieces
    done = run_programs(AIM, [entries], Controller(AHEAD))
    assert done.counts["activate"] == 16 * groups * pieces
    assert WR not in entries[COMMAND]
