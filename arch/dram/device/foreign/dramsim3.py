"""DRAMsim3's .ini as a device: what its parser makes of the file, over the shipped device of the same protocol.

The rules between commands are those of its src/timing.cc, which the shipped dramsim3-* devices state; the file gives
organisation, timings and currents. A timing that its parser has a default for and its own files leave out takes that
default (tRTP 5, tREFI 7800, tRTRS 2, tPPD 0, t32AW 330); any other has to be stated. Queues and address mapping are
the controller's, which is chosen where the device is named; closed rows, self-refresh and refreshes of banks are
refused.

References
----------
DRAMsim3 29817593, src/configuration.cc (organisation, burst, energies) and src/timing.cc.
"""

from typing import Final, TypeAlias

from bankside.arch.dram.device.foreign.ini import Entries, Values
from bankside.arch.spec.errors import Complaint, Position
from bankside.arch.spec.foreign import block, leaf, stated
from bankside.arch.spec.node import Node

Numbers: TypeAlias = dict[str, int | float]

SECTION: Final = "dram_structure"
PROTOCOLS: Final = {
    "DDR3": "dramsim3-ddr3-4gb-x8-1600",
    "DDR4": "dramsim3-ddr4-8gb-x8-2400",
    "GDDR5": "dramsim3-gddr5x-8gb-x32",
    "GDDR5X": "dramsim3-gddr5x-8gb-x32",
    "GDDR6": "dramsim3-gddr6-8gb-x16",
    "HBM": "dramsim3-hbm2-8gb-x128",
    "HBM2": "dramsim3-hbm2-8gb-x128",
    "HMC": "dramsim3-hmc-4gb-4lx16",
    "LPDDR4": "dramsim3-lpddr4-8gb-x16-2400",
}
"""Shipped device whose rules are those of a protocol."""

TRANSFERS: Final = {"GDDR5": 4, "GDDR5X": 8, "GDDR6": 16}
"""Transfers of a clock; two elsewhere."""
OPEN_PAGE: Final = "OPEN_PAGE"
WINDOWS: Final = ("GDDR5", "GDDR5X", "GDDR6")
PRECHARGES: Final = (*WINDOWS, "LPDDR4")


def read_dramsim3(found: Entries, label: str, complaints: list[Complaint]) -> Node:
    """The tree of our own device file that says the same."""
    shape = Values(found, SECTION, label, complaints)
    protocol = shape.text("protocol", "DDR3")
    base = PROTOCOLS.get(protocol)
    if base is None:
        shape.refuse("protocol", f"must be one of {', '.join(PROTOCOLS)}, not '{protocol}'.")
        base, protocol = PROTOCOLS["DDR4"], "DDR4"
    at, source = Position(label, 1, 1), f"{label}, as DRAMsim3 reads it"
    burst, levels, devices = _organisation(found, label, protocol, complaints)
    timings, clock_ns = _timings(found, label, protocol, int(levels["bank_group"]), complaints)
    power = Values(found, "power", label, complaints)
    bus = ["row", "column"] if protocol.startswith("HBM") and shape.flag("hbm_dual_cmd", True) else ["single"]
    tree = {
        "extends": leaf(base, at),
        "family": leaf(protocol, at),
        "clock": leaf(f"{1 / clock_ns if clock_ns > 0 else 1.0!r} GHz", at),
        "command_bus": Node([leaf(word, at) for word in bus], at),
        "energy": leaf(None, at),
    }
    blocks = {"levels": levels, "burst": burst, "timings": timings}
    for name, values in blocks.items():
        tree[name] = block({key: leaf(value, at) for key, value in values.items()}, at)
    if any(section == "power" for section, _ in found):
        sums, per_bit = _energy(power, timings, clock_ns, burst, devices)
        tree["energy"] = block(
            {name: leaf(value, at) for name, value in sums.items()}
            | {
                name: block({"bank": block({"array_to_bank": leaf(value, at)}, at)}, at)
                for name, value in per_bit.items()
            },
            at,
        )
    return stated(tree, at, source)


def _organisation(
    found: Entries, label: str, protocol: str, complaints: list[Complaint]
) -> tuple[Numbers, Numbers, int]:
    """Burst, levels and devices of a rank, as configuration.cc counts columns and ranks."""
    shape, system = Values(found, SECTION, label, complaints), Values(found, "system", label, complaints)
    stated_width, bus_bit = shape.whole("device_width"), system.whole("bus_width", default=64)
    width = max(1, stated_width)
    if "device_width" in {key for section, key in found if section == SECTION} and (
        stated_width < 1 or bus_bit % width
    ):
        shape.refuse("device_width", f"must divide bus_width = {bus_bit}, but is {stated_width}.")
    if protocol == "HMC":
        length = Values(found, "hmc", label, complaints).whole("block_size", default=32) * 8 // width
    else:
        length = shape.whole("BL")
    if length < 1:
        shape.refuse("BL", "must be at least 1; perfect bandwidth (0) is not modelled.")
        length = 8
    groups, banks, rows = (shape.whole(name) for name in ("bankgroups", "banks_per_group", "rows"))
    if not shape.flag("bankgroup_enable", True):
        groups, banks = 1, groups * banks
    columns = shape.whole("columns")
    columns *= length if protocol in TRANSFERS else 2 if protocol.startswith("HBM") else 1
    devices = max(1, bus_bit // width)
    rank_mib = columns * width // 8 * rows * groups * banks * devices >> 20
    ranks = system.whole("channel_size", default=1024) // rank_mib if rank_mib else 1
    if system.text("refresh_policy").upper().startswith("BANK"):
        system.refuse(
            "refresh_policy", "refreshes of ranks are modelled for this tool's files, not of banks."
        )
    if (policy := system.text("row_buf_policy", OPEN_PAGE)).upper() != OPEN_PAGE:
        system.refuse(
            "row_buf_policy",
            f"must be {OPEN_PAGE}, not '{policy}': closing rows is chosen where the device is named.",
        )
    if system.flag("enable_self_refresh", False):
        system.refuse("enable_self_refresh", "must be False: self-refresh is not modelled.")
    if ranks > 1:
        system.refuse(
            "channel_size", f"makes {ranks} ranks of {rank_mib} MB; channels of one rank are modelled."
        )
    levels: Numbers = {
        "channel": system.whole("channels", default=1), "bank_group": groups, "bank": banks, "row": rows,
        "column": columns // length,
    }  # fmt: skip
    return (
        {"bytes": bus_bit // 8 * length, "cycles": length / TRANSFERS.get(protocol, 2)},
        levels,
        devices,
    )


def _timings(
    found: Entries, label: str, protocol: str, groups: int, complaints: list[Complaint]
) -> tuple[Numbers, float]:
    """Timings in clocks by our names, and the clock [ns]."""
    read = Values(found, "timing", label, complaints)
    added = read.whole("AL", default=0)
    if protocol in TRANSFERS or protocol.startswith("HBM"):
        to_read, to_write = read.whole("tRCDRD"), read.whole("tRCDWR")
    else:
        to_read = to_write = read.whole("tRCD") - added
    active, precharge = read.whole("tRAS"), read.whole("tRP")
    timings: Numbers = {
        "tCL": added + read.whole("CL"), "tCWL": added + read.whole("CWL"), "tRCDRD": to_read, "tRCDWR": to_write,
        "tRP": precharge, "tRAS": active, "tRC": active + precharge, "tRTP": added + read.whole("tRTP", default=5),
        "tWR": read.whole("tWR"), "tFAW": read.whole("tFAW"), "tRTRS": read.whole("tRTRS", default=2),
        "tREFI": read.whole("tREFI", default=7800), "tRFC": read.whole("tRFC"),
    }  # fmt: skip
    for name in ("tWTR", "tRRD", "tCCD"):
        short = read.whole(f"{name}_S")
        # with one bank group timing.cc takes the short ones for all
        timings |= {f"{name}_S": short, f"{name}_L": short if groups == 1 else read.whole(f"{name}_L")}
    if protocol in WINDOWS:
        timings["t32AW"] = read.whole("t32AW", default=330)
    if protocol in PRECHARGES:
        timings["tPPD"] = read.whole("tPPD", default=0)
    return timings, read.number("tCK")


def _energy(
    power: Values, timings: Numbers, clock_ns: float, burst: Numbers, devices: int
) -> tuple[dict[str, str], dict[str, str]]:
    """Energies of one rank from its currents (V mA clocks of configuration.cc times the clock), and those of a bit."""
    volt = power.number("VDD", default=1.2)
    active, idle, standby, write, read, refresh = (
        power.number(name, default=usual)
        for name, usual in (
            ("IDD0", 48), ("IDD2N", 34), ("IDD3N", 43), ("IDD4W", 123), ("IDD4R", 135), ("IDD5AB", 250)
        )
    )  # fmt: skip
    each = volt * devices * clock_ns
    a_bit = each * burst["cycles"] / (8 * burst["bytes"])
    activate = active * timings["tRC"] - (standby * timings["tRAS"] + idle * timings["tRP"])
    return (
        {
            "activate": f"{max(0.0, each * activate)!r} pJ",
            "refresh": f"{max(0.0, each * (refresh - standby) * timings['tRFC'])!r} pJ",
            "background": f"{volt * devices * standby!r} mW",
            "background_precharged": f"{volt * devices * idle!r} mW",
        },
        {
            "path": f"{max(0.0, a_bit * (read - standby))!r} pJ/bit",
            "path_write": f"{max(0.0, a_bit * (write - standby))!r} pJ/bit",
        },
    )
