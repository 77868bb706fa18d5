"""Files of other memory simulators that say what shipped devices say."""

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.foreign.dramsim3 import TRANSFERS
from bankside.arch.dram.device.timing import clocks
from bankside.arch.spec import load, names

DRAMSIM3 = [name for name in names("devices") if name.startswith("dramsim3-")]


def shipped(name: str) -> DeviceSpec:
    return load(name, "devices", DeviceSpec).spec


def ini(name: str) -> str:
    """The .ini whose parser comes to a shipped device: one wide chip of a rank."""
    spec = shipped(name)
    t, levels = {key: int(value) for key, value in clocks(spec).items()}, spec.levels
    protocol = spec.family.replace("HBM1", "HBM")
    length = round(spec.burst.cycles * TRANSFERS.get(protocol, 2))
    width = 8 * spec.burst.bytes // length
    columns = (
        levels.column
        * length
        // (length if protocol in TRANSFERS else 2 if protocol.startswith("HBM") else 1)
    )
    size = [f"block_size = {length * width // 8}"] if protocol == "HMC" else []
    structure = {
        "protocol": protocol, "bankgroups": levels.bank_group, "banks_per_group": levels.bank, "rows": levels.row,
        "columns": columns, "device_width": width, "BL": length,
    }  # fmt: skip
    renamed = {"tCL": "CL", "tCWL": "CWL"} | ({} if "tRCD" in t else {"tRCDRD": "tRCD"})
    if protocol in TRANSFERS or protocol.startswith("HBM"):
        del renamed["tRCDRD"]
    timing = {renamed.get(key, key): value for key, value in t.items()}
    mib = levels.row * levels.column * spec.burst.bytes * levels.bank_group * levels.bank >> 20
    lines = ["[hmc]", *size, "[dram_structure] ; organisation"]
    lines += [f"{key} = {value} ;" for key, value in structure.items()]
    lines += [
        "[timing]",
        f"tCK = {1e9 / spec.clock!r}",
        *(f"{key} = {value}" for key, value in timing.items()),
    ]
    lines += [
        "[system]",
        f"bus_width = {width}",
        f"channel_size = {mib}",
        "channels = 1",
        "row_buf_policy = OPEN_PAGE",
    ]
    return "\n".join(lines)


def ramulator2(organisation: str, timing: str) -> str:
    """A configuration of Ramulator 2 with two presets."""
    return (
        "MemorySystem:\n  impl: GenericDRAM\n  DRAM:\n    impl: X\n"
        f"    org: {{preset: {organisation}, channel: 1}}\n    timing: {{preset: {timing}}}\n"
    )


PIM = """;SYSTEM
NUM_BANKS=16
NUM_BANK_GROUPS=4
NUM_ROWS=16384
NUM_COLS=128
NUM_PIM_BLOCKS=8
DEVICE_WIDTH=64
	tREFI = 3900 ; ns
tREFISB=121
tRFC=350
tCK=1.0
AL=0
RL=20 ; clocks
WL=8
BL=4
tRAS=33
tRCDRD=14
tRCDWR=10
tRRDS=4
tRRDL=6
tRC=47
tRP=14
tCCDS=2
tCCDL=4
tRTPS=4
tRTPL=5
tWTRS=4
tWTRL=9
tWR=16
tRTRS=1
XAW=4
tXAW=16
tXP=8
tCMD=1
IDD0=0
Vdd=1.2
"""

WRONG = [
    ("d.ini", ini(DRAMSIM3[0]).replace("tRP =", "tRX ="), "d.ini: tRP: is missing in [timing]."),
    (
        "d.ini",
        ini(DRAMSIM3[0]).replace("protocol = DDR3", "protocol = RAM"),
        "protocol: must be one of DDR3,",
    ),
    (
        "d.ini",
        ini(DRAMSIM3[0]).replace("BL = 8", "BL = x"),
        "BL: must be a number of 0 to 1e12, not 'x'.",
    ),
    (
        "d.ini",
        ini(DRAMSIM3[0]).replace("channel_size = ", "channel_size = 9"),
        "channels of one rank are modelled.",
    ),
    (
        "d.ini",
        ini(DRAMSIM3[0]) + "\nrefresh_policy = BANK_LEVEL_STAGGERED",
        "refreshes of ranks are modelled",
    ),
    (
        "d.ini",
        ini(DRAMSIM3[0]).replace("OPEN", "CLOSE"),
        "row_buf_policy: must be OPEN_PAGE, not",
    ),
    ("d.ini", ini(DRAMSIM3[0]) + "\nenable_self_refresh = True", "self-refresh is not modelled."),
    ("d.ini", PIM + "tRP=14", "d.ini:37:1: tRP is given twice, first on line 22."),
    ("d.ini", "[timing\n", "d.ini:1:1: this is no section and no entry of an .ini"),
    ("d.ini", PIM.replace("tRFC=350", ""), "tRFC: is missing in this file."),
    ("d.ini", PIM.replace("RL=20", "CL=20"), "d.ini:13:1 cl: is no key of PIMSimulator's device files."),
    ("d.ini", PIM.replace("RL=20", "CL=20"), "RL: is missing in this file."),
    ("d.ini", PIM.replace("IDD0=0", "IDD0=48"), "energies are not made of PIMSimulator's currents."),
    ("d.ini", PIM.replace("GROUPS=4", "GROUPS=3"), "must be a multiple of the 3 bank groups, not 16."),
    ("d.ini", PIM.replace("GROUPS=4", "GROUPS=0"), "NUM_BANK_GROUPS: must be above 0."),
    ("d.ini", PIM.replace("BLOCKS=8", "BLOCKS=16"), "NUM_PIM_BLOCKS: must be 8: a unit to two banks."),
    ("d.ini", PIM.replace("tCMD=1", "tCMD=2"), "tCMD: must be 1:"),
    (
        "d.yaml",
        "MemorySystem: {DRAM: {org: {preset: DDR9}, timing: {preset: X}}}",
        "the presets DDR9 with X are none of those known: DDR4_8Gb_x8 with DDR4_2400U;",
    ),
    ("d.yaml", "MemorySystem: {impl: x}", "a DRAM is missing."),
    (
        "d.yaml",
        "MemorySystem: {DRAM: {org: {preset: DDR4_8Gb_x8, density: 8}, timing: {preset: DDR4_2400U}}}",
        "MemorySystem.DRAM.org.density: is not understood.",
    ),
]
"""A file, what stands in it, and a sentence that it is refused with."""
