"""Cells of a case: text or numbers in, checked values out, one sentence for each cell that is wrong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from bankside.arch.spec import ConfigError
from bankside.arch.spec.errors import clip
from bankside.cases.places import Cell, Row

Case = Mapping[str, Any]
T = TypeVar("T")

TRUE, FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0")


class Reader:
    """Reads the cells of one case and collects what is wrong with them.

    Parameters
    ----------
    case : mapping of str to text or number
        One row; a missing column and an empty cell are the same. Sentences begin with the place of the cell, or of
        the row, where they have one.
    errors : list of str
        Sentences are appended here.
    """

    def __init__(self, case: Case, errors: list[str]) -> None:
        self.case, self.errors = case, errors
        self.place = case.place if isinstance(case, Row) else ""

    def text(self, name: str, default: str = "") -> str:
        """The cell as stripped text."""
        value = self.case.get(name)
        return default if value is None or str(value).strip() == "" else str(value).strip()

    def complain(self, sentence: str, name: str = "") -> None:
        """Note a sentence about this case, or about its cell `name`."""
        cell = self.case.get(name)
        self.errors.append((cell.place if isinstance(cell, Cell) else self.place) + sentence)

    def choice(self, name: str, known: Sequence[str], default: str = "") -> str:
        """One of the known words, the first of them when the cell is wrong."""
        word = self.text(name, default).lower()
        if word in known:
            return word
        shown = f"not {clip(word)!r}" if word else "and it is missing"
        self.complain(f"{name} must be one of {', '.join(known)}, {shown}.", name)
        return known[0]

    def flag(self, name: str, default: bool) -> bool:
        """True or false in any of their usual spellings."""
        word = self.text(name, str(default)).lower()
        if word in TRUE or word in FALSE:
            return word in TRUE
        self.complain(f"{name} must be on or off (or true or false), not {clip(word)!r}.", name)
        return default

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number in [low, high]; `low` when the cell is wrong."""
        word = self.text(name, "" if default is None else str(default))
        if word == "":
            self.complain(f"{name} is missing.", name)
            return low
        try:
            value = int(word)
        except ValueError:
            self.complain(f"{name} must be a whole number, not {clip(word)!r}.", name)
            return low
        if not low <= value <= high:
            self.complain(f"{name} must be between {low} and {high}, not {clip(word)}.", name)
            return low
        return value

    def real(self, name: str, low: float, high: float, default: float) -> float:
        """A number in [low, high]; `default` when the cell is empty or wrong."""
        word = self.text(name)
        if word == "":
            return default
        try:
            value = float(word)
        except ValueError:
            self.complain(f"{name} must be a number, not {clip(word)!r}.", name)
            return default
        if not low <= value <= high:
            self.complain(f"{name} must be between {low:g} and {high:g}, not {clip(word)}.", name)
            return default
        return value


def readers(rows: Sequence[Case], errors: list[str]) -> list[Reader]:
    """A reader per case; of several that come from no file, sentences name the row."""
    if len(rows) == 1:
        return [Reader(rows[0], errors)]
    placed = (row if isinstance(row, Row) else Row(row, f"Row {i}: ") for i, row in enumerate(rows, start=1))
    return [Reader(row, errors) for row in placed]


def refuse(errors: list[str]) -> None:
    """Raise all sentences at once, each once, if there are any."""
    if errors:
        raise ConfigError(list(dict.fromkeys(errors)))


def read_all(rows: Sequence[Case], read: Callable[[Reader], T]) -> list[T]:
    """What `read` makes of each case, in order.

    Raises
    ------
    ConfigError
        One sentence for each cell of any row that is wrong.
    """
    errors: list[str] = []
    found = [read(reader) for reader in readers(rows, errors)]
    refuse(errors)
    return found


def of_one(run_cases: Callable[[Sequence[Case]], list[dict[str, Any]]]) -> Callable[[Case], dict[str, Any]]:
    """A function of one case that gives its result columns, out of one of many."""

    def run_case(case: Case) -> dict[str, Any]:
        return run_cases([case])[0]

    return run_case
