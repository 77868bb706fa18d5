"""Laps of a stream: neighbouring bursts go round the same banks, lap after lap, while the rows of these stay open.

The first two laps after a row command are served burst by burst. Whatever stood before the first is behind once it has
gone round all banks, so that its columns alone hold the second back; and where this one comes at one distance from it,
burst for burst, those to come follow at that distance and are charged alike, until a row has to be changed or a refresh
is due. Where columns and row commands hold each other up within a bank alone, the rows of the bursts behind are changed
meanwhile.
"""

from typing import Any, Final

from bankside.arch.causes import COMPUTE, DRAM_COMMAND, DRAM_DATA
from bankside.arch.dram.banks.bank import LOOK_AHEAD, aligned_on, column_why_on, stay_awake, woken
from bankside.arch.dram.banks.state import LATEST_SLOT
from bankside.arch.dram.channel.deferred import issue_within_run
from bankside.arch.dram.channel.in_order.charge import charge
from bankside.arch.dram.channel.in_order.window import admit, change_row, next_row
from bankside.arch.dram.device.address import COLUMN, decode
from bankside.arch.dram.device.standard import OFF
from bankside.arch.jit import flat_kernel

WRAP: Final = LOOK_AHEAD - 1

SERVED: Final = 2
"""Laps that are served before the next is foreseen."""

LONGEST: Final = LOOK_AHEAD // 4
"""Bursts of a lap whose last slots are known, a power of two."""

LEAST: Final = 16
"""Bursts ahead that it is worth to foresee: so many are served one by one in twice the time (measured)."""


@flat_kernel
def lap_of(address: Any) -> tuple[int, int]:
    """Bursts of a lap of neighbouring bursts, 0 where they go round no banks so soon; and how many lie in the same
    rows, from a multiple of it on."""
    a = address[0]
    lap = 0
    for k in range(a["row_pieces"], a["pieces"]):
        if a["kind"][k] == COLUMN:
            lap = max(lap, 1 << a["shift"][k])
    rows = a["bursts"]
    for k in range(a["pieces"]):
        if a["kind"][k] != COLUMN and 1 << a["shift"][k] >= lap:
            rows = min(rows, 1 << a["shift"][k])
    if lap > LONGEST or rows < 2 * lap or rows & (rows - 1) != 0:
        return 0, 1
    return lap, int(rows)


@flat_kernel
def next_column(std: Any, st: Any, column: int, bank: int, arrival: int, paced: int) -> int:
    """Packed time of a column command to an open row, of a stream that arrived at `arrival`, from slot `paced` on."""
    when = max(column_why_on(std, st, column, bank), (arrival << 5) + DRAM_COMMAND)
    when = max(when, (paced << 5) + COMPUTE)
    return int(woken(std, st, column, aligned_on(std, column, when)))


@flat_kernel
def laps_ahead(
    std: Any,
    st: Any,
    column: int,
    lap: tuple[int, int],
    first: int,
    at: tuple[int, int, int, int],
    end: int,
    delay: int,
) -> int:
    """How many laps follow at the distance of the two before, which no row command or refresh came into; 0 where they
    are not foreseen.

    lap: see `lap_of`; first: burst of the stream; at: columns before it, bursts served, entered and of the stream; end,
    delay: of the burst before, and slots from its column if that set the end.
    """
    length, rows = lap
    base, served, entered, count = at
    newest = base + served - 1
    slot = st["column_slot"][newest & WRAP]
    here = first + served
    begin = here & -rows
    if slot + delay != end or here - SERVED * length < begin:
        return 0
    bursts = min(begin + rows - here, count - served)
    if st["pending"] > 0 and not std["rows_apart"]:
        return 0
    if entered < count and not std["rows_apart"]:
        there = first + entered
        begin = (there - 1) & -rows
        if entered - served < length or there - length < begin:
            return 0
        if count - entered > begin + rows - there:
            bursts = min(bursts, begin + rows - there)
    if bursts < LEAST:
        return 0
    apart = slot - st["column_slot"][(newest - length) & WRAP]
    if std["wake"] > 0 and apart > std["awake"][column]:
        return 0
    for k in range(newest - length + 1, newest):
        if st["column_slot"][k & WRAP] - st["column_slot"][(k - length) & WRAP] != apart:
            return 0
    until = LATEST_SLOT - delay
    if std["refresh_mode"] != OFF:
        until = min(until, st["refresh_due"])
    laps = min(bursts // length, (until - 1 - slot) // max(1, apart))
    return int(laps) if laps * length >= LEAST else 0


@flat_kernel
def run_laps(
    std: Any,
    address: Any,
    st: Any,
    column: int,
    lap: tuple[int, int],
    laps: int,
    first: int,
    at: tuple[int, int, int, int],
    times: tuple[int, int, int],
    delays: tuple[int, int],
    causes: Any,
    events: Any,
) -> int:
    """Serve laps that `laps_ahead` foresees, and let all bursts in that come before the last of them is served; returns
    the end of that.

    lap, first, at: see `laps_ahead`; times: arrival of the stream, slots between columns at least, end of the burst
    before; delays: slots from a column to its data, and of data.
    """
    length = lap[0]
    base, served, entered, bursts = at
    newest = base + served
    apart = st["column_slot"][(newest - 1) & WRAP] - st["column_slot"][(newest - 1 - length) & WRAP]
    _charge_laps(std, st, column, (laps, length), (base, served, entered), times, delays, causes)
    upto = served + laps * length
    later = (laps - 1) * apart
    for i in range(served, served + length):
        slot = st["column_slot"][(base + i - length) & WRAP] + apart
        st["column_slot"][(base + i) & WRAP] = slot
        _told(std, st, column, _bank_of(st, i, entered, length), slot + later)
    _enter(
        address, st, lap, first, (base, served, entered, min(bursts, upto - 1 + st["depth"])), times[0], apart
    )
    rings = max(0, upto - served - length - LOOK_AHEAD) // LOOK_AHEAD * LOOK_AHEAD
    for i in range(served, served + length):
        st["column_slot"][(base + i) & WRAP] += rings // length * apart
    for i in range(served + rings + length, upto):
        st["column_slot"][(base + i) & WRAP] = st["column_slot"][(base + i - length) & WRAP] + apart
    _change_rows(std, st, upto, column, st["column_slot"][(base + upto - 1) & WRAP], events)
    return int(times[2] + laps * apart)


@flat_kernel
def _enter(
    address: Any,
    st: Any,
    lap: tuple[int, int],
    first: int,
    at: tuple[int, int, int, int],
    arrival: int,
    apart: int,
) -> None:
    """Let bursts into the window, (columns before the stream, bursts served, the first to enter, the one after the
    last): neighbours as the lap before, where that lies in the same rows."""
    length, rows = lap
    base, served, burst, until = at
    while burst < until:
        inside = (first + burst) & (rows - 1)
        if burst >= length and inside >= length:
            like, stop = burst - length, min(until, burst + rows - inside)
            for later in range(max(burst, stop - LOOK_AHEAD), stop):
                source = (like + ((later - burst) & (length - 1))) & WRAP
                bank = st["window_bank"][source]
                st["window_bank"][later & WRAP] = bank
                st["window_row"][later & WRAP] = st["window_row"][source]
                st["last_use"][bank] = later
            burst = stop
        else:
            bank, row, _ = decode(address, first + burst)
            ahead = max(0, burst - st["depth"] - served + length) // length
            column = base + burst - st["depth"] - ahead * length
            admit(st, burst, bank, row, max(arrival, st["column_slot"][column & WRAP] + ahead * apart))
            burst += 1


@flat_kernel
def _change_rows(std: Any, st: Any, served: int, column: int, until: int, events: Any) -> None:
    """Do what the row changes of the window need by slot `until`."""
    k = 0
    while k >= 0 and st["pending"] > 0:
        k, slot, cause = next_row(std, st, served, column, until)
        if k >= 0:
            change_row(std, st, k, slot, cause, events)


@flat_kernel
def _charge_laps(
    std: Any,
    st: Any,
    column: int,
    laps: tuple[int, int],
    at: tuple[int, int, int],
    times: tuple[int, int, int],
    delays: tuple[int, int],
    causes: Any,
) -> None:
    """Charge laps as the first of them: to the data where no burst waits, else to what each is found to wait for when
    it is served; at: columns before the stream, bursts served and entered."""
    count, length = laps
    newest = at[0] + at[1]
    arrival, gap, end = times
    waits = False
    for i in range(newest - length, newest):
        waits |= st["column_slot"][i & WRAP] - st["column_slot"][(i - 1) & WRAP] > delays[1]
    last = st["column_slot"][(newest - 1) & WRAP]
    if not waits:
        causes[DRAM_DATA] += count * (last - st["column_slot"][(newest - 1 - length) & WRAP])
        return
    for i in range(newest, newest + length):
        bank = _bank_of(st, i - at[0], at[2], length)
        when = next_column(std, st, column, bank, arrival, last + gap)
        last = when >> 5
        _told(std, st, column, bank, last)
        end = charge(st, bank, end, last, delays, arrival, when & 31, causes, count)


@flat_kernel
def _bank_of(st: Any, burst: int, entered: int, length: int) -> int:
    """Bank of a burst of the lap that follows, which may not have entered the window yet."""
    return int(st["window_bank"][(burst if burst < entered else burst - length) & WRAP])


@flat_kernel
def _told(std: Any, st: Any, column: int, bank: int, slot: int) -> None:
    issue_within_run(std, st, st, column, bank, slot)
    stay_awake(std, st, column, slot)
