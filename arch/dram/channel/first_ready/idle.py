"""Stretches in which a queued controller is asked for nothing: only refreshes come, and rounds that repeat are skipped.

A round is the time after which refreshes have gone through all banks. What a command may do depends on times of the
state that still lie ahead, and on nothing else but the clock edge. So once a round has moved every time that it
touches by its own length, and all others have passed, every further round does the same: they are counted, and the
times moved. The outcome is that of single steps.
"""

from typing import Any

import numpy as np

from bankside.arch.dram.banks.refresh import interval_slots, refreshed_banks
from bankside.arch.dram.device.commands import N_COMMAND, REF, REFSB
from bankside.arch.dram.device.standard import MAX_NODE, MAX_RING, MAX_WINDOW, PER_BANK
from bankside.arch.jit import copy_into, flat_kernel

ROUND = (
    ("round_at", np.int64),  # slot at which the refresh was due that the last round began with
    ("round_node", np.int64),  # what `refresh_node`, `counts` and times of the bank state were then
    ("round_counts", np.int64, 32),
    ("round_next", np.int64, (MAX_NODE, N_COMMAND)),
    ("round_bus", np.int64, 2),
    ("round_ring", np.int64, MAX_RING),
    ("round_ring_at", np.int64, (MAX_WINDOW, MAX_NODE)),
)
"""Fields of a queue that remember how the last round of an idle stretch began."""


@flat_kernel
def round_slots(std: Any, st: Any) -> int:
    """Slots after which the same banks are refreshed again, on the same edge of the clock."""
    turns = refreshed_banks(std) if std["refresh_mode"] == PER_BANK else 1
    return int(interval_slots(std, st) * turns * std["slots_per_ck"])


@flat_kernel
def skip_rounds(std: Any, st: Any, q: Any, slot: int, until: int) -> int:
    """Skip rounds of refreshes before `until`, where nothing is asked for from `slot` on, at which one is due.

    Returns
    -------
    int
        Slots that have passed: whole rounds, or 0 where the last round does not say what the next ones do.
    """
    length = round_slots(std, st)
    left = (until - slot) // length - 1
    if left < 2 or q["tracing"] != 0 or q["n_return"] > 0 or q["open_banks"] > 0:
        return 0
    if q["round_at"] < slot < q["round_at"] + length:
        return 0
    if slot != q["round_at"] + length or not _repeats(std, st, q, slot, length):
        _begin_round(std, st, q, slot)
        return 0
    _move(std, st, q, length, left)
    return int(left * length)


@flat_kernel
def _begin_round(std: Any, st: Any, q: Any, slot: int) -> None:
    q["round_at"] = slot
    q["round_node"] = q["refresh_node"]
    copy_into(q["round_counts"], q["counts"])
    for node in range(std["nodes"]):
        for klass in range(N_COMMAND):
            q["round_next"][node, klass] = st["next"][node, klass]
    copy_into(q["round_bus"], st["bus_free"])
    copy_into(q["round_ring"], st["ring"])
    for window in range(len(st["ring_at"])):
        copy_into(q["round_ring_at"][window], st["ring_at"][window])


@flat_kernel
def _same(before: int, now: int, moved: int, passed: int) -> bool:
    """Whether a time has moved as far as it should, or has not and lies in the past."""
    return now == before + moved or (now == before and now <= passed)


@flat_kernel
def _repeats(std: Any, st: Any, q: Any, slot: int, length: int) -> bool:
    """Whether the round that ends at `slot` did nothing but move times by its length."""
    for command in range(q["counts"].shape[0]):
        if command not in (REF, REFSB) and q["counts"][command] != q["round_counts"][command]:
            return False
    for node in range(std["nodes"]):
        for klass in range(N_COMMAND):
            before, now = q["round_next"][node, klass], st["next"][node, klass]
            if not _same(before, now, length << 5, slot << 5):
                return False
    for bus in range(2):
        if not _same(q["round_bus"][bus], st["bus_free"][bus], length << 5, slot << 5):
            return False
    for w in range(std["n_window"]):
        passed = slot - (std["window_value"][w] >> 5) - 1
        for node in range(_window_nodes(std, w)):
            for i in range(std["window_count"][w]):
                before = q["round_ring"][_place(std, w, node, q["round_ring_at"][w, node] + i)]
                now = st["ring"][_place(std, w, node, st["ring_at"][w, node] + i)]
                if not _same(before, now, length, passed):
                    return False
    return True


@flat_kernel
def _move(std: Any, st: Any, q: Any, length: int, rounds: int) -> None:
    """Let rounds pass that do what the last one did."""
    for node in range(std["nodes"]):
        for klass in range(N_COMMAND):
            if st["next"][node, klass] != q["round_next"][node, klass]:
                st["next"][node, klass] += (rounds * length) << 5
    for bus in range(2):
        if st["bus_free"][bus] != q["round_bus"][bus]:
            st["bus_free"][bus] += (rounds * length) << 5
    for w in range(std["n_window"]):
        for node in range(_window_nodes(std, w)):
            oldest = q["round_ring"][_place(std, w, node, q["round_ring_at"][w, node])]
            if st["ring"][_place(std, w, node, st["ring_at"][w, node])] != oldest:
                for i in range(std["window_count"][w]):
                    st["ring"][_place(std, w, node, i)] += rounds * length
    for command in (REF, REFSB):
        q["counts"][command] += rounds * (q["counts"][command] - q["round_counts"][command])
    q["refresh_node"] += rounds * (q["refresh_node"] - q["round_node"])
    st["refresh_due"] += rounds * length


@flat_kernel
def _window_nodes(std: Any, w: int) -> int:
    """Nodes that a window has a ring for."""
    return int(std["path"][std["banks"] - 1, std["window_level"][w]] - std["window_first"][w] + 1)


@flat_kernel
def _place(std: Any, w: int, node: int, at: int) -> int:
    """Where place `at` of the ring of a node is kept."""
    count = std["window_count"][w]
    return int(std["window_base"][w] + node * count + at % count)
