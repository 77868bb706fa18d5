"""State of the banks of one channel: when may a command come, and what does issuing it change.

next[node, f] is the earliest slot at which a command of class f may go to a bank below `node`; issuing p at
slot t makes it max(next, t + D[p, f, level]) at the nodes above the bank, so the cost is that of p's rules,
not of the banks. Windows such as tFAW remember the last n activations in a ring.

Times are packed with the cause of the wait, `slot * 32 + cause` (`standard.CAUSE_BITS`).
"""

from typing import Any

from bankside.arch.causes import DRAM_ACT_PRE, DRAM_COMMAND, DRAM_REFRESH
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.banks.state import CLOSED, LOOK_AHEAD, NEVER, STATE, new_state
from bankside.arch.dram.device.commands import (
    ACT,
    ACT_AB,
    BANK,
    ENTER,
    EXIT,
    MAC,
    PRE,
    PRE_AB,
    PREA,
    RD,
    RDA,
    REF,
    REFSB,
    WR,
    WRA,
)
from bankside.arch.dram.device.standard import (
    PER_BANK,
    RULE_FAN,
    RULE_KLASS,
    RULE_LEVEL,
    RULE_VALUE,
)
from bankside.arch.jit import flat_kernel

__all__ = ["CLOSED", "LOOK_AHEAD", "NEVER", "STATE", "new_state"]


@flat_kernel
def earliest_why_on(std: Any, st: Any, command: int, bank: int) -> int:
    """Earliest time at which `command` to `bank` breaks no timing rule, packed with the cause of the wait.

    A PIM command goes to the scope (ACT_AB: the stage of it) that `bank` belongs to. Whether a row is open is
    not looked at.
    """
    free = st["bus_free"][std["bus"][command]]
    found = by_rules(std, st, command, bank)
    if free >> 5 > found >> 5:  # a tie is the rule's: the bus is there to be used
        found = free
    return aligned_on(std, command, found)


@flat_kernel
def earliest_why(packed: Any, state: Any, command: int, bank: int) -> int:
    """`earliest_why_on` for arrays of one."""
    return int(earliest_why_on(packed[0], state[0], command, bank))


@flat_kernel
def column_why_on(std: Any, st: Any, command: int, bank: int) -> int:
    """`earliest_why` of RD, RDA, WR and WRA: one bank, no windows."""
    klass = std["klass"][command]
    found = NEVER
    for k in range(std["look_count"][klass]):
        when = st["next"][std["path"][bank, std["look"][klass, k]], klass]
        if when > found:
            found = when
    free = st["bus_free"][std["bus"][command]]
    if free >> 5 > found >> 5:
        found = free
    return aligned_on(std, command, found)


@flat_kernel
def issue_column_on(std: Any, st: Any, command: int, bank: int, slot: int) -> None:
    """`issue` of RD and WR: one bank, its row stays open."""
    now = slot << 5
    bus = std["bus"][command]
    busy = now + (std["occupancy"][command] << 5) + DRAM_COMMAND
    if busy > st["bus_free"][bus]:
        st["bus_free"][bus] = busy
    stay_awake(std, st, command, slot)
    _raise_times(std, st, std["rule_start"][command], std["rule_start"][command + 1], bank, now)


@flat_kernel
def stay_awake(std: Any, st: Any, command: int, slot: int) -> None:
    """Keep the data clock running for a column command at `slot`, where it stops when nothing needs it."""
    if std["wake"] > 0 and std["awake"][command] > 0:
        st["awake_until"] = max(st["awake_until"], slot + std["awake"][command])


@flat_kernel
def raise_own_times(std: Any, st: Any, command: int, bank: int, slot: int) -> None:
    """What `issue_column_on` does to the command bus and to the times of commands of the same class."""
    command = natural(command)
    now, bus = slot << 5, natural(std["bus"][command])
    st["bus_free"][bus] = max(st["bus_free"][bus], now + (std["occupancy"][command] << 5) + DRAM_COMMAND)
    _raise_times(std, st, std["rule_start"][command], std["own_rules"][command], bank, now)


@flat_kernel
def raise_other_times(std: Any, st: Any, command: int, bank: int, slot: int) -> None:
    """What `issue_column_on` does beside `raise_own_times`."""
    stay_awake(std, st, command, slot)
    _raise_times(std, st, std["own_rules"][command], std["rule_start"][command + 1], bank, slot << 5)


@flat_kernel
def _raise_times(std: Any, st: Any, first: int, last: int, bank: int, now: int) -> None:
    """Raise the times that the rules `first` to `last` - 1 lead to after a column command of packed time `now`."""
    for k in range(first, last):
        rule = std["rule"][k]
        when = now + rule[RULE_VALUE]
        if rule[RULE_FAN] == 0:
            node = natural(std["path"][natural(bank), natural(rule[RULE_LEVEL])])
            klass = natural(rule[RULE_KLASS])
            if when > st["next"][node, klass]:
                st["next"][node, klass] = when
        else:
            _issue_siblings(std, st, k, bank, when)


@flat_kernel
def aligned(packed: Any, command: int, when: int) -> int:
    """A packed time moved to the next slot at which `command` may start (a clock edge, or any half clock)."""
    return aligned_on(packed[0], command, when)


@flat_kernel
def aligned_on(std: Any, command: int, when: int) -> int:
    """`aligned` on the record itself."""
    if std["align"][command] == 1:
        return when
    return when + (when & 32)  # the only other alignment is two slots


@flat_kernel
def by_rules(std: Any, st: Any, command: int, bank: int) -> int:
    """`earliest_why` with the command bus and clock edges left out."""
    klass = std["klass"][command]
    found = NEVER
    for k in range(std["look_count"][klass]):
        when = st["next"][std["path"][bank, std["look"][klass, k]], klass]
        if when > found:
            found = when
    span = std["fan_in"][command]
    if span > 1:
        first = std["position"][bank] // span * span
        for i in range(first, first + span):
            when = st["next"][std["path"][std["member"][i], BANK], klass]
            if when > found:
                found = when
    for w in range(std["n_window"]):
        if std["window_holds"][w, command]:
            count = std["window_count"][w]
            node = std["path"][bank, std["window_level"][w]] - std["window_first"][w]
            own = std["window_counts"][w, command]
            oldest = st["ring_at"][w, node] + max(own - 1, 0)
            if oldest >= count:
                oldest %= count
            when = (st["ring"][std["window_base"][w] + node * count + oldest] << 5) + std["window_value"][w]
            if when > found:
                found = when
    return found


@flat_kernel
def woken(std: Any, st: Any, command: int, when: int) -> int:
    """The packed time of a column command, later where the data clock has stopped by then; ask once, last."""
    if std["wake"] > 0 and when >> 5 > st["awake_until"]:
        return int(when + (std["wake"] << 5))
    return when


@flat_kernel
def note_wait_on(std: Any, st: Any, command: int, bank: int, slot: int, cause: int, floor: int) -> None:
    """Remember how long an activation at `slot` waits for others than its own row (`cause`), seen from
    `floor`."""
    klass = std["klass"][command]
    wanted = floor
    if cause == DRAM_REFRESH:
        wanted = max(floor, slot - refresh_wait(std, command))
    else:
        for k in range(std["look_count"][klass]):
            when = st["next"][std["path"][bank, std["look"][klass, k]], klass]
            if when & 31 == DRAM_ACT_PRE:
                wanted = max(wanted, when >> 5)
    st["wanted"][bank] = wanted
    st["wait"][bank] = slot - wanted
    st["wait_cause"][bank] = cause


@flat_kernel
def refresh_wait(std: Any, command: int) -> int:
    """Slots for which a refresh of the kind that comes due holds a command up at most."""
    refresh = REFSB if std["refresh_mode"] == PER_BANK else REF
    longest = 0
    for k in range(std["rule_start"][refresh], std["rule_start"][refresh + 1]):
        rule = std["rule"][k]
        if rule[RULE_KLASS] == std["klass"][command]:
            longest = max(longest, rule[RULE_VALUE] >> 5)
    return int(longest)


@flat_kernel
def issue(packed: Any, state: Any, command: int, bank: int, slot: int, row: int) -> None:
    """Issue `command` to `bank` at `slot`; `row` is the row that an activation opens (else ignored).

    The caller has made sure that the command is legal (`earliest_why`).
    """
    issue_on(packed[0], state[0], command, bank, slot, row)


@flat_kernel
def issue_on(std: Any, st: Any, command: int, bank: int, slot: int, row: int) -> None:
    """`issue` on the records themselves, which cost less to hand over than arrays of one."""
    now = slot << 5
    bus = std["bus"][command]
    busy = now + (std["occupancy"][command] << 5) + DRAM_COMMAND
    if busy > st["bus_free"][bus]:
        st["bus_free"][bus] = busy
    stay_awake(std, st, command, slot)
    span = std["span"][command]
    for k in range(std["rule_start"][command], std["rule_start"][command + 1]):
        when = now + std["rule"][k, RULE_VALUE]
        klass = natural(std["rule"][k, RULE_KLASS])
        level = natural(std["rule"][k, RULE_LEVEL])
        if std["rule"][k, RULE_FAN] > 0:
            _issue_siblings(std, st, k, bank, when)
        elif span > 1 and level == BANK:
            first = std["position"][bank] // span * span
            for i in range(first, first + span):
                node = std["path"][std["member"][i], BANK]
                if when > st["next"][node, klass]:
                    st["next"][node, klass] = when
        else:
            node = natural(std["path"][natural(bank), level])
            if when > st["next"][node, klass]:
                st["next"][node, klass] = when
    if command == ACT:
        st["row"][bank] = row
        push_windows_on(std, st, command, bank, slot)
    elif command in (PRE, RDA, WRA):
        st["row"][bank] = CLOSED
    elif command not in (RD, WR, MAC):
        _issue_wide(std, st, command, bank, slot, row)


@flat_kernel
def push_windows_on(std: Any, st: Any, command: int, bank: int, slot: int) -> None:
    """Remember an activation in the rings of the windows that count it."""
    for w in range(std["n_window"]):
        count = std["window_count"][w]
        node = std["path"][bank, std["window_level"][w]] - std["window_first"][w]
        for _ in range(std["window_counts"][w, command]):
            at = st["ring_at"][w, node]
            st["ring"][std["window_base"][w] + node * count + at] = slot
            st["ring_at"][w, node] = at + 1 if at + 1 < count else 0


@flat_kernel
def _issue_siblings(std: Any, st: Any, k: int, bank: int, when: int) -> None:
    """A rule towards the other nodes of a level under the same parent."""
    klass, fan = std["rule"][k, RULE_KLASS], std["rule"][k, RULE_FAN]
    own = std["path"][bank, std["rule"][k, RULE_LEVEL]]
    lowest = std["path"][0, std["rule"][k, RULE_LEVEL]]
    first = lowest + (own - lowest) // fan * fan
    for node in range(first, first + fan):
        if node != own and when > st["next"][node, klass]:
            st["next"][node, klass] = when


@flat_kernel
def _issue_wide(std: Any, st: Any, command: int, bank: int, slot: int, row: int) -> None:
    """What commands of more than one bank do to rows, windows and mode."""
    if command in (ACT_AB, PRE_AB):
        span = std["span"][command]
        first = std["position"][bank] // span * span
        for i in range(first, first + span):
            st["row"][std["member"][i]] = row if command == ACT_AB else CLOSED
        if command == ACT_AB:
            push_windows_on(std, st, command, bank, slot)
    elif command == PREA:
        node = std["path"][bank, std["refresh_level"]]
        for other in range(std["banks"]):
            if std["path"][other, std["refresh_level"]] == node:
                st["row"][other] = CLOSED
    elif command == REFSB:
        push_windows_on(std, st, command, bank, slot)
    elif command in (ENTER, EXIT):
        st["mode"] = 1 if command == ENTER else 0
