"""Machines that show themselves."""

from collections.abc import Sequence
from dataclasses import fields

from bankside.arch.machine import machine as compiled
from bankside.arch.machine.area import shares
from bankside.report import html_of
from bankside.report.quantities import digits, percent, si
from bankside.report.sheet import Sheet


class Machine(compiled.Machine):
    """A machine to run kernels on; in a notebook it shows what follows from its tap."""

    def _repr_html_(self) -> str:
        return html_of(Sheet(f"machine {self.name}", self.spec.description, facts(self)))


def machine(reference: str, overrides: Sequence[str] = (), stacks: int | None = None) -> Machine:
    """Read a shipped machine or a YAML file; see `bankside.arch.machine.machine.load_machine`.

    Raises
    ------
    ConfigError
        With every fault of the file in one sentence each.
    """
    loaded = compiled.load_machine(reference, overrides, stacks)
    return Machine(**{each.name: getattr(loaded, each.name) for each in fields(loaded)})


def facts(machine: compiled.Machine) -> list[tuple[str, str]]:
    """What follows from the tap: placement, capacities, peak bandwidth, cores."""
    core, taken = machine.primary, shares(machine)
    peak_byte_s = core.memory.channel_peak(core.level) * core.memory.channels
    return [
        ("placement", machine.placement),
        ("tap", machine.tap),
        ("stacks", str(machine.stacks)),
        *(
            (f"capacity of {memory.name}", f"{memory.capacity_bytes / 2**30:.4g} GiB")
            for memory in machine.memories.values()
        ),
        ("peak bandwidth at the tap", si(peak_byte_s, "B/s")),
        *(
            (f"cores '{each.name}'", f"{each.count:,} at {si(each.spec.clock, 'Hz')}")
            for each in machine.cores.values()
        ),
        *(
            (
                f"known on die {die.name}",
                f"{digits(taken[die.name] * die.area * 1e6)} of {digits(die.area * 1e6)} mm2",
            )
            for die in machine.spec.dies
            if machine.blocks[die.name]
        ),
        *(
            (f"capacity of {memory.name} lost to units", percent(memory.lost))
            for memory in machine.memories.values()
            if memory.lost
        ),
    ]
