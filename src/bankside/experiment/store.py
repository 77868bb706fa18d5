"""The store of a sweep: one CSV file that survives being killed at any byte.

While a sweep runs, finished rows are appended in the order they finish, each with one write, and several times
a second they reach the disk. When all are there, the file is replaced in one step by the same rows in the order
of the points. So the finished file does not depend on how often the sweep was killed or on the number of workers,
and it can be read at any time. One file is enough: a journal beside it or a database would have to be kept in step
with it.
"""

import contextlib
import csv
import io
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple

from bankside.arch.spec import ConfigError
from bankside.files import named, remove_leftovers, write_atomically

KEY: Final = "key"

ON_DISK_S: Final = 0.25
"""After so long, what was written since reaches the disk with the next row [s]: waiting for it takes as long as some
points."""


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV; line breaks inside a cell become blanks, so that a row is always one line."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(map(_one_line, cells))
    return out.getvalue()


class Place(NamedTuple):
    """Where a row stands in the file [byte]."""

    start: int
    size: int


class Store:
    """Rows by key in one CSV file; a context manager, which holds the file against other sweeps.

    Parameters
    ----------
    path
        The file; made when there is none.
    header
        Its columns, of which one is `key`.
    axes
        Cells of the columns that say which point a row is of: each of their combinations is a point.
    """

    def __init__(self, path: Path, header: Sequence[str], axes: Mapping[str, Collection[str]]) -> None:
        self.path = path
        self.header = list(header)
        self.axes = {self.header.index(name): set(map(_one_line, cells)) for name, cells in axes.items()}
        self.rows: dict[str, Place] = {}
        self._file: BinaryIO | None = None
        self._on_disk_s = 0.0

    def __enter__(self) -> "Store":
        """Take up what is there.

        Raises
        ------
        ConfigError
            When the file holds something else or rows of other points, or another sweep writes it now.
        """
        if self.path.exists() and not self.path.is_file():
            raise ConfigError([f"{self.path}: a store is an ordinary file, which this is not."])
        self._file = _held(self.path)
        try:
            remove_leftovers(self.path)
            size = self._adopted()
            self._file.truncate(size)
            if not size:
                self._append(csv_line(self.header))
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, all of which is on the disk then."""
        with named(self.path), self._open:
            os.fsync(self._open.fileno())

    def add(self, key: str, row: Mapping[str, str]) -> None:
        """Append the row of a finished point; on return the file has it, and on the disk is what the file had
        `ON_DISK_S` ago."""
        full = {**row, KEY: key}
        self.rows[key] = self._append(csv_line([full.get(name, "") for name in self.header]))

    def finish(self, keys: Iterable[str]) -> None:
        """Put the rows in the order of `keys`, in one step; rows of older code or files go."""
        self.rows = {key: self.rows[key] for key in keys}
        if not self._holds(self._lines()):
            write_atomically(self.path, self._lines())

    def count(self, column: str, value: str) -> int:
        """Rows that hold `value` in `column`."""
        at = self.header.index(column)
        return sum(self._row(key)[at] == value for key in self.rows)

    @property
    def _open(self) -> BinaryIO:
        assert self._file is not None, "a store is used inside its context"
        return self._file

    def _append(self, line: str) -> Place:
        data = line.encode()
        with named(self.path):
            start = self._open.seek(0, os.SEEK_END)
            self._open.write(data)
            self._open.flush()
            if monotonic() > self._on_disk_s + ON_DISK_S:
                os.fsync(self._open.fileno())
                self._on_disk_s = monotonic()
        return Place(start, len(data))

    def _row(self, key: str) -> list[str]:
        """The cells of a row, read from the file."""
        start, size = self.rows[key]
        self._open.seek(start)
        return _cells(self._open.read(size))

    def _lines(self) -> Iterator[str]:
        """The finished file, line by line."""
        return map(csv_line, chain([self.header], map(self._row, self.rows)))

    def _holds(self, lines: Iterable[str]) -> bool:
        """Whether the file is these lines already."""
        with self.path.open("rb") as file:
            return all(file.readline() == line.encode() for line in lines) and not file.read(1)

    def _adopted(self) -> int:
        """Keep the sound rows of our points; damaged ones and those of older code or files are simulated again.

        A byte-order mark and other line ends, which spreadsheets write, make no difference. Returns how many
        bytes of the file are whole lines.
        """
        self._open.seek(0)
        first = self._open.readline()
        if not first.endswith(b"\n"):
            if not csv_line(self.header).encode().startswith(first):
                raise ConfigError([f"{self.path}: this is not the store of a sweep; name another file."])
            return 0
        if _cells(first) != self.header:
            raise ConfigError([f"{self.path}:1: its columns are not those of this sweep; name another file."])
        start, strangers = len(first), 0
        for line in self._open:
            if not line.endswith(b"\n"):
                break
            cells = _cells(line)
            if len(cells) == len(self.header):
                if any(cells[place] not in ours for place, ours in self.axes.items()):
                    strangers += 1
                else:
                    self.rows.setdefault(cells[self.header.index(KEY)], Place(start, len(line)))
            start += len(line)
        if strangers:
            sentence = (
                f"it holds {strangers} rows of points that this sweep does not have; name another file."
            )
            raise ConfigError([f"{self.path}: {sentence}"])
        return start


def _one_line(cell: str) -> str:
    return " ".join(cell.splitlines())


def _cells(line: bytes) -> list[str]:
    """The cells of a line; none where it is no CSV or no text."""
    try:
        return next(csv.reader([line.decode("utf-8-sig")]), [])
    except (csv.Error, UnicodeDecodeError):
        return []


def _held(path: Path) -> BinaryIO:
    """The file, locked; opened once more where a sweep that ended meanwhile has put another in its place."""
    while True:
        file = path.open("ab+")
        try:
            _lock(file, path)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return file
        except BaseException:
            file.close()
            raise
        file.close()


def _lock(file: BinaryIO, path: Path) -> None:
    """Hold the file until it is closed or the process is gone; systems without such locks go without."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise ConfigError([f"{path}: another sweep is writing this file."]) from None
