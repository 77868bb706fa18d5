"""Names of formats as tables of papers write them, in ours: "MXFP8 E4M3", "INT4 asymmetric g128"."""

import re
from typing import Final

_ELEMENT: Final = re.compile(r"(?P<letters>fp|int)(?P<bits>\d+)(?: (?P<split>e\dm\d))?\b")
_SIMPLE: Final = {"fp16", "bf16", "fp32", "tf32", "nvfp4"}


def translated(text: str) -> str:
    """Our name for what `text` says; `text` itself where it is no such description."""
    low = re.sub(r"\s+", " ", text.strip().lower())
    words = re.sub(r"\(.*?\)", "", low).strip()
    group = f"_g{found[1]}" if (found := re.search(r"\bg(\d+)\b", words)) else ""
    if words in _SIMPLE:
        return words
    if words.startswith("mx"):
        return words.replace(" ", "_") if "fp4" not in words else "mxfp4"
    if found := re.match(r"bitmod fp([34])\b", words):
        return f"bitmod_fp{found[1]}{group}"
    if found := re.match(r"anda\S* .*?(\d+) mantissa bits, (truncated|rounded)", words):
        return f"anda_m{found[1]}" + ("_rounded" if found[2] == "rounded" else "")
    found = _ELEMENT.search(words)
    if found is None or not re.search(r"symmetric|per-tensor|unscaled|\bg\d|per-channel", words):
        return text
    block = group or ("_channel" if "per-channel" in words else "")
    if found["letters"] == "int":
        return f"int{found['bits']}" + ("_asym" if "asymmetric" in words else "") + block
    base = f"fp{found['bits']}"
    element = base + (f"_{found['split']}" if found["split"] and base in ("fp8", "fp6") else "")
    return element + (block or ("_tensor" if "per-tensor" in words else ""))
