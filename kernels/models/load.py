"""From a model's name or the path of a config.json to a `Model`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS, TORCH_DTYPES, Format
from bankside.kernels.models.bert import bert
from bankside.kernels.models.config import Reader, read_json
from bankside.kernels.models.deepseek import deepseek
from bankside.kernels.models.gpt2 import gpt2
from bankside.kernels.models.llama import VARIANTS, llama
from bankside.kernels.models.model import Model

FOLDER: Final = Path(__file__).resolve().parents[2] / "configs" / "models"

FAMILIES: Final[dict[str, Callable[[str, Reader, Format], Model]]] = {
    "gpt2": gpt2,
    "bert": bert,
    **dict.fromkeys(VARIANTS, llama),
    "deepseek_v2": deepseek,
    "deepseek_v3": deepseek,
}


def names() -> list[str]:
    """The models that ship."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def path_of(reference: str | Path) -> Path:
    """The config.json of a shipped model's name, of a file, or of a folder that holds one.

    Raises
    ------
    ConfigError
        There is no such model, file or folder.
    """
    shipped = FOLDER / f"{reference}.json"
    if str(reference) in names():
        return shipped
    path = Path(reference)
    try:
        path = path / "config.json" if path.is_dir() else path
        found = path.is_file()
    except (OSError, ValueError):  # a name too long, or with a zero byte
        found = False
    if not found:
        known = ", ".join(names())
        told = f"{str(reference)!r:.200}"
        raise ConfigError([f"Model {told} is neither a shipped one ({known}) nor the path of a config.json."])
    return path


def load(reference: str | Path) -> Model:
    """Read a model.

    Parameters
    ----------
    reference
        A shipped name ("llama-3-8b"), the path of a config.json, or of a folder that holds one.

    Raises
    ------
    ConfigError
        Every missing or wrong key of the file, one sentence each.
    """
    path = path_of(reference)
    data = read_json(path)
    reader = Reader(data, str(path))
    family = FAMILIES.get(model_type) if isinstance(model_type := data.get("model_type"), str) else None
    if family is None:
        problem = "is missing" if model_type is None else f"is {model_type!r}, which is not modelled"
        reader.fail("model_type", f"{problem}; known are {', '.join(sorted(FAMILIES))}")
        reader.check()
        raise AssertionError("unreachable")
    format, note = _format(reader)
    model = family(_name(path), reader, format)
    reader.check()
    return replace(model, format_note=note, weight_note=_quantised(data))


def _name(path: Path) -> str:
    return path.parent.name if path.stem == "config" and path.parent.name else path.stem


def _quantised(data: dict[str, Any]) -> str:
    """A note where the checkpoint stores its weights narrower than its torch_dtype says."""
    quantisation = data.get("quantization_config")
    if not isinstance(quantisation, dict):
        return ""
    method = quantisation.get("quant_method", "unknown")
    return (
        f"The published checkpoint stores quantised weights ({method}); torch_dtype is used unless a weight "
        "format is asked for."
    )


def _format(reader: Reader) -> tuple[Format, str]:
    """The stored weights' format; newer files of the library call the key dtype."""
    key = "torch_dtype" if reader.data.get("torch_dtype") is not None else "dtype"
    if reader.data.get(key) is None:
        return FORMATS["bf16"], "The model's config.json names no torch_dtype; bf16 is assumed."
    return FORMATS[reader.choice(key, TORCH_DTYPES)], ""
