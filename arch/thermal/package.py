"""Temperatures of all dies of a machine: stacks under their own cooler, processors beside them under theirs.

Dies that the path places at the board or host level are no part of a memory stack: they stand beside it on the
interposer or board (2.5D), so their heat does not cross the memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bankside.arch.machine.spec import MachineSpec
from bankside.arch.packaging import PackagingSpec, load_packaging
from bankside.arch.thermal.series import Densities, densities
from bankside.arch.thermal.stack import Die, peak_temperatures

BESIDE = ("board", "host")


@dataclass(frozen=True)
class DiePower:
    """Power of all dies of one kind in the machine [W], and how many stacks or packages share it evenly."""

    power_w: float
    copies: int


def beside_stack(spec: MachineSpec) -> set[str]:
    """Names of the dies that stand beside the memory stacks."""
    return {entry.die for entry in spec.path if entry.die is not None and entry.level in BESIDE}


def die_temperatures(
    spec: MachineSpec,
    power: Mapping[str, DiePower],
    bonds: Mapping[str, str] | None = None,
    packaging: PackagingSpec | None = None,
) -> dict[str, float]:
    """Peak temperature of every kind of die [degC], all stacks alike.

    Parameters
    ----------
    spec : MachineSpec
        Its dies bottom to top, and its cooler.
    power : {die name: DiePower}
    bonds : {die name: bond name}, optional
        How a die is joined to the one below; microbumps where nothing is said.
    packaging : PackagingSpec, optional
        The shipped data unless given.
    """
    data = packaging or load_packaging()
    cooler = data.cooler(spec.cooler)
    beside = beside_stack(spec)
    groups: list[Sequence[str]] = [[die.name for die in spec.dies if die.name not in beside]]
    groups += [[die.name] for die in spec.dies if die.name in beside]
    temperatures: dict[str, float] = {}
    for group in groups:
        dies = [
            Die(
                die.name,
                die.area,
                power[die.name].power_w / power[die.name].copies,
                die.count,
                die.thickness,
                (bonds or {}).get(die.name, "microbump"),
            )
            for die in spec.dies
            if die.name in group
        ]
        if dies:
            temperatures |= peak_temperatures(dies, cooler, data)
    return {die.name: temperatures[die.name] for die in spec.dies}


def die_densities(spec: MachineSpec, power: Mapping[str, DiePower]) -> Densities:
    """Densest kind of die and the mean over all silicon of the machine."""
    return densities(
        {
            die.name: (power[die.name].power_w, die.area * die.count * power[die.name].copies)
            for die in spec.dies
        }
    )
