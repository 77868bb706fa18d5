"""The schemes that are known, with the rules of their papers."""

from typing import Final

import numpy as np

from bankside.arch.pe.bit_serial import groups
from bankside.arch.pe.bit_serial.encodings import ENCODINGS, counts, lengths, masks, popcounts
from bankside.arch.pe.bit_serial.scheme import Drawn, Int64s, Scheme, Setting, fixed, nonzero

FUSED: Final = (2, 4, 8, 16)
"""Widths of Bit Fusion's operands; others take the next wider one."""

BITMOD_LANES: Final = 4
"""Products of one BitMoD element (Chen et al., HPCA 2025)."""

BITMOD_SCALE: Final = 8
"""Cycles in which a group's sum is multiplied by its scale of 8 bits, beside the products of the next."""

BITVERT_LANES: Final = 16
"""Weights of one BitVert element, in two halves of 8 with four selectors each (Chen et al., MICRO 2024)."""


def _out(setting: Setting, drawn: Drawn) -> Int64s:
    return np.empty(drawn.places.size // setting.group, dtype=np.int64)


def _by_largest(table: Int64s, setting: Setting, drawn: Drawn) -> Int64s:
    out = _out(setting, drawn)
    groups.largest(drawn.places, table, setting.group, out)
    return out


def _union(setting: Setting, drawn: Drawn) -> Int64s:
    out = _out(setting, drawn)
    groups.union(drawn.places, masks(setting.bits, setting.encoding), setting.group, out)
    return out


def _essential(setting: Setting, drawn: Drawn) -> Int64s:
    return _by_largest(counts(setting.bits, setting.encoding), setting, drawn)


def _pragmatic(setting: Setting, drawn: Drawn) -> Int64s:
    reach = 1 << setting.shift_bits
    if reach >= setting.bits + 2:  # Booth digits of unsigned values reach two places further
        return np.maximum(1, _essential(setting, drawn))
    out, pending = _out(setting, drawn), np.empty(setting.group, dtype=np.int64)
    table = masks(setting.bits, setting.encoding)
    groups.shifted(drawn.places, table, setting.group, reach, pending, out)
    return out


def _laconic(setting: Setting, drawn: Drawn) -> Int64s:
    out = _out(setting, drawn)
    own, second = (counts(bits, setting.encoding) for bits in (setting.bits, setting.other_bits))
    groups.largest_product(drawn.places, drawn.other, own, second, setting.group, out)
    return out


def _shapeshifter(setting: Setting, drawn: Drawn) -> Int64s:
    upto = _by_largest(lengths(setting.bits, setting.encoding), setting, drawn)
    if not setting.trim:
        return upto
    seen = _union(setting, drawn)
    return np.asarray(upto - popcounts((seen & -seen) - 1) * (seen != 0))


def _loom(setting: Setting, drawn: Drawn) -> Int64s:
    """Own length times that of the second operand, or all its bits where it is not known."""
    second = np.full(drawn.places.size // setting.group, setting.other_bits, dtype=np.int64)
    if drawn.other.size:
        beside = setting._replace(bits=setting.other_bits)
        second = _shapeshifter(beside, Drawn(drawn.other))
    return second if setting.once else _shapeshifter(setting, drawn) * second


def _bricks(bits: int) -> int:
    """Pairs of bits of an operand in Bit Fusion."""
    return next(width for width in FUSED if width >= bits) // 2


def _bitfusion(setting: Setting, drawn: Drawn) -> Int64s:
    each = _bricks(setting.bits) * _bricks(setting.other_bits)
    return fixed(setting, drawn, -(-setting.group * each // 16))


def _bitwave(setting: Setting, drawn: Drawn) -> Int64s:
    """Columns that any value needs, of those that are left where bits are flipped to clear the others."""
    most = setting.bits - setting.pruned - (setting.encoding == "sign-magnitude")
    kept = popcounts(_union(setting, drawn))
    return np.minimum(kept, most) if setting.pruned else kept


def _bitwave_bits(setting: Setting, drawn: Drawn) -> Int64s:
    """Kept columns, that of signs among them, and a bit of index for each column."""
    table, above = masks(setting.bits, setting.encoding), setting.bits + 2
    if setting.encoding == "sign-magnitude":
        table = table.copy()
        table[: 1 << (setting.bits - 1)] |= 1 << above  # of negative values
    seen = _out(setting, drawn)
    groups.union(drawn.places, table, setting.group, seen)
    kept = popcounts(seen & ((1 << above) - 1))
    if setting.pruned:
        kept = np.minimum(kept, setting.bits - setting.pruned - (setting.encoding == "sign-magnitude"))
    return (kept + (seen >> above)) * setting.group + setting.bits


def _bitvert(setting: Setting, drawn: Drawn) -> Int64s:
    return fixed(setting, drawn, -(-setting.group // BITVERT_LANES) * (setting.bits - setting.pruned))


def _bitvert_bits(setting: Setting, drawn: Drawn) -> Int64s:
    """Kept columns, and where some are pruned 8 bits of metadata for every 32 weights."""
    metadata = setting.group * 8 // 32 if setting.pruned else 0
    return fixed(setting, drawn, setting.group * (setting.bits - setting.pruned) + metadata)


def _bitmod(setting: Setting, drawn: Drawn) -> Int64s:
    """Of more than one set of lanes, whose sum has a scale, at least the cycles of its serial multiplication."""
    cycles = -(-setting.group // BITMOD_LANES) * bitmod_cycles(setting.bits)
    return fixed(setting, drawn, cycles if setting.group <= BITMOD_LANES else max(cycles, BITMOD_SCALE))


def bitmod_cycles(bits: int) -> int:
    """Cycles of four products: a term of each weight a cycle, two of 3 and 4 bits, half as many as bits beyond."""
    return max(2, -(-bits // 2))


def _nm_serial(setting: Setting, drawn: Drawn) -> Int64s:
    """N cycles, or those in which M activations come."""
    fed = -(-setting.group // setting.port) if setting.port else 0
    return fixed(setting, drawn, max(setting.keep, fed))


def _nm_bits(setting: Setting, drawn: Drawn) -> Int64s:
    index = setting.keep * (setting.group - 1).bit_length()
    metadata = 0 if setting.keep == setting.group else setting.group if setting.bitmap else index
    return fixed(setting, drawn, setting.keep * setting.bits + metadata)


def _sparten(setting: Setting, drawn: Drawn) -> Int64s:
    out = _out(setting, drawn)
    own, second = nonzero(setting.bits), nonzero(setting.other_bits)
    groups.matching(drawn.places, drawn.other, own, second, setting.group, out)
    return out


def _sparten_bits(setting: Setting, drawn: Drawn) -> Int64s:
    """Values that are not zero, and a mask."""
    out = _out(setting, drawn)
    groups.total(drawn.places, nonzero(setting.bits), setting.group, out)
    return out * setting.bits + setting.group


def _meeting(setting: Setting, drawn: Drawn) -> Int64s:
    """One for each pair of which neither is zero."""
    own, second = nonzero(setting.bits)[drawn.places], nonzero(setting.other_bits)[drawn.other]
    return own * second


def _serial(setting: Setting) -> float:
    """As many serial multipliers as an operand has bits make one parallel multiplier."""
    return float(setting.bits)


def _doubly_serial(setting: Setting) -> float:
    """Multipliers that are serial in both operands."""
    return float(setting.bits * setting.other_bits)


def _each(setting: Setting) -> float:
    """One product a cycle."""
    return float(setting.group)


def _pruned_faults(setting: Setting) -> list[str]:
    if setting.pruned + 1 < setting.bits or not setting.pruned:
        return []
    return [
        f"of the {setting.bits} columns of a weight at least two are left; {setting.pruned} of them cannot be pruned."
    ]


def _bitmod_faults(setting: Setting) -> list[str]:
    return [] if 3 <= setting.bits <= 8 else [f"bits of BitMoD's weights are 3 to 8, not {setting.bits}."]


def _nm_faults(setting: Setting) -> list[str]:
    if setting.keep <= setting.group:
        return []
    return [f"n must be at most m: {setting.keep}:{setting.group} keeps more than there is."]


SCHEMES: Final = {
    each.name: each
    for each in (
        Scheme("bit-parallel", "whole operands", lambda s, d: fixed(s, d, 1), lambda _: 1.0),
        Scheme("stripes", "all bits of one operand", lambda s, d: fixed(s, d, s.bits), _serial),
        Scheme("essential", "the nonzero digits of each lane", _essential, _serial, ENCODINGS),
        Scheme("pragmatic", "nonzero digits with shifters of two stages", _pragmatic, _serial, ENCODINGS),
        Scheme(
            "laconic", "pairs of nonzero digits of both operands", _laconic, _doubly_serial,
            ("booth", "naf", "twos-complement", "sign-magnitude"), both="must",
        ),
        Scheme(
            "shapeshifter", "the longest operand's length", _shapeshifter, _serial,
            ("twos-complement", "sign-magnitude"),
        ),
        Scheme(
            "loom", "the longest operand's length times that of the other", _loom, _doubly_serial,
            ("twos-complement", "sign-magnitude"), both="may",
        ),
        Scheme("bitfusion", "pairs of bits of both operands in 16 bricks", _bitfusion, _each),
        Scheme(
            "bitwave", "columns that are not all zero", _bitwave, _serial,
            ("sign-magnitude", "twos-complement"), 8, _bitwave_bits, faults=_pruned_faults,
        ),
        Scheme(
            "bitvert", "columns that are not pruned, the rarer of ones and zeros of each", _bitvert,
            lambda s: float(-(-s.group // BITVERT_LANES) * s.bits), (), BITVERT_LANES, _bitvert_bits,
            faults=_pruned_faults,
        ),
        Scheme(
            "bitmod", "terms of a bit of the mantissa of each weight", _bitmod, _each, (), BITMOD_LANES,
            faults=_bitmod_faults,
        ),
        Scheme("anda", "planes of a mantissa", lambda s, d: fixed(s, d, s.bits), lambda _: 16.0, (), 64),
        Scheme(
            "nm-serial", "N values of each group of M", _nm_serial, _each, (), 4, _nm_bits, faults=_nm_faults
        ),
        Scheme(
            "sparten", "pairs of a chunk of which neither is zero", _sparten, _each, ("sign-magnitude",), 128,
            _sparten_bits, both="must",
        ),
    )
}  # fmt: skip
"""Stripes: Judd et al., MICRO 2016. Pragmatic: Albericio et al., MICRO 2017; its rule and Laconic's (Sharify et al.,
ISCA 2019), ShapeShifter's and Loom's as isakedo/DNNsim has them. Bit Fusion: Sharma et al., ISCA 2018. BitWave: Shi et
al., HPCA 2024. BitVert: Chen et al., MICRO 2024. BitMoD: Chen et al., HPCA 2025. Anda: Fang et al., HPCA 2025. N:M:
USPE of SAT (Fang et al., TCAD 2023). SparTen: Gondimalla et al., MICRO 2019."""

QUEUED: Final = Scheme(
    "eie", "pairs of which neither is zero", _meeting, _each, ("sign-magnitude",), 1, both="must"
)
"""Han et al., EIE, ISCA 2016: without groups, see `queues`."""
