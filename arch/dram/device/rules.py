"""The constraints of a device become rules in slots: PIM commands inherit, multi-cycle commands shift."""

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from math import ceil

from bankside.arch.causes import (
    DRAM_ACT_PRE,
    DRAM_COMMAND,
    DRAM_FAW,
    DRAM_POWER,
    DRAM_REFRESH,
    DRAM_TURNAROUND,
    PIM_MODE,
)
from bankside.arch.dram.device.commands import (
    BANK,
    BANK_GROUP,
    CHANNEL,
    COLUMN_COMMANDS,
    LEVELS,
    PIM_MODEL,
    PSEUDO_CHANNEL,
)
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.sections import Constraint, PowerLimit
from bankside.arch.dram.device.timing import latency_slots

ACTIVATIONS = ("ACT", "ACT_AB")
REFRESHES = ("REF", "REFSB")
REGISTERS = ("PIM_WR", "PIM_RD")
WRITES = ("WR", "WRA", "PIM_WR")
MODE_SWITCHES = ("ENTER", "EXIT")


@dataclass(frozen=True)
class Rule:
    """`following` comes `latency` [slot] or more after the `window`-th last `preceding` of its node."""

    level: int
    preceding: str
    following: str
    latency: int
    window: int
    sibling: bool
    cause: int


def level_index(name: str) -> int:
    """Index of a level, innermost 0; vault is another word for channel."""
    return CHANNEL if name == "vault" else LEVELS.index(name)


def occupancy_slots(spec: DeviceSpec, command: str) -> int:
    """Slots that a command holds its command bus; one clock unless the device says otherwise."""
    table: dict[str, float] = dict(spec.command_cycles.items())
    cycles = table.get(command, table.get(PIM_MODEL.get(command, ""), 1.0))
    return max(1, round(cycles * spec.slots_per_ck))


def limit_of(constraint: Constraint) -> str | None:
    """The activation limit that a line states: named, or recognised as ACT to ACT above the bank."""
    if constraint.limit is not None:
        return constraint.limit
    if constraint.level == "bank" or "ACT" not in constraint.preceding or "ACT" not in constraint.following:
        return None
    return "tRRD" if constraint.window == 1 else "t32AW" if constraint.window >= 32 else "tFAW"


def image_of_registers(spec: DeviceSpec, before: str, after: str) -> bool:
    """Whether a pair relates an access to buffers (PIM_WR, PIM_RD) to rows, which it does not touch."""
    pair = (before, after)
    if spec.pim is not None and spec.pim.registers == "row":
        return False
    return bool(set(pair) & set(REGISTERS)) and not all(name in COLUMN_COMMANDS for name in pair)


def cause_of(preceding: str, following: str, level: int, limit: str | None) -> int:
    """The cause that a cycle spent waiting for a rule is charged to."""
    if limit == "power":
        return DRAM_POWER
    if preceding in MODE_SWITCHES or following in MODE_SWITCHES:
        return PIM_MODE
    if preceding in REFRESHES:
        return DRAM_REFRESH
    if preceding in ACTIVATIONS and following in ACTIVATIONS and level != BANK:
        return DRAM_FAW
    if preceding in COLUMN_COMMANDS and following in COLUMN_COMMANDS:
        same_direction = (preceding in WRITES) == (following in WRITES)
        return DRAM_COMMAND if same_direction else DRAM_TURNAROUND
    return DRAM_ACT_PRE


@dataclass(frozen=True)
class _Content:
    """A device by what it says: two that say the same have the same rules."""

    text: str
    spec: DeviceSpec = field(compare=False)


def compile_rules(spec: DeviceSpec, scope: str = "bank") -> tuple[Rule, ...]:
    """Every rule of the device; the longest where several lines are about the same pair and level."""
    return _compiled(_Content(spec.model_dump_json(), spec), scope)


@lru_cache(maxsize=64)
def _compiled(content: _Content, scope: str) -> tuple[Rule, ...]:
    spec = content.spec
    everywhere = _covering(spec, scope)
    lines = [*spec.constraints, *(spec.pim.constraints if spec.pim else ())]
    lines = [line for line in lines if line.scope in (None, scope)]
    explicit: set[tuple[str, str]] = {
        pair
        for line in lines
        for pair in product(line.preceding, line.following)
        if set(pair) & set(PIM_MODEL) and line.limit is None
    }
    found: list[Rule] = []
    for line in lines:
        if line.limit is None or _switched_on(spec, line.limit):
            for preceding, following in product(line.preceding, line.following):
                found += _with_images(spec, line, (preceding, following), explicit, everywhere)
    if spec.pim is not None:
        found += _mode_rules(spec)
        found += _power_rules(spec)
    longest: dict[tuple[int, str, str, int, bool], Rule] = {}
    for rule in found:
        key = (rule.level, rule.preceding, rule.following, rule.window, rule.sibling)
        if key not in longest or longest[key].latency < rule.latency:
            longest[key] = rule
    alone = {level_index(name) for name in LEVELS if getattr(spec.levels, name) in (1, None)}
    kept = [rule for rule in longest.values() if not (rule.sibling and rule.level in alone)]
    return tuple(_without_dominated(kept))


def _switched_on(spec: DeviceSpec, limit: str) -> bool:
    if spec.pim is None:
        return True
    return bool(getattr(spec.pim.limits, limit))


def _covering(spec: DeviceSpec, scope: str) -> set[str]:
    """PIM commands that take every bank of a pseudo-channel at once."""
    if spec.pim is None or scope_banks(spec, scope) < scope_banks(spec, "bank"):
        return set()
    staged = activation_stage(spec) < scope_banks(spec, "bank")
    return set(PIM_MODEL) - ({"ACT_AB"} if staged else set())


def _with_images(
    spec: DeviceSpec,
    line: Constraint,
    pair: tuple[str, str],
    explicit: set[tuple[str, str]],
    everywhere: set[str],
) -> list[Rule]:
    """The rule of a line for a pair of commands, and for the PIM commands that inherit it."""
    limit = limit_of(line)
    nominal = latency_slots(spec, line.latency)
    images = [pair]
    if spec.pim is not None:
        befores = [pair[0], *(pim for pim, model in PIM_MODEL.items() if model == pair[0])]
        afters = [pair[1], *(pim for pim, model in PIM_MODEL.items() if model == pair[1])]
        images += [image for image in product(befores, afters) if image != pair and image not in explicit]
    rules = []
    for before, after in images:
        if limit and "ACT_AB" in (before, after) and not _switched_on(spec, limit):
            continue
        if (before, after) != pair and image_of_registers(spec, before, after):
            continue
        shift = 0
        if spec.latency_from == "last":
            shift = occupancy_slots(spec, before) - occupancy_slots(spec, after)
        level = level_index(line.level)
        cause = cause_of(before, after, level, limit)
        image = (before, after) != pair  # a line about PIM commands means the level that it names
        if image and level == BANK_GROUP and limit != "tRRD" and {before, after} & set(PIM_MODEL):
            level = PSEUDO_CHANNEL  # a PIM command takes a bank of every group
        if level == BANK and {before, after} & everywhere:
            level = PSEUDO_CHANNEL  # or even every bank
        rules.append(Rule(level, before, after, nominal + shift, line.window, line.sibling, cause))
    return rules


def scope_banks(spec: DeviceSpec, scope: str) -> int:
    """Banks of one pseudo-channel that one PIM command of `scope` spans."""
    levels = spec.levels
    banks = levels.rank * levels.bank_group * levels.bank
    if scope == "bank":
        return banks
    return max(1, banks // 2) if scope == "bank_pair" else levels.rank * levels.bank_group


def activation_stage(spec: DeviceSpec) -> int:
    """Banks that one ACT_AB opens: one under tRRD, else what tFAW, t32AW or power allow at once, else all."""
    if spec.pim is None or spec.pim.limits.tRRD:
        return 1
    limits = spec.pim.limits
    windows = [limits.power.activates] if isinstance(limits.power, PowerLimit) else []
    windows += [
        line.window
        for line in spec.constraints
        if line.window > 1 and (limit := limit_of(line)) is not None and _switched_on(spec, limit)
    ]
    return min(windows, default=scope_banks(spec, "bank"))


def mac_beat_slots(spec: DeviceSpec, scope: str) -> int:
    """Slots from one MAC to the next of the same scope when neither power nor lanes slow it down."""
    if spec.pim is None:
        return 0
    unlimited = spec.pim.limits.model_copy(update={"power": False})
    return mac_interval_slots(
        spec.model_copy(update={"pim": spec.pim.model_copy(update={"limits": unlimited})}), scope
    )


def mac_interval_slots(spec: DeviceSpec, scope: str) -> int:
    """Slots from one MAC to the next of the same scope under the limits in force; 0 of a device without units."""
    if spec.pim is None:
        return 0
    return max(
        rule.latency for rule in compile_rules(spec, scope) if rule.preceding == rule.following == "MAC"
    )


def _power_rules(spec: DeviceSpec) -> list[Rule]:
    """The average activation power: so many activates of a pseudo-channel in any window."""
    assert spec.pim is not None
    power = spec.pim.limits.power
    if not isinstance(power, PowerLimit):
        return []
    slots = ceil(power.window * spec.clock * spec.slots_per_ck - 1e-6)
    return [
        Rule(PSEUDO_CHANNEL, before, "ACT_AB", slots, power.activates, False, DRAM_POWER)
        for before in ACTIVATIONS
    ]


def _mode_rules(spec: DeviceSpec) -> list[Rule]:
    """ENTER and EXIT wait until accesses have drained and rows are closed; then `switch` passes."""
    assert spec.pim is not None
    burst = latency_slots(spec, ["burst"])
    rules = []
    terms = spec.pim.switch
    for switch in ("ENTER", "EXIT"):
        for line in spec.constraints:
            if line.level == "bank" and "ACT" in line.following and line.window == 1:
                for before in line.preceding:
                    if before != "ACT":
                        rules += [
                            Rule(CHANNEL, name, switch, latency_slots(spec, line.latency), 1, False, PIM_MODE)
                            for name in (before, *(p for p, model in PIM_MODEL.items() if model == before))
                        ]
        for name in COLUMN_COMMANDS:
            latency = spec.write_latency if name in WRITES else spec.read_latency
            rules.append(
                Rule(CHANNEL, name, switch, latency_slots(spec, latency) + burst, 1, False, PIM_MODE)
            )
        passed = latency_slots(spec, terms)
        after = ("ACT", "RD", "WR", "REF", "REFSB", "ACT_AB", "MAC", "PIM_WR", "PIM_RD", "ENTER", "EXIT")
        rules += [Rule(CHANNEL, switch, name, passed, 1, False, PIM_MODE) for name in after]
    return rules


def _without_dominated(rules: list[Rule]) -> list[Rule]:
    """Drop rules that a rule of the same pair further out implies: it holds for more banks and is as long."""
    outer: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        if rule.window == 1 and not rule.sibling:
            outer.setdefault((rule.preceding, rule.following), []).append(rule)
    return [
        rule
        for rule in rules
        if rule.window > 1
        or not any(
            other.level > rule.level and other.latency >= rule.latency
            for other in outer.get((rule.preceding, rule.following), [])
        )
    ]
