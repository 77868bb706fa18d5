"""The closed list of DRAM commands, the levels they are ordered under, and what one command spans.

Ordinary commands are JEDEC's. The PIM commands extend the same list: ACT_AB opens a row in a stage of the banks of a
scope, PRE_AB closes the scope, MAC reads one column in every bank of it, PIM_WR broadcasts an operand burst to it,
PIM_RD drains a result burst from it, ENTER and EXIT switch the mode of a channel. ACT2 is the second half of an
activation that has two, CAS starts a data clock that stops between bursts (LPDDR5).
"""

from typing import Final

COMMANDS: Final = (
    "ACT",
    "PRE",
    "PREA",
    "RD",
    "RDA",
    "WR",
    "WRA",
    "REF",
    "REFSB",
    "ACT_AB",
    "PRE_AB",
    "MAC",
    "PIM_WR",
    "PIM_RD",
    "ENTER",
    "EXIT",
    "ACT2",
    "CAS",
)

N_COMMAND: Final = len(COMMANDS)

(
    ACT,
    PRE,
    PREA,
    RD,
    RDA,
    WR,
    WRA,
    REF,
    REFSB,
    ACT_AB,
    PRE_AB,
    MAC,
    PIM_WR,
    PIM_RD,
    ENTER,
    EXIT,
    ACT2,
    CAS,
) = range(N_COMMAND)

COLUMN_COMMANDS: Final = ("RD", "RDA", "WR", "WRA", "MAC", "PIM_WR", "PIM_RD")

PIM_MODEL: Final = {"ACT_AB": "ACT", "PRE_AB": "PRE", "MAC": "RD", "PIM_WR": "WR", "PIM_RD": "RD"}
"""The ordinary command whose rules a PIM command inherits."""

LEVELS: Final = ("bank", "bank_group", "rank", "pseudo_channel", "channel")
"""Levels of the bank tree, innermost first. `vault` is another word for the outermost one. A level that a
device does not name has one node, so it means the same banks as the next level outwards."""

N_LEVEL: Final = len(LEVELS)

BANK, BANK_GROUP, RANK, PSEUDO_CHANNEL, CHANNEL = range(N_LEVEL)

SCOPES: Final = ("bank", "bank_pair", "bank_group")
"""Taps that compute inside the DRAM die, and so what a PIM command spans: every bank of a pseudo-channel, one
bank of each pair, one bank of each bank group."""
