"""Reading a Hugging Face config.json: every problem of a file is found, then all are told at once."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from bankside.arch.spec import ConfigError
from bankside.arch.spec.files import read_file

MAX_FILE_BYTES: Final = 1 << 20
MAX_DIMENSION: Final = 1 << 31  # no dimension of a model comes near it
MAX_LAYERS: Final = 10_000  # layers are walked one by one


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in `path`.

    Raises
    ------
    ConfigError
        The file cannot be read, is larger than 1 MiB, is not JSON, names a key twice, or is not an object.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}."]) from None
    if len(raw) > MAX_FILE_BYTES:
        raise ConfigError([f"{path}: is larger than 1 MiB, which no config.json is."])
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        where = f"{path}:{error.lineno}:{error.colno}"
        raise ConfigError([f"{where}: is not valid JSON: {error.msg}."]) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}:{line}: is not UTF-8 text: byte {error.start} is invalid."]) from None
    except RecursionError:
        raise ConfigError([f"{path}: is nested too deeply."]) from None
    except ValueError as error:
        raise ConfigError([f"{path}: is not a valid config.json: {error}."]) from None
    if not isinstance(data, dict):
        raise ConfigError([f"{path}: holds a JSON {type(data).__name__}, not an object of keys."])
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"the key {', '.join(map(repr, twice))} stands twice in one object")
    return keys


class Reader:
    """Typed access to the keys of one config.json.

    Each getter returns a harmless value where a key is missing or wrong and remembers the sentence;
    `check` raises all of them together.

    Parameters
    ----------
    data
        The parsed file.
    origin
        Its path, for messages.
    """

    def __init__(self, data: dict[str, Any], origin: str) -> None:
        self.data = data
        self.origin = origin
        self.errors: list[str] = []
        self._failed: set[str] = set()

    def integer(
        self, key: str, default: int | None = None, minimum: int = 1, maximum: int = MAX_DIMENSION
    ) -> int:
        """A whole number in a range; without `default` the key is needed (null counts as absent)."""
        value = self.data.get(key)
        if value is None:
            if default is None:
                self.fail(key, "is needed and missing" if key not in self.data else "is null, but needed")
            return minimum if default is None else default
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(key, f"is {value!r}, not a whole number")
        elif not minimum <= value <= maximum:
            self.fail(key, f"is {value}, not a whole number from {minimum} to {maximum}")
        else:
            return value
        return minimum

    def boolean(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(key, f"is {value!r}, not true or false")
            return default
        return value

    def choice(self, key: str, choices: dict[str, str], default: str | None = None) -> str:
        """What `choices` maps the key's text to; without `default` the key is needed."""
        value = self.data.get(key, default)
        if value is None:
            self.fail(key, "is needed and missing")
        elif not isinstance(value, str) or value not in choices:
            self.fail(key, f"is {value!r}; known are {', '.join(choices)}")
        else:
            return choices[value]
        return next(iter(choices.values()))

    def divides(self, divisor_key: str, divisor: int, key: str, value: int) -> None:
        """Remember a problem where one key's value does not divide another's, if both were fine alone."""
        if value % divisor and not self._failed & {divisor_key, key}:
            self.fail(key, f"is {value}, which {divisor_key} = {divisor} does not divide")

    def at_most(self, key: str, value: int, limit_key: str, limit: int, things: str) -> None:
        """Remember a problem where one key's value exceeds another's, if both were fine alone."""
        if value > limit and not self._failed & {key, limit_key}:
            self.fail(key, f"is {value}, more than the {limit} {things} there are")

    def fail(self, key: str, problem: str) -> None:
        """Remember that `key` has a problem; told once where a key is read twice."""
        self._failed.add(key)
        line = f":{self._lines[key]}" if key in self._lines else ""
        sentence = f"{self.origin}{line}: {key} {problem}."
        if sentence not in self.errors:
            self.errors.append(sentence)

    @cached_property
    def _lines(self) -> dict[str, int]:
        """Line of each key; none where the file cannot be read as YAML, of which JSON is a part, or is gone."""
        try:
            tree = read_file(Path(self.origin), []).value
        except ConfigError:
            return {}
        return {key: node.place.line for key, node in tree.items()} if isinstance(tree, dict) else {}

    def check(self) -> None:
        """Raise a ConfigError with every remembered sentence, if there is one."""
        if self.errors:
            raise ConfigError(self.errors)
