"""Which of a core's units compute tiles of a matrix product: the matrix unit, the vector lanes, or both at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.unit import (
    GIVEN_CYCLES,
    WORK,
    Costs,
    Decided,
    Deciding,
    Int64s,
    Store,
    Unit,
    costs_of,
    macs,
)

Bools = npt.NDArray[np.bool_]

MATRIX, VECTOR, BOTH = range(3)
"""Who computes a tile; both: the columns are split over the two."""

SLOTS: Final = ("matmul", "vector")
"""Slots of the two in a core."""

FASTER, FASTEST = -2, -1
"""Instead of a unit: the faster of the matrix unit and the lanes; the fastest of all three."""

NEVER: Final = np.iinfo(np.int64).max
"""Cycles of a tile that nobody computes."""

TOGETHER: Final = 1024
"""Splits of all tiles that are looked at in one step of the search: up to there it is calls that take time."""


class Turning(NamedTuple):
    """Operations of the vector lanes that turn operands into what is multiplied: for each element of a and of b, and
    for each pair that is multiplied."""

    a: float = 0.0
    b: float = 0.0
    pair: float = 0.0

    def operations(self, tiles: Int64s) -> npt.NDArray[np.float64]:
        """Of each tile."""
        m, n, k = (tiles[axis].astype(np.float64) for axis in range(3))
        return np.asarray(self.a * m * k + self.b * n * k + self.pair * m * n * k, dtype=np.float64)


NO_TURNING: Final = Turning()


class Choice(NamedTuple):
    """Of each tile: cycles alone, cycles when it follows its like, who computes it, columns that the lanes compute."""

    alone: Int64s
    interval: Int64s
    unit: Int64s
    lane_columns: Int64s


@dataclass(frozen=True)
class ProductUnits:
    """The units of a core that multiply, the store that feeds them, and the formats that they multiply.

    Where the lanes turn operands into these formats, they do so for the next tile while the matrix unit multiplies
    one, and before each tile of their own; they then share no tile with the matrix unit. What the data of b decided is
    told of units that it is stored for.
    """

    matrix: Unit | None
    vector: Unit | None
    store: Store | None
    formats: tuple[str, ...]
    turning: Turning = NO_TURNING
    decided: Decided | None = None

    def peak(self, unit: int) -> int:
        """Most multiply-accumulates of a cycle on a unit, or on the widest (FASTER), or all together (FASTEST)."""
        peaks = [self._peak(of) if of is not None else 0 for of in (self.matrix, self.vector)]
        if unit in (BOTH, FASTEST):
            return sum(peaks)
        return max(peaks) if unit == FASTER else peaks[unit]

    def choose(self, tiles: Int64s, wanted: int) -> Choice:
        """Cycles of tiles (int64[3 or 5, n]) on the wanted unit; see MATRIX to FASTEST."""
        matrix = self._alone(self.matrix, tiles) if wanted != VECTOR else None
        lanes = self._alone(self.vector, tiles) if wanted not in (MATRIX, BOTH) else None
        found = None if matrix is None else Choice(*matrix, *_who(tiles, MATRIX, 0))
        if lanes is not None:
            by_lanes = Choice(*lanes, *_who(tiles, VECTOR, tiles[1]))
            found = by_lanes if found is None else _better(found, by_lanes)
        if found is None:
            return _unknown(tiles)
        if wanted not in (BOTH, FASTEST) or self.matrix is None or self.vector is None or any(self.turning):
            return found
        # a ragged tile is not split where that takes longer, one strip never
        return _sooner(found, self._shared(tiles))

    def costs(
        self, tiles: Int64s, unit: int, operand_bytes: tuple[float, float] | None = None, along: str = ""
    ) -> Costs:
        """Costs of tiles on a unit; with the bytes of an element of each operand also those of the store, in which the
        operands `along` ("a", "b") lie with their depth from row to row, and not in each."""
        one = self.matrix if unit == MATRIX else self.vector if unit == VECTOR else None
        if one is not None:
            costs = self._turned(one, one.cycles(self._given(one, tiles), self.formats), tiles)
        else:
            chosen = self.choose(tiles, unit)
            costs = costs_of(chosen.interval, chosen.alone, -(-macs(tiles) // self.peak(unit)))
        if self.store is None or operand_bytes is None:
            return costs
        reader = self.vector if unit == VECTOR else self.matrix
        across = "".join(
            operand for operand in (reader.across_rows if reader else "") if operand not in along
        )
        return self.store.feeding(costs, tiles, operand_bytes, across)

    def fed(self, chosen: Choice, tiles: Int64s, operand_bytes: tuple[float, float]) -> Choice:
        """A choice with what reading its operands from the store adds, of elements of so many bytes."""
        if self.store is None:
            return chosen
        costs = costs_of(chosen.interval, chosen.alone, chosen.interval)
        added = np.zeros_like(chosen.interval)
        for unit, own in ((self.vector, chosen.unit == VECTOR), (self.matrix, chosen.unit != VECTOR)):
            if unit is not None and own.any():
                fed = self.store.feeding(costs, tiles, operand_bytes, unit.across_rows)
                added = np.where(own, fed.interval - chosen.interval, added)
        return chosen._replace(alone=chosen.alone + added, interval=chosen.interval + added)

    def faster(
        self, tiles: Int64s, operand_bytes: tuple[float, float] | None = None, along: str = ""
    ) -> tuple[list[str], Costs]:
        """Of each tile the slot of the unit that is sooner ready for the next one, and its costs there; see `costs`."""
        chosen = self.choose(tiles, FASTER).unit
        if (chosen == chosen[0]).all():
            return [SLOTS[chosen[0]]] * len(chosen), self.costs(tiles, int(chosen[0]), operand_bytes, along)
        both = [self.costs(tiles, unit, operand_bytes, along) for unit in (MATRIX, VECTOR)]
        each = np.where(chosen[:, None] == MATRIX, both[0].each, both[1].each)
        return [SLOTS[i] for i in chosen], Costs(each, np.where(chosen == MATRIX, both[0].last, both[1].last))

    def events(self, tiles: Int64s, unit: int) -> dict[str, dict[str, int]]:
        """What tiles count, by slot of the units that compute them."""
        lane_columns = np.zeros_like(tiles[1])
        if unit == VECTOR:
            lane_columns = tiles[1]
        elif unit == BOTH:
            lane_columns = self.choose(tiles, unit).lane_columns
        counted = {}
        parts = ((self.matrix, tiles[1] - lane_columns), (self.vector, lane_columns))
        for slot, (of, columns) in zip(SLOTS, parts, strict=True):
            if of is not None and columns.any():
                own = np.concatenate([tiles[:1], columns[None], tiles[2:]])
                counted[slot] = dict(of.events(self._given(of, own), self.formats))
        return counted

    def passes(self, m: int, n: int, unit: int) -> tuple[int, int]:
        """How often a tile of so many rows and columns reads either operand at the store."""
        return self.matrix.passes(m, n) if unit == MATRIX and self.matrix is not None else (1, 1)

    def _alone(self, unit: Unit | None, tiles: Int64s) -> tuple[Int64s, Int64s] | None:
        """Cycles of tiles alone and following their like on one unit, None where the core has it not."""
        if unit is None:
            return None
        costs = self._turned(unit, unit.cycles(self._given(unit, tiles), self.formats), tiles)
        interval = costs.interval
        return interval + costs.last, interval

    def _peak(self, unit: Unit) -> int:
        if self.decided is not None and isinstance(unit, Deciding):
            return unit.most(self.decided)
        return unit.peak(self.formats)

    def _given(self, unit: Unit, tiles: Int64s) -> Int64s:
        """Tiles with what the data of b decided of them, where it decides and is not known of each tile."""
        if self.decided is None or not isinstance(unit, Deciding) or len(tiles) > GIVEN_CYCLES:
            return tiles
        return unit.given(tiles, self.decided)

    def _turned(self, unit: Unit, costs: Costs, tiles: Int64s) -> Costs:
        """Costs with the lanes' work on the operands."""
        if self.vector is None or not any(self.turning):
            return costs
        turning = np.ceil(self.turning.operations(tiles) / self.vector.peak(work="mul")).astype(np.int64)
        each, interval = costs.each.copy(), costs.interval
        if unit is self.vector:
            each[:, WORK] += turning
            return Costs(each, costs.last)
        each[:, WORK] += np.maximum(0, turning - interval)
        return Costs(each, costs.last + np.minimum(turning, interval))

    def _shared(self, tiles: Int64s) -> Choice:
        """Columns split over both units where the two take about as long.

        The lanes take longer with every column and the matrix unit less, so the crossing is found by parting what is
        left of the strips again and again. It is sought in whole strips of the matrix unit, whose parts cost as much
        as wholes.
        """
        assert self.matrix is not None
        strip = max(1, self.matrix.grain(self.formats)[1])
        crossing = _first_not(
            lambda at, strips: self._waits(tiles[:, at], strips * strip), (tiles[1] - 1) // strip
        )
        strips = np.concatenate([np.maximum(1, crossing - 1), crossing])
        both = np.tile(tiles, 2)
        lane_columns = both[1] - strips * strip
        fit = (lane_columns > 0) & (strips > 0)
        alone, interval = self._split(both, np.where(fit, strips * strip, 0))
        found = Choice(
            np.where(fit, alone, NEVER), np.where(fit, interval, NEVER), *_who(both, BOTH, lane_columns)
        )
        half = tiles.shape[1]
        return _sooner(Choice(*(of[:half] for of in found)), Choice(*(of[half:] for of in found)))

    def _split(self, tiles: Int64s, columns: Int64s) -> tuple[Int64s, Int64s]:
        """Cycles when the matrix unit computes `columns` of the columns and the lanes the others."""
        parts = []
        for unit, own in ((self.matrix, columns), (self.vector, tiles[1] - columns)):
            part = self._alone(unit, np.stack([tiles[0], own, tiles[2]]))
            assert part is not None
            parts.append(part)
        (alone, interval), (other, again) = parts
        return np.maximum(alone, other), np.maximum(interval, again)

    def _waits(self, tiles: Int64s, columns: Int64s) -> Bools:
        """Whether the matrix unit, with `columns` of the columns, waits for the lanes with the others."""
        assert self.matrix is not None and self.vector is not None
        own = self.matrix.cycles(np.stack([tiles[0], columns, tiles[2]]), self.formats).interval
        rest = self.vector.cycles(np.stack([tiles[0], tiles[1] - columns, tiles[2]]), self.formats).interval
        return np.asarray((columns == 0) | (own < rest))


def _first_not(holds: Callable[[Int64s, Int64s], Bools], most: Int64s) -> Int64s:
    """The first of 0 .. most[i] for which `holds(i, it)` is false, most[i] if none is; it is true up to a point."""
    low, high = np.zeros_like(most), most.copy()
    while (left := np.flatnonzero(low < high)).size:
        width = high[left] - low[left]
        probes = max(1, min(int(width.max()), TOGETHER // left.size))
        at = low[left] + np.arange(1, probes + 1)[:, None] * width // (probes + 1)
        below = holds(np.tile(left, probes), at.reshape(-1)).reshape(probes, -1).sum(axis=0)
        edges = np.concatenate([low[None, left] - 1, at, high[None, left]])
        rows = np.arange(left.size)
        low[left], high[left] = edges[below, rows] + 1, edges[below + 1, rows]
    return low


def _unknown(tiles: Int64s) -> Choice:
    never = np.full(tiles.shape[1], NEVER, dtype=np.int64)
    return Choice(never, never, np.zeros_like(never), np.zeros_like(never))


def _who(tiles: Int64s, unit: int, lane_columns: Int64s | int) -> tuple[Int64s, Int64s]:
    count = tiles.shape[1]
    columns = np.full(count, lane_columns, dtype=np.int64)
    return np.full(count, unit, dtype=np.int64), columns


def _sooner(one: Choice, other: Choice) -> Choice:
    """The other where it is sooner ready for the next tile."""
    wins = other.interval < one.interval
    if not wins.any():
        return one
    return Choice(*(np.where(wins, new, old) for old, new in zip(one, other, strict=True)))


def _better(one: Choice, other: Choice) -> Choice:
    """The other where it is sooner ready for the next tile, or as soon and sooner done."""
    wins = (other.interval < one.interval) | ((other.interval == one.interval) & (other.alone < one.alone))
    if not wins.any():
        return one
    return Choice(*(np.where(wins, new, old) for old, new in zip(one, other, strict=True)))
