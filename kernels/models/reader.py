"""Typed access to a config.json: every problem of a file is found, then all are told at once."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from bankside.arch.spec import ConfigError
from bankside.kernels.models.config import key_lines
from bankside.kernels.models.keys import IGNORED, SWITCHES

MAX_DIMENSION: Final = 1 << 31  # no dimension of a model comes near it
MAX_LAYERS: Final = 10_000  # layers are walked one by one


class Reader:
    """The keys of one object of one config.json.

    Each getter returns a harmless value where a key is missing or wrong and remembers the sentence;
    `check` raises all of them together. What no getter asked for is found by `leftover`.

    Parameters
    ----------
    data
        The object.
    origin
        The file's path, for messages.
    text
        The file's text, for lines.
    inside
        The key that holds the object, "" for the outermost.
    """

    def __init__(self, data: Mapping[str, Any], origin: str, text: str = "", inside: str = "") -> None:
        self.data = dict(data)
        self.origin = origin
        self.errors: list[str] = []
        self._text = text
        self._inside = inside
        self._failed: set[str] = set()
        self._read: set[str] = set()

    def raw(self, key: str) -> Any:
        """Whatever stands there, None where nothing does."""
        self._read.add(key)
        return self.data.get(key)

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self.raw(key) is not None

    def assume(self, **defaults: Any) -> None:
        """What the library's class takes where a file says nothing."""
        for key, value in defaults.items():
            if self.data.get(key) is None:
                self.data[key] = value

    def skip(self, *keys: str) -> None:
        """Keys that do not matter in this family."""
        self._read.update(keys)

    def integer(
        self, key: str, default: int | None = None, minimum: int = 1, maximum: int = MAX_DIMENSION
    ) -> int:
        """A whole number in a range; without `default` the key is needed (null counts as absent)."""
        value = self.raw(key)
        if value is None:
            if default is None:
                self.fail(key, "is needed and missing" if key not in self.data else "is null, but needed")
            return minimum if default is None else default
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(key, f"is {told(value)}, not a whole number")
        elif not minimum <= value <= maximum:
            self.fail(key, f"is {told(value)}, not a whole number from {minimum} to {maximum}")
        else:
            return value
        return minimum

    def named(self, *keys: str) -> str:
        """The first of several names of one thing that is there, or the first of all."""
        present = [key for key in keys if self.has(key)]
        return present[0] if present else keys[0]

    def layers(self, key: str = "num_hidden_layers") -> int:
        """How many layers there are."""
        return self.integer(key, maximum=MAX_LAYERS)

    def number(self, key: str, default: float) -> float:
        """A finite number of at least 0."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_DIMENSION:
            self.fail(key, f"is {told(value)}, not a number from 0 to {MAX_DIMENSION}")
            return default
        return float(value)

    def boolean(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(key, f"is {told(value)}, not true or false")
            return default
        return value

    def choice(self, key: str, choices: Mapping[str, str], default: str | None = None) -> str:
        """What `choices` maps the key's text to; without `default` the key is needed."""
        value = self.raw(key)
        value = default if value is None else value
        if value is None:
            self.fail(key, "is needed and missing")
        elif not isinstance(value, str) or value not in choices:
            self.fail(key, f"is {told(value)}; known are {', '.join(choices)}")
        else:
            return choices[value]
        return next(iter(choices.values()))

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; empty where there is none."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(type(each) is int for each in value):
            self.fail(key, f"is {told(value)}, not a list of whole numbers")
            return ()
        return tuple(value)

    def per_layer(self, key: str, layers: int, choices: Mapping[Any, str]) -> tuple[str, ...] | None:
        """A kind for each layer, or None where the key is absent.

        What stands beyond the last layer, for layers of multi-token prediction, is left out.
        """
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, list):
            self.fail(key, f"is {told(value)}, not a list of one entry a layer")
        elif len(value) < layers:
            self.fail(key, f"has {len(value)} entries, fewer than the {layers} layers there are")
        elif strange := [each for each in value if not _hashable(each) or each not in choices]:
            self.fail(key, f"holds {told(strange[0])}; known are {', '.join(map(str, choices))}")
        else:
            return tuple(choices[each] for each in value[:layers])
        return (next(iter(choices.values())),) * layers

    def mapping(self, key: str) -> dict[str, Any]:
        """An object; empty where there is none."""
        value = self.raw(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail(key, f"is {told(value)}, not an object of keys")
            return {}
        return value

    def inner(self, key: str) -> "Reader":
        """The object under `key`, as a reader whose sentences come out of this one."""
        inner = Reader(self.mapping(key), self.origin, self._text, key)
        inner.errors = self.errors
        return inner

    def refuse(self, key: str, why: str, *harmless: object) -> None:
        """Remember a problem where a key holds something else than nothing, false, 0 or one of `harmless`."""
        value = self.raw(key)
        if value and value not in harmless:
            self.fail(key, f"is {told(value)}, {why}")

    def agrees(self, key: str, value: int, source: str) -> None:
        """Remember a problem where a key says something else than `source`, another key or the family, leaves to
        it."""
        wrong = self.has(key) and self.integer(key, default=value, minimum=0) != value
        if wrong and not self._failed & {key, source}:
            self.fail(key, f"is {told(self.data[key])}, but {source} makes it {value}")

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
        self._read.add(key)
        line = f":{self._lines[key]}" if key in self._lines else ""
        name = f"{self._inside}.{key}" if self._inside else key
        sentence = f"{self.origin}{line}: {name} {problem}."
        if sentence not in self.errors:
            self.errors.append(sentence)

    def leftover(self) -> None:
        """Remember a problem for each key that nothing asked for and that may change the work."""
        for key, value in self.data.items():
            if key in self._read or key in IGNORED or value is None or (key in SWITCHES and not value):
                continue
            self.fail(
                key, f"is {told(value)}, which is not understood for this model and may change its work"
            )

    @cached_property
    def _lines(self) -> dict[str, int]:
        return key_lines(self._text, self._inside)

    def check(self) -> None:
        """Raise a ConfigError with every remembered sentence, if there is one."""
        if self.errors:
            raise ConfigError(self.errors)


def told(value: object) -> str:
    """A value for a sentence, cut where it is long."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "a huge whole number"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _hashable(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
