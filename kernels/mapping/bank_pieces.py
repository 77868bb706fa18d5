"""The pieces in which banks take an operand: how many rows at once, and how deep.

More rows read the stationary operand less often, but then fewer of its elements fit the buffer and partial sums are
drained more often. What a piece costs besides its columns (row openings, power windows, refreshes, the turns between
broadcast, columns and drain) only a run of the channel knows, so a bound orders the choices and the engine decides.
"""

from collections.abc import Iterator

from bankside.arch.engine.execute import execute
from bankside.arch.machine.machine import FS_PER_S
from bankside.arch.machine.once import once
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.pim.banks import Banks, Formats
from bankside.kernels.lower.pim.passes import Shape, cut_into, in_passes
from bankside.kernels.plan.bank_tiling import Piece

TRIED = 12  # pieces that are run at most,
CLOSE = 1.5  # and only those whose bound is within this factor of the least
COMMANDS = 4000  # columns and broadcasts after which a run of whole tiles and passes is long enough
SAME = 1.005  # times within this factor of the best are equal: the least bytes read decide


def piece_of(banks: Banks, shape: Shape, formats: Formats) -> Piece:
    """(rows, depth) of an operand piece with which one channel ends first; the same work is decided once.

    Raises
    ------
    ConfigError
        If the buffer is smaller than a burst of the operand.
    """
    return once(banks.core, ("piece", banks.hub.name, shape, formats), lambda: _best(banks, shape, formats))


def _best(banks: Banks, shape: Shape, formats: Formats) -> Piece:
    """The piece of the shortest trial; of those about as short, the one that reads least."""
    pieces = sorted(set(pieces_of(banks, shape, formats)))
    if not pieces or banks.buffer_byte < banks.burst_byte:
        raise ConfigError(
            [
                f"The {banks.buffer_byte:g} B SRAM of core {banks.core.name} holds no burst of {banks.burst_byte} B "
                "of an operand: give it more SRAM."
            ]
        )
    if len(pieces) == 1:
        return pieces[0]
    ranked = sorted((bound(banks, shape, formats, piece), piece) for piece in pieces)
    tried: dict[Piece, float] = {}
    for bound_s, piece in ranked[:TRIED]:
        if tried and bound_s > min(CLOSE * ranked[0][0], SAME * min(tried.values())):
            break
        tried[piece] = trial_s(banks, shape, formats, piece)
    shortest = min(tried.values())
    equal = [piece for piece, time_s in tried.items() if time_s <= SAME * shortest]
    return min(equal, key=lambda piece: (columns_of(banks, shape, formats, piece), tried[piece]))


def pieces_of(banks: Banks, shape: Shape, formats: Formats) -> Iterator[Piece]:
    """For each number of passes the fewest rows at once, as deep as fits, and as whole columns are deep; no more rows
    than sums are kept."""
    (rows, _, depth), (a, b, _) = shape, formats
    column = int(banks.burst_byte * 8 // b.bits)
    most = 1 if banks.core.spec.sums else min(rows, banks.core.spec.accumulators or 1)
    together = {-(-rows // passes) for passes in range(-(-rows // most), rows + 1)}
    for at_once in together:
        cut = min(depth, int(banks.buffer_byte // (at_once * a.bits / 8)))
        if cut >= 1:
            yield at_once, cut
        if column <= cut < depth:
            yield at_once, cut // column * column


def passes_of(rows: int, at_once: int) -> Iterator[tuple[int, int]]:
    """Rows of a pass, and how many passes have them: whole ones, and the rest."""
    whole, rest = divmod(rows, at_once)
    yield at_once, whole
    if rest:
        yield rest, 1


def columns_of(banks: Banks, shape: Shape, formats: Formats, piece: Piece) -> int:
    """Column commands of all passes."""
    (rows, outputs, depth), (at_once, cut) = shape, piece
    return sum(
        count * _columns(banks, (batch, outputs, depth), formats, cut)
        for batch, count in passes_of(rows, at_once)
    )


def _columns(banks: Banks, shape: Shape, formats: Formats, cut: int) -> int:
    """Column commands of one pass, whose rows `shape` has."""
    rows, outputs, depth = shape
    tiles, deep = banks.tiles(outputs, rows), cut_into(depth, cut)
    return int(banks.columns(tiles[:, None], deep, formats[1]).sum())


def bound(banks: Banks, shape: Shape, formats: Formats, piece: Piece) -> float:
    """Time in which columns at the pace of banks and lanes, and the edge at its peak, are through at best [s]."""
    (rows, outputs, depth), (at_once, cut) = shape, piece
    return sum(
        count * _pass_s(banks, (batch, outputs, depth), formats, cut)
        for batch, count in passes_of(rows, at_once)
    )


def _pass_s(banks: Banks, shape: Shape, formats: Formats, cut: int) -> float:
    (rows, outputs, depth), (a, b, out) = shape, formats
    memory, core = banks.core.memory, banks.core
    assert memory.standard is not None
    gap_s = banks.gap_slots(rows, a, b) * memory.standard.slot_fs / FS_PER_S
    edge_byte = banks.burst_byte * banks.pseudo_channels
    cuts = -(-depth // cut)
    tiles = len(banks.tiles(outputs, rows))
    rest_s = tiles * cuts * banks.rest_slots(rows, a, b) * memory.standard.slot_fs / FS_PER_S
    written = tiles * round(rows * depth * a.bits / 8) / banks.burst_byte
    drains = 1 if core.spec.accumulators else cuts
    if core.spec.sums is not None and core.spec.sums.order == "held":
        written /= tiles
    drained = drains * rows * outputs * banks.result_byte(out) / edge_byte
    edge_s = (written + drained) * edge_byte / memory.channel_peak("vault")
    return _columns(banks, shape, formats, cut) * max(banks.beat_s, gap_s) + rest_s + edge_s


def trial_s(banks: Banks, shape: Shape, formats: Formats, piece: Piece) -> float:
    """Time of the product on one channel with nothing before it but the operand's way from the hub [s].

    Of many passes the first run, of many tiles of outputs too; the others take what the later half of these does.
    """
    (rows, _, depth), (at_once, cut) = shape, piece
    tiles = len(banks.tiles(shape[1], at_once))
    passes = -(-rows // at_once)
    parts = passes * tiles
    written = -(-depth // cut) * -(-round(at_once * cut * formats[0].bits / 8) // banks.burst_byte)
    enough = max(2, COMMANDS * parts // (columns_of(banks, shape, formats, piece) + parts * written))
    few_tiles = min(tiles, enough)
    few_passes = min(passes, -(-enough // few_tiles))
    few_s = _run_s(banks, shape, formats, piece, few_passes, few_tiles)
    few = few_passes * few_tiles
    if few == parts:
        return few_s
    half = (few_passes // 2, few_tiles) if few_passes > 1 else (1, few_tiles // 2)
    part_s = (few_s - _run_s(banks, shape, formats, piece, *half)) / (few - half[0] * half[1])
    return few_s + (parts - few) * part_s


def _run_s(banks: Banks, shape: Shape, formats: Formats, piece: Piece, passes: int, tiles: int) -> float:
    """Time of the first passes over the first tiles of outputs on a channel of its own [s]."""
    (rows, outputs, depth), (at_once, cut), core, hub = shape, piece, banks.core, banks.hub
    low = Lowering(banks.low.machine)
    for memory in {core.memory.name: core.memory, hub.memory.name: hub.memory}.values():
        low.add_channels(memory, [(0, memory.channels)])
    for kind in (core, hub):
        low.add_group(kind, [(0, kind.nodes)])
    alone = Banks(low, core, hub, low.builder.label("trial"))
    some = min(rows, passes * at_once), sum(banks.tiles(outputs, at_once)[:tiles]), depth
    node = low.groups[core.name][0]
    alone.product(node, 1, in_passes(some, at_once), formats, cut, alone.hop([]))
    return execute(low.builder.build(), low.hardware()).total_fs / FS_PER_S
