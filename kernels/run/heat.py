"""Power density and temperature of the machine's dies in steady state, the kernel repeated for ever."""

from dataclasses import dataclass

from bankside.arch.machine.machine import Machine
from bankside.arch.technology.packaging import load_packaging
from bankside.arch.thermal.series import Densities, densities
from bankside.arch.thermal.stack import Die, peak_temperatures
from bankside.kernels.run.account import Account

REFRESH_DOUBLES_C = (
    85.0  # JESD79-4B table 1, JESD235D: normal operating range ends here, refresh doubles above
)
DRAM_LIMIT_C = 95.0  # end of the extended range of the same standards
FLASH_LIMIT_C = 85.0  # operating range of industrial NAND (recalled)
LOGIC_LIMIT_C = 105.0  # usual junction limit of logic dies (assumed)

ONE_DIMENSIONAL = (
    "Temperatures are those of a one-dimensional chain of resistances: hot spots inside a die are hotter."
)


@dataclass(frozen=True)
class Heat:
    """Peak temperature per die [degC], power densities [W/mm2], and what they mean for the DRAM."""

    peak_c: dict[str, float]
    density: Densities
    dram_c: float
    feasible: bool

    def as_dict(self, refresh_multiplier: int) -> dict[str, object]:
        """For results."""
        return {
            "peak_c": self.peak_c,
            "density_w_per_mm2": {
                "max": self.density.max_w_per_mm2,
                "mean": self.density.mean_w_per_mm2,
                "block": self.density.block,
            },
            "refresh_multiplier": refresh_multiplier,
            "feasible": self.feasible,
        }


def heat(machine: Machine, books: Account, time_s: float, duty: float) -> Heat:
    """Temperatures of one stack and of the dies beside it; densities of cores and dies.

    Parameters
    ----------
    books
        Energies of the whole machine; stacks and packages share them evenly.
    time_s, duty
        Time of the kernel, and the share of all time that it runs.
    """
    blocks = {name: (one.power_w(time_s, duty), books.block_m2[name]) for name, one in books.blocks.items()}
    stacked: list[Die] = []
    peak_c: dict[str, float] = {}
    packaging = load_packaging()
    cooler = packaging.cooler(machine.spec.cooler)
    for spec in machine.spec.dies:
        copies = machine.copies(spec)
        power_w = books.dies[spec.name].power_w(time_s, duty)
        blocks[f"die {spec.name}"] = (power_w, spec.area * spec.count * copies)
        die = Die(spec.name, spec.area, power_w / copies, spec.count, spec.thickness, spec.bond)
        if machine.spec.beside(spec):
            peak_c |= peak_temperatures([die], cooler, packaging)
        else:
            stacked.append(die)
    if stacked:
        peak_c |= peak_temperatures(stacked, cooler, packaging)
    memory_dies = {die.name: machine.memories[die.memory] for die in machine.spec.dies if die.memory}
    dram_c, flash_c = (
        max(
            (peak_c[name] for name, m in memory_dies.items() if (m.flash is not None) == flash),
            default=cooler.ambient_c,
        )
        for flash in (False, True)
    )
    logic_c = max((c for name, c in peak_c.items() if name not in memory_dies), default=cooler.ambient_c)
    return Heat(
        {die.name: peak_c[die.name] for die in machine.spec.dies},
        densities({name: block for name, block in blocks.items() if block[1] > 0}),
        dram_c,
        dram_c <= DRAM_LIMIT_C and flash_c <= FLASH_LIMIT_C and logic_c <= LOGIC_LIMIT_C,
    )
