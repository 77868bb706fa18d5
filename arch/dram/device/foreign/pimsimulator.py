"""PIMSimulator's .ini (DRAMSim2's form) as a device, over the shipped one whose rules its MemoryController has.

Keys are found whatever their case and underscores (tRRDL, tRRD_L). References: Samsung PIMSimulator b464dde,
ini/HBM2_samsung_2M_16B_x64.ini and src/Configuration.h.
"""

from typing import Final

from bankside.arch.dram.device.foreign.ini import Entries, Values
from bankside.arch.spec.errors import Complaint, Position
from bankside.arch.spec.foreign import block, leaf, stated
from bankside.arch.spec.node import Node

BASE: Final = "pimsimulator-hbm2-2m-16b-x64"
TIMINGS: Final = {
    "tCL": ("CL", "RL"), "tCWL": ("CWL", "WL"), "tRCDRD": ("tRCDRD", "tRCD"), "tRCDWR": ("tRCDWR", "tRCD"),
    "tRP": ("tRP",), "tRAS": ("tRAS",), "tRC": ("tRC",), "tRTP_L": ("tRTPL", "tRTP"), "tWR": ("tWR",),
    "tWTR_L": ("tWTRL", "tWTR"), "tRTRS": ("tRTRS",), "tRRD_S": ("tRRDS", "tRRD"), "tRRD_L": ("tRRDL", "tRRD"),
    "tCCD_S": ("tCCDS", "tCCD"), "tCCD_L": ("tCCDL", "tCCD"), "tREFI": ("tREFI", "REFRESHPERIOD"), "tRFC": ("tRFC",),
}  # fmt: skip
"""Our names, and the keys that may state them."""


def read_pimsimulator(found: Entries, label: str, complaints: list[Complaint]) -> Node:
    """The tree of our own device file that says the same."""
    bare = {(section, key.replace("_", "")): entry for (section, key), entry in found.items()}
    read = Values(bare, "", label, complaints)
    at, source = Position(label, 1, 1), f"{label}, as PIMSimulator reads it"
    length, width = read.whole("BL"), read.whole("DEVICEWIDTH")
    groups = read.whole("NUMBANKGROUPS", default=4)
    banks, rows, columns = (read.whole(name) for name in ("NUMBANKS", "NUMROWS", "NUMCOLS"))
    clock_ns = read.number("tCK")
    if groups < 1 or banks % max(groups, 1):
        read.refuse("NUMBANKS", f"must be a multiple of the {groups} bank groups, not {banks}.")

    def said(values: dict[str, float]) -> Node:
        return block({name: leaf(value, at) for name, value in values.items()}, at)

    timings: dict[str, float] = {name: read.whole(*keys) for name, keys in TIMINGS.items()}
    return stated(
        {
            "extends": leaf(BASE, at),
            "clock": leaf(f"{1 / clock_ns if clock_ns > 0 else 1.0!r} GHz", at),
            "levels": said(
                {
                    "bank_group": groups,
                    "bank": banks // max(groups, 1),
                    "row": rows,
                    "column": columns // max(length, 1),
                }
            ),
            "burst": said({"bytes": width * length // 8, "cycles": length / 2}),
            "timings": said(timings),
        },
        at,
        source,
    )
