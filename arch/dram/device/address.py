"""Where a burst lies: a named field order, most significant first, with an optional XOR hash; a bijection.

A memory's bursts are numbered 0, 1, 2, ... and the number is cut into fields: `[row, bank, column,
bank_group, vault]` puts neighbouring bursts into neighbouring vaults. A field may be given in pieces,
`column:3` being its next three bits. The hash adds row bits to another field without carry, so that rows of
a column walk fall into different banks (permutation-based interleaving, Zhang et al., MICRO 2000).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bankside.arch.dram.device.standard import Standard
from bankside.arch.jit import flat_kernel
from bankside.arch.spec import ConfigError

FIELDS = ("channel", "pseudo_channel", "rank", "bank_group", "bank", "row", "column")
MAX_PIECE = 16

ROW, COLUMN, BANK = range(3)

ADDRESS = np.dtype(
    [
        ("pieces", np.int64),
        ("row_pieces", np.int64),  # these come first, the hash needs the row
        ("kind", np.int64, MAX_PIECE),  # ROW, COLUMN or BANK (any field of the flat bank number)
        ("shift", np.int64, MAX_PIECE),
        ("mask", np.int64, MAX_PIECE),
        ("weight", np.int64, MAX_PIECE),  # what one of the piece adds to the row, column or flat bank number
        ("hash_shift", np.int64, MAX_PIECE),  # row bits added without carry start here; negative: none
        ("bursts", np.int64),  # of the channel
        ("channel_shift", np.int64),
        ("channel_mask", np.int64),
    ]
)


def compile_address(
    standard: Standard, order: Sequence[str], xor: Mapping[str, int] | None = None
) -> np.ndarray[Any, Any]:
    """Pack the decoding of one channel's own burst numbers (the channel field removed).

    Parameters
    ----------
    standard : Standard
    order : sequence of str
        Fields, most significant first; `vault` is another word for channel.
    xor : mapping, optional
        Field of the bank number -> lowest row bit that is added to it without carry.

    Returns
    -------
    numpy.ndarray
        ADDRESS, shape (1,).

    Raises
    ------
    ConfigError
        A field is missing, unknown, given twice, or no power of two below the most significant field.
    """
    sizes = field_sizes(standard)
    pieces = _pieces(sizes, [name.replace("vault", "channel") for name in order])
    hashes = {name.replace("vault", "channel"): bit for name, bit in (xor or {}).items()}
    if unknown := set(hashes) - {"pseudo_channel", "rank", "bank_group", "bank"}:
        raise ConfigError(
            f"The address hash cannot change {', '.join(sorted(unknown))}; only fields of a bank."
        )
    packed = np.zeros(1, ADDRESS)
    address = packed[0]
    address["bursts"] = standard.banks * standard.rows * standard.columns
    _pack_channel(address, pieces)
    weights = _weights(standard)
    if odd := [name for name in hashes if sizes[name] & (sizes[name] - 1)]:
        raise ConfigError(
            f"The address hash needs a power of two, and '{odd[0]}' has {sizes[odd[0]]} values."
        )
    local = [piece for piece in pieces if piece[0] != "channel" and piece[2] > 1]
    local.sort(key=lambda piece: piece[0] != "row")
    shifts = _local_shifts(pieces)
    address["pieces"] = len(local)
    address["row_pieces"] = sum(name == "row" for name, *_ in local)
    for k, (name, within, size) in enumerate(local):
        address["kind"][k] = ROW if name == "row" else COLUMN if name == "column" else BANK
        address["shift"][k] = shifts[name, within]
        address["mask"][k] = size - 1 if size & (size - 1) == 0 else (1 << 62) - 1
        address["weight"][k] = weights[name] << within
        address["hash_shift"][k] = hashes[name] + within if name in hashes else -1
    return packed


def field_sizes(standard: Standard) -> dict[str, int]:
    """Number of values of each address field of a device."""
    return {
        "channel": standard.channels,
        "pseudo_channel": standard.pseudo_channels,
        "rank": standard.ranks,
        "bank_group": standard.bank_groups,
        "bank": standard.banks_per_group,
        "row": standard.rows,
        "column": standard.columns,
    }


def _weights(standard: Standard) -> dict[str, int]:
    group = standard.banks_per_group
    rank = group * standard.bank_groups
    return {
        "row": 1,
        "column": 1,
        "bank": 1,
        "bank_group": group,
        "rank": rank,
        "pseudo_channel": rank * standard.ranks,
        "channel": 0,
    }


def _pieces(sizes: Mapping[str, int], order: Sequence[str]) -> list[tuple[str, int, int]]:
    """(field, lowest bit of it, values) of each piece, most significant first."""
    errors = []
    named = [item.partition(":") for item in order]
    for name in dict.fromkeys(name for name, _, _ in named):
        if name not in FIELDS:
            errors.append(f"address: '{name}' is not a field; fields are {', '.join(FIELDS)} (or vault).")
        elif sum(one == name and not bits for one, _, bits in named) > 1:
            errors.append(f"address: '{name}' is given twice.")
    missing = [name for name, size in sizes.items() if size > 1 and all(one != name for one, _, _ in named)]
    errors += [
        f"address: the field '{name}' is missing, and the device has {sizes[name]}." for name in missing
    ]
    if not all(bits.isdigit() and 0 < int(bits) < 40 for _, colon, bits in named if colon):
        errors.append("address: a piece of a field is written like 'column:3', with its number of bits.")
    if errors:
        raise ConfigError(errors)
    left = dict(sizes)
    pieces: list[tuple[str, int, int]] = []
    used = dict.fromkeys(FIELDS, 0)
    for at in range(len(named) - 1, -1, -1):
        name, _, bits = named[at]
        rest = any(one == name for one, _, _ in named[:at])
        size = 1 << int(bits) if bits and (rest or left[name] == 1 << int(bits)) else left[name]
        if size > left[name]:
            raise ConfigError(f"address: the pieces of '{name}' do not make up its {sizes[name]} values.")
        own = (size - 1).bit_length()
        if bits and not rest and int(bits) != own:
            errors.append(
                f"address: the first piece of '{name}' states {bits} bits, and {own} are left to it of its "
                f"{sizes[name]} values."
            )
        if left[name] % size or (rest and not bits):
            errors.append(f"address: the pieces of '{name}' do not make up its {sizes[name]} values.")
        if at and size & (size - 1):
            errors.append(
                f"address: '{name}' has {size} values; below the first field it must be a power of two."
            )
        pieces.insert(0, (name, used[name], size))
        used[name] += size.bit_length() - 1
        left[name] //= size
    errors += [f"address: the pieces of '{name}' leave values out." for name in used if left[name] > 1]
    if errors:
        raise ConfigError(errors)
    return pieces


def _local_shifts(pieces: Sequence[tuple[str, int, int]]) -> dict[tuple[str, int], int]:
    shifts, at = {}, 0
    for name, within, size in reversed(pieces):
        shifts[name, within] = at
        at += size.bit_length() - 1 if name != "channel" else 0
    return shifts


def _pack_channel(address: Any, pieces: Sequence[tuple[str, int, int]]) -> None:
    """Where the channel field sits in the number of a burst of the whole memory, when it is one power of
    two."""
    at = 0
    address["channel_shift"], address["channel_mask"] = 0, 0
    for name, _, size in reversed(pieces):
        if name == "channel" and size > 1:
            whole = (
                (1 << 62) - 1 if size & (size - 1) else size - 1
            )  # no power of two only as the first field
            address["channel_shift"], address["channel_mask"] = at, whole
        at += size.bit_length() - 1


@flat_kernel
def decode(address: Any, burst: int) -> tuple[int, int, int]:
    """Flat bank number, row and column of a burst of one channel.

    The bank number counts banks of a group, groups of a rank, ranks of a pseudo-channel, pseudo-channels,
    in this order. `burst` is taken modulo the channel's capacity by its fields.
    """
    a = address[0]
    row, column, bank = 0, 0, 0
    rows = a["row_pieces"]
    for k in range(rows):
        row += ((burst >> a["shift"][k]) & a["mask"][k]) * a["weight"][k]
    for k in range(rows, a["pieces"]):
        value = (burst >> a["shift"][k]) & a["mask"][k]
        if a["kind"][k] == COLUMN:
            column += value * a["weight"][k]
        else:
            if a["hash_shift"][k] >= 0:
                value ^= (row >> a["hash_shift"][k]) & a["mask"][k]
            bank += value * a["weight"][k]
    return bank, row, column


@flat_kernel
def channel_of(address: Any, burst: int) -> tuple[int, int]:
    """Channel that a burst of the whole memory lies in, and its number within that channel."""
    a = address[0]
    shift, mask = a["channel_shift"], a["channel_mask"]
    if mask == 0:
        return 0, burst
    bits = 0
    while bits < 62 and mask >> bits:
        bits += 1
    low = burst & ((1 << shift) - 1)
    return (burst >> shift) & mask, ((burst >> (shift + bits)) << shift) | low
