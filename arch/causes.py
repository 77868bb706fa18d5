"""The closed list of causes that a cycle of a run is charged to; every femtosecond has exactly one."""

from typing import Final

CAUSES: Final = (
    "compute",
    "fill_drain",
    "imbalance",
    "sram_conflict",
    "sram_bandwidth",
    "dram_data",
    "dram_act_pre",
    "dram_faw",
    "dram_power",
    "dram_refresh",
    "dram_turnaround",
    "dram_command",
    "pim_mode",
    "flash",
    "noc_serial",
    "noc_hop",
    "noc_contention",
    "link_serial",
    "link_latency",
    "nonlinear",
    "reduce",
    "sync",
    "launch",
)

N_CAUSE: Final = len(CAUSES)

(
    COMPUTE,
    FILL_DRAIN,
    IMBALANCE,
    SRAM_CONFLICT,
    SRAM_BANDWIDTH,
    DRAM_DATA,
    DRAM_ACT_PRE,
    DRAM_FAW,
    DRAM_POWER,
    DRAM_REFRESH,
    DRAM_TURNAROUND,
    DRAM_COMMAND,
    PIM_MODE,
    FLASH,
    NOC_SERIAL,
    NOC_HOP,
    NOC_CONTENTION,
    LINK_SERIAL,
    LINK_LATENCY,
    NONLINEAR,
    REDUCE,
    SYNC,
    LAUNCH,
) = range(N_CAUSE)
