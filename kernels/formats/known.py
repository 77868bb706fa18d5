"""Every format that has a name, and names that say what it is: int4_asym_g64, fp8_e4m3_channel, anda_m6, bf16_2:4,
int8_bitmap_d25."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from bankside.kernels.formats.element import Levels, Minifloat, Whole
from bankside.kernels.formats.format import ROW, Format

FLOATS: Final[dict[str, Minifloat]] = {
    "fp32": Minifloat(8, 23, "ieee", saturates=False),
    "tf32": Minifloat(8, 10, "ieee", saturates=False),
    "fp16": Minifloat(5, 10, "ieee", saturates=False),
    "bf16": Minifloat(8, 7, "ieee", saturates=False),
    "fp8_e4m3": Minifloat(4, 3, "nan"),
    "fp8_e5m2": Minifloat(5, 2, "ieee"),
    "fp6_e3m2": Minifloat(3, 2),
    "fp6_e2m3": Minifloat(2, 3),
    "fp4": Minifloat(2, 1),
}
"""Elements of the OCP 8-bit floating-point specification 1.0 and of OCP Microscaling Formats 1.0, Table 1; numbers of
8 bits and less saturate, as MX converts them."""

MX_BLOCK, MX_SCALE_BITS = 32, 8
"""Block and E8M0 scale of OCP Microscaling Formats 1.0, section 5.2."""

GROUP_SCALE_BITS: Final = 16
"""A group's scale is an fp16 number, as AWQ and GPTQ checkpoints store it."""

FP3: Final = (0.0, 1.0, 2.0, 4.0, -0.0, -1.0, -2.0, -4.0)
FP4: Final = tuple(sign * level for sign in (1.0, -1.0) for level in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0))
SPECIALS: Final = {"fp4": (5.0, -5.0, 8.0, -8.0), "fp3": (3.0, -3.0, 6.0, -6.0)}
"""What stands in for the code of minus zero in BitMoD (HPCA 2025, Table IV), and its four choices."""

_INT: Final = re.compile(r"int(?P<bits>[2-8]|16|32|64)(?P<asym>_asym)?(?P<block>_channel|_g\d{1,7})?")
_FLOAT: Final = re.compile(
    r"(?P<element>fp8_e4m3|fp8_e5m2|fp6_e3m2|fp6_e2m3|fp4|fp3)(?P<block>_tensor|_channel|_g\d{1,7})?"
)
_BITMOD: Final = re.compile(r"bitmod_(?P<element>fp[34])(?P<block>_g\d{1,7})?")
_SPARSE: Final = re.compile(r"(?P<dense>.+)_(?P<keep>[1-9]\d?):(?P<of>[1-9]\d?)(?P<places>_bitmap|_rank)?")
_ENCODED: Final = re.compile(
    r"(?P<dense>.+)_(?P<encoding>bitmap|csr|csc|coo|rle|two-level)_d(?P<percent>\d{1,2}(?:\.\d{1,3})?)"
)
_ANDA: Final = re.compile(r"anda_m(?P<mantissa>[1-9]|1[01])(?P<rounded>_rounded)?")


def _plain(name: str) -> Format:
    element = FLOATS[name]
    # a tf32 number lies in memory as an fp32 one
    return Format(name, "float", 32 if name == "tf32" else element.bits, element=element)


def _mx(name: str, element: Minifloat | Whole) -> Format:
    kind = "int" if isinstance(element, Whole) else "float"
    return Format(name, kind, element.bits, MX_BLOCK, MX_SCALE_BITS, element, "exponent")  # type: ignore[arg-type]


def _block(text: str | None) -> tuple[int, int] | None:
    """Block and bits of its scale by the end of a name; None where a group has no element."""
    if text is None or text == "_tensor":
        return 1, 0
    if text == "_channel":
        return ROW, GROUP_SCALE_BITS
    group = int(text.removeprefix("_g"))
    return (group, GROUP_SCALE_BITS) if group else None


def _int(name: str, found: re.Match[str]) -> Format | None:
    bits, symmetric = int(found["bits"]), found["asym"] is None
    if (blocked := _block(found["block"])) is None:
        return None
    block, scale_bits = blocked
    if scale_bits and not symmetric:
        scale_bits += bits
    return Format(
        name, "int", bits, block, scale_bits, Whole(bits, symmetric), "fp16" if scale_bits else "fp32"
    )


def _float(name: str, found: re.Match[str]) -> Format | None:
    if (blocked := _block(found["block"])) is None or (found["element"] == "fp3" and not found["block"]):
        return None
    element = Levels((FP3,)) if found["element"] == "fp3" else FLOATS[found["element"]]
    if found["block"] is None:
        return Format(name, "float", element.bits, element=element)
    return Format(name, "float", element.bits, *blocked, element, "fp16" if blocked[1] else "fp32")


def _bitmod(name: str, found: re.Match[str]) -> Format | None:
    blocked = _block(found["block"] or "_g128")
    if blocked is None:
        return None
    base = {"fp3": FP3, "fp4": FP4}[found["element"]]
    half = len(base) // 2
    lists = tuple((*base[:half], special, *base[half + 1 :]) for special in SPECIALS[found["element"]])
    element = Levels(lists)
    return Format(name, "float", element.bits, blocked[0], 8 + 2, element, "int8", row_bits=16)


def _anda(name: str, found: re.Match[str]) -> Format:
    element = Whole(1 + int(found["mantissa"]), magnitude=True)
    return Format(name, "int", element.bits, 64, 5, element, "exponent", truncates=found["rounded"] is None)


def _sparse(name: str, found: re.Match[str]) -> Format | None:
    """N:M of a dense format, whose blocks are whole groups; places are indices unless the name says otherwise."""
    keep, of, dense = int(found["keep"]), int(found["of"]), FORMATS.get(found["dense"])
    if dense is None or dense.sparse or keep >= of or (dense.block > 1 and dense.block % of):
        return None
    from bankside.kernels.sparsity.known import GROUPED

    bits = GROUPED[f"nm-{(found['places'] or '_index')[1:]}"](keep, of).group_bits
    return replace(dense, name=name, dense=dense.name, keep=(keep, of), place_bits=bits)


def _encoded(name: str, found: re.Match[str]) -> Format | None:
    """Weights of which a share is kept, in percent, wherever it is."""
    density, dense = Fraction(found["percent"]) / 100, FORMATS.get(found["dense"])
    if dense is None or dense.sparse or not density:
        return None
    return replace(dense, name=name, dense=dense.name, encoding=found["encoding"], density=density)


_NAMED: Final[dict[str, Format]] = {
    each.name: each
    for each in (
        *(_plain(name) for name in ("fp32", "tf32", "fp16", "bf16", "fp8_e4m3", "fp8_e5m2")),
        _mx("mxfp8_e4m3", FLOATS["fp8_e4m3"]),
        _mx("mxfp8_e5m2", FLOATS["fp8_e5m2"]),
        _mx("mxfp6_e3m2", FLOATS["fp6_e3m2"]),
        _mx("mxfp6_e2m3", FLOATS["fp6_e2m3"]),
        _mx("mxfp4", FLOATS["fp4"]),
        _mx("mxint8", Whole(8, fraction=6)),
        _mx("mxint4", Whole(4, fraction=2)),
        Format("nvfp4", "float", 4, 16, 8, FLOATS["fp4"], "e4m3"),
    )
}
_RULED: Final = (
    *(f"int{bits}" for bits in (32, 16, 8, 7, 6, 5, 4, 3, 2)),
    *(f"int{bits}_g128" for bits in (8, 4)),
    *("int4_g64", "int4_g32", "int4_asym_g128", "bitmod_fp4", "bitmod_fp3"),
    *(f"anda_m{mantissa}" for mantissa in range(4, 12)),
    *("bf16_2:4", "int8_2:4"),
)
_RULES: Final = (
    (_INT, _int),
    (_FLOAT, _float),
    (_BITMOD, _bitmod),
    (_ANDA, _anda),
    (_ENCODED, _encoded),
    (_SPARSE, _sparse),
)


class Known(Mapping[str, Format]):
    """Formats by name. Those are listed that a checkpoint or a paper names; others follow from what their names say:
    a group of any size (int3_g48), a scale a row (int8_channel), zero points (int4_asym_g64), N of every M elements
    (bf16_2:4), a share of all in an encoding (int8_bitmap_d25: a quarter)."""

    def __init__(self) -> None:
        self._made: dict[str, Format | None] = dict(_NAMED)

    def __getitem__(self, name: str) -> Format:
        if name not in self._made:
            self._made[name] = next(
                (make(name, found) for rule, make in _RULES if (found := rule.fullmatch(name))), None
            )
        format = self._made[name]
        if format is None:
            raise KeyError(name)
        return format

    def __iter__(self) -> Iterator[str]:
        return iter((*_NAMED, *_RULED))

    def __len__(self) -> int:
        return len(_NAMED) + len(_RULED)


FORMATS: Final = Known()

TORCH_DTYPES: Final[dict[str, str]] = {
    "float32": "fp32",
    "float": "fp32",
    "float16": "fp16",
    "half": "fp16",
    "bfloat16": "bf16",
    "float8_e4m3fn": "fp8_e4m3",
    "float8_e5m2": "fp8_e5m2",
    "int8": "int8",
}
