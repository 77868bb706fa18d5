"""What a placement of the core that multiplies gains and costs against the plain memory behind its pins: the rows of
Table 4 of Ma & Patterson (IEEE Computer 2026) that are numbers."""

import math
from typing import Final

from bankside.arch.events import ACTIVATE
from bankside.arch.machine.machine import Core, Machine, Memory
from bankside.arch.machine.spec import LEVELS
from bankside.arch.technology.process import load_process
from bankside.kernels.plan.operator_plan import Plan
from bankside.kernels.run.heat import REFRESH_DOUBLES_C, Heat
from bankside.kernels.run.outcome import Outcome

LOGIC: Final = "n7"
"""Process that logic elsewhere is held against: of the first chips with HBM3."""


def multiplying(machine: Machine, plan: Plan) -> Core:
    """The core kind that names a run: the primary one where it multiplies or nothing does, else the innermost that
    does."""
    names = {step.plan.core for phase in plan.phases for step in phase.steps if step.op.macs}
    found = [machine.cores[name] for name in names] or [machine.primary]
    return min(found, key=lambda core: (core is not machine.primary, LEVELS.index(core.level), core.name))


def placement(machine: Machine, core: Core, outcome: Outcome, warm: Heat) -> dict[str, float]:
    """Figures of one run, of the core that multiplies in it.

    Returns
    -------
    dict of str to float
        pins_Bps: bandwidth of the memory's pins, left out of a store of SRAM [B/s]; pins_j_per_bit: energy
        that a bit takes from the cells over these pins to the host, activations as in this run (left out
        where the device states none) [J/bit]; shards, shard_bytes: nodes that own a part of the memory and
        what is left of it for each; mac_area_ratio, mac_energy_ratio: a multiply-accumulate of the core
        against the same at 7 nm; capacity_lost: share of the memory that units replace; headroom_c: of the
        hottest die of memory below doubled refresh [K].
    """
    memory = core.memory
    die = next(die for die in machine.spec.dies if die.name == core.die)
    own, other = (load_process(process).multiplier(core.spec.formats[0]) for process in (die.process, LOGIC))
    shards = _shards(core)
    return {
        **({"pins_Bps": memory.channel_peak("vault") * memory.channels} if memory.channelled else {}),
        **_pins_j(memory, outcome),
        "shards": shards,
        "shard_bytes": memory.capacity_bytes // shards,
        "mac_area_ratio": own.area / other.area,
        "mac_energy_ratio": own.energy / other.energy,
        "capacity_lost": memory.lost,
        "headroom_c": REFRESH_DOUBLES_C - warm.dram_c,
    }


def _shards(core: Core) -> int:
    """Nodes that own a part of the memory: banks, pairs or groups of banks inside its dies, else nodes of the tap."""
    return core.count // core.spec.per if core.in_dram_die else core.nodes


def _pins_j(memory: Memory, outcome: Outcome) -> dict[str, float]:
    """Energy of a bit over the pins of a DRAM [J/bit]."""
    stated = memory.standard.spec.energy if memory.standard is not None else None
    moved_byte = outcome.traffic["read"] + outcome.traffic["written"]
    if stated is None or not moved_byte:
        return {}
    path_j = math.fsum(joule for parts in stated.path.values() for joule in parts.values())
    counted = outcome.events.get(memory.owner)
    opened = 0 if counted is None else int(counted[ACTIVATE])
    return {"pins_j_per_bit": path_j + opened * stated.activate / (8 * moved_byte)}
