"""On what a machine stands: how many of its constants were measured on hardware, stated by a vendor, read out of a
simulator, published otherwise, or assumed."""

from collections import Counter
from typing import Final

from bankside.arch.machine.machine import Machine
from bankside.arch.machine.once import once

BASES: Final = ("silicon", "vendor", "simulator")
"""Words before a colon with which a source begins that says what kind of thing it is."""


def stands_on(machine: Machine) -> dict[str, int]:
    """Constants with a source by what they rest on; those without an own word by their confidence."""
    return dict(once(machine, "stands on", lambda: _counted(machine)))


def _counted(machine: Machine) -> dict[str, int]:
    if machine.loaded is None:
        return {}
    counted: Counter[str] = Counter()
    for path, leaf in machine.loaded.sources.items():
        if leaf.source is not None and ".constraints." not in path:
            word = leaf.source.partition(":")[0].strip().lower()
            other = "assumed" if leaf.confidence == "assumed" else "published"
            counted[word if word in BASES else other] += 1
    return {name: counted[name] for name in (*BASES, "published", "assumed") if counted[name]}


def standing_sentence(machine: Machine) -> str:
    """The same for a machine that computes inside the DRAM die, of which little is measured, or beside it where its
    sources tell vendor from simulator; "" for others."""
    counts = stands_on(machine)
    told = machine.placement == "PNM" and any(counts.get(basis) for basis in BASES)
    if not counts or not (told or machine.placement == "PIM"):
        return ""
    parts = ", ".join(f"{count} {name}" for name, count in counts.items())
    held = "" if counts.get("silicon") else " No constant of it was measured on silicon."
    return f"{machine.name} stands on {sum(counts.values())} constants: {parts}.{held}"
