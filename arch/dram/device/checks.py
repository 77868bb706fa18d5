"""Rules that a device file must keep before it means anything; each broken one is a sentence."""

from collections.abc import Iterator

from bankside.arch.dram.device.sections import DeviceFields, Terms
from bankside.arch.dram.device.timing import clocks, latency_slots, term_names
from bankside.arch.spec import FieldError

MAX_BANKS = 256

MAX_DEVICE_BYTE = 1 << 50
"""Largest device: addresses in bytes and bits of many of them stay far below 64 bits."""

MAX_TIMING_CYCLE = 1 << 22
"""Longest timing [tCK], burst and command, a thousand times the longest of any standard: while one command waits,
refreshes go on, and each takes its time to simulate."""

MAX_LATENCY_SLOT = 1 << 35
"""Longest sum of timings [slot]: a request takes a few of them, and a run of many stays far below 2^56 slots."""

ORDERED = (
    ("tRAS", "tRC", "a row is open for tRAS before its cycle tRC can end"),
    ("tRRD_S", "tRRD_L", "activations of one bank group are never closer than of different groups"),
    ("tCCD_S", "tCCD_L", "columns of one bank group are never closer than of different groups"),
    ("tWTR_S", "tWTR_L", "a turnaround within a bank group is never shorter than between groups"),
    ("tRRD_S", "tFAW", "four activations cannot fit a window that two do not fit"),
    ("tRRD", "tFAW", "four activations cannot fit a window that two do not fit"),
    ("tFAW", "t32AW", "thirty-two activations cannot fit a window that four do not fit"),
    ("tRFCpb", "tRFC", "refreshing one bank takes no longer than refreshing all"),
)
"""Pairs (smaller, larger) of timings, where a device has both, and why."""


NEEDED = (("ACT", "RD", "tRCD"), ("ACT", "WR", "tRCD"), ("PRE", "ACT", "tRP"), ("ACT", "PRE", "tRAS"))
"""Pairs of commands that every device must relate, and the timing that usually does."""


def device_errors(spec: DeviceFields) -> list[FieldError]:
    """What is wrong with a device; an empty list when nothing is."""
    if long := list(_too_long(spec)):
        return long  # nothing that is computed from such values means anything
    rules = [
        *_levels(spec),
        *_timings(spec),
        *_constraints(spec),
        *_refresh(spec),
        *_bus(spec),
        *_steps(spec),
    ]
    return rules or list(_latencies(spec))


def _levels(spec: DeviceFields) -> Iterator[FieldError]:
    levels = spec.levels
    if (levels.channel is None) == (levels.vault is None):
        yield FieldError("the outermost level is 'channel' or 'vault'; give exactly one of them.", "levels")
    banks = levels.pseudo_channel * levels.rank * levels.bank_group * levels.bank
    if banks > MAX_BANKS:
        yield FieldError(
            f"one channel has {banks} banks; at most {MAX_BANKS} are supported.", _any_level(spec)
        )
    size_byte = (levels.channel or levels.vault or 1) * banks * levels.row * levels.column * spec.burst.bytes
    if size_byte > MAX_DEVICE_BYTE:
        sentence = f"the device holds {size_byte:.3g} bytes; at most {MAX_DEVICE_BYTE:.3g} are supported."
        yield FieldError(sentence, f"{_any_level(spec)}|burst.bytes")


def _any_level(spec: DeviceFields) -> str:
    """The levels as a whole, or the one that the user wrote."""
    return "|".join(["levels", *(f"levels.{name}" for name in spec.levels.model_fields_set)])


def _timings(spec: DeviceFields) -> Iterator[FieldError]:
    table = clocks(spec)
    for small, large, why in ORDERED:
        if small in table and large in table and table[small] > table[large]:
            yield FieldError(
                f"{small} is {table[small]} tCK and {large} is {table[large]} tCK, but {why}.",
                f"timings.{small}|timings.{large}",
            )


def _too_long(spec: DeviceFields) -> Iterator[FieldError]:
    wake = () if spec.column_wake is None else (("column_wake.cycles", spec.column_wake.cycles),)
    lengths = [
        *((f"timings.{name}", value.cycles(spec.clock)) for name, value in spec.timings.items()),
        *((f"command_cycles.{name}", cycles) for name, cycles in spec.command_cycles.items()),
        ("burst.cycles", spec.burst.cycles),
        *wake,
    ]
    for place, cycles in lengths:
        if not cycles <= MAX_TIMING_CYCLE:
            name = place.removeprefix("timings.")
            yield FieldError(f"{name} is {cycles:.6g} tCK; at most {MAX_TIMING_CYCLE} are supported.", place)


def _summed(spec: DeviceFields) -> list[tuple[str, Terms]]:
    """Every sum of timings of a device, and its place."""
    used = [("read_latency", spec.read_latency), ("write_latency", spec.write_latency)]
    used += [(f"constraints.{index}.latency", line.latency) for index, line in enumerate(spec.constraints)]
    if spec.pim is not None:
        used.append(("pim.switch", spec.pim.switch))
        extra = enumerate(spec.pim.constraints)
        used += [(f"pim.constraints.{index}.latency", line.latency) for index, line in extra]
    if spec.activate_second is not None:
        used.append(("activate_second", (spec.activate_second,)))
    if spec.column_wake is not None:
        used += [("column_wake.read", spec.column_wake.read), ("column_wake.write", spec.column_wake.write)]
    return used


def _constraints(spec: DeviceFields) -> Iterator[FieldError]:
    for place, terms in _summed(spec):
        for name in (name for term in terms for name in term_names(term)):
            if name not in spec.timings:
                yield FieldError(f"'{name}' is not one of the timings of this device.", place)
    for index, line in enumerate(spec.constraints):
        if line.window > 1 and not {*line.preceding, *line.following} <= {"ACT", "ACT_AB", "REFSB"}:
            yield FieldError("only activations and refreshes are counted by windows.", f"constraints.{index}")
        if line.window > 1 and line.sibling:
            yield FieldError(
                "a constraint is a window or between siblings, not both.", f"constraints.{index}"
            )
    for before, after, name in NEEDED:
        if not any(before in line.preceding and after in line.following for line in spec.constraints):
            yield FieldError(f"nothing says when {after} may follow {before} ({name}).", "constraints")


def _refresh(spec: DeviceFields) -> Iterator[FieldError]:
    refresh = spec.refresh
    if refresh.mode == "off":
        return
    names = [refresh.interval, refresh.cycle]
    names += [refresh.bank_interval] if refresh.mode == "per_bank" else []
    for name in names:
        if name not in spec.timings:
            yield FieldError(
                f"mode '{refresh.mode}' needs the timing '{name}', which the device lacks.", "refresh"
            )
    table = clocks(spec)
    if refresh.interval in table and table.get(refresh.cycle, -1) >= table[refresh.interval]:
        yield FieldError(
            f"{refresh.cycle} is {table[refresh.cycle]} tCK and {refresh.interval} is {table[refresh.interval]} tCK, "
            "but a refresh must end before the next one is due.",
            f"timings.{refresh.cycle}|timings.{refresh.interval}",
        )
    if refresh.mode == "per_bank" and table.get(refresh.bank_interval) == 0:
        yield FieldError(
            f"{refresh.bank_interval} is 0, so that refreshes of banks never end.",
            f"timings.{refresh.bank_interval}",
        )
    command = "REF" if refresh.mode == "all_bank" else "REFSB"
    if not any(command in line.preceding and "ACT" in line.following for line in spec.constraints):
        yield FieldError(
            f"mode '{refresh.mode}' needs the refresh command {command}, but no constraint follows it.",
            "refresh",
        )


def _bus(spec: DeviceFields) -> Iterator[FieldError]:
    if sorted(spec.command_bus) not in (["column", "row"], ["single"]):
        yield FieldError("the command bus is [row, column] or [single].", "command_bus")


def _steps(spec: DeviceFields) -> Iterator[FieldError]:
    if spec.pim is None:
        return
    levels = spec.levels
    banks = levels.rank * levels.bank_group * levels.bank
    for name in ("enter", "exit", "start", "stop"):
        for index, step in enumerate(getattr(spec.pim, name)):
            place = f"pim.{name}.{index}"
            if step.banks != "all" and (wrong := [bank for bank in step.banks if bank >= banks]):
                yield FieldError(
                    f"bank {wrong[0]} is none of the {banks} of a pseudo-channel.", f"{place}.banks"
                )
            if not -levels.row <= step.row < levels.row:
                yield FieldError(f"row {step.row} is none of the {levels.row} of a bank.", f"{place}.row")
            first = step.column + levels.column * (step.column < 0)
            if first < 0 or first + step.count > levels.column:
                yield FieldError(
                    f"{step.count} columns from {step.column} on are not in a row of {levels.column}.",
                    f"{place}.column",
                )


def _latencies(spec: DeviceFields) -> Iterator[FieldError]:
    for place, terms in (("read_latency", spec.read_latency), ("write_latency", spec.write_latency)):
        if (slots := latency_slots(spec, terms)) < 0:
            yield FieldError(f"data cannot come before their command, but this is {slots} slots.", place)
    switches = () if spec.pim is None else (("pim.switch", spec.pim.switch),)
    for place, terms in switches:
        if (slots := latency_slots(spec, terms)) < 0:
            yield FieldError(f"a switch of mode takes {slots} slots, less than no time.", place)
    for place, terms in _summed(spec):
        if abs(slots := latency_slots(spec, terms)) > MAX_LATENCY_SLOT:
            yield FieldError(
                f"the sum is {slots:.6g} slots of the command clock; at most {MAX_LATENCY_SLOT} are supported.",
                place,
            )
