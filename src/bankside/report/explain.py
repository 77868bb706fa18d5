"""Why a run takes as long as it does, in sentences read off its result."""

from typing import Final

from bankside.report import measures
from bankside.report.causes import look
from bankside.report.comparison import kernel_title
from bankside.report.measures import Result
from bankside.report.quantities import digits, percent, si

CAUSES_TOLD: Final = 4
SMALL: Final = 0.02  # a cause below this share of the time is not told


def sentences(result: Result) -> list[str]:
    """What happened, what bound it, where the time went, what would help, what it cost."""
    return [
        _headline(result),
        _bound(result),
        _causes(result),
        *_remedies(result),
        *_traffic(result),
        *_operations(result),
        _energy(result),
        *_heat(result),
        *(f"Mind: {warning}" for warning in result["warnings"]),
    ]


def _headline(result: Result) -> str:
    cycles, machine = result["cycles"], result["machine"]
    return (
        f"{kernel_title([result])} takes {si(float(result['time_s']), 's')} on {machine['name']} "
        f"({machine['placement']}, tapped at {machine['tap']}): {cycles['count']:,} cycles of the "
        f"{cycles['clock']} clock of {si(float(cycles['clock_hz']), 'Hz')}."
    )


def _bound(result: Result) -> str:
    bound = result["bound"]
    return (
        f"The lower bound is {si(float(bound['time_s']), 's')}, set by {bound['binding']}; "
        f"the run reaches {percent(float(bound['fraction']))} of it."
    )


def _causes(result: Result) -> str:
    told = [
        f"{percent(share)} {look(cause).meaning} ({cause})"
        for cause, share in measures.shares(result["cycle_stack"])[:CAUSES_TOLD]
        if share >= SMALL
    ]
    return f"The time goes into: {', '.join(told)}." if told else "No time is charged to any cause."


def _remedies(result: Result) -> list[str]:
    """For the largest causes: what shortens them, and the most that could be won: never less than the lower bound."""
    time_s, bound_s = float(result["time_s"]), float(result["bound"]["time_s"])
    return [
        f"Against {cause}: {look(cause).remedy}; without it the run would take at best "
        + (
            f"{si(time_s * (1 - share), 's')}."
            if time_s * (1 - share) > bound_s
            else f"{si(bound_s, 's')}, its lower bound."
        )
        for cause, share in measures.shares(result["cycle_stack"])[:2]
        if share >= SMALL
    ]


def _traffic(result: Result) -> list[str]:
    read_byte = measures.bandwidth(result, "dram", "bytes_read")
    if not read_byte:
        return []
    achieved = si(measures.bandwidth(result, "dram", "achieved_Bps"), "B/s")
    peak = si(measures.bandwidth(result, "dram", "peak_Bps"), "B/s")
    share = percent(measures.bandwidth(result, "dram", "utilisation"))
    told = [f"{si(read_byte, 'B')} are read at the tap; the traffic there is {achieved}, {share} of {peak}."]
    used_share = measures.used_share(result)
    if used_share is not None:
        told.append(f"Only {percent(used_share)} of what is read is used.")
    least_byte = float(result["work"]["bytes_min"])
    if least_byte and read_byte > measures.REREAD * least_byte:
        told.append(
            f"That is {digits(read_byte / least_byte)} times the operands: larger tiles read them less often."
        )
    return told


def _operations(result: Result) -> list[str]:
    operations = result["ops"]
    if len(operations) < 2:
        return []
    total_s = sum(float(op["time_s"]) for op in operations)
    longest = max(operations, key=lambda op: float(op["time_s"]))
    if not total_s:
        return []
    return [
        f"Of its {len(operations)} kinds of operation {longest['label']} is the longest: "
        f"{percent(float(longest['time_s']) / total_s)} of their time, bound by {longest['binding']}."
    ]


def _energy(result: Result) -> str:
    parts = measures.shares(result["energy"]["parts_j"])[:3]
    named = ", ".join(f"{name} {percent(share)}" for name, share in parts)
    text = f"It costs {si(float(result['energy']['total_j']), 'J')} ({named or 'no part is counted'})"
    per_bit = measures.dram_energy_j_per_bit(result)
    if per_bit is not None:
        text += f"; bringing a bit from the cells to the tap costs {digits(per_bit * 1e12)} pJ"
    return f"{text}; repeated for ever it draws {si(float(result['power_w']), 'W')}."


def _heat(result: Result) -> list[str]:
    hottest, density = measures.hottest_die(result), measures.peak_density(result)
    if hottest is None:
        return []
    told = f"Die {hottest[0]} becomes the hottest, {hottest[1]:.1f} degC"
    if density is not None:
        told += f"; the power density peaks at {digits(density[0])} W/mm2 in {density[1] or 'one block'}"
    said = [f"{told}."]
    thermal = result["thermal"]
    if float(thermal.get("refresh_multiplier", 1)) > 1:
        said.append(
            f"It is so hot that DRAM refreshes {digits(float(thermal['refresh_multiplier']))} times as often."
        )
    if thermal.get("feasible") is False:
        said.append("This machine cannot run the kernel for ever: it becomes too hot.")
    return said
