"""Our values for claims about PIM commands; each function gives one number in the unit it names."""

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.pim_limits import row_period_slots
from bankside.arch.dram.device.sections import Limits
from bankside.arch.spec import load
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


def row_period(device: str, scope: str, columns: int, trrd: bool, tfaw: bool) -> float:
    """Slots from one row of all banks to the next while rows stream, with these limits on [slot]."""
    spec = load(device, "devices", DeviceSpec).spec
    assert spec.pim is not None
    limits = Limits(tRRD=trrd, tFAW=tfaw, t32AW=False, power=False)
    held = spec.model_copy(update={"pim": spec.pim.model_copy(update={"limits": limits})})
    return float(row_period_slots(held, scope, columns))
