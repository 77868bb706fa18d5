"""Policies of a DRAM channel: the order in which it serves what it is asked for.

A policy is a kind of unit and the state that it starts with. All serve the same sources (`source`), on the same state
of the banks; a machine names the policy of each of its memories.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.banks.state import LOOK_AHEAD, new_state
from bankside.arch.dram.channel.first_ready.kind import FIRST_READY
from bankside.arch.dram.channel.first_ready.queues import QUEUE, new_queue
from bankside.arch.dram.channel.in_order.kind import ARRAYS_IN_ORDER, IN_ORDER
from bankside.arch.dram.channel.in_order.memory.late import NOTE_WORDS
from bankside.arch.dram.channel.params import STATE_WORDS, channel_state
from bankside.arch.dram.channel.per_bank.kind import PER_BANK
from bankside.arch.dram.channel.per_bank.queues import BANKED, MAX_TRANSACTION, new_banked
from bankside.arch.dram.channel.pim.kind import FIRST_READY_PIM, IN_ORDER_PIM, PER_BANK_PIM
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.engine.kinds import Kind

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Policy:
    """A policy.

    Attributes
    ----------
    name : str
        What machines call it by.
    kind : Kind
        The kind of unit that a channel under it is.
    start : callable
        (STANDARD, depth, refresh multiplier, closing) -> state of a channel at slot 0. `depth`: entries of its queues,
        or bursts that it looks ahead; the multiplier: how many times as often as the device says refreshes come;
        `closing`: column commands close their row.
    counters : numpy dtype
        Of what it keeps behind the state of the banks, with the counters of a queued controller; None: it has none.
    pim : Kind, optional
        What a channel under it is where PIM programs run on it beside ordinary sources; None: they cannot.
    arrays : Kind, optional
        Where request arrays are served by another kind on the same state.
    depth, max_depth : int
        Where nothing is stated, and at most.
    closes : bool
        Whether column commands may close their rows.
    """

    name: str
    kind: Kind
    start: Callable[[Any, int, int, bool], Int64s]
    counters: Any = None
    pim: Kind | None = None
    arrays: Kind | None = None
    depth: int = 32
    max_depth: int = MAX_TRANSACTION
    closes: bool = True

    def read(self, state: Int64s) -> Any:
        """The counters in a state, a view."""
        return state[STATE_WORDS:].view(self.counters)[0]

    def closing_fault(self, device: DeviceSpec) -> str | None:
        """Why column commands cannot close the rows of a device under it, or None where they can."""
        if not self.closes:
            return f"{self.name} keeps rows open."
        if not any("RDA" in line.preceding for line in device.constraints):
            return "closed pages need RDA and WRA, and no constraint of the device starts from RDA."
        return None


POLICIES: Final[dict[str, Policy]] = {}


def register_policy(policy: Policy) -> Policy:
    """Make a policy known to machines by its name.

    Raises
    ------
    ValueError
        If another policy has that name.
    """
    if POLICIES.setdefault(policy.name, policy) is not policy:
        raise ValueError(f"There is a policy named '{policy.name}' already.")
    return policy


def _in_order(packed: Any, depth: int, refresh_multiplier: int, closing: bool) -> Int64s:
    return channel_state(new_state(packed, refresh_multiplier, depth), np.zeros(NOTE_WORDS, dtype=np.int64))


def _first_ready(packed: Any, depth: int, refresh_multiplier: int, closing: bool) -> Int64s:
    return channel_state(new_state(packed, refresh_multiplier), new_queue(depth, False, closing))


def _row_hits(packed: Any, depth: int, refresh_multiplier: int, closing: bool) -> Int64s:
    return channel_state(new_state(packed, refresh_multiplier), new_queue(depth, True, closing))


def _per_bank(packed: Any, depth: int, refresh_multiplier: int, closing: bool) -> Int64s:
    queue = new_banked(depth, unified=closing, closing=closing)
    return channel_state(new_state(packed, refresh_multiplier), queue)


IN_ORDER_POLICY: Final = register_policy(
    Policy(
        "in-order",
        IN_ORDER,
        _in_order,
        pim=IN_ORDER_PIM,
        arrays=ARRAYS_IN_ORDER,
        max_depth=LOOK_AHEAD,
        closes=False,
    )
)
FRFCFS: Final = register_policy(Policy("frfcfs", FIRST_READY, _first_ready, QUEUE, FIRST_READY_PIM))
ROW_HIT: Final = register_policy(Policy("frfcfs-rowhit", FIRST_READY, _row_hits, QUEUE, FIRST_READY_PIM))
PER_BANK_POLICY: Final = register_policy(Policy("per-bank", PER_BANK, _per_bank, BANKED, PER_BANK_PIM))
