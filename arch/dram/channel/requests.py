"""Request streams by formula: the named patterns that controllers are compared on, as arrays of DRAM coordinates.

A stream is (op, pseudo-channel, bank group, bank, row, column) per request plus the earliest cycle it is offered. The
names and formulas follow the published description of the comparison runs; random ones draw from a 64-bit linear
congruential generator (Knuth's MMIX constants), advanced before each draw, upper 31 bits used.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.source import ARRAYS, N_ARRAY, READ, REQUESTS

Ints = npt.NDArray[np.int64]

MULTIPLIER: Final = 6364136223846793005
INCREMENT: Final = 1442695040888963407


@dataclass(frozen=True)
class Geometry:
    """What a formula needs of a device: counts per pseudo-channel, and bytes of one request (one burst)."""

    bank_groups: int
    banks_per_group: int
    columns: int
    rows: int
    pseudo_channels: int
    tx_bytes: int

    @property
    def banks(self) -> int:
        """Banks of one pseudo-channel."""
        return self.bank_groups * self.banks_per_group


@dataclass(frozen=True)
class Requests:
    """A stream of requests, all arrays int64 of shape (n,).

    Attributes
    ----------
    op : array
        READ or WRITE.
    pc, bank_group, bank, row, column : array
        Coordinates; a column is one burst.
    at_cycle : array
        Earliest clock at which the request is offered.
    max_outstanding : int
        Reads in flight at which offering stops; 0 is no limit.
    """

    op: Ints
    pc: Ints
    bank_group: Ints
    bank: Ints
    row: Ints
    column: Ints
    at_cycle: Ints
    max_outstanding: int = 0

    @classmethod
    def room(cls, n: int, max_outstanding: int = 0) -> Self:
        """For `n` requests that are to be filled in: their words are where they are."""
        words = np.empty(ARRAYS + N_ARRAY * n, dtype=np.int64)
        words[:ARRAYS] = REQUESTS, max_outstanding, n, 0
        op, pc, bank_group, bank, row, column, at_cycle = words[ARRAYS:].reshape(N_ARRAY, n)
        made = cls(op, pc, bank_group, bank, row, column, at_cycle, max_outstanding)
        made.__dict__["words"] = words
        return made

    def __len__(self) -> int:
        return len(self.op)

    @cached_property
    def words(self) -> Ints:
        """The requests as the words of a source, see `source`."""
        head = np.array([REQUESTS, self.max_outstanding, len(self), 0], dtype=np.int64)
        arrays = (self.op, self.pc, self.bank_group, self.bank, self.row, self.column, self.at_cycle)
        return np.concatenate([head, *arrays])

    def first(self, n: int) -> "Requests":
        """The first `n` requests."""
        arrays = {
            name: getattr(self, name)[:n] for name in ("op", "pc", "bank_group", "bank", "row", "column")
        }
        return replace(self, **arrays, at_cycle=self.at_cycle[:n])


def lcg(seed: int, n: int) -> Ints:
    """`n` draws of the generator: x = (MULTIPLIER x + INCREMENT) mod 2^64 from x = `seed`, each draw x >> 33."""
    factor, offset = np.uint64(MULTIPLIER), np.uint64(INCREMENT)
    factors, offsets = np.ones(1, np.uint64), np.zeros(1, np.uint64)
    with np.errstate(over="ignore"):
        while len(factors) < n:  # (factor, offset) advance by as many steps as there are draws so far
            offsets = np.concatenate([offsets, factors * offset + offsets])
            factors = np.concatenate([factors, factors * factor])
            offset, factor = factor * offset + offset, factor * factor
        first = np.uint64((seed * MULTIPLIER + INCREMENT) % 2**64)
        states = factors[:n] * first + offsets[:n]
    return (states >> np.uint64(33)).astype(np.int64)


def interleaved(g: Geometry, line: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """(bank group, bank, row, column) of a linear index: bank groups in turn, then along the row."""
    groups, row_bursts = g.bank_groups, g.bank_groups * g.columns
    rest = line // row_bursts
    return (
        line % groups,
        rest % g.banks_per_group,
        rest // g.banks_per_group % g.rows,
        line // groups % g.columns,
    )


def row_major(g: Geometry, line: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """(bank group, bank, row, column) of a linear index: the whole row of one bank first."""
    rest = line // g.columns
    return (
        rest % g.bank_groups,
        rest // g.bank_groups % g.banks_per_group,
        rest // g.banks % g.rows,
        line % g.columns,
    )


def requests(
    coordinates: tuple[Ints, Ints, Ints, Ints],
    op: Ints | int = READ,
    pc: Ints | int = 0,
    at_cycle: Ints | int = 0,
    max_outstanding: int = 0,
) -> Requests:
    """Requests of (bank group, bank, row, column) arrays; scalars are spread over all of them."""
    n = len(coordinates[0])
    group, bank, row, column = (_spread(values, n) for values in coordinates)
    return Requests(
        op=_spread(op, n),
        pc=_spread(pc, n),
        bank_group=group,
        bank=bank,
        row=row,
        column=column,
        at_cycle=_spread(at_cycle, n),
        max_outstanding=max_outstanding,
    )


def _spread(values: Ints | int, n: int) -> Ints:
    """An array of `n` of its own, writable and contiguous, so that kernels compile once."""
    return np.array(np.broadcast_to(np.asarray(values, np.int64), n), order="C")
