"""A device compiled for kernels: rules by preceding command, levels by following command, windows as rings.

The packed form is one structured array of one element, so kernels pass a pointer. The time that a rule leads
to is packed with its cause, `slot * 32 + cause`: the maximum of several rules names the one that decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bankside.arch.dram.device.commands import (
    BANK,
    BANK_GROUP,
    CHANNEL,
    COLUMN_COMMANDS,
    COMMANDS,
    N_COMMAND,
    N_LEVEL,
    PIM_MODEL,
    PSEUDO_CHANNEL,
    RANK,
    SCOPES,
)
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.rules import (
    WRITES,
    Rule,
    activation_stage,
    compile_rules,
    level_index,
    mac_beat_slots,
    occupancy_slots,
    scope_banks,
)
from bankside.arch.dram.device.session import FIELDS, steps
from bankside.arch.dram.device.timing import clocks, latency_slots
from bankside.arch.spec import ConfigError

__all__ = ["STANDARD", "DeviceSpec", "Standard", "compile_standard"]

MAX_BANK = 256
MAX_NODE = 448
MAX_RULE = 512
MAX_WINDOW = 8
MAX_RING = 4096
MAX_STEP = 128

(RULE_LEVEL, RULE_KLASS, RULE_VALUE, RULE_FAN) = range(4)
"""Columns of a rule: level of its nodes, class of following commands, latency * 32 + cause, and 0 or, for siblings,
the nodes of the level under one parent."""

CAUSE_BITS = 5
"""The low bits of a packed time; 23 causes fit."""

REFRESH_MODES = ("off", "all_bank", "per_bank")
OFF, ALL_BANK, PER_BANK = range(3)

STANDARD = np.dtype(
    [
        *(
            (name, np.int64)
            for name in (
                "slots_per_ck", "n_pseudo_channel", "n_rank", "n_group", "n_bank", "banks", "rows", "columns",
                "burst_bytes", "burst", "read_latency", "write_latency", "slice_banks", "slices", "stage",
                "exclusive", "refresh_mode", "refresh_interval", "refresh_cycle", "refresh_bank_interval",
                "refresh_level", "nodes", "n_window", "single_bus", "column_occupancy",
                "wake", "scope", "mac_beat", "switch", "enter_steps", "exit_steps", "register_row", "second_within",
                "rows_apart",
            )
        ),
        ("path", np.int64, (MAX_BANK, N_LEVEL)),  # node of each level that a bank is in
        ("member", np.int64, MAX_BANK),  # banks in the order of PIM scopes, bank groups in turn
        ("position", np.int64, MAX_BANK),  # inverse of member
        ("klass", np.int64, N_COMMAND),  # following commands with equal rules share a column of `next`
        ("bus", np.int64, N_COMMAND),
        ("occupancy", np.int64, N_COMMAND),
        ("align", np.int64, N_COMMAND),  # a command of a whole clock or more starts on a clock edge
        ("span", np.int64, N_COMMAND),
        ("fan_in", np.int64, N_COMMAND),  # banks whose own rules a command waits for
        ("look_count", np.int64, N_COMMAND),  # by klass: levels that hold rules
        ("look", np.int64, (N_COMMAND, N_LEVEL)),
        ("awake", np.int64, N_COMMAND),  # slots that a column keeps the data clock running
        ("rule_start", np.int64, N_COMMAND + 1),
        ("own_rules", np.int64, N_COMMAND),  # end of the first rules of a command, those about its own class
        ("rule", np.int64, (MAX_RULE, 4)),  # one line of memory a rule: see RULE_LEVEL and after
        ("step", np.int64, (MAX_STEP, len(FIELDS))),  # accesses that enter the mode of PIM, then those that leave it
        ("window_level", np.int64, MAX_WINDOW),
        ("window_count", np.int64, MAX_WINDOW),
        ("window_value", np.int64, MAX_WINDOW),
        ("window_base", np.int64, MAX_WINDOW),
        ("window_first", np.int64, MAX_WINDOW),  # first node of the level
        ("window_counts", np.int64, (MAX_WINDOW, N_COMMAND)),  # activations that a command adds to the window
        ("window_holds", np.int64, (MAX_WINDOW, N_COMMAND)),  # 1 where a command waits for the window
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Standard:
    """A compiled device.

    Attributes
    ----------
    spec : DeviceSpec
    slot_fs : int
        Length of one command slot [fs].
    channels, pseudo_channels, ranks, bank_groups, banks_per_group, rows, columns : int
        Channels of the device; nodes of a level in one node of the level outside; rows of a bank; bursts of a
        row.
    banks : int
        Banks of one channel.
    burst_bytes : int
        Size of one column access [byte].
    timings_ck : dict[str, int]
        Named timings in clocks.
    packed : numpy.ndarray
        STANDARD, shape (1,): what kernels take.
    """

    spec: DeviceSpec
    slot_fs: int
    channels: int
    pseudo_channels: int
    ranks: int
    bank_groups: int
    banks_per_group: int
    banks: int
    rows: int
    columns: int
    burst_bytes: int
    timings_ck: dict[str, int]
    packed: np.ndarray[Any, Any]

    @property
    def channel_bytes(self) -> int:
        """Capacity of one channel [byte]."""
        return self.banks * self.rows * self.columns * self.burst_bytes

    @property
    def refresh_nodes(self) -> int:
        """Nodes of one channel that an all-bank refresh takes one by one (ranks or pseudo-channels)."""
        std = self.packed[0]
        level = int(std["refresh_level"])
        return int(std["path"][self.banks - 1, level] - std["path"][0, level]) + 1

    @property
    def capacity_bytes(self) -> int:
        """Capacity of the device [byte]."""
        return self.channels * self.channel_bytes


def compile_standard(spec: DeviceSpec, scope: str | None = None) -> Standard:
    """Pack the rules of a device for kernels.

    Parameters
    ----------
    spec : DeviceSpec
    scope : str, optional
        What one PIM command spans: bank (all banks), bank_pair (one of each pair), bank_group (one of each
        group). Without it the first that the device has, if any.

    Raises
    ------
    ConfigError
        When there is no such scope, the device does not have it, or the activation windows are too long.
    """
    scope = _checked_scope(spec, scope)
    levels = spec.levels
    packed = np.zeros(1, STANDARD)
    std = packed[0]
    _pack_levels(spec, std, scope)
    _pack_commands(spec, std)
    _pack_wake(spec, std)
    _pack_rules(std, compile_rules(spec, scope))
    _pack_refresh(spec, std)
    _pack_steps(spec, std)
    return Standard(
        spec=spec,
        slot_fs=round(1e15 / spec.clock / spec.slots_per_ck),
        channels=levels.channel or levels.vault or 1,
        pseudo_channels=levels.pseudo_channel,
        ranks=levels.rank,
        bank_groups=levels.bank_group,
        banks_per_group=levels.bank,
        banks=int(std["banks"]),
        rows=levels.row,
        columns=levels.column,
        burst_bytes=spec.burst.bytes,
        timings_ck=clocks(spec),
        packed=packed,
    )


def _checked_scope(spec: DeviceSpec, scope: str | None) -> str:
    """The scope that is asked for; without one a device without PIM is packed as if commands spanned all banks."""
    listed = () if spec.pim is None else spec.pim.scopes
    if scope is None:
        return listed[0] if listed else "bank"
    if scope not in SCOPES:
        raise ConfigError(f"A PIM command spans one of {', '.join(SCOPES)}, not '{scope}'.")
    if scope not in listed:
        has = f"commands of scope {', '.join(listed)} alone" if listed else "none"
        raise ConfigError(f"PIM commands of scope {scope} are asked of a device that has {has} (pim.scopes).")
    return scope


def level_counts(spec: DeviceSpec) -> tuple[int, ...]:
    """Nodes of each level in one channel, innermost (banks) first."""
    levels = spec.levels
    ranks = levels.pseudo_channel * levels.rank
    groups = ranks * levels.bank_group
    return groups * levels.bank, groups, ranks, levels.pseudo_channel, 1


def _pack_levels(spec: DeviceSpec, std: Any, scope: str) -> None:
    levels = spec.levels
    counts = level_counts(spec)
    banks = counts[BANK]
    first = [sum(counts[level + 1 :]) for level in range(N_LEVEL)]
    bank = np.arange(banks)
    for level in range(N_LEVEL):
        std["path"][:banks, level] = first[level] + bank // (banks // counts[level])
    group, inner = bank // levels.bank, bank % levels.bank
    slice_banks = scope_banks(spec, scope)
    slices = banks // levels.pseudo_channel // slice_banks
    # order within a scope: neighbours in different bank groups, so that staged activations pay tRRD_S
    order = np.lexsort((group, inner, inner % slices, bank // (banks // levels.pseudo_channel)))
    std["member"][:banks] = order
    std["position"][order] = bank
    values = {
        "slots_per_ck": spec.slots_per_ck, "n_pseudo_channel": levels.pseudo_channel, "n_rank": levels.rank,
        "n_group": levels.bank_group, "n_bank": levels.bank, "banks": banks, "rows": levels.row,
        "columns": levels.column, "burst_bytes": spec.burst.bytes, "burst": latency_slots(spec, ["burst"]),
        "read_latency": latency_slots(spec, spec.read_latency),
        "write_latency": latency_slots(spec, spec.write_latency),
        "slice_banks": slice_banks, "slices": slices, "stage": min(activation_stage(spec), slice_banks),
        "exclusive": int(spec.pim is not None and spec.pim.mode == "exclusive"), "nodes": sum(counts),
        "scope": SCOPES.index(scope), "mac_beat": mac_beat_slots(spec, scope),
        "switch": latency_slots(spec, spec.pim.switch) if spec.pim else 0,
        "register_row": levels.row - 1 if spec.pim and spec.pim.registers == "row" else -1,
    }  # fmt: skip
    for name, value in values.items():
        std[name] = value


def _pack_commands(spec: DeviceSpec, std: Any) -> None:
    single = spec.command_bus == ("single",)
    std["single_bus"] = single
    std["second_within"] = latency_slots(spec, [spec.activate_second]) if spec.activate_second else 0
    std["column_occupancy"] = occupancy_slots(spec, "RD")
    for index, name in enumerate(COMMANDS):
        std["bus"][index] = 0 if single or name not in COLUMN_COMMANDS else 1
        std["occupancy"][index] = occupancy_slots(spec, name)
        std["align"][index] = spec.slots_per_ck if std["occupancy"][index] >= spec.slots_per_ck else 1
        std["span"][index] = (
            1 if name not in PIM_MODEL else std["stage"] if name == "ACT_AB" else std["slice_banks"]
        )


def _pack_wake(spec: DeviceSpec, std: Any) -> None:
    if spec.column_wake is not None:
        std["wake"] = spec.column_wake.cycles * spec.slots_per_ck
        for index, name in enumerate(COMMANDS):
            terms = spec.column_wake.write if name in WRITES else spec.column_wake.read
            std["awake"][index] = latency_slots(spec, terms) if name in COLUMN_COMMANDS else 0


def _pack_rules(std: Any, rules: Sequence[Rule]) -> None:
    plain = [rule for rule in rules if rule.window == 1]
    columns: dict[Any, int] = {}
    for index, name in enumerate(COMMANDS):
        column = frozenset(
            (r.preceding, r.level, r.latency, r.sibling, r.cause) for r in plain if r.following == name
        )
        std["klass"][index] = columns.setdefault((column, std["span"][index]), len(columns))
    for klass in columns.values():
        commands = {name for index, name in enumerate(COMMANDS) if std["klass"][index] == klass}
        looked = sorted({rule.level for rule in plain if rule.following in commands})
        std["look_count"][klass] = len(looked)
        std["look"][klass, : len(looked)] = looked
        for index in range(N_COMMAND):
            if std["klass"][index] == klass:
                std["fan_in"][index] = std["span"][index] if BANK in looked else 1
    at = 0
    for index, name in enumerate(COMMANDS):
        std["rule_start"][index] = at
        own = int(std["klass"][index])
        found = {_packed_rule(std, rule) for rule in plain if rule.preceding == name}
        std["own_rules"][index] = at + sum(entry[RULE_KLASS] == own for entry in found)
        for entry in sorted(found, key=lambda entry: (entry[RULE_KLASS] != own, entry)):
            std["rule"][at] = entry
            at += 1
    std["rule_start"][N_COMMAND] = at
    _pack_windows(std, [rule for rule in rules if rule.window > 1])
    std["rows_apart"] = _are_rows_apart(std, plain)


def _are_rows_apart(std: Any, rules: Sequence[Rule]) -> bool:
    """Whether row commands and columns hold each other up within a bank alone, on buses of their own."""
    row, column = ("ACT", "PRE"), ("RD", "WR")
    between = (
        rule
        for rule in rules
        if (rule.preceding in row and rule.following in column)
        or (rule.preceding in column and rule.following in row)
    )
    wide = any(rule.level != BANK or rule.sibling for rule in between)
    return not (wide or std["single_bus"] or std["wake"])


def _packed_rule(std: Any, rule: Rule) -> tuple[int, int, int, int]:
    fans = {BANK: "n_bank", BANK_GROUP: "n_group", RANK: "n_rank", PSEUDO_CHANNEL: "n_pseudo_channel"}
    fan = int(std[fans[rule.level]]) if rule.sibling and rule.level != CHANNEL else 0
    klass = int(std["klass"][COMMANDS.index(rule.following)])
    return rule.level, klass, (rule.latency << CAUSE_BITS) + rule.cause, fan


def _pack_windows(std: Any, rules: Sequence[Rule]) -> None:
    windows = sorted({(rule.level, rule.window, rule.latency, rule.cause) for rule in rules})
    nodes = [int(std["path"][std["banks"] - 1, level] - std["path"][0, level]) + 1 for level, *_ in windows]
    entries = sum(count * held for (_, count, *_), held in zip(windows, nodes, strict=True))
    if entries > MAX_RING or len(windows) > MAX_WINDOW:
        raise ConfigError(
            [f"The activation windows need {entries:,} entries, and a channel has room for {MAX_RING:,}."]
        )
    base = 0
    for w, (level, count, latency, cause) in enumerate(windows):
        std["window_level"][w], std["window_count"][w], std["window_base"][w] = level, count, base
        std["window_value"][w] = (latency << CAUSE_BITS) + cause
        std["window_first"][w] = std["path"][0, level]
        base += count * nodes[w]
        for rule in rules:
            if (rule.level, rule.window, rule.latency, rule.cause) == windows[w]:
                before, after = COMMANDS.index(rule.preceding), COMMANDS.index(rule.following)
                std["window_counts"][w, before] = std["span"][before]
                std["window_holds"][w, after] = 1
    std["n_window"] = len(windows)


def _pack_steps(spec: DeviceSpec, std: Any) -> None:
    """Accesses that switch modes: those that enter, then those that leave."""
    if spec.pim is None:
        return
    enter, leave = steps(spec, spec.pim.enter), steps(spec, spec.pim.exit)
    std["enter_steps"], std["exit_steps"] = len(enter), len(leave)
    if len(enter) + len(leave) > MAX_STEP:
        raise ConfigError(
            [
                f"Switching modes takes {len(enter) + len(leave)} accesses (pim.enter, pim.exit); {MAX_STEP} are the "
                "most."
            ]
        )
    std["step"][: len(enter)] = enter
    std["step"][len(enter) : len(enter) + len(leave)] = leave


def _pack_refresh(spec: DeviceSpec, std: Any) -> None:
    refresh = spec.refresh
    std["refresh_mode"] = REFRESH_MODES.index(refresh.mode)
    std["refresh_level"] = level_index(refresh.level)
    if refresh.mode != "off":
        std["refresh_interval"] = latency_slots(spec, [refresh.interval])
        std["refresh_cycle"] = latency_slots(spec, [refresh.cycle])
    if refresh.mode == "per_bank":
        std["refresh_bank_interval"] = latency_slots(spec, [refresh.bank_interval])
