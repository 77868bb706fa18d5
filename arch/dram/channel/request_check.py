"""Requests against the device that they are meant for: the cheap look at all of them, the sentences if one is wrong."""

from typing import Any, Final

import numpy as np

from bankside.arch.dram.channel.first_ready.queues import MAX_ENTRY
from bankside.arch.dram.channel.requests import Requests
from bankside.arch.dram.device.standard import Standard
from bankside.arch.jit import kernel
from bankside.arch.spec import ConfigError

FIELDS: Final = ("op", "pc", "bank_group", "bank", "row", "column", "at_cycle")

MAX_AT_CYCLE: Final = 1 << 52
"""Clocks that offers come before: slots stay clear of the one that never comes, and clocks are exact as doubles."""

MAX_WRITTEN: Final = 1 << 24
"""Refresh commands that are written down at most: 40 bytes each."""


@kernel
def all_inside(values: Any, limit: int) -> bool:
    """Whether all of an int64 array (n,) lie in 0 to `limit` - 1, without a branch on any of them."""
    outside = 0
    for i in range(values.shape[0]):
        outside |= values[i] | (limit - 1 - values[i])
    return bool(outside >= 0)


def check_requests(standard: Standard, requests: Requests) -> None:
    """Refuse requests outside the device.

    Raises
    ------
    ConfigError
        One sentence for each coordinate that lies outside, and for a limit that cannot be tracked.
    """
    s = standard
    groups = s.ranks * s.bank_groups  # those of further ranks are numbered on
    limits = (2, s.pseudo_channels, groups, s.banks_per_group, s.rows, s.columns, MAX_AT_CYCLE)
    errors = []
    for name, limit in zip(FIELDS, limits, strict=True):
        values = getattr(requests, name)
        if not all_inside(values, limit):
            low, high = np.min(values), np.max(values)
            errors.append(f"requests: {name} runs from {low} to {high}, outside 0 to {limit - 1}.")
    if not 0 <= requests.max_outstanding < MAX_ENTRY:
        errors.append(
            f"max_outstanding must be between 0 and {MAX_ENTRY - 1}, not {requests.max_outstanding}."
        )
    if errors:
        raise ConfigError(errors)


def check_refreshes_written(standard: Standard, requests: Requests, refresh_multiplier: int) -> None:
    """Refuse to write down the commands of requests so far apart that their refreshes would fill the memory.

    Raises
    ------
    ConfigError
        With their number.
    """
    std, mode = standard.packed[0], standard.spec.refresh.mode
    if mode == "off" or len(requests) == 0:
        return
    interval = (
        int(std["refresh_interval" if mode == "all_bank" else "refresh_bank_interval"]) // refresh_multiplier
    )
    last = int(np.max(requests.at_cycle)) * int(std["slots_per_ck"])
    written = last // interval * standard.refresh_nodes
    if written > MAX_WRITTEN:
        raise ConfigError(
            f"{written:.3g} refresh commands would be written down until the last request, offered at clock "
            f"{int(np.max(requests.at_cycle))}; at most {MAX_WRITTEN} are."
        )
