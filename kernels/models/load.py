"""From a model's name or the path of a config.json to a `Model`."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS, TORCH_DTYPES, Format
from bankside.kernels.models.config import read_json
from bankside.kernels.models.families import FAMILIES
from bankside.kernels.models.model import Model
from bankside.kernels.models.quantised import stored
from bankside.kernels.models.reader import Reader, told
from bankside.kernels.models.storage import with_formats

__all__ = ["FAMILIES", "load", "names", "path_of"]

FOLDER: Final = Path(__file__).resolve().parents[2] / "configs" / "models"

# Keys under which models of several parts keep their language model, and what of the outer object it takes over.
_NESTED: Final = ("text_config", "llm_config", "language_config")
_OUTER_FIRST: Final = ("architectures", "tie_word_embeddings")
_INNER_FIRST: Final = ("model_type", "torch_dtype", "dtype", "quantization_config", "compression_config")
_BEYOND: Final = (
    "num_nextn_predict_layers",
    "mtp_num_hidden_layers",
    "num_mtp_modules",
    "mtp_transformer_layers",
)
_PARTS: Final = ("vision_config", "audio_config", "video_config")


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
        named = f"{str(reference)!r:.200}"
        raise ConfigError(
            [f"Model {named} is neither a shipped one ({known}) nor the path of a config.json."]
        )
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
        Every missing or wrong key of the file, and every key that may change the work and is not understood,
        one sentence each.
    """
    path = path_of(reference)
    data, text = read_json(path)
    reader = _language_part(data, str(path), text)
    model_type = reader.raw("model_type")
    family = FAMILIES.get(model_type) if isinstance(model_type, str) else None
    if family is None:
        problem = "is missing" if model_type is None else f"is {told(model_type)}, which is not modelled"
        reader.fail("model_type", f"{problem}; known are {', '.join(sorted(FAMILIES, key=str.lower))}")
        reader.check()
        raise AssertionError("unreachable")
    format, note = _format(reader)
    model = family(reader)
    remarks = model.remarks + _left_out(reader, data)
    checkpoint = stored(reader, path)
    reader.leftover()
    reader.check()
    model = replace(
        model, name=_name(path), format=format, format_note=note, stored=checkpoint, remarks=remarks
    )
    return with_formats(model)


def _language_part(data: dict[str, Any], origin: str, text: str) -> Reader:
    """The keys of the language model: the outermost, or those of the object that holds it."""
    nested = [key for key in _NESTED if isinstance(data.get(key), dict)]
    if not nested:
        return Reader(data, origin, text)
    inside = nested[0]
    inner = dict(data[inside])
    for key in _OUTER_FIRST:
        if data.get(key) is not None and not (key in inner and _chats(data[key])):
            inner[key] = data[key]
    for key in _INNER_FIRST:
        if inner.get(key) is None and key in data:
            inner[key] = data[key]
    reader = Reader(inner, origin, text, inside)
    told_twice = (data.get("tie_word_embeddings"), data[inside].get("tie_word_embeddings"))
    if None not in told_twice and told_twice[0] != told_twice[1]:
        reader.fail("tie_word_embeddings", f"is {told(told_twice[1])}, but {told(told_twice[0])} outside")
    for key in _NESTED:
        if key in inner:
            reader.fail(key, f"stands inside {inside}: which of the two is the language model is not told")
    return reader


def _chats(architectures: object) -> bool:
    """Whether a class name says nothing of the head: InternVLChatModel is no embedder."""
    return isinstance(architectures, list) and any(str(name).endswith("ChatModel") for name in architectures)


def _left_out(reader: Reader, data: dict[str, Any]) -> tuple[str, ...]:
    """Sentences on parts of the checkpoint that are not part of the model here."""
    counts = {key: reader.integer(key, default=0, minimum=0) for key in _BEYOND}
    beyond = [f"{key} = {count}" for key, count in counts.items() if count]
    notes = []
    if beyond:
        notes.append(f"Layers for multi-token prediction ({', '.join(beyond)}) are not counted.")
    parts = [key.removesuffix("_config") for key in _PARTS if data.get(key)]
    if parts:
        notes.append(f"The language model alone is counted, without the part for {' and '.join(parts)}.")
    return tuple(notes)


def _name(path: Path) -> str:
    return path.parent.name if path.stem == "config" and path.parent.name else path.stem


def _format(reader: Reader) -> tuple[Format, str]:
    """The stored weights' format; newer files of the library call the key dtype."""
    key = "torch_dtype" if reader.has("torch_dtype") else "dtype"
    if not reader.has(key):
        return FORMATS["bf16"], "The model's config.json names no torch_dtype; bf16 is assumed."
    return FORMATS[reader.choice(key, TORCH_DTYPES)], ""
