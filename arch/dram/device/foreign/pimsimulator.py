"""PIMSimulator's device .ini as a device, over the shipped one whose rules its MemoryController has.

Keys are the tool's own, with AL in every delay that the tool puts it into. What its timing never reads (windows of
activations, the short forms of tWTR and tRTP, power-down) is known and changes nothing; a key that it has none of
is refused, as are currents, of which energies are not made.

References
----------
Samsung PIMSimulator 657d8cb, src/ConfigurationData.h (keys), src/Configuration.h (delays), src/AddressMapping.cpp
(columns of a burst, banks of a group) and src/MemoryController.cpp (which delays are used; tREFI is in ns).
"""

from typing import Final

from bankside.arch.dram.device.foreign.ini import Entries, Values
from bankside.arch.spec.errors import Complaint, Position
from bankside.arch.spec.foreign import block, leaf, stated
from bankside.arch.spec.node import Node

BASE: Final = "pimsimulator-hbm2-2m-16b-x64"
PLAIN: Final = {
    "tCL": "RL", "tCWL": "WL", "tRP": "tRP", "tRAS": "tRAS", "tRC": "tRC", "tWR": "tWR", "tWTR_L": "tWTRL",
    "tRTRS": "tRTRS", "tRRD_S": "tRRDS", "tRRD_L": "tRRDL", "tRFC": "tRFC",
}  # fmt: skip
"""Our names of timings, and the keys that state them."""
SHAPES: Final = ("NUM_BANKS", "NUM_BANK_GROUPS", "NUM_ROWS", "NUM_COLS", "DEVICE_WIDTH", "BL")
OTHERS: Final = (
    "AL", "tCK", "tCMD", "tREFI", "tRCDRD", "tRCDWR", "tRTPL", "tCCDL", "tCCDS", "NUM_PIM_BLOCKS",
)  # fmt: skip
UNUSED: Final = (
    "NUM_SUBARRAYS", "NUM_S_BLOCKS", "tRFCSB", "tREFISB", "XAW", "tXAW", "tCKE", "tCWL", "tXP", "tRTW", "tWTR",
    "tWTRS", "tWTP", "tRTP", "tRTPS", "tRA", "tWA", "Vdd", "Vddc", "Vddq", "Vpp", "Ealu", "Ereg",
)  # fmt: skip
"""Keys of the tool by which no command of its banks waits."""
CURRENT: Final = "idd"
KNOWN: Final = {key.lower() for key in (*PLAIN.values(), *SHAPES, *OTHERS, *UNUSED)}


def read_pimsimulator(found: Entries, label: str, complaints: list[Complaint]) -> Node:
    """The tree of our own device file that says the same."""
    read = Values(found, "", label, complaints)
    _refuse_unknown(found, read)
    at, source = Position(label, 1, 1), f"{label}, as PIMSimulator reads it"
    banks, groups, rows, columns, width, length = (read.whole(name) for name in SHAPES)
    clock_ns = read.number("tCK")
    for name, number in (("NUM_BANK_GROUPS", groups), ("BL", length), ("tCK", clock_ns)):
        if number <= 0:
            read.refuse(name, "must be above 0.")
    groups, length = max(groups, 1), max(length, 1)
    if banks % groups:
        read.refuse("NUM_BANKS", f"must be a multiple of the {groups} bank groups, not {banks}.")
    if read.whole("tCMD", default=1) != 1:
        read.refuse("tCMD", "must be 1: commands that take longer are not modelled.")
    if 2 * read.whole("NUM_PIM_BLOCKS", default=banks // 2) != banks:
        read.refuse("NUM_PIM_BLOCKS", f"must be {banks // 2}: a unit to two banks.")

    def said(values: dict[str, float]) -> Node:
        return block({name: leaf(value, at) for name, value in values.items()}, at)

    return stated(
        {
            "extends": leaf(BASE, at),
            "clock": leaf(f"{1 / clock_ns if clock_ns > 0 else 1.0!r} GHz", at),
            "levels": said(
                {"bank_group": groups, "bank": banks // groups, "row": rows, "column": columns // length}
            ),
            "burst": said({"bytes": width * length // 8, "cycles": length / 2}),
            "timings": said(_timings(read, length // 2, clock_ns)),
        },
        at,
        source,
    )


def _timings(read: Values, burst: int, clock_ns: float) -> dict[str, float]:
    """Clocks by our names, so that sums of them are the tool's delays."""
    timings: dict[str, float] = {name: read.whole(key) for name, key in PLAIN.items()}
    added, column = read.whole("AL", default=0), read.whole("tCCDL")
    timings |= {ours: read.whole(ours) - added for ours in ("tRCDRD", "tRCDWR")}
    timings |= {"tCCD_L": max(column, burst), "tCCD_S": max(read.whole("tCCDS"), burst)}
    # the tool takes its own tCCDL off again, the device's rule tCCD_L
    timings["tRTP_L"] = added + max(read.whole("tRTPL"), column) - column + timings["tCCD_L"]
    timings["tREFI"] = int(read.number("tREFI") / clock_ns) if clock_ns > 0 else 1
    return timings


def _refuse_unknown(found: Entries, read: Values) -> None:
    """Complain about keys that a device file of the tool has none of, and about currents."""
    for (section, key), entry in found.items():
        if section or (key not in KNOWN and not key.startswith(CURRENT)):
            sentence = "is no key of PIMSimulator's device files."
            read.complaints.append(Complaint(entry.at, key, sentence))
        elif key.startswith(CURRENT) and read.number(key) != 0:
            read.refuse(key, "must be 0 or left out: energies are not made of PIMSimulator's currents.")
