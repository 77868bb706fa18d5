"""How each cause of the cycle stack is shown: a colour or a letter in bars, words in sentences."""

from typing import Final, NamedTuple


class Look(NamedTuple):
    """Colour, style where there are sixteen colours, letter, what the time goes into, what would shorten it."""

    colour: str
    sixteen: str
    letter: str
    meaning: str
    remedy: str


LOOKS: Final[dict[str, Look]] = {
    "compute": Look("#0072b2", "blue reverse", "C", "arithmetic", "more MAC lanes or a higher clock"),
    "fill_drain": Look(
        "#56b4e9",
        "bright_blue reverse",
        "F",
        "filling and draining the array",
        "a smaller array or longer streams per tile",
    ),
    "imbalance": Look(
        "#9ecae1",
        "bright_blue",
        "I",
        "cores waiting for the slowest one",
        "a split that divides the work evenly",
    ),
    "sram_conflict": Look(
        "#8c6d31", "yellow", "k", "SRAM bank conflicts", "more SRAM banks or another interleaving"
    ),
    "sram_bandwidth": Look("#bd9e39", "bright_yellow", "S", "SRAM ports", "wider or more SRAM ports"),
    "dram_data": Look(
        "#d55e00",
        "red reverse",
        "D",
        "DRAM data bursts",
        "more bandwidth at the tap (a tap nearer the cells, more channels)",
    ),
    "dram_act_pre": Look(
        "#e69f00",
        "yellow reverse",
        "A",
        "opening and closing DRAM rows",
        "longer row hits, more banks in turn or a shorter row cycle",
    ),
    "dram_faw": Look(
        "#f0c04a",
        "bright_yellow reverse",
        "W",
        "the four-activate window",
        "fewer activations or a shorter tFAW",
    ),
    "dram_power": Look(
        "#f6e05e", "bright_red", "P", "the activation power limit", "a larger activation power budget"
    ),
    "dram_refresh": Look(
        "#b07aa1", "magenta reverse", "R", "DRAM refresh", "per-bank refresh or a cooler stack"
    ),
    "dram_turnaround": Look(
        "#a0522d",
        "bright_red reverse",
        "T",
        "turning the bus between reads and writes",
        "longer runs of reads and of writes",
    ),
    "dram_command": Look(
        "#c9a58a",
        "white reverse",
        "c",
        "DRAM command and column spacing",
        "more bytes per command or finer interleaving",
    ),
    "pim_mode": Look(
        "#e15759",
        "bright_magenta reverse",
        "M",
        "entering and leaving PIM mode",
        "fewer switches between PIM and ordinary access",
    ),
    "flash": Look("#79706e", "magenta", "L", "flash page reads", "deeper prefetch or more planes"),
    "noc_serial": Look(
        "#009e73",
        "green reverse",
        "N",
        "data over on-die network links",
        "wider links or less data between cores",
    ),
    "noc_hop": Look("#59c9a5", "green", "h", "hops of the on-die network", "a topology of fewer hops"),
    "noc_contention": Look(
        "#1b5e20",
        "bright_green reverse",
        "x",
        "waiting for busy network links",
        "more links or another placement of the work",
    ),
    "link_serial": Look(
        "#cc79a7", "cyan reverse", "l", "data over off-die links", "a wider link or less data across it"
    ),
    "link_latency": Look(
        "#e7b6d2", "bright_cyan reverse", "y", "latency of off-die links", "fewer round trips across the link"
    ),
    "nonlinear": Look("#5e60ce", "blue", "n", "the nonlinear unit", "more lanes in the nonlinear unit"),
    "reduce": Look(
        "#7b8cde", "cyan", "r", "adding up partial results", "a split along fewer reduction parts"
    ),
    "sync": Look("#969696", "bright_black reverse", "s", "waiting for other cores", "fewer barriers"),
    "launch": Look(
        "#4d4d4d", "bright_black", "=", "starting kernels", "fusing operations or a shorter launch"
    ),
}

UNKNOWN: Final = Look("#bdbdbd", "bright_white", "?", "an unnamed cause", "naming it")


def look(cause: str) -> Look:
    """The look of `cause`; a cause of a newer version is shown as unknown, never refused."""
    return LOOKS.get(cause, UNKNOWN)
