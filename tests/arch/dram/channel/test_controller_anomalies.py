"""Why two streams are slower without refresh, read from the commands; docs/memory.md tells the same to users.

Neither is an error of the model: both follow from rules that the peers have too. The two chases are in `peer_runs.csv`
as Ramulator 2.1 c5b1c3a runs them.
"""

import numpy as np
import numpy.typing as npt
import pytest
from tests.arch.dram.conftest import compiled
from tests.arch.dram.ticked_banks import PerBank

from bankside.arch.dram.channel.controller import Controller, Outcome, geometry, run
from bankside.arch.dram.device.commands import COMMANDS, PRE, RD, REF
from bankside.unit.channel.request_streams import pattern

Times = npt.NDArray[np.int64]


def traced(device: str, stream: str, scheduler: str, refresh: bool, first: int = 4000) -> Outcome:
    standard = compiled(device)
    made = pattern(stream, geometry(standard)).first(first)
    return run(standard, made, Controller(scheduler, refresh=refresh), trace=True)


def rounds(outcome: Outcome, reads: int) -> Times:
    """Slots between a read and the one `reads` later, at every `reads`-th read."""
    times = outcome.trace[outcome.trace[:, 1] == RD, 0]
    return np.diff(times[::reads])


def test_banks_in_turn_use_their_rows_up_together() -> None:
    """Four banks of one group, four reads to a row: taken in turn, all four rows end at once and no read covers the
    precharge. A round is 12 reads to the last of the first bank, tRTP, a slot that a read has, tRP and tRCD."""
    t = compiled("lpddr5").timings_ck
    together = rounds(traced("lpddr5", "stride64_bgint", "per-bank", refresh=False), 16)
    assert (together == 12 * t["tCCD_L"] + t["tRTP"] + 1 + t["tRP"] + t["tRCD"]).all()
    assert together[0] == 87


def test_a_refresh_in_the_midst_of_rows_sets_the_banks_apart() -> None:
    """The third refresh closes two rows with a read left and two that are used up. From there on a bank reads while
    another opens its row: 4.16 clocks a read, where 87 for 16 are 5.44 and tCCD_L is 4."""
    apart = traced("lpddr5", "stride64_bgint", "per-bank", refresh=True)
    trace = apart.trace
    third, fourth = trace[trace[:, 1] == REF, 0][[4, 6]]  # two ranks: every other REF is the first rank's
    reads = trace[trace[:, 1] == RD]
    before = reads[reads[:, 0] < third]
    left = []
    for bank in range(4):
        rows = before[before[:, 2] == bank, 3]
        left.append(4 - int((rows == rows[-1]).sum()))
    assert left == [0, 1, 1, 0]
    between = reads[(reads[:, 0] > third) & (reads[:, 0] < fourth), 0]
    assert np.diff(between).mean() == pytest.approx(4.16, abs=0.01)
    assert apart.cycles == 20345
    assert traced("lpddr5", "stride64_bgint", "per-bank", refresh=False).cycles == 21759


def test_banks_in_turn_use_their_rows_up_together_clock_by_clock() -> None:
    """The controller that looks at every slot, written apart, has the same commands."""
    standard = compiled("lpddr5")
    made = pattern("stride64_bgint", geometry(standard)).first(600)
    expected = PerBank(standard, made, False).run()
    got = run(standard, made, Controller("per-bank", refresh=False), trace=True)
    assert [tuple(map(int, line)) for line in got.trace] == expected


def reads_by_row_state(outcome: Outcome) -> dict[str, tuple[int, int]]:
    """Reads after the first and slots since the read before, by what came between: a refresh, a precharge, neither."""
    found = {"refresh": (0, 0), "conflict": (0, 0), "closed": (0, 0)}
    before, seen = -1, set()
    for slot, command, *_ in outcome.trace.tolist():
        if command != RD:
            seen.add(command)
            continue
        if before >= 0:
            kind = "refresh" if REF in seen else "conflict" if PRE in seen else "closed"
            found[kind] = (found[kind][0] + 1, found[kind][1] + slot - before)
        before = slot
        seen = set()
    return found


def test_a_chase_finds_banks_closed_after_refreshes() -> None:
    """gddr6: a read of a bank with another row takes tRP + tRCD + tCL + 3 = 81 clocks, of a closed bank tRP less.
    Refresh makes 648 of these short (17 496 clocks) and costs 47 refreshes 10 107 clocks."""
    t = compiled("gddr6").timings_ck
    short = t["tRCDRD"] + t["tCL"] + 3
    off = traced("gddr6", "chase_rand_o1", "frfcfs", refresh=False)
    on = traced("gddr6", "chase_rand_o1", "frfcfs", refresh=True)
    assert reads_by_row_state(off) == {
        "refresh": (0, 0), "conflict": (2032, 2032 * (short + t["tRP"])), "closed": (15, 15 * short)
    }  # fmt: skip
    assert (off.cycles, on.cycles) == (165455, 158066)
    spent = reads_by_row_state(on)
    assert spent["closed"] == (663, 663 * short)
    assert spent["conflict"] == (1337, 1337 * (short + t["tRP"]))
    assert spent["refresh"][0] == on.counts[COMMANDS[REF]] == 47
    assert off.cycles - on.cycles == 648 * t["tRP"] - (spent["refresh"][1] - 47 * (short + t["tRP"]))
