"""Runs of like commands to one row: where nothing else can go between them, they follow one another at one pace.

The first ones are issued one by one. Once two have come at the same distance, by the same cause, the others do so too:
every limit that was there before a command is behind it, so that only those like it hold it back.
"""

from typing import Any, Final

from bankside.arch.dram.channel.pim.columns import do_column
from bankside.arch.dram.channel.pim.program import BANK, COLUMN, COMMAND, COUNT, FENCE, GAP, ROW
from bankside.arch.dram.channel.pim.refresh import next_due
from bankside.arch.dram.channel.pim.window import admit, as_one, column_time, needed, own_banks, take_out
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD, WR
from bankside.arch.jit import hot_kernel

LEAST: Final = 4
"""Commands that are left of a run which it is worth to look at."""


@hot_kernel
def long_run(w: Any, program: Any) -> bool:
    """Whether the oldest command that waits is of a run which it is worth to look at."""
    if w["n"] == 0:
        return False
    entry, newest = w["order"][w["start"]], w["order"][w["start"] + w["n"] - 1]
    return bool(program[entry, COUNT] >= LEAST and (w["controller"] == 0 or newest <= entry + 1))


@hot_kernel
def go_on(std: Any, st: Any, w: Any, program: Any, trace: Any, slot: int) -> int:
    """Issue what is left of the oldest run after `slot` as long as nothing else can be done; the slot of its last
    command, or `slot` where there is none."""
    if w["waiting"] or w["traced"] < trace.shape[0]:
        return slot
    entry = w["order"][w["start"]]
    command, bank = program[entry, COMMAND], program[entry, BANK]
    beside = w["order"][w["start"] + w["n"] - 1]
    if w["controller"] == 1 and command == MAC and beside == entry + 1:
        left = _before(std, st, w, program, entry)
        beside = beside if program[entry, FENCE] == 0 else entry
    else:
        left, beside = _alone(std, st, w, program, entry), entry
    if left < LEAST or needed(std, st, w, program, entry)[0] != command:
        return slot
    due, last, apart, why, late, later = next_due(std, st, w), slot, 0, -1, -1, -2
    other = before = -1
    while left > 0:
        when = column_time(std, st, w, command, bank)
        at = max(when >> 5, last + 1)
        if beside > entry:
            before, other = other, column_time(std, st, w, command, program[beside, BANK])
            if other >> 5 < at:
                break
            other -= last << 5
        if at >= due:
            w["hurried"] += 1
            break
        times = 1
        awake = std["wake"] == 0 or st["awake_until"] <= last + std["awake"][command]
        if awake and other == before and late == later and at - last == apart and when - (last << 5) == why:
            times = max(1, min(min(left, _unfenced(w, program, entry)), (due - 1 - last) // apart))
        for _ in range(times - 1):
            take_out(w, 0)
            admit(w, program, w["depth"], 1)
        at += (times - 1) * apart
        apart, why = (at - last) // times, when - (last << 5)
        when += ((times - 1) * apart) << 5
        later, late = late, do_column(std, st, w, program, trace, 0, at, when, times, late)
        take_out(w, 0)
        admit(w, program, w["depth"], 1)
        last, left = at, left - times
    if last > slot:
        w["quiet"] = w["known"] = 0
    return int(last)


@hot_kernel
def _alone(std: Any, st: Any, w: Any, program: Any, entry: int) -> int:
    """How many commands of the oldest run can be issued before anything else can be done."""
    if w["n"] < w["depth"] and w["admitted"] < program.shape[0]:
        return 0
    command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
    left = 0
    if w["order"][w["start"] + w["n"] - 1] == entry and w["admitted"] == entry:
        left = program[entry, COUNT] - w["within"]  # the window is full of the run as long as more of it come
    if w["controller"] == 0:
        if program[entry, FENCE] > 0:  # what is behind waits until its last command is all that is left of it
            left = _in_window(w, entry) + left - 1
            if w["column"][w["start"]] != program[entry, COLUMN] + program[entry, COUNT] - 1 - left:
                return 0  # some have passed others
        if left >= LEAST and not _others_closed(std, st, w, bank, row):
            return 0
    return int(left) if std["n_pseudo_channel"] <= 2 and command in (RD, WR, MAC, PIM_WR, PIM_RD) else 0


@hot_kernel
def _before(std: Any, st: Any, w: Any, program: Any, entry: int) -> int:
    """How many MACs of the oldest run can be issued before anything but MACs of the next run, whose row is open and
    which with it fills the window, can be done."""
    after = entry + 1
    whole = w["admitted"] >= program.shape[0]
    more = program[after, COUNT] - w["within"] if w["admitted"] == after else 0
    if (w["n"] < w["depth"] and not whole) or std["n_pseudo_channel"] > 2:
        return 0
    left = _in_window(w, entry) - 1
    left = left if whole else min(left, more)
    if left < LEAST or program[after, COMMAND] != MAC or needed(std, st, w, program, after)[0] != MAC:
        return 0
    return int(left)


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
