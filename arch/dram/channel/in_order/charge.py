"""Charging: every slot between the end of one burst and the end of the next belongs to one cause."""

from typing import Any

from bankside.arch.causes import DRAM_ACT_PRE, DRAM_COMMAND, DRAM_DATA
from bankside.arch.jit import flat_kernel


@flat_kernel
def charge(
    st: Any,
    bank: int,
    end: int,
    slot: int,
    delays: tuple[int, int],
    arrival: int,
    cause: int,
    causes: Any,
    times: int,
) -> int:
    """Charge the slots from `end` to the end of a burst whose column command came at `slot`, `times` over; returns that
    end.

    Parameters
    ----------
    st : numpy.void
        STATE of the channel, the record; `wait` of the bank says what its activation waited for.
    bank, slot, delays : int
        Bank, slot of the column command, (slots from there to the data, slots of data).
    end, arrival : int
        End of the burst before; slot at which the stream arrived.
    cause : int
        What the column command waited for.
    causes : numpy.ndarray
        int64 slots by cause; grows by exactly the difference of the two ends.
    times : int
        How often it is charged: so many bursts come alike.
    """
    latency, burst = delays
    gap = slot + latency + burst - end
    if gap <= 0:
        return end
    data = min(gap, burst)
    causes[DRAM_DATA] += times * data
    if gap > data:
        late = min(gap - data, max(0, slot - max(end - latency, arrival)))
        if cause == DRAM_ACT_PRE:
            held = max(0, min(late, st["wait"][bank]))
            causes[st["wait_cause"][bank]] += times * held
            causes[DRAM_ACT_PRE] += times * (late - held)
        else:
            causes[cause] += times * late
        causes[DRAM_COMMAND] += times * (gap - data - late)
    return end + gap
