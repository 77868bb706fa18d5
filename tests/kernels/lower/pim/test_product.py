"""Programs of products hold every command that the banks need, no more and no less."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.dram.pim_trace import singles

from bankside.arch.dram.channel.pim.memory.unrolled import AT, placed, unrolled
from bankside.arch.dram.channel.pim.program import (
    BANK,
    COLUMN,
    COMMAND,
    DATA,
    FENCE,
    FIELDS,
    MODE,
    NO_ROW,
    OPERAND,
    PURPOSE,
    RESULT,
    ROW,
    Entries,
    commands,
)
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.kernels.lower.pim.product import Pieces, joined, product_program, reserved_rows
from bankside.unit.pim import gemv_program

PAIRS = compile_standard(load("pimsimulator-hbm2-2m-16b-x64", "devices", DeviceSpec).spec, "bank_pair")
AIM = compile_standard(load("gddr6-aim", "devices", DeviceSpec).spec, "bank")
GROUPS = compile_standard(load("hbm3-attacc", "devices", DeviceSpec).spec, "bank_group")


def of(entries: Entries, purpose: int) -> Entries:
    return singles(entries[entries[:, PURPOSE] == purpose])


def test_a_gemv_reads_each_weight_once() -> None:
    entries = gemv_program(PAIRS, 4096, 4096, 64, 2)
    # 4096 x 4096 x 2 B over 64 channels, 8 banks and 32 B at once
    assert commands(entries, DATA) == 4096 * 4096 * 2 // (64 * 8 * 32)
    assert commands(entries, OPERAND) == 4096 * 2 // 32
    assert commands(entries, RESULT) == 8
    assert commands(entries, MODE) == 2  # start and stop
    data = of(entries, DATA)
    assert set(data[:, COMMAND]) == {MAC}
    assert len(np.unique(data[:, 1:4], axis=0)) == len(data)
    assert (data[:, BANK] == 0).sum() == (data[:, BANK] == 1).sum()
    assert not set(data[data[:, BANK] == 1, ROW]) & set(of(entries, RESULT)[:, ROW])


@pytest.mark.parametrize(("m", "k"), [(64, 16), (100, 1000), (8192, 4096), (1, 1)])
def test_ragged_sizes_are_rounded_up_to_tiles(m: int, k: int) -> None:
    entries = gemv_program(PAIRS, m, k, 16, 2)
    outputs, pieces = -(-m // (8 * 16 * 8)), -(-k // (16 * 8))
    assert commands(entries, DATA) == 64 * outputs * pieces
    assert commands(entries, RESULT) == 8 * outputs
    assert commands(entries, MODE) == 2 * outputs


def test_broadcasts_and_turns_of_the_loop_are_fenced() -> None:
    entries = gemv_program(PAIRS, 1024, 1024, 16, 2)
    for purpose in (OPERAND, DATA):
        assert (of(entries, purpose)[:, FENCE].reshape(-1, 8) == [0] * 7 + [1]).all()
    assert set(of(entries, OPERAND)[:, ROW]) == {PAIRS.rows - 1}


def test_rows_that_switch_modes_hold_no_data() -> None:
    assert reserved_rows(PAIRS) == 4
    assert reserved_rows(AIM) == 0


def test_operands_that_do_not_fit_the_registers_are_refused() -> None:
    one = np.ones(1, dtype=np.int64)
    with pytest.raises(ConfigError, match="An operand of 33 bursts does not fit the 32 columns"):
        product_program(PAIRS, Pieces(one * 0, one * 33, one, one, one * 0), 8)


def test_results_of_buffers_are_drained_behind_a_fence() -> None:
    n = np.arange(6)
    pieces = Pieces(n // 3, np.full(6, 4), np.full(6, 40), np.where(n % 3 == 2, 2, 0), np.full(6, 7))
    moves = product_program(AIM, pieces, 1, 100, 9)
    names = moves.entries[:, COMMAND].tolist()
    whole = [PIM_WR, MAC, PIM_WR, MAC, PIM_WR, MAC, PIM_RD]
    assert [a for a, b in zip(names, [-1, *names], strict=False) if a != b] == whole * 2
    assert (moves.written, moves.columns, moves.read, moves.end) == (24, 240, 4, 128 + 240)
    assert set(of(moves.entries, OPERAND)[:, ROW]) == set(of(moves.entries, RESULT)[:, ROW]) == {NO_ROW}
    assert (moves.entries[moves.entries[:, COMMAND] != MAC, FENCE] > 0).all()


def test_behind_what_is_left_out_columns_go_on() -> None:
    one = np.ones(2, dtype=np.int64)
    for machine, per_row in ((AIM, AIM.columns), (GROUPS, GROUPS.columns)):
        pieces = Pieces(one * 0, one, one * 3, one * 0, one * 0, np.array([per_row - 3, 5]))
        moves = product_program(machine, pieces, 1)
        assert of(moves.entries, DATA)[:, COLUMN].tolist() == [0, 1, 2, 0, 1, 2]
        assert (moves.columns, moves.end) == (6, per_row + 8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 90)), min_size=1, max_size=9), st.integers(0, 300)
)
def test_columns_go_on_from_slice_to_slice(drawn: list[tuple[int, int]], cursor: int) -> None:
    n = len(drawn)
    write, columns = (np.array(values, dtype=np.int64) for values in zip(*drawn, strict=True))
    pieces = Pieces(np.zeros(n, np.int64), write, columns, np.zeros(n, np.int64), np.zeros(n, np.int64))
    moves = product_program(GROUPS, pieces, 1, cursor)
    data = of(moves.entries, DATA)
    slices = int(GROUPS.packed[0]["slices"])
    heads = [int(GROUPS.packed[0]["member"][s * GROUPS.packed[0]["slice_banks"]]) for s in range(slices)]
    numbers = [
        (row * slices + heads.index(bank)) * GROUPS.columns + k for bank, row, k in data[:, 1:4].tolist()
    ]
    begin = -(-cursor // (slices * GROUPS.columns)) * slices * GROUPS.columns
    assert numbers == list(range(begin, begin + int(columns.sum())))
    assert moves.end == begin + int(columns.sum())


@pytest.mark.parametrize("standard", [AIM, GROUPS, PAIRS])
def test_passes_read_their_product_again_and_products_lie_behind_each_other(standard: Standard) -> None:
    """A pass over less begins where one over all does, in every slice."""
    n = np.arange(4)
    all_, less = (Pieces(n, n * 0 + 1, n * 0 + columns, n * 0, n * 0) for columns in (40, 8))
    moves = product_program(standard, joined([all_, less, all_]).of_products(2), 8, 7)
    data = of(moves.entries, DATA)[:, 1:4]
    first, second = data[: len(data) // 2], data[len(data) // 2 :]
    assert first[:160].tolist() == first[192:].tolist()
    read = {tuple(place) for place in first.tolist()}
    assert len(read) == 160 and {tuple(place) for place in first[160:192].tolist()} < read
    assert not read & {tuple(place) for place in second.tolist()}
    assert len(np.unique(second, axis=0)) == 160


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 90), st.integers(0, 3)), min_size=1, max_size=4),
    st.integers(2, 5),
    st.integers(0, 700),
)
def test_a_loop_unrolled_is_the_program_of_all_turns(
    drawn: list[tuple[int, int, int]], times: int, cursor: int
) -> None:
    """Before it and behind it stand other passes."""
    write, columns, read = (np.array(values, dtype=np.int64) for values in zip(*drawn, strict=True))
    one = Pieces(np.arange(len(drawn)), write, columns, read, np.zeros(len(drawn), np.int64))
    some = Pieces(*(np.array([value]) for value in (0, 2, 17, 1, 0)))
    looped = product_program(GROUPS, joined([some, one.again(2, times), some]), 1, cursor)
    flat = product_program(GROUPS, joined([some, one.again(2 * times, 1), some]), 1, cursor)
    loops = placed(looped.entries, looped.loops)
    whole = np.zeros((loops[-1, AT], len(FIELDS)), np.int64)
    unrolled(looped.entries, loops, 0, whole)
    assert len(looped.loops) == 1
    assert (whole == flat.entries).all()
    assert looped.commands == flat.commands
    ends = [(moves.written, moves.columns, moves.read, moves.end) for moves in (looped, flat)]
    assert ends[0] == ends[1]
