"""One case of the unit `bit-serial`: a scheme, how it is set up, and the operands that it processes."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.bit_serial.encodings import ENCODINGS, MOST_BITS
from bankside.arch.pe.bit_serial.frame_spec import BALANCES, Frame
from bankside.arch.pe.bit_serial.measure import fault
from bankside.arch.pe.bit_serial.scheme import Scheme, Setting
from bankside.arch.pe.bit_serial.schemes import SCHEMES
from bankside.cases.reader import Reader
from bankside.cases.tensors import tensor
from bankside.kernels.operands.distributions import CLIP, DISTRIBUTIONS, draw

MOST_DRAWN: Final = 1 << 26
"""Elements of a tensor that is drawn; in double precision 512 MiB."""

EIE: Final = "eie"
NAMES: Final = (*SCHEMES, EIE)

COLUMNS: Final = {
    "scheme": ", ".join(NAMES),
    "bits": f"of an operand, up to {MOST_BITS}; anda: planes of the mantissa (default 8)",
    "group": "lanes that start together: consecutive elements of the last axis (default that of the paper)",
    "encoding": f"{', '.join(ENCODINGS)} (default that of the scheme)",
    "shift_bits": "pragmatic: L, bits of the second stage of shifters (default 2)",
    "tensor": ".npy of whole numbers, without negative ones up to 2^bits - 1, with them in two's complement",
    "other": "laconic, loom, sparten: .npy of the second operands, as many or one row of them; eie: the activations",
    "other_bits": "bits of a second operand (default as bits)",
    "distribution": f"without a tensor: {', '.join(DISTRIBUTIONS)} (default uniform)",
    "seed": "of a tensor that is drawn (default: the mean over all such tensors where it is an exact sum, else 0)",
    "rows": "of a tensor that is drawn",
    "cols": "of a tensor that is drawn (default about 1024)",
    "clip": "gaussian, laplace: standard deviations that the largest number stands for (default 4)",
    "density": "of a tensor that is drawn: share of elements that are kept, others are zero (default 1)",
    "other_density": "of second operands that are drawn (default 1)",
    "n": "nm-serial: values kept of every m (default 2)",
    "m": "nm-serial: elements of a group (default 4)",
    "mask": "nm-serial: bitmap or index (default bitmap)",
    "port": "nm-serial: activations that come in a cycle (default all)",
    "pruned": "bitvert: columns that are left out, 0, 2 or 4; bitwave: at least, by flipping bits (default 0)",
    "trim": "shapeshifter, loom: on, zeros at the low end are skipped too (default off)",
    "once": "loom: on, every weight is used once, as in fully connected layers (default off)",
    "side": "groups that run side by side, of as many rows; of one row its next ones; eie, sparten: elements "
    "(default 1)",
    "run_ahead": "groups that a lane may be ahead of the slowest; -1 no limit (default 0); eie: depth of a queue "
    "(default 8)",
    "fetch": "cycles in which the operands of a group come (default 0)",
    "balance": f"{', '.join(BALANCES)}: groups as they come, ordered by their cycles, or to the lane that is free "
    "(default none)",
    "overhead": "dynamic: cycles of a dispatch; sorted: of putting a result in its place (default 0)",
    "wide_bits": "stripes: bits of the wide ones of groups of two widths",
    "wide_share": "stripes: share of wide groups, drawn by the seed (default 0)",
}


class Operands(NamedTuple):
    """Tensors [rows, columns] of a case; `exact` where its mean over all draws is asked for."""

    values: npt.NDArray[Any]
    other: npt.NDArray[Any] | None
    exact: bool


class SerialCase:
    """The cells of a case, checked.

    Attributes
    ----------
    name
        Of the scheme; `scheme` is None for eie, which has no groups.
    """

    def __init__(self, read: Reader) -> None:
        self.read = read
        self.name = read.choice("scheme", NAMES)
        self.scheme: Scheme | None = SCHEMES.get(self.name)
        self.setting = self._setting()
        self.frame = self._frame()
        self.distribution = read.choice("distribution", DISTRIBUTIONS, "uniform")
        self.seed = read.whole("seed", 0, 1 << 62, 0)
        self.clip = read.real("clip", 0.1, 1000.0, CLIP)
        self.density = read.real("density", 0.0, 1.0, 1.0)
        self.other_density = read.real("other_density", 0.0, 1.0, 1.0)
        self.wide = (
            read.whole("wide_bits", 1, MOST_BITS, self.setting.bits),
            read.real("wide_share", 0, 1, 0.0),
        )
        self._refuse_what_is_not_read()

    def _setting(self) -> Setting:
        read, scheme = self.read, self.scheme
        bits = read.whole("bits", 1, MOST_BITS, 8)
        known = scheme.encodings if scheme else ("sign-magnitude",)
        group, keep = scheme.group if scheme else 1, 2
        if self.name == "nm-serial":
            keep, group = read.whole("n", 1, 1 << 20, 2), read.whole("m", 1, 1 << 20, 4)
        found = Setting(
            bits,
            read.whole("group", 1, 1 << 30, group),
            read.choice("encoding", known, known[0]) if known else "twos-complement",
            read.whole("shift_bits", 0, MOST_BITS, 2),
            read.whole("other_bits", 1, MOST_BITS, bits),
            keep,
            read.choice("mask", ("bitmap", "index"), "bitmap") == "bitmap",
            read.whole("port", 0, 1 << 30, 0),
            read.whole("pruned", 0, MOST_BITS, 0),
            read.flag("trim", False),
            read.flag("once", False),
        )
        if self.name == "nm-serial" and found.group != group:
            read.complain(f"group of nm-serial is m, {group}, not {found.group}.", "group")
        for sentence in scheme.faults(found) if scheme else []:
            read.complain(sentence)
        return found

    def _frame(self) -> Frame:
        read = self.read
        queue = self.name == EIE
        return Frame(
            read.whole("side", 1, 1 << 20, 1),
            read.whole("run_ahead", 1 if queue else -1, 1 << 20, 8 if queue else 0),
            read.whole("fetch", 0, 1 << 30, 0),
            read.choice("balance", BALANCES, "none"),
            read.whole("overhead", 0, 1 << 20, 0),
        )

    def _refuse_what_is_not_read(self) -> None:
        """Cells that would change the work of another scheme."""
        owners = {
            "shift_bits": ("pragmatic",), "other": ("laconic", "loom", "sparten", EIE), "n": ("nm-serial",),
            "m": ("nm-serial",), "mask": ("nm-serial",), "port": ("nm-serial",), "pruned": ("bitvert", "bitwave"),
            "trim": ("shapeshifter", "loom"), "once": ("loom",), "wide_bits": ("stripes",), "wide_share": ("stripes",),
            "other_density": ("laconic", "sparten", EIE),
            "other_bits": ("laconic", "loom", "bitfusion", "sparten", EIE),
        }  # fmt: skip
        for column, names in owners.items():
            if self.read.text(column) not in ("", "-") and self.name not in names:
                self.read.complain(f"{column} is one of {', '.join(names)}, not of {self.name}.", column)
        if self.name in (EIE, "sparten") and (self.frame.fetch or self.frame.overhead):
            self.read.complain(f"fetch and overhead are none of {self.name}.")
        if self.read.text("tensor"):
            for column in ("distribution", "seed", "rows", "cols", "density", "clip"):
                if self.read.text(column) and not (column == "seed" and self.wide[1]):
                    self.read.complain(f"{column} is of a tensor that is drawn, and one is given.", column)

    def operands(self) -> Operands | None:
        """The tensors; None, with sentences, where they are not sound."""
        read, setting = self.read, self.setting
        given = bool(read.text("tensor"))
        values = self._given("tensor", setting.bits) if given else self._drawn()
        if values is None or read.errors:
            return None
        if values.shape[1] % setting.group:
            read.complain(
                f"group: groups of {setting.group} do not divide a row of {values.shape[1]} elements.",
                "group",
            )
        must = self.name == EIE or (self.scheme and self.scheme.both == "must")
        other = self._other(values) if must or read.text("other") else None
        if read.errors:
            return None
        if self.name == "nm-serial" and given:
            most = int((values.reshape(-1, setting.group) != 0).sum(axis=1).max())
            if most > setting.keep:
                told = f"{setting.keep}:{setting.group} keeps {setting.keep}"
                read.complain(
                    f"A group of the tensor has {most} values that are not zero, and {told}.", "tensor"
                )
        alone = (
            self.frame == Frame() and not read.text("seed") and not read.text("other") and not self.wide[1]
        )
        return Operands(values, other, not given and alone and self.density == self.other_density == 1.0)

    @property
    def signed(self) -> bool:
        """Whether numbers that are drawn are two's complement ones."""
        return self.setting.encoding != "sign-magnitude"

    def _given(self, column: str, bits: int) -> npt.NDArray[Any] | None:
        array = tensor(self.read, column, "iu")
        if array is None:
            return None
        if why := fault(array, bits):
            self.read.complain(f"{self.read.text(column)}: {why}.", column)
        return array.reshape(-1, array.shape[-1]) if array.ndim else array[None, None]

    def _drawn(self) -> npt.NDArray[Any]:
        read, group = self.read, self.setting.group
        columns = read.whole("cols", 1, 1 << 30, group * max(1, 1024 // group))
        rows = read.whole("rows", 1, 1 << 30, max(1, (1 << 20) // columns))
        if rows * columns > MOST_DRAWN:
            read.complain(
                f"A tensor that is drawn has {MOST_DRAWN} elements at most, not {rows * columns}.", "rows"
            )
        if read.errors:
            return np.zeros((1, 1), dtype=np.int64)
        return self._draw((rows, columns), self.setting.bits, self.seed, self.density)

    def _draw(self, shape: tuple[int, int], bits: int, seed: int, density: float) -> npt.NDArray[Any]:
        values = draw(self.distribution, shape, bits, seed, self.signed, self.clip)
        if density < 1.0:
            values[np.random.default_rng((seed, 1)).random(shape) >= density] = 0
        return values

    def _other(self, values: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
        shape = (1, values.shape[1]) if self.name == EIE else (values.shape[0], values.shape[1])
        if not self.read.text("other"):
            return self._draw(shape, self.setting.other_bits, self.seed + 1, self.other_density)
        other = self._given("other", self.setting.other_bits)
        if other is not None and other.shape not in (shape, (1, values.shape[1])):
            here, wanted = ("x".join(map(str, each)) for each in (other.shape, shape))
            self.read.complain(f"other is {here}, and the tensor is {wanted}.", "other")
            return None
        return None if other is None else np.broadcast_to(other, shape)
