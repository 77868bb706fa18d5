"""The scratchpad as a unit of a core: what its ports and its banks add to the tiles that it feeds."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.unit import CONFLICT, PORT, Costs, Int64s, Price, Store
from bankside.arch.spec import Bytes
from bankside.arch.technology.process import ProcessSpec

ACCESSES = "accesses"
"""Work on tiles (words of a run, stride, runs): runs of words at a stride of words, one run after the other."""


class Scratchpad(Store):
    """SRAM in banks; each reads a word of `width` at every port in a cycle, and writes as many.

    Rows of a tile (of k elements) lie one after the other, each from a word of its own. A unit that takes one depth of
    many rows at a time reads at the stride of a row, whose words share banks where the stride and the number of banks
    have a common divisor; skewed rows never do.
    """

    slots: ClassVar[frozenset[str]] = frozenset({"sram"})

    unit: Literal["sram"] = "sram"
    banks: int = Field(default=1, ge=1, le=4096, description="banks that work side by side")
    width: Bytes = Field(default=32, description="a word of a bank")
    ports: int = Field(default=1, ge=1, le=64, description="words that a bank reads in a cycle")
    granule: int = Field(default=1, ge=1, le=4096, description="successive words that lie in one bank")
    layout: Literal["rows", "skewed"] = Field(
        default="rows",
        description="how rows of a tile lie over the banks: one after the other as they arrive, or skewed, so that a "
        "column of them lies in different banks",
    )

    @property
    def bytes_per_cycle(self) -> int:
        """A word of every port of every bank."""
        return self.banks * self.width * self.ports

    def can(self, work: str) -> bool:
        """Runs of accesses."""
        return work == ACCESSES

    def peak(self, formats: Sequence[str] = (), work: str = ACCESSES) -> int:
        """Words of a cycle."""
        return self.banks * self.ports

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = ACCESSES) -> Costs:
        """Of each run ceil(words / (banks ports)) cycles at the ports, and what its most loaded bank adds."""
        from bankside.arch.pe.sram.banks import strided_tiles

        each = np.zeros((tiles.shape[1], CONFLICT + 1), dtype=np.int64)
        taken = strided_tiles(self.banks, self.ports, self.granule, tiles)
        each[:, PORT] = tiles[2] * -(-tiles[0] // self.peak())
        each[:, CONFLICT] = taken - each[:, PORT]
        return Costs(each, np.zeros_like(taken))

    def feeding(self, costs: Costs, tiles: Int64s, operand_bytes: tuple[float, float], across: str) -> Costs:
        """Operands are read once for a tile, behind its computation; what ports, then conflicts, take beyond it is
        added."""
        m, n, k = tiles[:3]
        byte = k * (m * operand_bytes[0] + n * operand_bytes[1])
        ports = np.ceil(byte / self.bytes_per_cycle).astype(np.int64)
        conflicts = np.zeros_like(ports)
        for operand, rows, size in zip("ab", (m, n), operand_bytes, strict=True):
            if operand in across and self.layout == "rows":
                words = np.ceil(k * size / self.width).astype(np.int64)
                conflicts += self.cycles(np.stack([rows, words, words])).each[:, CONFLICT]
        each, interval = costs.each.copy(), costs.interval
        each[:, PORT] += np.maximum(0, ports - interval)
        each[:, CONFLICT] += np.maximum(0, ports + conflicts - np.maximum(interval, ports))
        return Costs(each, costs.last)

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = ACCESSES) -> Mapping[str, int]:
        """Bytes read."""
        return {"sram_read": int((tiles[0] * tiles[2]).sum()) * self.width}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """A byte read, and one written, of a macro of the whole size."""
        return {
            "sram_read": Price("sram", process.sram_read_j_per_byte(self.size)),
            "sram_write": Price("sram", process.sram_write_j_per_byte(self.size)),
        }

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Macros."""
        return process.sram_area_m2(self.size)

    def leakage_w(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """That of SRAM."""
        return process.leakage_w(0.0, self.area_m2(process, formats))
