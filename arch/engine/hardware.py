"""What the units of a program are and how they stand: parameters and states in two flat arrays.

The caller keeps it, so that the state of banks, planes and links lives on from program to program.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

PARAMS_AT, PARAMS_END, STATE_AT, STATE_END, MEMORY_AT, MEMORY_END = range(6)


@dataclass(frozen=True)
class Hardware:
    """Parameters and states of parts, which units of programs name by number.

    params, states: int64[...], states changed in place; place: int64[parts, 6] (where the parameters, the state and
    what is remembered of each begin and end); memory: int64[...], what is remembered from program to program.
    """

    params: Int64s
    states: Int64s
    place: Int64s
    memory: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def of(cls, parts: Sequence[tuple[Int64s, Int64s]]) -> "Hardware":
        """From parameters and state of each part; parameters that are one object are kept once."""
        held: dict[int, tuple[int, int]] = {}
        arrays: list[Int64s] = []
        place = np.zeros((len(parts), 6), dtype=np.int64)
        at = 0
        for i, (params, state) in enumerate(parts):
            if id(params) not in held:
                first = held[id(arrays[-1])][1] if arrays else 0
                held[id(params)] = first, first + len(params)
                arrays.append(params)
            place[i, :MEMORY_AT] = (*held[id(params)], at, at + len(state))
            at += len(state)
        empty = np.zeros(0, dtype=np.int64)
        return cls(
            np.concatenate([empty, *arrays]), np.concatenate([empty, *(state for _, state in parts)]), place
        )

    def remembering(self, memory: Int64s, places: Sequence[tuple[int, int]]) -> "Hardware":
        """The same with a memory, of which the first parts have the places (begin, end)."""
        place = self.place.copy()
        place[: len(places), MEMORY_AT:] = np.array(places, dtype=np.int64).reshape(-1, 2)
        return replace(self, place=place, memory=memory)

    def remembers(self, parts: Int64s) -> bool:
        """Whether one of `parts`, int64[n], has a memory."""
        own = self.place[parts]
        return bool((own[:, MEMORY_END] > own[:, MEMORY_AT]).any())

    def state(self, part: int) -> Int64s:
        """The state of a part, a view."""
        return self.states[self.place[part, STATE_AT] : self.place[part, STATE_END]]


NO_HARDWARE = Hardware.of([])
"""For programs whose units have neither parameters nor states."""
