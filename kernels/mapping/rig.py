"""Units of one core kind on which trains run alone, set up once for all of them; of equal trains one runs."""

from collections.abc import Hashable
from dataclasses import replace
from hashlib import blake2b

from bankside.arch.engine.execute import ends_fs
from bankside.arch.engine.hardware import Hardware
from bankside.arch.machine.channels import Remembered
from bankside.arch.machine.machine import Core, Machine
from bankside.arch.pe.product import VECTOR
from bankside.kernels.lower.lowering import Int64s, Lowering
from bankside.kernels.lower.product_tiles import Cut, Train, lay, slices_fs
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.plan.tiling import UNITS

TRAINS = 4096  # whose ends are kept, of some KB each


def alone(machine: Machine, core: Core) -> Lowering:
    """A program to be, of `core` with all nodes and all channels alike."""
    low = Lowering(machine)
    low.add_channels(core.memory, [(0, core.memory.channels)])
    low.add_group(core, [(0, core.nodes)])
    return low


class Rig:
    """A node of a core kind with nothing before it and all channels alike, for trains of any product."""

    def __init__(self, machine: Machine, core: Core) -> None:
        self.machine, self.core = machine, core
        self._low = alone(machine, core)
        self._label = self._low.builder.label("trial")
        self._node = self._low.groups[core.name][0]
        self._idle: tuple[Remembered | None, Hardware] | None = None
        self._known = Memo(TRAINS)

    def ends_fs(self, train: Train, own: Cut, memory: Remembered | None = None) -> tuple[int, Int64s]:
        """When a train that is cut ends, and each of its tiles [fs]. memory: what channels have served and do not serve
        again."""
        return self._known.get(self._key(train, own), lambda: self._run(train, own, memory))

    def _key(self, train: Train, own: Cut) -> Hashable:
        """All that the times follow from."""
        mapping = train.mapping
        dealt = mapping.dealing and (mapping.dealing.slices, mapping.stages)
        behind = own.steps.ends and slices_fs(self.core, train.problem, mapping)
        steps = blake2b(own.stripes.tobytes() + own.costs.tobytes(), digest_size=32).digest()
        before = train.problem.a_from_memory, train.brought_b
        return mapping.unit == UNITS[VECTOR], dealt, behind, before, steps

    def _run(self, train: Train, own: Cut, memory: Remembered | None) -> tuple[int, Int64s]:
        self._low.builder.clear()
        self._node.clear()
        tiles = lay(self._low, self.core, self._node, self._label, train, own)
        end_fs = ends_fs(self._low.builder.build(), self._hardware(memory))
        return int(end_fs.max()), end_fs[tiles]

    def _hardware(self, memory: Remembered | None) -> Hardware:
        """Fresh channels and networks; those that the way of the first train named serve all others."""
        if self._idle is None or self._idle[0] is not memory:
            self._idle = memory, self._low.hardware(memory=memory)
        return replace(self._idle[1], states=self._idle[1].states.copy())
