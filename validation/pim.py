"""Our values for claims about PIM commands; each function gives one number in the unit it names."""

from bankside.unit import pim


def result(column: str, **case: str | int | float | bool) -> float:
    """A result column of the unit pim for a case [unit of the column]."""
    return float(pim.run_case(case)[column])


def share_of_peak_pct(workload: str) -> float:
    """Share of the time of a PIM kernel in which columns of data stream [%]."""
    done = pim.run_case({"workload": workload})
    return 100 * float(done["PIM_dram_data"]) / float(done["cycles_PIM"])


def slowdown(L: int, nhead: int, slow: str, fast: str, dhead: int = 128) -> float:
    """Cycles of attention at one placement over those at another (a placement, `BA off` without power limit)."""
    clocks = []
    for name in (slow, fast):
        placement, _, power = name.partition(" ")
        case = {
            "pim_type": placement,
            "L": L,
            "nhead": nhead,
            "dhead": dhead,
            "power_constraint": power != "off",
        }
        clocks.append(float(pim.run_case(case)["cycles"]))
    return clocks[0] / clocks[1]
