"""The state of one channel: banks, buses, windows, refresh, and what its streams carry over from call to call.

Times are packed with the cause of the wait, `slot * 32 + cause` (`standard.CAUSE_BITS`).
"""

from itertools import pairwise, product
from typing import Any

import numpy as np

from bankside.arch.dram.device.commands import (
    ACT,
    BANK,
    BANK_GROUP,
    COMMANDS,
    N_COMMAND,
    PSEUDO_CHANNEL,
    REF,
    REFSB,
)
from bankside.arch.dram.device.standard import (
    CAUSE_BITS,
    MAX_BANK,
    MAX_NODE,
    MAX_RING,
    MAX_WINDOW,
    RULE_KLASS,
)
from bankside.arch.spec import ConfigError

NEVER = -(1 << 60)
"""Packed time of a constraint that no command has set yet."""

LATEST_SLOT = 1 << 56
"""Slot after which a stream goes no further: packed with a cause it is still far from the end of int64, and no run
that can be counted reaches it."""

CLOSED = -1
"""Open row of a precharged bank."""

LOOK_AHEAD = 64
"""Most bursts whose row commands may run ahead of the column command in turn; a power of two."""

STATE = np.dtype(
    [
        (
            "next",
            np.int64,
            (MAX_NODE, N_COMMAND),
        ),  # packed earliest time by node and class of following command
        ("bus_free", np.int64, 2),  # packed time at which the row and column command buses are free
        ("row", np.int64, MAX_BANK),  # open row or CLOSED
        ("awake_until", np.int64),  # last slot at which the data clock still runs
        ("mode", np.int64),  # 1 while the channel is in PIM mode
        ("ring", np.int64, MAX_RING),  # slots of the last activations of each window
        ("ring_at", np.int64, (MAX_WINDOW, MAX_NODE)),  # place of the oldest command of a ring
        ("refresh_due", np.int64),  # slot at which the next refresh is due
        ("closing", np.int64),  # bank that waits, precharged, for its refresh; -1: none
        ("refresh_since", np.int64),  # slot at which that refresh was due
        ("refreshes", np.int64),  # per-bank refreshes of this round
        ("refreshed", np.int64, MAX_BANK),  # 1 for a bank that has been refreshed in this round
        ("owed", np.int64),  # per-bank refreshes that are put off
        (
            "waiting",
            np.int64,
            MAX_BANK,
        ),  # bursts of the window for a bank, when one is chosen to be refreshed
        ("refresh_multiplier", np.int64),  # 2 when hot: refreshes come twice as often
        ("depth", np.int64),  # bursts whose row commands may run ahead
        ("frontier", np.int64),  # end of the last data burst
        ("columns", np.int64),  # column commands ever issued by streams
        ("column_slot", np.int64, LOOK_AHEAD),  # slots of the last of them, a ring
        ("row_bus_free", np.int64),  # end of the last row command of a stream, where the bus is single
        ("window_bank", np.int64, LOOK_AHEAD),  # bursts of the look-ahead window: bank, row
        ("window_row", np.int64, LOOK_AHEAD),
        ("planned_row", np.int64, MAX_BANK),  # row that a bank will have open after the bursts of the window
        ("last_use", np.int64, MAX_BANK),  # burst of the window that uses a bank last
        ("pending", np.int64),  # row changes of the window that have not been done
        ("opened_for", np.int64, MAX_BANK),  # burst that the row of a bank was opened for
        ("pending_burst", np.int64, LOOK_AHEAD),  # burst that needs the row
        ("pending_after", np.int64, LOOK_AHEAD),  # last burst before it on the same bank
        ("pending_floor", np.int64, LOOK_AHEAD),  # slot at which it entered the window
        ("pending_bound", np.int64, LOOK_AHEAD),  # packed lower bound of when its next command may come
        ("n_hit", np.int64),  # banks with columns that their rules have not been told of, see `deferred`
        ("hit_at", np.int64, MAX_BANK),  # slot of a bank's last of them, -1: none
        ("hit_banks", np.int64, MAX_BANK),
        ("wait", np.int64, MAX_BANK),  # slots that the last activation waited for `wait_cause`
        ("wanted", np.int64, MAX_BANK),  # slot at which the row itself was ready to be opened
        ("wait_cause", np.int64, MAX_BANK),
    ]
)


def new_state(packed: Any, refresh_multiplier: int = 1, depth: int = 32) -> np.ndarray[Any, Any]:
    """State of one channel at slot 0: banks precharged, nothing issued, the first refresh one interval away.

    `depth` is how many bursts streams look ahead, at most LOOK_AHEAD.

    Returns
    -------
    numpy.ndarray
        STATE, shape (1,).

    Raises
    ------
    ConfigError
        If refreshes come due so often that nothing else would ever be served.
    """
    check_refresh_rate(packed[0], refresh_multiplier)
    state = np.zeros(1, STATE)
    fields = state[0]
    fields["next"] = NEVER
    fields["bus_free"] = NEVER
    fields["row"] = CLOSED
    fields["closing"] = fields["hit_at"] = -1
    fields["awake_until"] = NEVER >> 5
    fields["ring"] = NEVER >> 5
    fields["refresh_multiplier"] = refresh_multiplier
    fields["depth"] = depth
    fields["column_slot"] = NEVER >> 5
    fields["row_bus_free"] = NEVER >> 5
    std = packed[0]
    interval = std["refresh_interval"] if std["refresh_mode"] == 1 else std["refresh_bank_interval"]
    fields["refresh_due"] = (1 << 62) if std["refresh_mode"] == 0 else interval // refresh_multiplier
    return state


def check_refresh_rate(std: Any, refresh_multiplier: int) -> None:
    """Refuse refreshes that take all the time there is.

    The refreshes that come due together have to end, for activations of the last of their nodes and for those of the
    next interval, before the next are due. Refreshes of single banks have to be due less often than they may follow
    one another, and each bank's less often than it takes.

    Raises
    ------
    ConfigError
    """
    if std["refresh_mode"] == 0:
        return
    command, interval_name = (
        (REF, "refresh_interval") if std["refresh_mode"] == 1 else (REFSB, "refresh_bank_interval")
    )
    interval = int(std[interval_name]) // refresh_multiplier
    node_level = int(std["refresh_level"])
    if command == REFSB:
        node_level = min(node_level, PSEUDO_CHANNEL)
    nodes = std["path"][: std["banks"], node_level]
    turns = 1 if command == REF else int((nodes == nodes[0]).sum())
    apart, least = _refreshes_apart(std, command, std["path"][np.unique(nodes, return_index=True)[1]])
    waits = [(command, interval, apart + least)]
    for following, (level, klass, value, siblings) in product((ACT, command), _rules_from(std, command)):
        if klass == std["klass"][following] and not siblings and level != BANK_GROUP:
            same_node = following == command and level <= node_level
            wait = (value >> CAUSE_BITS) + (0 if same_node else apart)
            waits.append((following, interval * turns if level == BANK else interval, wait))
    for following, every, wait in waits:
        if wait >= every:
            raise ConfigError(
                [
                    f"A refresh is due every {every} slots of the command clock and holds {COMMANDS[following]} up for "
                    f"{wait}: nothing else would ever be served."
                ]
            )


def _refreshes_apart(std: Any, command: int, paths: Any) -> tuple[int, int]:
    """Slots from the first to the last of the refreshes that come due together, and the least between any two.

    `paths`, shape (n, N_LEVEL), are the nodes of one bank of each, in the order in which they are refreshed.
    """
    per_clock = int(std["slots_per_ck"])
    least = max(int(std["occupancy"][command]), per_clock)
    own = [rule for rule in _rules_from(std, command) if rule[RULE_KLASS] == std["klass"][command]]
    apart = 0
    for before, after in pairwise(paths):
        gap = least
        for level, _, value, siblings in own:
            common = level + 1 if siblings else level
            if before[common] == after[common]:
                gap = max(gap, value >> CAUSE_BITS)
        apart += -(-gap // per_clock) * per_clock  # refreshes start on rising clock edges
    return apart, least


def _rules_from(std: Any, command: int) -> list[list[int]]:
    """What the rules after a command say: level, class, packed latency and siblings of each."""
    rules: list[list[int]] = std["rule"][std["rule_start"][command] : std["rule_start"][command + 1]].tolist()
    return rules
