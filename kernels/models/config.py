"""The text of a config.json: a JSON object of keys, and the line on which each stands."""

import json
import re
from pathlib import Path
from typing import Any, Final

from bankside.arch.spec import ConfigError

MAX_FILE_BYTES: Final = 8 << 20  # lists of quantised modules, name by name, make files of megabytes

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?|[\[\]{}]|\n')


def read_json(path: Path) -> tuple[dict[str, Any], str]:
    """The JSON object in `path`, and its text.

    Raises
    ------
    ConfigError
        The file cannot be read, is larger than 8 MiB, is not JSON, names a key twice, or is not an object.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}."]) from None
    if len(raw) > MAX_FILE_BYTES:
        raise ConfigError([f"{path}: is larger than 8 MiB, which no config.json is."])
    try:
        text = raw.decode("utf-8-sig")
        data = json.loads(text, object_pairs_hook=_unique)
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
    return data, text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        seen: set[str] = set()
        twice = sorted({f"{name!r:.60}" for name, _ in pairs if name in seen or seen.add(name)})  # type: ignore[func-returns-value]
        raise ValueError(f"the key {', '.join(twice)} stands twice in one object")
    return keys


def key_lines(text: str, inside: str = "") -> dict[str, int]:
    """The line of each key of the outermost object, or of the object under its key `inside`, of JSON `text`."""
    lines: dict[str, int] = {}
    depth, line, wanted, entered = 0, 1, 2 if inside else 1, not inside
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found == "\n":
            line += 1
        elif found in "{[":
            depth += 1
        elif found in "}]":
            depth -= 1
        elif token[1] is not None:
            name = found[: len(found) - len(token[1])][1:-1]
            if inside and depth == 1:
                entered = name == inside
            elif entered and depth == wanted:
                lines[name] = line
            line += token[1].count("\n")
    return lines
