"""How a checkpoint stores its weights and its cache, where that is narrower than its torch_dtype says.

`quantization_config` of the transformers library, `compression_config` of compressed-tensors, and ModelOpt's
file hf_quant_config.json beside the config.json.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bankside.kernels.models.config import read_json
from bankside.kernels.models.reader import Reader, told

BESIDE: Final = "hf_quant_config.json"

# ModelOpt's names of algorithms, in our names of formats; "" leaves all to a list of modules.
_ALGORITHMS: Final[dict[str, str]] = {
    "FP8": "fp8_e4m3",
    "FP8_PB_WO": "fp8_e4m3",
    "FP8_PER_CHANNEL_PER_TOKEN": "fp8_e4m3",
    "NVFP4": "nvfp4",
    "NVFP4_AWQ": "nvfp4",
    "W4A16_NVFP4": "nvfp4",
    "W4A8_NVFP4_FP8": "nvfp4",
    "MXFP4": "mxfp4",
    "W4A16_MXFP4": "mxfp4",
    "W4A8_MXFP4_FP8": "mxfp4",
    "MXFP8": "mxfp8_e4m3",
    "INT8": "int8",
    "INT8_SQ": "int8",
    "W8A16": "int8",
    "W8A8_SQ_PER_CHANNEL": "int8",
    "INT4": "int4",
    "INT4_AWQ": "int4",
    "W4A16": "int4",
    "W4A16_AWQ": "int4",
    "W4A8_AWQ": "int4",
    "MIXED_PRECISION": "",
}
_FP8: Final[dict[str, str]] = {
    "e4m3": "fp8_e4m3",
    "float8_e4m3fn": "fp8_e4m3",
    "e5m2": "fp8_e5m2",
    "float8_e5m2": "fp8_e5m2",
}
# Library methods that keep whole bytes or one format, whatever else they say.
_FIXED: Final[dict[str, str]] = {
    "mxfp4": "mxfp4",
    "fbgemm_fp8": "fp8_e4m3",
    "eetq": "int8",
    "fp8": "",
    "modelopt": "",
    "compressed-tensors": "",
    "gptq": "",
    "awq": "",
    "auto-round": "",
    "bitsandbytes": "",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """Formats of a checkpoint, by name.

    Parameters
    ----------
    method
        What wrote it, as the file says; "" where nothing is quantised.
    weights, kv
        Formats of most weights and of the cache; "" for torch_dtype's.
    others
        Further formats, each with the modules that have it.
    kept
        Modules that keep torch_dtype, as listed.
    """

    method: str = ""
    weights: str = ""
    kv: str = ""
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """A sentence on it, or ""."""
        if not self.method:
            return ""
        formats = dict.fromkeys(name for name in (self.weights, *(name for name, _ in self.others)) if name)
        return (
            f"The published checkpoint stores quantised weights ({self.method}: {', '.join(formats)}), which are "
            "taken as they are, module by module, unless a format is asked for."
        )


AS_IT_IS: Final = Stored()


def stored(reader: Reader, path: Path) -> Stored:
    """What the config.json behind `reader`, and a file beside it, say of a checkpoint's formats."""
    found = AS_IT_IS
    for key in ("quantization_config", "compression_config"):
        if reader.mapping(key):
            found = _of_library(reader.inner(key))
    if found.method and reader.raw("expert_dtype") == "fp4":  # DeepSeek-V4: a scale of powers of two to 32
        found = replace(found, others=(*found.others, ("mxfp4", ("*.experts.*",))))
    beside = path.parent / BESIDE
    if path.name != "config.json" or not beside.is_file():
        return found
    data, text = read_json(beside)
    inner = Reader(data, str(beside), text).inner("quantization")
    inner.errors = reader.errors
    own = _of_algorithm(inner, str(inner.raw("quant_algo") or ""))
    if found.method and (found.weights, found.kv) != (own.weights, own.kv):
        inner.fail("quant_algo", f"is {told(inner.raw('quant_algo'))}, which is not what config.json says")
    return own


def _of_library(reader: Reader) -> Stored:
    if reader.has("quant_algo"):
        return _of_algorithm(reader, str(reader.raw("quant_algo")))
    default = "compressed-tensors" if reader.has("config_groups") else None
    method = reader.choice("quant_method", {name: name for name in _FIXED}, default)
    kept = _modules(reader, "modules_to_not_convert") + _modules(reader, "ignore")
    kept += _modules(reader, "llm_int8_skip_modules") + _modules(reader, "ignored_layers")
    if reader.errors:
        return Stored(method)
    if method == "compressed-tensors":
        weights, others = _groups(reader)
        return Stored(method, weights, _cache(reader), others, kept)
    if method == "fp8":
        return Stored(method, reader.choice("fmt", _FP8, default="e4m3"), "", (), kept)
    if method in ("gptq", "awq", "auto-round"):
        bits = reader.integer(reader.named("bits", "w_bit"), default=4, minimum=2, maximum=8)
        return Stored(method, _whole(bits, _group(reader)), "", (), kept)
    if method == "bitsandbytes":
        four = reader.boolean("load_in_4bit", default=False) or reader.boolean("_load_in_4bit", default=False)
        kind = reader.choice("bnb_4bit_quant_type", {"nf4": "nf4", "fp4": "fp4"}, default="fp4")
        return Stored(method, kind if four else "int8", "", (), kept)
    return Stored(method, _FIXED[method], "", (), kept)


def _of_algorithm(reader: Reader, algorithm: str) -> Stored:
    """ModelOpt's keys, the same inside config.json and beside it."""
    named = {name: name for name in _ALGORITHMS}
    reader.choice("quant_algo", named)
    kept = _modules(reader, "exclude_modules") + _modules(reader, "ignore")
    weights = _ALGORITHMS.get(algorithm, "")
    if weights == "int4":
        weights = _whole(4, _group(reader))
    if reader.has("fmt") and not weights:  # the rest of a mixed checkpoint
        weights = reader.choice("fmt", _FP8)
    if _ALGORITHMS.get(algorithm) and reader.has("config_groups"):
        groups, listed = _groups(reader)
        if not reader.errors and (groups or weights, *(name for name, _ in listed)) != (weights,):
            reader.fail("config_groups", f"is not of the format {weights} that quant_algo names")
    others: dict[str, list[str]] = {}
    for module, how in reader.mapping("quantized_layers").items():
        name = how.get("quant_algo") if isinstance(how, dict) else None
        if not isinstance(name, str) or name not in _ALGORITHMS:
            reader.fail(
                "quantized_layers", f"holds {told(how)} for {module:.80}; known are {', '.join(named)}"
            )
            break
        others.setdefault(_ALGORITHMS[name], []).append(module)
    cache = reader.raw("kv_cache_quant_algo")
    kv = reader.choice("kv_cache_quant_algo", _ALGORITHMS) if cache is not None else _cache(reader)
    named_modules = tuple((format, tuple(modules)) for format, modules in others.items())
    return Stored(algorithm, weights, kv, named_modules, kept)


def _groups(reader: Reader) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Formats of compressed-tensors' groups: of the one that targets all products, and of the others."""
    weights, others = "", []
    for name, group in reader.mapping("config_groups").items():
        how = group.get("weights") if isinstance(group, dict) else None
        if not isinstance(how, dict):
            reader.fail("config_groups", f"says nothing of the weights of {name:.80}")
            continue
        format = _scheme(reader, "config_groups", how)
        targets = group.get("targets")
        if targets is None or "Linear" in targets:
            weights = format
        else:
            others.append((format, tuple(map(str, targets))))
    return weights, tuple(others)


def _cache(reader: Reader) -> str:
    """The format of a cache scheme: an algorithm's name, or bits and a type."""
    scheme = reader.raw("kv_cache_scheme")
    if scheme is None:
        return ""
    if isinstance(scheme, dict):
        return _scheme(reader, "kv_cache_scheme", scheme)
    return reader.choice("kv_cache_scheme", _ALGORITHMS)


def _scheme(reader: Reader, key: str, how: dict[str, Any]) -> str:
    bits, kind, group = how.get("num_bits"), how.get("type", "int"), how.get("group_size")
    group = group if isinstance(group, int) and group > 0 else 0
    if kind == "float" and bits == 8:
        return "mxfp8_e4m3" if group == 32 else "fp8_e4m3"
    if kind == "float" and bits == 4 and group in (16, 32):
        return "nvfp4" if group == 16 else "mxfp4"
    if kind == "int" and type(bits) is int and 2 <= bits <= 8:
        return _whole(bits, group)
    reader.fail(
        key, f"holds {told(bits)} bits of type {told(kind)} in groups of {group}, a format not known here"
    )
    return ""


def _whole(bits: int, group: int) -> str:
    """The name of a format of whole numbers, with one scale a group where there are groups."""
    return f"int{bits}_g{group}" if group else f"int{bits}"


def _group(reader: Reader) -> int:
    """Weights to a scale; 0 where a whole channel shares one."""
    key = reader.named("group_size", "q_group_size")
    if reader.raw(key) in (-1, 0):
        return 0
    return reader.integer(key, default=128)


def _modules(reader: Reader, key: str) -> tuple[str, ...]:
    """A list of module names or patterns."""
    value = reader.raw(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        reader.fail(key, f"is {told(value)}, not a list of names")
        return ()
    return tuple(value)
