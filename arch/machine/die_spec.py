"""What a machine's YAML says of its dies."""

import math
from collections.abc import Sequence

from pydantic import Field

from bankside.arch.spec import Area, Length, Share, Spec


class DieSpec(Spec):
    """One kind of die, bottom to top in the list; `count` dies of `area` each in every stack.

    A die `beside` the stack (a GPU next to its HBM) is one of its own per package, cooled by itself. Unless it is said,
    a die that is logic of the board or the host alone is beside, where the machine has dies of memory. `powered` is the
    share of a logic die that leaks and is clocked while kernels run. Dies are square unless their `width` is stated;
    the `count` of them stand on each other unless they are not `stacked` but packages of their own.
    """

    name: str
    process: str
    area: Area
    count: int = Field(default=1, ge=1, le=1024)
    memory: str | None = None
    thickness: Length | None = None
    bond: str = "microbump"
    beside: bool | None = None
    powered: Share = 1.0
    width: Length | None = None
    stacked: bool = True

    @property
    def sides(self) -> tuple[float, float]:
        """Width and depth of a die [m]: square unless its width is stated."""
        width = self.width or math.sqrt(self.area)
        return width, self.area / width


def die_at(dies: Sequence[DieSpec], stated: str | None, memory: str) -> str:
    """Name of the die of a core at a level that states one, the lowest where it states none; where that is of another
    memory's cells, the die of those of the core's own `memory`."""
    name = stated or dies[0].name
    cells = {die.memory: die.name for die in dies if die.memory is not None}
    foreign = any(die.name == name and die.memory not in (None, memory) for die in dies)
    return cells.get(memory, name) if foreign else name
