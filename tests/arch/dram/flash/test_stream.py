"""The flash stream equals the tick-by-tick oracle, charges every slot once, and meets its closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import flash as oracle

from bankside.arch import events as ev
from bankside.arch.causes import COMPUTE, DRAM_DATA, FLASH, N_CAUSE
from bankside.arch.dram.channel.in_order.stream import READ, WRITE
from bankside.arch.dram.flash import device as unit
from bankside.arch.dram.flash.stream import new_flash_state, run_flash


def pack(device: oracle.Device) -> np.ndarray:
    packed = np.zeros(1, unit.FLASH)
    for name in ("planes", "page_bursts", "burst", "sense", "program", "registers", "sequential"):
        packed[0][name] = int(getattr(device, name))
    packed[0]["burst_bytes"] = 64
    return packed


def run(device: oracle.Device, streams: list[oracle.Stream]) -> tuple[list[int], np.ndarray, np.ndarray]:
    packed, state = pack(device), new_flash_state()
    ends, causes = [], np.zeros((len(streams), N_CAUSE), dtype=np.int64)
    events = np.zeros(ev.N_EVENT, dtype=np.int64)
    for stream, row in zip(streams, causes, strict=True):
        kind = WRITE if stream.write else READ
        ends.append(
            int(
                run_flash(
                    packed, state, kind, stream.first, stream.stride, stream.count, stream.min_gap,
                    stream.arrival, row, events,
                )
            )
        )  # fmt: skip
    return ends, causes, events


devices = st.builds(
    oracle.Device,
    planes=st.integers(1, 4),
    page_bursts=st.integers(1, 5),
    burst=st.integers(1, 3),
    sense=st.integers(1, 25),
    program=st.integers(1, 40),
    registers=st.integers(1, 3),
    sequential=st.booleans(),
)


@st.composite
def traffic(draw: st.DrawFn, writes: bool = True) -> list[oracle.Stream]:
    """Streams that mostly go on where the one before ended."""
    streams: list[oracle.Stream] = []
    at = arrival = 0
    for _ in range(draw(st.integers(1, 6))):
        arrival += draw(st.integers(0, 60))
        first = at if draw(st.integers(0, 3)) else draw(st.integers(0, 30))
        stride, count = draw(st.sampled_from([1, 1, 1, 2, 7, 0])), draw(st.integers(0, 25))
        write = writes and draw(st.integers(0, 3)) == 0
        streams.append(
            oracle.Stream(write, first, stride, count, draw(st.sampled_from([0, 0, 2, 6])), arrival)
        )
        at = first + count * stride
    return streams


@settings(max_examples=300, deadline=None)
@given(devices, traffic())
def test_d_the_stream_ends_where_the_oracle_ends(device: oracle.Device, streams: list[oracle.Stream]) -> None:
    assert run(device, streams)[0] == oracle.serve(device, streams)


@settings(max_examples=200, deadline=None)
@given(devices, traffic())
def test_t_every_slot_has_one_cause(device: oracle.Device, streams: list[oracle.Stream]) -> None:
    ends, causes, _ = run(device, streams)
    before = 0
    for stream, end, row in zip(streams, ends, causes, strict=True):
        assert row.min() >= 0
        assert row.sum() == end - max(stream.arrival, before)
        assert row.sum() == row[[DRAM_DATA, FLASH, COMPUTE]].sum()
        before = end


@settings(max_examples=200, deadline=None)
@given(devices, traffic(writes=False), st.integers(1, 10))
def test_d_a_slower_plane_never_helps(device: oracle.Device, streams: list[oracle.Stream], more: int) -> None:
    slower = oracle.Device(**{**vars(device), "sense": device.sense + more})
    assert all(a <= b for a, b in zip(run(device, streams)[0], run(slower, streams)[0], strict=True))


def test_one_page_takes_its_sensing_and_its_way_over_the_bus() -> None:
    device = oracle.Device(4, 8, 2, 100, 500, 2, True)
    ends, causes, events = run(device, [oracle.Stream(False, 0, 1, 8, 0, 7)])
    assert ends == [7 + 100 + 8 * 2]
    assert causes[0][FLASH] == 100 and causes[0][DRAM_DATA] == 16
    assert events[ev.PAGE_READ] == 1 and events[ev.BYTES_VAULT] == 8 * 64


def test_a_long_stream_is_bound_by_the_bus_or_by_the_planes() -> None:
    pages = 400
    stream = [oracle.Stream(False, 0, 1, 8 * pages, 0, 0)]
    enough = oracle.Device(8, 8, 2, 100, 500, 2, True)  # 8 planes x 16 slots of bus a page > 100
    assert run(enough, stream)[0] == [100 + pages * 16]
    few = oracle.Device(4, 8, 2, 100, 500, 2, True)  # a page of each of 4 planes every 100 slots
    assert run(few, stream)[0] == [pages // 4 * 100 + 4 * 16]
    single = oracle.Device(4, 8, 2, 100, 500, 1, True)  # one register: sensing waits until the page has left
    assert run(single, stream)[0] == [pages // 4 * 116 + 3 * 16]


def test_writing_is_slower_by_the_program_time() -> None:
    device = oracle.Device(4, 8, 2, 100, 500, 2, True)
    pages = 4000
    read = run(device, [oracle.Stream(False, 0, 1, 8 * pages, 0, 0)])[0][0]
    ends, _, events = run(device, [oracle.Stream(True, 0, 1, 8 * pages, 0, 0)])
    assert ends[0] / read == pytest.approx(500 / 100, rel=0.01)
    assert events[ev.PAGE_PROGRAM] == pages


def test_reading_ahead_hides_the_latency_between_streams() -> None:
    """Consumers with small buffers ask for a page at a time, each as the one before has come."""
    for sequential, per_page in ((True, 16), (False, 116)):
        device = oracle.Device(8, 8, 2, 100, 500, 2, sequential)
        packed, state = pack(device), new_flash_state()
        causes, events = np.zeros(N_CAUSE, dtype=np.int64), np.zeros(ev.N_EVENT, dtype=np.int64)
        end = 0
        for page in range(100):
            end = run_flash(packed, state, READ, 8 * page, 1, 8, 0, end, causes, events)
        assert end == (100 + 100 * 16 if sequential else 100 * per_page)
