"""Power density and temperature of the machine's stack in steady state, the kernel repeated for ever."""

from dataclasses import dataclass

from bankside.arch.machine.machine import Machine
from bankside.arch.thermal.series import Densities, Layer, densities, series_temperatures
from bankside.kernels.account import Account

DRAM_LIMIT_C = (
    85.0  # above it JEDEC devices need twice the refreshes (JESD79-4, 4.12: normal range to 85 degC)
)
SILICON_W_PER_M_K = 110.0  # bulk silicon near 85 degC (Glassbrenner and Slack, 1964, read off at 360 K)
DIE_THICKNESS_M = 50e-6
BOND_M2_K_PER_W = 15e-6  # one microbump and underfill level, 30 um at 2 W/mK
SINK_M2_K_PER_W = {"air": 100e-6, "liquid": 25e-6}
AMBIENT_C = 45.0


@dataclass(frozen=True)
class Heat:
    """Peak temperature per die [degC], power densities [W/mm2], whether DRAM stays below its limit."""

    peak_c: dict[str, float]
    density: Densities
    warnings: tuple[str, ...]

    @property
    def feasible(self) -> bool:
        """Whether the stack can run like this for ever: below the 95 degC of extended DRAM operation."""
        return max(self.peak_c.values()) <= 95.0

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
    """Temperatures by a one-dimensional chain of resistances, one stack, and densities of blocks and dies."""
    scale = duty / time_s if time_s else 0.0
    layers = []
    blocks = {name: (books.block_j[name] * scale, books.block_m2[name]) for name in books.block_j}
    for die in machine.spec.dies:
        memory = machine.memories[die.memory] if die.memory else machine.primary.memory
        power_w = books.die_j[die.name] * scale
        blocks[f"die {die.name}"] = (power_w, die.area * die.count * memory.stacks)
        each = power_w / (memory.stacks * die.count)
        layers += [
            Layer(die.name, die.thickness or DIE_THICKNESS_M, die.area, SILICON_W_PER_M_K, each)
        ] * die.count
    area = min(die.area for die in machine.spec.dies)
    peak_c = series_temperatures(layers, SINK_M2_K_PER_W["air"] / area, AMBIENT_C)
    return Heat(peak_c, densities({n: b for n, b in blocks.items() if b[1] > 0}), ())
