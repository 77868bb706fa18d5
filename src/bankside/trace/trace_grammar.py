"""What a line of a request trace says, for each tool: which word is the operation, which the address, which the time.

    ramulator-loadstore   LD 0x12345680                op, byte address (decimal without 0x)
    ramulator-readwrite   R 0,0,2,1,100,32             op, one number for each level from the channel to the column
    dramsim3              0x12345680 READ 120          byte address (always hexadecimal), op, clock of its arrival

As the front ends of Ramulator 2.1 (LoadStoreTrace, ReadWriteTrace) and DRAMsim3 (trace CPU) read them.
"""

import re
from dataclasses import dataclass
from typing import Final

from bankside.arch.dram.channel.source import READ, WRITE
from bankside.arch.dram.device.standard import Standard
from bankside.trace.trace_text import BLANKS

SHOWN: Final = 60


@dataclass(frozen=True)
class Grammar:
    """One form of trace.

    Attributes
    ----------
    name : str
    shape : str
        A line in words.
    ops : dict of str to int
        READ or WRITE of each word of the operation.
    op, address, time : int
        Which word of a line each is; -1 where there is none.
    base : int
        Of the numbers of an address: 16, or 10 where 0x tells.
    vector : bool
        Whether the address is one number for each level of the device.
    """

    name: str
    shape: str
    ops: dict[str, int]
    op: int
    address: int
    time: int = -1
    base: int = 10
    vector: bool = False

    def width(self, levels: int) -> int:
        """Words of a line; an address vector counts as its numbers."""
        return levels + 1 if self.vector else 2 + (self.time >= 0)


LOAD_STORE: Final = Grammar(
    "ramulator-loadstore", "LD ADDRESS or ST ADDRESS", {"LD": READ, "ST": WRITE}, op=0, address=1
)
READ_WRITE: Final = Grammar(
    "ramulator-readwrite", "R VECTOR or W VECTOR", {"R": READ, "W": WRITE}, op=0, address=1, vector=True
)
DRAMSIM3: Final = Grammar(
    "dramsim3",
    "ADDRESS READ CLOCK or ADDRESS WRITE CLOCK",
    {"READ": READ, "read": READ, "P_MEM_RD": READ, "P_FETCH": READ}
    | {"WRITE": WRITE, "write": WRITE, "P_MEM_WR": WRITE, "BOFF": WRITE},
    op=1,
    address=0,
    time=2,
    base=16,
)
GRAMMARS: Final = {grammar.name: grammar for grammar in (LOAD_STORE, READ_WRITE, DRAMSIM3)}


def guess(line: str) -> Grammar | None:
    """The grammar that a line looks like."""
    words = [word for word in re.split(f"[{BLANKS}]+", line) if word]
    if not words:
        return None
    if words[0] in LOAD_STORE.ops:
        return LOAD_STORE
    if words[0] in READ_WRITE.ops:
        return READ_WRITE
    return DRAMSIM3 if len(words) == 3 and not set(words[0].lower()) - set("0123456789abcdefx") else None


def levels(standard: Standard, count: int = 0) -> tuple[str, ...]:
    """Names of the numbers of an address vector that has `count` of them, outermost first.

    Levels of one node may be left out; with a `count` in between, ranks are the first to be named and pseudo-channels
    the last, which gives every standard of Ramulator 2.1 its own list.
    """
    nodes = {
        "channel": 2,
        "pseudo_channel": standard.pseudo_channels,
        "rank": standard.ranks,
        "bank_group": standard.bank_groups,
    }
    named = {name for name, size in nodes.items() if size > 1}
    for name in ("rank", "bank_group", "pseudo_channel"):
        if len(named) + 3 < count:
            named.add(name)
    return *(name for name in nodes if name in named), "bank", "row", "column"


def fault(grammar: Grammar, line: str, names: tuple[str, ...]) -> str:
    """What is wrong with a line that could not be read, in a sentence without its place."""
    blanks = BLANKS + "," if grammar.vector else BLANKS
    words = [word for word in re.split(f"[{blanks}]+", line) if word]
    shown = line.strip() if len(line.strip()) <= SHOWN else line.strip()[:SHOWN] + "..."
    if grammar.vector and len(words) != grammar.width(len(names)) and words[0] in grammar.ops:
        return (
            f"the address has {len(words) - 1} numbers and the device {len(names)} levels "
            f"({', '.join(names)}): {shown!r}."
        )
    if len(words) != grammar.width(len(names)):
        return f"a request reads {grammar.shape}, not {shown!r}."
    if words[grammar.op] not in grammar.ops:
        known = ", ".join(word for word in grammar.ops if word.isupper() and "_" not in word)
        return f"the operation is one of {known}, not {words[grammar.op]!r}."
    if grammar.time >= 0 and not (words[grammar.time].isascii() and words[grammar.time].isdigit()):
        return f"the clock of a request is a whole number, not {words[grammar.time]!r}."
    if grammar.vector:
        wrong = [word for word in words[1:] if not (word.isascii() and word.isdigit())]
        return f"a number of the address must be whole, not {(wrong or [shown])[0]!r}."
    word = words[grammar.address]
    kind = "hexadecimal" if grammar.base == 16 or word[:2].lower() == "0x" else "whole or begin with 0x"
    return f"the address must be {kind} and below 2^52, not {word!r}."
