"""Request traces of Ramulator 2.1 and DRAMsim3: lines in, DRAM coordinates out, every bad line told at once."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.address_batch import decode_bursts
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError
from bankside.trace.trace import Trace
from bankside.trace.trace_grammar import GRAMMARS, SHOWN, Grammar, fault, guess, levels
from bankside.trace.trace_lines import read_lines
from bankside.trace.trace_text import BLANKS, Ints, pieces

AUTO: Final = "auto"
TOLD: Final = 20
"""Bad lines that are told; the others are counted."""

ORDER: Final = ("row", "rank", "bank", "column", "bank_group", "pseudo_channel", "channel")
_SHORT: Final = {
    "ch": "channel",
    "ra": "rank",
    "bg": "bank_group",
    "ba": "bank",
    "ro": "row",
    "co": "column",
}


def field_order(text: str) -> tuple[str, ...]:
    """An address field order: names with commas, most significant first, or DRAMsim3's `rochrababgco`."""
    word = text.strip().lower()
    pairs = [word[i : i + 2] for i in range(0, len(word), 2)]
    if len(pairs) == len(_SHORT) and set(pairs) == set(_SHORT):
        return tuple(_SHORT[pair] for pair in pairs)
    return tuple(name.strip() for name in word.split(","))


def read_trace(
    path: Path, standard: Standard, form: str = AUTO, order: Sequence[str] = ORDER, wrap: bool = False
) -> Iterator[Trace]:
    """The requests of a trace on a device, piece by piece; none of one with a bad line, nor of those after it.

    Parameters
    ----------
    path : Path
    standard : Standard
    form : str
        Name of a grammar, or `auto` for what the first line looks like.
    order : sequence of str
        Fields of a byte address, most significant first; the lowest bits, within a burst, are dropped.
    wrap : bool
        Whether addresses beyond the device are taken modulo its capacity, as both tools do.

    Raises
    ------
    ConfigError
        What is wrong with the order of fields, or with the file: the first bad lines, and how many there are.
    """
    reader = _Reader(path, standard, compile_address(standard, order), wrap)
    for first, piece in pieces(path):
        if reader.grammar is None:
            reader.choose(first, piece, form)
        if reader.grammar is not None:
            yield from reader.read(first, piece)
    reader.check()


class _Reader:
    """Reads piece after piece; keeps the coordinates, and sentences about bad lines."""

    def __init__(self, path: Path, standard: Standard, address: Any, wrap: bool) -> None:
        self.path, self.standard, self.address, self.wrap = path, standard, address, wrap
        self.grammar: Grammar | None = None
        self.names: tuple[str, ...] = ()
        self.bad: list[tuple[int, str]] = []
        self.bad_lines = 0

    def choose(self, first: int, piece: bytes, form: str) -> None:
        """Settle the grammar by the first line that says anything."""
        for number, raw in enumerate(piece.split(b"\n"), start=first):
            line = raw.decode("utf-8", "replace").strip(BLANKS)
            if line and not line.startswith("#"):
                self._settle(number, line, form)
                return

    def _settle(self, number: int, line: str, form: str) -> None:
        found = guess(line) if form == AUTO else GRAMMARS[form]
        if found is None:
            raise ConfigError(
                f"{self.path}:{number}: this is no trace of a known form ({', '.join(GRAMMARS)}): "
                f"{line[:SHOWN]!r}."
            )
        self.grammar = found
        count = len(re.split(f"[{BLANKS},]+", line.strip(f"{BLANKS},"))) - 1 if found.vector else 0
        self.names = levels(self.standard, count)

    def read(self, first: int, piece: bytes) -> Iterator[Trace]:
        """The requests of a piece, if all lines so far are sound and it has any."""
        grammar = self.grammar
        assert grammar is not None
        lines = read_lines(piece, grammar, len(self.names))
        self._unreadable(first, piece, lines.unread)
        number = first + lines.number
        place = self._vectors if grammar.vector else self._addresses
        channel, bank, row, column = place(number, lines.found)
        if len(lines.op) and not self.bad_lines:
            yield Trace(grammar.name, lines.op, channel, bank, row, column, lines.time)

    def _unreadable(self, first: int, piece: bytes, numbers_: Ints) -> None:
        self.bad_lines += len(numbers_)
        if len(numbers_) and len(self.bad) < TOLD:
            text = piece.split(b"\n")
            assert self.grammar is not None
            for number in numbers_[:TOLD].tolist():
                line = text[number].decode("utf-8", "replace")
                self.bad.append((first + number, fault(self.grammar, line, self.names)))

    def _outside(self, number: Ints, sentences: Sequence[str]) -> None:
        self.bad_lines += len(number)
        self.bad += zip(number.tolist(), sentences, strict=False)

    def _addresses(self, number: Ints, address: Ints) -> Ints:
        """Coordinates of byte addresses, of shape (1, n)."""
        device = self.standard
        burst = address[0] // device.burst_bytes
        bursts = device.channels * int(self.address[0]["bursts"])
        beyond = np.flatnonzero(burst >= bursts)
        if self.wrap:
            burst %= bursts
        elif len(beyond):
            capacity = bursts * device.burst_bytes
            self._outside(
                number[beyond],
                [
                    f"the address {int(address[0, i]):#x} lies beyond the device's {capacity:#x} bytes "
                    f"(--wrap takes addresses modulo its capacity)."
                    for i in beyond[:TOLD]
                ],
            )
        return decode_bursts(self.address, burst)

    def _vectors(self, number: Ints, vector: Ints) -> Ints:
        """Coordinates of address vectors."""
        device = self.standard
        limits = {
            "channel": device.channels,
            "pseudo_channel": device.pseudo_channels,
            "rank": device.ranks,
            "bank_group": device.bank_groups,
            "bank": device.banks_per_group,
            "row": device.rows,
            "column": device.columns,
        }
        of = {name: np.zeros(vector.shape[1], np.int64) for name in limits}
        of |= dict(zip(self.names, vector, strict=True))
        for name, limit in limits.items():
            wrong = np.flatnonzero(of[name] >= limit)
            self._outside(
                number[wrong],
                [f"{name} is {of[name][i]}; the device has 0 to {limit - 1}." for i in wrong[:TOLD]],
            )
        bank = of["pseudo_channel"]
        for name in ("rank", "bank_group", "bank"):
            bank = bank * limits[name] + of[name]
        return np.array([of["channel"], bank, of["row"], of["column"]])

    def check(self) -> None:
        """Tell what was wrong, once all is read.

        Raises
        ------
        ConfigError
            When any line was bad, or there is no request.
        """
        if self.bad_lines:
            told = sorted(self.bad)[:TOLD]
            sentences = [f"{self.path}:{number}: {sentence}" for number, sentence in told]
            more = self.bad_lines - len(told)
            if more > 0:
                sentences.append(
                    f"{self.path}: {more:,} more {'fault' if more == 1 else 'faults'} of this kind."
                )
            raise ConfigError(sentences)
        if self.grammar is None:
            raise ConfigError(f"{self.path}: the file holds no request.")
