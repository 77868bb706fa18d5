"""In-order streams on one flash channel, page by page: exact, and as fast as there are pages.

The time of a page follows from the page before: it is sensed when it is known, its plane is idle and a register is
free, and its bursts pass the bus in order. Nothing is stepped but pages: a channel of 1,000 planes costs what one
costs. The pages that are read ahead of the last stream are worked out when a stream reaches them; a stream that goes
elsewhere drops them, unused and uncounted.
"""

from typing import Any

import numpy as np

from bankside.arch import events as names
from bankside.arch.causes import COMPUTE, DRAM_DATA
from bankside.arch.causes import FLASH as FLASH_CAUSE
from bankside.arch.dram.banks.state import LATEST_SLOT
from bankside.arch.dram.channel.in_order.stream import WRITE
from bankside.arch.dram.flash.device import MAX_PLANE, MAX_REGISTER
from bankside.arch.jit import kernel

PAGE_READ = names.PAGE_READ
PAGE_PROGRAM = names.PAGE_PROGRAM
BYTES_BANK = names.BYTES_BANK
BYTES_VAULT = names.BYTES_VAULT
NOWHERE = -1

FLASH_STATE = np.dtype(
    [
        ("plane_free", np.int64, MAX_PLANE),  # slot at which a plane has sensed or programmed its last page
        ("released", np.int64, (MAX_PLANE, MAX_REGISTER)),  # slot from which a register is free, a ring
        ("turn", np.int64, MAX_PLANE),  # pages that ever took a register of the plane
        ("bus_free", np.int64),
        ("frontier", np.int64),  # end of the last stream
        ("page", np.int64),  # page read last, NOWHERE after a write
        ("kept", np.int64),  # 1 while that page holds its register for bursts that may follow
        ("ready", np.int64),  # slot at which that page was there
        ("known", np.int64),  # slot from which its successors are wanted
    ]
)


def new_flash_state() -> np.ndarray[Any, Any]:
    """State of one channel at slot 0, nothing read: FLASH_STATE, shape (1,)."""
    state = np.zeros(1, FLASH_STATE)
    state[0]["page"] = NOWHERE
    return state


@kernel
def run_flash(
    packed: Any,
    state: Any,
    kind: int,
    first: int,
    stride: int,
    count: int,
    min_gap: int,
    arrival: int,
    causes: Any,
    events: Any,
) -> int:
    """Serve a stream of bursts on one flash channel, after all streams before it; returns the slot at which it ends.

    Parameters
    ----------
    packed, state : numpy.ndarray
        FLASH and FLASH_STATE of the channel, each of shape (1,).
    kind : int
        READ or WRITE of `stream`.
    first, stride, count, min_gap, arrival : int
        As for `stream.run_stream`; arrivals do not decrease from call to call.
    causes : numpy.ndarray
        int64, shape (N_CAUSE,), slots; grows by end - max(arrival, end of the stream before).
    events : numpy.ndarray
        int64, shape (N_EVENT,): pages read and programmed, bytes moved up to the vault edge.
    """
    st = state[0]
    end = max(arrival, st["frontier"])
    if count <= 0:
        return int(end)
    if kind == WRITE:
        end = _write(packed, state, first, stride, count, min_gap, arrival, end, causes, events)
    else:
        end = _read(packed, state, first, stride, count, min_gap, arrival, end, causes, events)
    st["frontier"] = end
    events[BYTES_BANK] += count * packed[0]["burst_bytes"]
    events[BYTES_VAULT] += count * packed[0]["burst_bytes"]
    return int(end)


@kernel
def _in_page(at: int, stride: int, left: int, page_bursts: int) -> int:
    """Bursts of a stream from burst `at` on that lie in its page."""
    if stride == 0:
        return left
    if stride < 0:
        return 1
    return min(left, (page_bursts - at % page_bursts + stride - 1) // stride)


@kernel
def _leave(packed: Any, state: Any, arrival: int) -> None:
    """The register of a page that was left in the middle is free when the stream that goes elsewhere arrives."""
    st = state[0]
    if st["kept"] == 1:
        plane = st["page"] % packed[0]["planes"]
        slot = (st["turn"][plane] - 1) % packed[0]["registers"]
        st["released"][plane, slot] = max(st["released"][plane, slot], arrival)
        st["kept"] = 0


@kernel
def _sense(packed: Any, state: Any, page: int, arrival: int) -> None:
    """Note when `page` is in a register: it was wanted since its predecessor was, or since its stream arrived."""
    dev, st = packed[0], state[0]
    plane = page % dev["planes"]
    follows = dev["sequential"] == 1 and st["page"] != NOWHERE and page == st["page"] + 1
    if not follows:
        st["known"] = arrival
    slot = st["turn"][plane] % dev["registers"]
    start = max(st["known"], st["plane_free"][plane], st["released"][plane, slot])
    st["turn"][plane] += 1
    st["plane_free"][plane] = start + dev["sense"]
    st["ready"] = start + dev["sense"]
    st["page"] = page


@kernel
def _read(
    packed: Any,
    state: Any,
    first: int,
    stride: int,
    count: int,
    min_gap: int,
    arrival: int,
    end: int,
    causes: Any,
    events: Any,
) -> int:
    """Read bursts; each slot from `end` on is charged to the bus, the consumer's pace or the sensing."""
    dev, st = packed[0], state[0]
    burst, page_bursts = dev["burst"], dev["page_bursts"]
    step = max(burst, min_gap)
    served = 0
    last = arrival - min_gap
    while served < count:
        at = first + served * stride
        page = at // page_bursts
        here = _in_page(at, stride, count - served, page_bursts)
        if page != st["page"]:
            _leave(packed, state, arrival)
            _sense(packed, state, page, arrival)
            events[PAGE_READ] += 1
        free = max(arrival, st["bus_free"], last + min_gap)
        start = max(free, st["ready"])
        last = start + (here - 1) * step
        stop = last + burst
        st["bus_free"] = stop
        plane = page % dev["planes"]
        st["released"][plane, (st["turn"][plane] - 1) % dev["registers"]] = stop
        served += here
        st["kept"] = int(served == count and (at + (here - 1) * stride) % page_bursts != page_bursts - 1)
        gap = stop - end
        if gap > 0:
            data = min(gap, here * burst)
            sensing = min(gap - data, start - free)
            causes[DRAM_DATA] += data
            causes[FLASH_CAUSE] += sensing
            causes[COMPUTE] += gap - data - sensing
            end = stop
        if stop > LATEST_SLOT:
            break
    return end


@kernel
def _write(
    packed: Any,
    state: Any,
    first: int,
    stride: int,
    count: int,
    min_gap: int,
    arrival: int,
    end: int,
    causes: Any,
    events: Any,
) -> int:
    """Write bursts into registers and program them page by page; ends with the last program."""
    dev, st = packed[0], state[0]
    burst, page_bursts = dev["burst"], dev["page_bursts"]
    step = max(burst, min_gap)
    _leave(packed, state, arrival)
    st["page"] = NOWHERE
    before = end
    served = 0
    last = arrival - min_gap
    while served < count:
        at = first + served * stride
        here = _in_page(at, stride, count - served, page_bursts)
        plane = (at // page_bursts) % dev["planes"]
        slot = st["turn"][plane] % dev["registers"]
        start = max(arrival, st["bus_free"], last + min_gap, st["released"][plane, slot])
        last = start + (here - 1) * step
        stop = last + burst
        st["bus_free"] = stop
        done = max(stop, st["plane_free"][plane]) + dev["program"]
        st["plane_free"][plane] = done
        st["released"][plane, slot] = done
        st["turn"][plane] += 1
        events[PAGE_PROGRAM] += 1
        served += here
        end = max(end, done)
        if end > LATEST_SLOT:
            break
    data = min(end - before, count * burst)
    pace = min(end - before - data, (count - 1) * (step - burst))
    causes[DRAM_DATA] += data
    causes[COMPUTE] += pace
    causes[FLASH_CAUSE] += end - before - data - pace
    return end
