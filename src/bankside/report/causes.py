"""How each cause of the cycle stack is shown: a colour or a letter in bars, words in sentences."""

from typing import Final, NamedTuple


class Look(NamedTuple):
    """Colour, letter, what the time goes into, and what would shorten it."""

    colour: str
    letter: str
    meaning: str
    remedy: str


LOOKS: Final[dict[str, Look]] = {
    "compute": Look("#0072b2", "C", "arithmetic", "more MAC lanes or a higher clock"),
    "fill_drain": Look(
        "#56b4e9", "F", "filling and draining the array", "a smaller array or longer streams per tile"
    ),
    "imbalance": Look(
        "#9ecae1", "I", "cores waiting for the slowest one", "a split that divides the work evenly"
    ),
    "sram_conflict": Look("#8c6d31", "k", "SRAM bank conflicts", "more SRAM banks or another interleaving"),
    "sram_bandwidth": Look("#bd9e39", "S", "SRAM ports", "wider or more SRAM ports"),
    "dram_data": Look(
        "#d55e00",
        "D",
        "DRAM data bursts",
        "more bandwidth at the tap (a tap nearer the cells, more channels)",
    ),
    "dram_act_pre": Look(
        "#e69f00",
        "A",
        "opening and closing DRAM rows",
        "longer row hits, more banks in turn or a shorter row cycle",
    ),
    "dram_faw": Look("#f0c04a", "W", "the four-activate window", "fewer activations or a shorter tFAW"),
    "dram_power": Look("#f6e05e", "P", "the activation power limit", "a larger activation power budget"),
    "dram_refresh": Look("#b07aa1", "R", "DRAM refresh", "per-bank refresh or a cooler stack"),
    "dram_turnaround": Look(
        "#a0522d", "T", "turning the bus between reads and writes", "longer runs of reads and of writes"
    ),
    "dram_command": Look(
        "#c9a58a", "c", "DRAM command and column spacing", "more bytes per command or finer interleaving"
    ),
    "pim_mode": Look(
        "#e15759", "M", "entering and leaving PIM mode", "fewer switches between PIM and ordinary access"
    ),
    "flash": Look("#79706e", "L", "flash page reads", "deeper prefetch or more planes"),
    "noc_serial": Look(
        "#009e73", "N", "data over on-die network links", "wider links or less data between cores"
    ),
    "noc_hop": Look("#59c9a5", "h", "hops of the on-die network", "a topology of fewer hops"),
    "noc_contention": Look(
        "#1b5e20", "x", "waiting for busy network links", "more links or another placement of the work"
    ),
    "link_serial": Look("#cc79a7", "l", "data over off-die links", "a wider link or less data across it"),
    "link_latency": Look("#e7b6d2", "y", "latency of off-die links", "fewer round trips across the link"),
    "nonlinear": Look("#5e60ce", "n", "the nonlinear unit", "more lanes in the nonlinear unit"),
    "reduce": Look("#7b8cde", "r", "adding up partial results", "a split along fewer reduction parts"),
    "sync": Look("#969696", "s", "waiting for other cores", "fewer barriers"),
    "launch": Look("#4d4d4d", "=", "starting kernels", "fusing operations or a shorter launch"),
}

UNKNOWN: Final = Look("#bdbdbd", "?", "an unnamed cause", "naming it")


def look(cause: str) -> Look:
    """The look of `cause`; a cause of a newer version is shown as unknown, never refused."""
    return LOOKS.get(cause, UNKNOWN)
