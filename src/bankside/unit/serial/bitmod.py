"""Cases of the unit `bit-serial` that are whole models on BitMoD's accelerator, as its simulator counts them."""

from fractions import Fraction
from functools import partial
from typing import Any, Final

from bankside.cases.reader import Case, Reader, refuse
from bankside.peers.bitmod import Accelerator, Shape, model_cycles

COLUMNS: Final = {
    "hidden": "bitmod's simulator: hidden size of a model; with this column a case is one of bitmod_cycles.csv",
    "ffn": "bitmod's simulator: width of the feed-forward layer",
    "layers": "bitmod's simulator: layers",
    "heads": "bitmod's simulator: heads of queries",
    "kv_heads": "bitmod's simulator: heads of keys and values",
    "vocab": "bitmod's simulator: rows of the LM head",
    "mlp": "bitmod's simulator: plain (two matrices) or gated (three)",
    "case": "bitmod's simulator: what ends in gen is a token that is generated, in pre the whole prompt",
    "weight_bits": "bitmod's simulator: bits of a weight with its scales",
    "pe_rows(out ch)": "bitmod's simulator: elements over outputs",
    "pe_cols(tokens)": "bitmod's simulator: elements over tokens",
    "pe_dot": "bitmod's simulator: products of an element",
    "pe_latency": "bitmod's simulator: cycles of these",
    "context": "bitmod's simulator: tokens of the prompt",
}


def run_case(case: Case) -> dict[str, Any]:
    """Cycles of a case, and how often its tokens are generated in a second.

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    errors: list[str] = []
    read = Reader(case, errors)
    most = 1 << 31
    whole = partial(read.whole, low=1, high=most)
    gated = read.choice("mlp", ("plain", "gated")) == "gated"
    heads = whole("heads"), whole("kv_heads")
    of = Shape(whole("hidden"), whole("ffn"), whole("layers"), *heads, whole("vocab"), gated)
    if not errors and of.hidden % of.heads:
        read.complain(f"heads must divide hidden: {of.hidden} / {of.heads}.", "heads")
    on = Accelerator(*(read.whole(name, 1, most) for name in list(COLUMNS)[9:13]))
    context = read.whole("context", 1, most)
    words = read.text("case").split()
    if not words or words[-1] not in ("gen", "pre"):
        read.complain(f"case must end in gen or pre, not {read.text('case')!r}.", "case")
    bits = _bits(read)
    refuse(errors)
    tokens = 1 if words[-1] == "gen" else context
    return {"cycles": model_cycles(on, of, tokens, context, bits)}


def _bits(read: Reader) -> Fraction:
    read.real("weight_bits", 1.0, 64.0, 0.0)
    if not read.text("weight_bits"):
        read.complain("weight_bits is missing.", "weight_bits")
    return Fraction(read.text("weight_bits", "1")) if not read.errors else Fraction(1)
