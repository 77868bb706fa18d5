"""Runs of like commands to one row: where nothing else can go between them, they follow one another at one pace.

The first ones are issued one by one. Once two have come at the same distance, by the same cause, the others do so too:
every limit that was there before a command is behind it, so that only those like it hold it back.
"""

from typing import Any, Final

from bankside.arch.dram.channel.pim.columns import do_column
from bankside.arch.dram.channel.pim.look import NOTHING, NOTHING_YET, ROW_COMMAND, look
from bankside.arch.dram.channel.pim.program import BANK, COLUMN, COMMAND, COUNT, FENCE, GAP, ROW
from bankside.arch.dram.channel.pim.refresh import next_due
from bankside.arch.dram.channel.pim.window import FAR, admit, as_one, column_time, needed, own_banks, take_out
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD, WR
from bankside.arch.jit import hot_kernel

LEAST: Final = 4
"""Commands that are left of a run which it is worth to look at."""

PACED: Final = (RD, WR, MAC, PIM_WR, PIM_RD)
"""Commands that runs are of."""


@hot_kernel
def long_run(w: Any, program: Any) -> bool:
    """Whether the oldest command that waits is of a run which it is worth to look at."""
    return bool(w["n"] > 0 and program[w["order"][w["start"]], COUNT] >= LEAST)


@hot_kernel
def go_on(std: Any, st: Any, w: Any, program: Any, trace: Any, slot: int) -> int:
    """Issue what is left of the oldest run after `slot` as long as nothing else can be done; the slot of its last
    command, or `slot` where there is none."""
    if w["waiting"] or w["traced"] < trace.shape[0]:
        return slot
    entry, ahead = w["order"][w["start"]], w["controller"] == 1
    command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
    left = _until_new(std, w, program, entry) if ahead else _alone(std, st, w, program, entry)
    if left < (2 if ahead else LEAST) or needed(std, st, w, program, entry)[0] != command:
        return slot
    due, last, apart, why, late, later = next_due(std, st, w), slot, 0, -1, -1, -2
    rows, taken, columns, runs, other = FAR, NOTHING, 0, 0, -1
    while left > 0:
        runs_before, before = runs, other
        if ahead:
            _, _, when, soonest, columns, runs = look(std, st, w, program, NOTHING_YET, taken)
            rows, taken, other = min(rows, soonest >> 5), ROW_COMMAND, columns - (last << 5)
        else:
            when = column_time(std, st, w, command, bank)
        at = max(when >> 5, last + 1)
        if at >= due:
            w["hurried"] += 1
            break
        if ahead and (rows <= at or columns >> 5 < at):
            break
        times, still = 1, runs == 0 or (runs == 1 and runs_before == 1 and other == before)
        awake = std["wake"] == 0 or st["awake_until"] <= last + std["awake"][command]
        if awake and still and late == later and at - last == apart and when - (last << 5) == why:
            most = min(left, _unfenced(w, program, entry))
            times = max(1, min(most, (min(due, rows) - 1 - last) // apart))
        for _ in range(times - 1):
            _let_go(w, program, bank, row)
        at += (times - 1) * apart
        apart, why = (at - last) // times, when - (last << 5)
        when += ((times - 1) * apart) << 5
        later, late = late, do_column(std, st, w, program, trace, 0, at, when, times, late)
        _let_go(w, program, bank, row)
        last, left = at, left - times
    if last > slot:
        w["quiet"] = 0
    return int(last)


@hot_kernel
def _let_go(w: Any, program: Any, bank: int, row: int) -> None:
    """Take the oldest command out of the window, which is about a row of a bank, and let the next in."""
    if w["known"] > 0:
        w["known"] -= 1
        w["hits"][bank] -= row >= 0
    take_out(w, 0)
    admit(w, program, w["depth"], 1)


@hot_kernel
def _until_new(std: Any, w: Any, program: Any, entry: int) -> int:
    """How many commands of the oldest run can be issued before it ends or a further run comes into the window: until
    then nothing can be done that could not be done before, and nothing of that sooner."""
    whole, depth = w["admitted"] >= program.shape[0], w["depth"]
    if std["n_pseudo_channel"] > 2 or program[entry, COMMAND] not in PACED or (w["n"] < depth and not whole):
        return 0
    left, newest = _in_window(w, entry) - 1, w["order"][w["start"] + w["n"] - 1]
    more = program[newest, COUNT] - w["within"] if w["admitted"] == newest else 0
    left += more if newest == entry else 0
    return int(left if whole else min(left, more))


@hot_kernel
def _alone(std: Any, st: Any, w: Any, program: Any, entry: int) -> int:
    """How many commands of the oldest run can be issued before anything else can be done, where rows are opened up to
    the next fence."""
    if w["n"] < w["depth"] and w["admitted"] < program.shape[0]:
        return 0
    command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
    left = 0
    if w["order"][w["start"] + w["n"] - 1] == entry and w["admitted"] == entry:
        left = program[entry, COUNT] - w["within"]  # the window is full of the run as long as more of it come
    if program[entry, FENCE] > 0:  # what is behind waits until its last command is all that is left of it
        left = _in_window(w, entry) + left - 1
        if w["column"][w["start"]] != program[entry, COLUMN] + program[entry, COUNT] - 1 - left:
            return 0  # some have passed others
    if left >= LEAST and not _others_closed(std, st, w, bank, row):
        return 0
    return int(left) if std["n_pseudo_channel"] <= 2 and command in PACED else 0


@hot_kernel
def _in_window(w: Any, entry: int) -> int:
    """Commands of the window's oldest entry."""
    low, high = 0, w["n"]
    while high - low > 1:
        middle = (low + high) // 2
        if w["order"][w["start"] + middle] == entry:
            low = middle
        else:
            high = middle
    return int(high)


@hot_kernel
def _others_closed(std: Any, st: Any, w: Any, bank: int, row: int) -> bool:
    """Whether no row is open but that of a run, so that there is none to be closed meanwhile."""
    for other in range(own_banks(std)):
        hit = row >= 0 and (other == bank or (as_one(w, other) and w["first"][other] == w["first"][bank]))
        if st["row"][other] >= 0 and not hit:
            return False
    return True


@hot_kernel
def _unfenced(w: Any, program: Any, entry: int) -> int:
    """Commands of a run before a fence that makes the next wait."""
    every = program[entry, FENCE]
    if every == 0 or (w["fence_slots"] == 0 and (program[entry, GAP] == 0 or program[entry, COMMAND] != MAC)):
        return int(program[entry, COUNT])
    return int(every - 1 - (w["column"][w["start"]] - program[entry, COLUMN]) % every)
