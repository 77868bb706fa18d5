"""Matrix units of bit-serial and sparse elements: rows of them over outputs, columns over vectors that share weights.

An element takes a group of stationary weights along the depth, whose values decide its cycles; the vectors' operands
are parallel. Elements of a column start a group together, and so wait for the slowest.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from bankside.arch.pe.bit_serial.element_rules import (
    ACTIVATION_BITS,
    ANDA_WEIGHT_BITS,
    BRICKS,
    ENCODED,
    FLOATING,
    KEPT,
    OWNERS,
    SINGLE,
    Name,
)
from bankside.arch.pe.bit_serial.encodings import ENCODINGS, MOST_BITS
from bankside.arch.pe.bit_serial.frame_spec import Frame
from bankside.arch.pe.bit_serial.published import ELEMENTS, Element
from bankside.arch.pe.bit_serial.scheme import Drawn, Scheme, Setting
from bankside.arch.pe.regions import Part
from bankside.arch.pe.sparse_names import pattern_of
from bankside.arch.pe.unit import (
    FILL,
    GIVEN_CYCLES,
    GIVEN_WORK,
    PLAIN,
    PRODUCT,
    UNEVEN,
    WORK,
    Costs,
    Decided,
    Deciding,
    Int64s,
    Moving,
    Price,
    Unit,
    macs,
    operand_price,
)
from bankside.arch.technology.process import ProcessSpec, widest_mac, width_of


class BitSerial(Deciding):
    """Rows of elements over outputs, columns over vectors."""

    slots: ClassVar[frozenset[str]] = frozenset({"matmul"})

    unit: Literal["bit-serial"] = "bit-serial"
    scheme: Name = Field(default="stripes", description="what an element does with a group of weights")
    rows: int = Field(default=1, ge=1, le=65536, description="elements over outputs, which start together")
    cols: int = Field(default=1, ge=1, le=65536, description="elements over vectors that share weights")
    group: int | None = Field(
        default=None,
        ge=1,
        le=65536,
        description="weights of a group; M of nm-serial (default that of the scheme)",
    )
    encoding: str | None = Field(
        default=None, description=f"{', '.join(ENCODINGS)} (default that of the scheme)"
    )
    shift_bits: int = Field(default=2, ge=0, le=MOST_BITS, description="pragmatic: L of its shifters")
    keep: int = Field(default=2, ge=1, le=65536, description="nm-serial: N values of every group of M")
    mask: Literal["bitmap", "index"] = Field(default="bitmap", description="nm-serial: how places are stored")
    port: int = Field(
        default=0,
        ge=0,
        le=65536,
        description="nm-serial: vector operands that come in a cycle, 0 for no limit",
    )
    pruned: int = Field(
        default=0, ge=0, le=MOST_BITS,
        description="bitvert: columns left out; bitwave: columns at least that bits are flipped to leave out",
    )  # fmt: skip
    planes: int = Field(
        default=6, ge=1, le=11, description="anda: bits of a mantissa that it turns vector operands into"
    )
    queue: int = Field(default=8, ge=1, le=65536, description="eie: vector operands that wait at an element")
    activations: Literal["uniform", "gaussian", "laplace", "llm", "relu"] = Field(
        default="gaussian", description="laconic, sparten, eie: how vector operands are drawn"
    )
    run_ahead: int = Field(
        default=0,
        ge=-1,
        le=65536,
        description="groups that an element may be ahead of the slowest; -1 no limit",
    )

    @property
    def found(self) -> Scheme:
        """The scheme."""
        from bankside.arch.pe.bit_serial.schemes import QUEUED, SCHEMES

        return SCHEMES.get(self.scheme, QUEUED)

    def setting(self, bits: int, moving_bits: int = ACTIVATION_BITS) -> Setting:
        """How the scheme is set up for weights of `bits` bits and vector operands of others."""
        known = self.found.encodings
        return Setting(
            bits=self.planes if self.scheme == "anda" else bits,
            group=self.group or self.found.group,
            encoding=self.encoding or (known[0] if known else ENCODINGS[0]),
            shift_bits=self.shift_bits,
            other_bits=moving_bits,
            keep=self.keep,
            bitmap=self.mask == "bitmap",
            port=self.port,
            pruned=self.pruned,
        )

    @property
    def lanes(self) -> int:
        """Weights of a group."""
        return self.group or self.found.group

    def elements(self) -> int:
        """Elements of all rows and columns."""
        return self.rows * self.cols

    @property
    def skipped(self) -> Collection[str]:
        """Formats that keep the same N of every M, or any elements in the encoding that elements read."""
        if self.scheme in ENCODED:
            return tuple(f"{name}_{ENCODED[self.scheme]}" for name in KEPT)
        if self.scheme != "nm-serial":
            return ()
        return tuple(f"{name}_{self.keep}:{self.lanes}" for name in KEPT)

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """What the scheme has not, or could not be set up with."""
        known = self.found.encodings
        if self.encoding is not None and self.encoding not in known:
            yield f"{self.scheme} has no encoding {self.encoding!r}; it has {', '.join(known) or 'none'}."
        given = self.model_fields_set & OWNERS.keys()
        for name in sorted(name for name in given if self.scheme not in OWNERS[name]):
            yield f"{name} is one of {', '.join(OWNERS[name])}, not of {self.scheme}."
        if self.scheme == "eie" and (self.cols > 1 or self.lanes > 1 or self.run_ahead):
            yield "eie multiplies one vector, input by input: cols and group are 1, and queue says how far ahead it is."
        yield from self.found.faults(self.setting(ACTIVATION_BITS))

    @property
    def storing(self) -> str:
        """The scheme, and what it leaves out."""
        if self.scheme == "nm-serial":
            return f"{self.keep} of every {self.lanes} values, pruned to that where they are not"
        if self.pruned:
            return f"{self.scheme}, {self.pruned} columns pruned"
        if self.scheme == "anda":
            return f"anda, for activations of {self.planes} planes"
        return self.scheme

    @property
    def reads(self) -> bool:
        """Digits, columns and lengths."""
        return self.found.decided

    def holds(self, kind: str, bits: int) -> bool:
        """Whole numbers, of Anda 4 bits at most; BitMoD's terms of up to 8 bits; whole multipliers take any."""
        if self.scheme == "bitmod":
            return 3 <= bits <= ACTIVATION_BITS and (kind == "int" or bits <= 4)
        if self.scheme == "anda":
            return kind == "int" and bits <= ANDA_WEIGHT_BITS
        return self.scheme in FLOATING or (kind == "int" and bits <= MOST_BITS)

    def refusal(self, moving: str, kind: str, bits: int) -> str:
        """Published elements but BitMoD's and Anda's add whole numbers of 8 bits at most, Bit Fusion's of 16."""
        most = MOST_BITS if self.scheme == "bitfusion" else ACTIVATION_BITS
        if self.scheme in FLOATING or (kind == "int" and bits <= most):
            return ""
        return f"{self.scheme} elements multiply by whole numbers of {most} bits at most, not by {moving}"

    def unfit(self, values: npt.NDArray[Any]) -> str:
        """Groups with more values than are kept."""
        if self.scheme != "nm-serial":
            return ""
        most = int(np.count_nonzero(values.reshape(-1, self.lanes), axis=1).max())
        told = f"{self.keep}:{self.lanes} keeps {self.keep}"
        return f"a group has {most} values that are not zero, and {told}" if most > self.keep else ""

    @property
    def asks(self) -> str:
        """How vector operands are drawn where both operands decide."""
        return self.activations if self.found.both == "must" else ""

    def decide(
        self, values: npt.NDArray[Any], bits: int, digest: str = "", moving: Moving = PLAIN
    ) -> Decided:
        """What weights decide, int[outputs, depth] of `bits` bits; elements take at least a cycle for a group."""
        from bankside.arch.pe.bit_serial.decide import decided

        return decided(self, values, bits, digest, moving)

    def vectors(self, moving: Moving) -> Sequence[npt.NDArray[Any] | None]:
        """Vectors that elements side by side take, where they decide."""
        return [None] if moving.values is None else list(moving.values[: self.cols])

    def side_by_side(self, work: Int64s) -> Int64s:
        """Cycles of groups as a frame takes them: rows start together."""
        return work

    def slowest(self, work: Int64s) -> Int64s:
        """For each group the cycles of the slowest that starts with it: int64[outputs, groups]."""
        padded = np.pad(work, ((0, -len(work) % self.rows), (0, 0)))
        slowest = padded.reshape(-1, self.rows, work.shape[1]).max(axis=1)
        return np.asarray(np.repeat(slowest, self.rows, axis=0)[: len(work)])

    def frame(self) -> Frame:
        """How groups run side by side."""
        return Frame(self.rows, self.run_ahead)

    def rounds(self, tiles: Int64s) -> npt.NDArray[np.float64]:
        """Rounds of each tile: float64[n]."""
        m, n, k = tiles[:3]
        return np.asarray(-(-m // self.cols) * -(-n // self.rows) * -(-k // self.lanes), dtype=np.float64)

    def given(self, tiles: Int64s, decided: Decided | Part) -> Int64s:
        """Cycles, bytes and even work of tiles at the operand's means, or each at its own."""
        rounds = self.rounds(tiles)
        cycles, work = (np.ceil(rounds * each) for each in (decided.round_cycle, decided.lane_cycle))
        byte = np.ceil(tiles[1] * tiles[2] * decided.element_bit / 8)
        return np.concatenate([tiles[:3], np.stack([cycles, byte, work]).astype(np.int64)])

    def plain(self, formats: Sequence[str]) -> Decided | None:
        """All bits of all values: a vector's operands first, then the serial ones, which lie as they are."""
        moving, serial = (formats[0], formats[-1]) if formats else ("int8", "int8")
        kind, bits = width_of(serial)
        if not self.holds(kind, bits) or self.refusal(moving, *width_of(moving)):
            return None
        keep = self.lanes
        if (pattern := pattern_of(serial)) != (1, 1):
            if serial not in self.skipped:
                return None
            keep = pattern[0]
        setting = self.setting(bits, width_of(moving)[1])._replace(pruned=0, keep=keep)
        cycles = self._whole(setting)
        return Decided(float(cycles), float(cycles), float(bits))

    def _whole(self, setting: Setting) -> int:
        """Cycles of a group of which nothing is skipped."""
        if not self.found.decided:
            return int(self.found.work(setting, Drawn(np.zeros(self.lanes, dtype=np.int64)))[0])
        if self.scheme in ENCODED:
            return self.lanes
        if self.found.both:
            paired = 2 if setting.encoding in ("booth", "naf") else 1
            return -(-setting.bits // paired) * -(-setting.other_bits // paired)
        return setting.bits

    def _decided(self, tiles: Int64s, formats: Sequence[str]) -> Int64s:
        """Tiles with what was decided of them, or what plain operands take."""
        if len(tiles) > GIVEN_CYCLES:
            return tiles
        plain = self.plain(formats)
        if plain is None:
            raise ValueError(f"Unit {self.unit!r} does not multiply {' by '.join(formats)}.")
        return self.given(tiles, plain)

    def can(self, work: str) -> bool:
        """Products."""
        return work == PRODUCT

    def most(self, decided: Decided) -> int:
        """All lanes in a round."""
        return math.ceil(self.elements() * self.lanes / decided.round_cycle)

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        """As they are given: work where all elements have their share of it, filling where outputs, vectors or depth
        leave some without, and waiting for the slowest; the last sum passes the tree of adders."""
        from bankside.arch.pe.lanes.cycles import tree_depth

        tiles = self._decided(tiles, formats)
        each = np.zeros((tiles.shape[1], 5), dtype=np.int64)
        each[:, UNEVEN] = tiles[GIVEN_CYCLES] - tiles[GIVEN_WORK]
        full = _over(macs(tiles), self.elements() * self.lanes * self.rounds(tiles))
        each[:, WORK] = np.ceil(np.minimum(1.0, full) * tiles[GIVEN_WORK])
        each[:, FILL] = tiles[GIVEN_WORK] - each[:, WORK]
        return Costs(each, np.full(tiles.shape[1], tree_depth(self.lanes), dtype=np.int64))

    def passes(self, m: int, n: int) -> tuple[int, int]:
        """A group of an element is read when it begins: vectors again for the next rows of elements, weights again for
        the next columns. Elements of EIE keep all of their weights, which a vector passes once."""
        return 1 if self.scheme == "eie" else -(-n // self.rows), -(-m // self.cols)

    def grain(self, formats: Sequence[str] = ()) -> tuple[int, int, int]:
        """Whole columns of vectors, rows of outputs, and groups."""
        return self.cols, self.rows, self.lanes

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """Cycles in which elements work, those of a group counted for each of their sets of lanes, and in which the
        registers of their rows do, and groups of the registers of their columns; or products."""
        stored, tiles = len(tiles) > GIVEN_CYCLES, self._decided(tiles, formats)
        m, n, k = tiles[:3]
        groups = m * n * -(-k // self.lanes)
        each = _over(tiles[GIVEN_WORK], self.rounds(tiles))
        worked = round(float((groups * each).sum()))
        if self.element is not None:
            sets, groups = -(-self.lanes // self.element.lanes), self.rounds(tiles)
            cycle, group = (round(float(of.sum()) * sets) for of in (groups * each, groups))
            return {
                "element_cycle": worked * sets, "row_cycle": cycle * self.rows, "column_group": group * self.cols
            }  # fmt: skip
        if self.scheme == "bitfusion":
            return {"mac": worked, "operands": int(macs(tiles).sum())}
        if self.found.decided:
            return {"mac": worked, "operands": worked}
        some = stored or (formats and formats[-1] in self.skipped)
        kept = self.keep if some and self.scheme == "nm-serial" else self.lanes
        count = int(groups.sum()) * kept
        return {"mac": count, "operands": count}

    @property
    def element(self) -> Element | None:
        """The published element, where there is one."""
        return ELEMENTS.get(self.scheme)

    @property
    def multipliers(self) -> int:
        """Those of an element that multiplies whole operands: one for each pair of a group, or by itself."""
        return 1 if self.scheme in SINGLE else self.lanes

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """A cycle of the published element, its registers included, or a multiplication of the format with its own:
        multipliers under a tree share a sum, one by itself makes it product by product."""
        if self.element is None:
            own = BRICKS if self.scheme == "bitfusion" else number_format
            return {
                "mac": Price("mac", process.multiplier(own).energy),
                "operands": operand_price(process, number_format, sums=1 / self.multipliers),
            }
        element = self.element
        return {
            "element_cycle": Price("mac", element.in_process_j(element.energy_pj, process)),
            "row_cycle": Price("registers", element.in_process_j(element.row_pj, process)),
            "column_group": Price("registers", element.in_process_j(element.column_pj, process)),
        }

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Published elements, or multipliers of the widest format; one for each group, or set of lanes of it."""
        if self.element is None:
            own = (BRICKS,) if self.scheme == "bitfusion" else formats
            return self.elements() * self.multipliers * widest_mac(process, own).area
        return self.elements() * -(-self.lanes // self.element.lanes) * self.element.area_m2(process)

    def inside_dram(self) -> "Unit":
        """The elements beside a bank, which reads one output's weights at a time."""
        return BankSerial(**self.model_dump(exclude={"unit"}, exclude_unset=True))


class BankSerial(BitSerial):
    """Elements beside a bank, which take groups of the columns as they come, of one or of the next ones; what
    `bit-serial` is inside the DRAM die."""

    unit: Literal["bank-bit-serial"] = "bank-bit-serial"  # type: ignore[assignment]

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """Beside a bank outputs come one after the other."""
        yield from super().faults(formats)
        if self.scheme == "eie":
            yield "eie's elements own outputs and share inputs; a bank reads one output after the other."

    def passes(self, m: int, n: int) -> tuple[int, int]:
        """Weights come from the bank as often as its commands read them."""
        return 1, 1

    def vectors(self, moving: Moving) -> Sequence[npt.NDArray[Any] | None]:
        """One: all elements take groups of it."""
        return super().vectors(moving)[:1]

    def frame(self) -> Frame:
        """All elements side by side."""
        return Frame(self.elements(), self.run_ahead)

    def side_by_side(self, work: Int64s) -> Int64s:
        """Groups of a row, and then those of the next, start together."""
        return work.reshape(1, -1)

    def slowest(self, work: Int64s) -> Int64s:
        """For each group the cycles of the slowest beside it: int64[outputs, groups]."""
        side = self.elements()
        slowest = np.pad(work.reshape(-1), (0, -work.size % side)).reshape(-1, side).max(axis=1)
        return np.asarray(np.repeat(slowest, side)[: work.size].reshape(work.shape))

    def rounds(self, tiles: Int64s) -> npt.NDArray[np.float64]:
        """Groups of all vectors and outputs, on all elements; a part of a round where groups of others fill it."""
        m, n, k = tiles[:3]
        return np.asarray(m * n * -(-k // self.lanes) / self.elements(), dtype=np.float64)


def _over(part: Int64s, whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A share, none of nothing: tiles without columns take no rounds."""
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)
