"""Options of catalog kernels: their names, what they may be, and full sentences for what they may not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from bankside.arch.spec import ConfigError, names
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.formats import FORMATS, Format

if TYPE_CHECKING:
    from bankside.kernels.models import Model

INT64_END: Final = 2**63  # counters are int64


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a kernel.

    Parameters
    ----------
    name
        Its keyword ("kv_heads"); on the command line with hyphens.
    kind
        "int", "text", "choice", "format" (a name, or the path of a YAML file) or "model" (a shipped name or a path).
    help
        One line.
    default
        Used where the option is not given; None leaves it out.
    required
        Whether it must be given.
    minimum
        Least value of an "int".
    choices
        Values of a "choice".
    """

    name: str
    kind: Literal["int", "text", "choice", "format", "model"]
    help: str
    default: int | str | None = None
    required: bool = False
    minimum: int = 1
    choices: tuple[str, ...] = ()

    def parse(self, value: object) -> object:
        """The checked value: int, str, Format or Model.

        Raises
        ------
        ConfigError
            The value is of the wrong kind, out of range or unknown.
        """
        if self.kind == "int":
            return self._integer(value)
        if self.kind == "model":
            return self._model(value)
        if self.kind == "format":
            if isinstance(value, Format):
                return value
            return self._format(value)
        if self.kind == "choice":
            return self._one_of(value, self.choices)
        return str(value)

    def _integer(self, value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,40}", value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not self.minimum <= value < INT64_END:
            told = "huge" if isinstance(value, int) and value.bit_length() > 1000 else f"{value!r:.60}"
            problem = f"it must be a whole number from {self.minimum} to 2^63 - 1"
            raise ConfigError([f"Option {self.name} is {told}; {problem}."])
        return value

    def _model(self, value: object) -> "Model":
        from bankside.kernels.models import Model, load

        return value if isinstance(value, Model) else load(str(value))

    def _format(self, value: object) -> Format:
        if str(value) in FORMATS:
            return FORMATS[str(value)]
        from bankside.kernels.formats.own import find

        try:
            return find(str(value))
        except ConfigError as error:
            raise ConfigError([f"Option {self.name}: {sentence}" for sentence in error.errors]) from None

    def _one_of(self, value: object, choices: tuple[str, ...]) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ConfigError(
                [f"Option {self.name} is {value!r:.60}; it must be one of {', '.join(choices)}."]
            )
        return value


class Values:
    """Checked options of one call, by name.

    Parameters
    ----------
    values
        What `parse` returned, and defaults; an option that was not given is absent.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self.errors: list[str] = []

    def has(self, name: str) -> bool:
        """Whether the option was given or has a default."""
        return name in self._values

    def integer(self, name: str) -> int:
        """A needed whole number; 1 stands in, and a sentence is remembered, where it is missing."""
        if name not in self._values:
            self.errors.append(f"Option {name} is needed here.")
        return int(self._values.get(name, 1))

    def text(self, name: str) -> str:
        """A needed text."""
        if name not in self._values:
            self.errors.append(f"Option {name} is needed here.")
        return str(self._values.get(name, ""))

    @property
    def model(self) -> "Model | None":
        """The model, where one was given."""
        model: Model | None = self._values.get("model")
        return model

    def refuse(self, *names: str, because: str) -> None:
        """Remember a sentence for each of `names` that was given."""
        self.errors += [f"Option {name} cannot be given {because}." for name in names if name in self._values]

    def format(self, name: str, default: Format) -> Format:
        """A number format."""
        value = self._values.get(name, default)
        if isinstance(value, Format) and value.encoding and name != WEIGHTS_FORMAT.name:
            self.errors.append(
                f"Option {name}: {value.name} encodes weights; give it as {WEIGHTS_FORMAT.name}."
            )
        return value if isinstance(value, Format) else default

    def precision(self) -> Precision:
        """Formats of the operand classes: `format` for all that is not given apart, else the model's."""
        model, told = self.model, self.has("format")
        base = self.format("format", model.format if model else FORMATS["bf16"])
        weights = self.format("weights_format", base)
        if model is None or told:
            return Precision(base, weights, self.format("kv_format", base))
        from bankside.kernels.models.storage import format_of

        kv = self.format("kv_format", base) if self.has("kv_format") else format_of(model, model.stored.kv)
        notes = (model.format_note,) if model.format_note else ()
        if self.has("weights_format") or not model.stored.method:
            return Precision(base, weights, kv, notes)
        stored = model.stored.weights or base.name
        return Precision(base, weights, kv, notes, (model.weight_note,), stored)

    def check(self) -> None:
        """Raise every remembered sentence at once, if there is one."""
        if self.errors:
            raise ConfigError(self.errors)


def parse(kernel: str, options: tuple[Option, ...], given: Mapping[str, object]) -> Values:
    """Check `given` against `options`; None counts as not given.

    Raises
    ------
    ConfigError
        Every unknown, missing or wrong option, one sentence each.
    """
    known = {option.name: option for option in options}
    errors: list[str] = []
    values: dict[str, object] = {}
    for name, value in given.items():
        if name not in known:
            errors.append(f"Kernel {kernel} has no option {name!r}; it has {', '.join(known)}.")
        elif value is not None:
            try:
                values[name] = known[name].parse(value)
            except ConfigError as error:
                errors += error.errors
    for option in options:
        if given.get(option.name) is not None:
            continue
        if option.required:
            errors.append(f"Kernel {kernel} needs the option {option.name}: {option.help}.")
        elif option.default is not None:
            values[option.name] = option.parse(option.default)
    if errors:
        raise ConfigError(errors)
    return Values(values)


FORMAT = Option(
    "format", "format", "number format of all operands; the model's own if there is one, else bf16"
)
ROWS_FORMAT = Option("format", "format", "number format of rows and sums; fp32 unless told")
WEIGHTS_FORMAT = Option("weights_format", "format", "number format of the weights, where it differs")
KV_FORMAT = Option("kv_format", "format", "number format of keys and values, where it differs")
BATCH = Option("batch", "int", "sequences", default=1)
CONTEXT = Option("context", "int", "tokens of each sequence, the new ones included", required=True)


def model_option(required: bool) -> Option:
    """The model, with the shipped names in its help."""
    return Option(
        "model", "model", f"{', '.join(names('models'))}, or the path of a config.json", required=required
    )
