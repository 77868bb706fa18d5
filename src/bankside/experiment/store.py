"""The store of a sweep: one CSV file that survives being killed at any byte.

While a sweep runs, finished rows are appended in the order they finish, each with one write that reaches
the disk. When all are there, the file is replaced in one step by the same rows in the order of the points.
So the finished file does not depend on how often the sweep was killed or on the number of workers, and it
can be read at any time. One file is enough: a journal beside it or a database would have to be kept in step
with it.
"""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

from bankside.arch.spec import ConfigError
from bankside.files import named, write_atomically

KEY: Final = "key"


def csv_line(cells: Sequence[str]) -> str:
    """One line of CSV; line breaks inside a cell become blanks, so that a row is always one line."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([" ".join(cell.splitlines()) for cell in cells])
    return out.getvalue()


class Store:
    """Rows by key in one CSV file; a context manager, which holds the file against other sweeps.

    Parameters
    ----------
    path
        The file; made when there is none.
    header
        Its columns, of which one is `key`.
    points
        Every point in order: its key, and the columns that say which point it is.
    """

    def __init__(self, path: Path, header: Sequence[str], points: Mapping[str, Mapping[str, str]]) -> None:
        self.path = path
        self.header = list(header)
        self.points = points
        self.rows: dict[str, list[str]] = {}
        self._file: BinaryIO | None = None

    def __enter__(self) -> "Store":
        """Take up what is there.

        Raises
        ------
        ConfigError
            When the file holds something else or rows of other points, or another sweep writes it now.
        """
        if self.path.exists() and not self.path.is_file():
            raise ConfigError([f"{self.path}: a store is an ordinary file, which this is not."])
        file = self.path.open("ab+")
        try:
            _lock(file, self.path)
            file.seek(0)
            data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            first = csv_line(self.header)
            if whole:
                self._adopt(whole)
            elif not first.encode().startswith(data):
                raise ConfigError([f"{self.path}: this is not the store of a sweep; name another file."])
            file.truncate(len(whole))
        except BaseException:
            file.close()
            raise
        self._file = file
        if not whole:
            self._append(first)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, key: str, row: Mapping[str, str]) -> None:
        """Append the row of a finished point; on return it is on the disk."""
        full = {**row, **self.points[key], KEY: key}
        self.rows[key] = [full.get(name, "") for name in self.header]
        self._append(csv_line(self.rows[key]))

    def finish(self) -> None:
        """Put the rows in the order of the points, in one step; rows of older code or machines go."""
        text = csv_line(self.header) + "".join(csv_line(self.rows[key]) for key in self.points)
        if self.path.read_bytes() != text.encode():
            write_atomically(self.path, text)

    def count(self, column: str, value: str) -> int:
        """Rows that hold `value` in `column`."""
        at = self.header.index(column)
        return sum(row[at] == value for row in self.rows.values())

    def _append(self, line: str) -> None:
        assert self._file is not None
        with named(self.path):
            self._file.write(line.encode())
            self._file.flush()
            os.fsync(self._file.fileno())

    def _adopt(self, whole: bytes) -> None:
        """Keep the sound rows of our points; damaged ones and those of older code are simulated again.

        A byte-order mark and other line ends, which spreadsheets write, make no difference.
        """
        lines = whole.decode("utf-8-sig", errors="replace").splitlines(keepends=True)
        if _cells(lines[0]) != self.header:
            raise ConfigError([f"{self.path}:1: its columns are not those of this sweep; name another file."])
        ours = {tuple(point.get(name, "") for name in self._naming()) for point in self.points.values()}
        places = [self.header.index(name) for name in self._naming()]
        strangers = 0
        for line in lines[1:]:
            cells = _cells(line)
            if len(cells) != len(self.header) or "\N{REPLACEMENT CHARACTER}" in line:
                continue
            if (key := cells[self.header.index(KEY)]) in self.points:
                self.rows.setdefault(key, cells)
            elif tuple(cells[place] for place in places) not in ours:
                strangers += 1
        if strangers:
            sentence = (
                f"it holds {strangers} rows of points that this sweep does not have; name another file."
            )
            raise ConfigError([f"{self.path}: {sentence}"])

    def _naming(self) -> list[str]:
        """Columns that say which point a row is of."""
        return list(dict.fromkeys(name for point in self.points.values() for name in point))


def _cells(line: str) -> list[str]:
    """The cells of a line; none where it is no CSV."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


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
