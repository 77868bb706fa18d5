"""Texts and CSV files of the user, read with the numbers of their lines, or refused in a sentence."""

import csv
import io
from pathlib import Path

from bankside.arch.spec import ConfigError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without a byte-order mark and with any kind of line ends as \\n.

    Raises
    ------
    ConfigError
        When it cannot be read or is not UTF-8, then with the line.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: the file cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: the file is not UTF-8 text.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_csv(path: Path, separators: str = ",") -> list[tuple[int, list[str]]]:
    """The lines of a CSV file that are not empty: the number of each, from 1, and its cells without blanks around.

    Of several separators the first one that the file holds is meant.

    Raises
    ------
    ConfigError
        When it is not UTF-8 or not CSV.
    """
    text = read_text(path)
    separator = next((mark for mark in separators if mark in text), separators[0])
    reader = csv.reader(io.StringIO(text), strict=True, delimiter=separator)
    lines: list[tuple[int, list[str]]] = []
    at = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            lines += [(at, stripped)] if any(stripped) else []
            at = reader.line_num + 1  # a quoted cell may hold line breaks
    except csv.Error as error:
        raise ConfigError([f"{path}:{at}: this is not CSV: {error}."]) from None
    return lines
