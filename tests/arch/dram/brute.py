"""Records every command of streams run as plain Python, and checks them pair by pair against the device file.

Run as a script with NUMBA_DISABLE_JIT=1: `brute.py DEVICE SCOPE SEED [OVERRIDE ...]` prints how many commands it saw
and every violation. The check knows only the YAML's constraint list: a PIM command is taken as the ordinary command
it is made of at each of its banks.
"""

import random
import sys
from itertools import islice
from typing import Any, NamedTuple

from bankside.arch.dram.banks import refresh
from bankside.arch.dram.channel.in_order import stream
from bankside.arch.dram.channel.in_order import window as stream_window
from bankside.arch.dram.device.commands import COLUMN_COMMANDS, COMMANDS, LEVELS, PIM_MODEL
from bankside.arch.dram.device.timing import latency_slots
from bankside.arch.spec import ConfigError

TIGHT = ("tRCD", "tRCDRD", "tRP", "tRAS", "tFAW", "tCCD_L", "tRTP", "tWR", "tRFC")


class Seen(NamedTuple):
    slot: int
    name: str
    banks: tuple[int, ...]
    row: int


def record(standard: Any) -> list[Seen]:
    """Wrap the issuing functions; the list that is returned fills as streams run."""
    seen: list[Seen] = []
    std = standard.packed[0]

    def banks_of(command: int, bank: int) -> tuple[int, ...]:
        name = COMMANDS[command]
        if name in ("PREA", "REF"):
            node = std["path"][bank, std["refresh_level"]]
            return tuple(b for b in range(standard.banks) if std["path"][b, std["refresh_level"]] == node)
        if name in ("ENTER", "EXIT"):
            return tuple(range(standard.banks))
        span = int(std["span"][command])
        first = int(std["position"][bank]) // span * span
        return tuple(int(b) for b in std["member"][first : first + span])

    def note(command: int, bank: int, slot: int, row: int) -> None:
        seen.append(Seen(int(slot), COMMANDS[command], banks_of(command, bank), int(row)))

    def wrapped(inner: Any) -> Any:
        def outer(packed: Any, state: Any, command: int, bank: int, slot: int, row: int) -> None:
            note(command, bank, slot, row)
            inner(packed, state, command, bank, slot, row)

        return outer

    def wrapped_column(inner: Any) -> Any:
        def outer(std: Any, st: Any, kept: Any, command: int, bank: int, slot: int) -> None:
            note(command, bank, slot, -1)
            inner(std, st, kept, command, bank, slot)

        return outer

    places = (
        (refresh, "issue", wrapped),
        (stream_window, "issue_on", wrapped),
        (stream, "issue_within_run", wrapped_column),
    )
    for module, name, wrap in places:
        setattr(module, name, wrap(getattr(module, name)))
    return seen


def violations(standard: Any, commands: list[Seen], scope: str) -> list[str]:
    spec, std = standard.spec, standard.packed[0]
    found = []
    events = []  # (slot, position, model, own name, bank)
    ordered = sorted(enumerate(commands), key=lambda item: (item[1].slot, item[0]))
    for at, (_, command) in enumerate(ordered):
        events += [
            (command.slot, at, PIM_MODEL.get(command.name, command.name), command.name, b)
            for b in command.banks
        ]
    limits = spec.pim.limits if spec.pim else None
    explicit = {
        (p, f)
        for line in (spec.pim.constraints if spec.pim else ())
        for p in line.preceding
        for f in line.following
        if line.limit is None
    }
    for line in (*spec.constraints, *(spec.pim.constraints if spec.pim else ())):
        if line.scope not in (None, scope) or (line.limit and limits and not getattr(limits, line.limit)):
            continue
        level = LEVELS.index("channel" if line.level == "vault" else line.level)
        pim_line = bool({*line.preceding, *line.following} & set(PIM_MODEL))
        above = level > 0 and "ACT" in line.preceding and "ACT" in line.following
        key = "tRRD" if line.window == 1 else "t32AW" if line.window >= 32 else "tFAW"
        need = latency_slots(spec, line.latency)
        related = _related(line, limits, key, above, pim_line, explicit)
        history: dict[int, dict[int, list[tuple[int, int, str]]]] = {}
        for slot, at, model, name, bank in events:
            node = int(std["path"][bank, level])
            parent = int(std["path"][bank, level + 1]) if line.sibling else node
            nodes = history.setdefault(parent, {})
            if (name if pim_line else model) in line.following:
                for other in [n for n in nodes if n != node] if line.sibling else [node]:
                    last = (e for e in reversed(nodes.get(other, [])) if e[1] != at and related(e[2], name))
                    before = next(islice(last, line.window - 1, None), None)
                    if before and slot - before[0] < need + _shift(standard, before[2], name):
                        found.append(f"{name}@{slot} bank {bank} after {before[2]}@{before[0]}: {line}")
            if (name if pim_line else model) in line.preceding:
                nodes.setdefault(node, []).append((slot, at, name))
    return found + _states(standard, [command for _, command in ordered])


def _related(line: Any, limits: Any, key: str, above: bool, pim_line: bool, explicit: set[Any]) -> Any:
    """Whether a line holds for two commands: limits switched off, lines replaced, registers that are no rows."""

    def related(before: str, after: str) -> bool:
        if above and limits and "ACT_AB" in (before, after) and not getattr(limits, key):
            return False
        return (pim_line or (before, after) not in explicit) and not _registers(before, after)

    return related


def _registers(before: str, after: str) -> bool:
    """Registers are no rows: a broadcast or drain waits only for columns."""
    return (
        before[:4] != after[:4]
        and "PIM" in (before[:3], after[:3])
        and not (before in COLUMN_COMMANDS and after in COLUMN_COMMANDS)
    )


def _shift(standard: Any, before: str, after: str) -> int:
    if standard.spec.latency_from == "first":
        return 0
    taken = standard.packed[0]["occupancy"]
    return int(taken[COMMANDS.index(before)] - taken[COMMANDS.index(after)])


def _states(standard: Any, ordered: list[Seen]) -> list[str]:
    found = []
    std = standard.packed[0]
    rows: dict[int, int] = {}
    busy = {0: -1, 1: -1}
    for command in ordered:
        index = COMMANDS.index(command.name)
        bus = int(std["bus"][index])
        if command.slot < busy[bus]:
            found.append(f"{command}: bus busy until {busy[bus]}")
        busy[bus] = max(busy[bus], command.slot + int(std["occupancy"][index]))
        if command.slot % int(std["align"][index]):
            found.append(f"{command}: not on a clock edge")
        for bank in command.banks:
            is_open = bank in rows
            if command.name in ("ACT", "ACT_AB"):
                if is_open:
                    found.append(f"{command}: bank {bank} is open")
                rows[bank] = command.row
            elif command.name in ("PRE", "PREA", "PRE_AB"):
                rows.pop(bank, None)
            elif command.name in ("REF", "REFSB", "ENTER", "EXIT") and is_open:
                found.append(f"{command}: bank {bank} is open")
            elif command.name in COLUMN_COMMANDS and command.name[:3] != "PIM" and not is_open:
                found.append(f"{command}: bank {bank} is closed")
    return found


def drive(standard: Any, seed: int) -> None:
    """A dozen random streams of reads and writes, with pauses; programs have traces of their own, see `pim_trace`."""
    from conftest import Channel

    one = Channel(standard)
    rng = random.Random(seed)
    at = 0
    for _ in range(12):
        kind = rng.choice((0, 1))
        count = rng.choice((1, 7, 40, 90))
        first, stride = rng.randrange(1 << 14), rng.choice((1, 1, 3, 17, 257))
        end = int(one.state[0]["frontier"])
        at = rng.choice((at, end, end + rng.randrange(4000)))
        one.run(count, kind, first, stride, rng.choice((0, 0, 9)), at)


def main(name: str, scope: str, seed: str, *overrides: str) -> None:
    from conftest import compiled

    standard = compiled(name, overrides)
    if standard.spec.pim is not None:
        standard = compiled(name, overrides, scope)
    seen = record(standard)
    drive(standard, int(seed))
    for sentence in violations(standard, seen, scope)[:20]:
        sys.stdout.write(f"{sentence}\n")
    stricter = [timing for timing in TIGHT if timing in standard.timings_ck]
    stricter = [
        timing for timing in stricter if _one_more_breaks(name, scope, overrides, timing, standard, seen)
    ]
    sys.stdout.write(
        f"{name} {scope} {len(seen)} commands; a clock more would be broken of {' '.join(stricter)}\n"
    )


def _one_more_breaks(
    name: str, scope: str, overrides: tuple[str, ...], timing: str, standard: Any, seen: list[Seen]
) -> bool:
    from conftest import compiled

    try:
        tried = (*overrides, f"timings.{timing}={standard.timings_ck[timing] + 1}")
        more = compiled(name, tried, None if standard.spec.pim is None else scope)
    except ConfigError:
        return False
    return bool(violations(more, seen, scope))


if __name__ == "__main__":
    main(*sys.argv[1:])
