"""The naive controller against hand-worked cases, the closed forms, the checker and two measured runs."""

import random
from collections import Counter

import pytest
from tests.oracles.devices import DEVICES, Device
from tests.oracles.jedec_checker import check
from tests.oracles.naive_controller import Request, Result, Settings, simulate

DDR4 = DEVICES["DDR4"]
OFF = Settings(refresh=False)


def run(requests: list[Request], device: Device = DDR4, settings: Settings = OFF) -> Result:
    return simulate(requests, device.timing, device.geometry, device.family, settings)


def names(result: Result) -> list[tuple[int, str]]:
    return [(c.slot, c.name) for c in result.commands]


def golden(name: str, count: int, device: Device, columns: int) -> list[Request]:
    """The golden streams: chase_rand (LCG 5), rand_mix33 (LCG 3), stride3_bgint and bank_stride_newrow."""
    g, k, rows, _ = device.geometry
    if name == "bank_stride_newrow":
        return [Request("RD", 0, i % g, i // g % k, i // (g * k) % rows, 0) for i in range(count)]
    if name == "stride3_bgint":
        lines = [3 * i for i in range(count)]
        return [
            Request("RD", 0, x % g, x // (g * columns) % k, x // (g * columns * k) % rows, x // g % columns)
            for x in lines
        ]
    state, writes = (5, 0) if name == "chase_rand_o1" else (3, 33)
    requests = []
    for _ in range(count):
        draws = []
        for _ in range(5):
            state = (6364136223846793005 * state + 1442695040888963407) % 2**64
            draws.append(state >> 33)
        op = "WR" if draws[4] % 100 < writes else "RD"
        requests.append(Request(op, 0, draws[0] % g, draws[1] % k, draws[2] % rows, draws[3] % columns))
    return requests


def random_requests(seed: int, count: int, device: Device, writes: float = 0.4) -> list[Request]:
    draw = random.Random(seed)
    g, k, _, pcs = device.geometry
    return [
        Request(
            "WR" if draw.random() < writes else "RD",
            draw.randrange(pcs),
            draw.randrange(g),
            draw.randrange(k),
            draw.randrange(3),
            draw.randrange(4),
        )
        for _ in range(count)
    ]


def test_idle_latencies_are_the_sums_of_the_timings_and_one_clock() -> None:
    requests = [
        Request("RD", 0, 0, 0, 5, 0, at=0),
        Request("RD", 0, 0, 0, 5, 1, at=500),
        Request("RD", 0, 0, 0, 6, 0, at=1000),
    ]
    result = run(requests)
    latency = [b - a for a, b in zip(result.accepted, result.completed, strict=True)]
    assert latency == [1 + 17 + 17 + 4, 1 + 17 + 4, 1 + 17 + 17 + 17 + 4]


def test_younger_row_hit_overtakes_and_only_rowhit_keeps_its_row_open() -> None:
    conflict = Request("RD", 0, 0, 0, 9, 0)
    hits = [Request("RD", 0, 0, 0, 5, i) for i in range(12)]
    requests = [hits[0], conflict, *hits[1:]]
    gddr6 = DEVICES["GDDR6"]
    plain = run(requests, gddr6)
    rowhit = run(requests, gddr6, OFF._replace(scheduler="frfcfs-rowhit"))
    # ACT 1, first read tRCDRD = 27 later, a hit every tCCD_L = 4. After 1 + tRAS = 54 the older request's PRE
    # becomes legal together with the next hit (tRTP = 4), at 56, and goes first.
    assert names(plain)[:9] == [(1, "ACT"), *((28 + 4 * i, "RD") for i in range(7)), (56, "PRE")]
    assert Counter(c.name for c in plain.commands)["ACT"] == 3
    assert Counter(c.name for c in rowhit.commands)["ACT"] == 2
    assert rowhit.completed[1] == max(rowhit.completed)


def test_write_drain_obeys_both_watermarks() -> None:
    reads = [Request("RD", 0, i % 4, 0, 0, i // 4) for i in range(200)]
    writes = [Request("WR", 0, i % 4, 1, 0, i // 4) for i in range(60)]
    mixed = [r for i, w in enumerate(writes) for r in (*reads[3 * i : 3 * i + 3], w)]
    result = run(mixed)
    order = "".join("W" if c.name == "WR" else "R" for c in result.commands if c.name in ("RD", "WR"))
    runs = [len(w) for w in order.replace("R", " ").split()]
    # 26 entries are above 0.8 of 32, 6 are below 0.2 of it: a drain writes at least 20.
    assert min(runs[:-1]) >= 20
    assert sum(runs) == 60


def test_buffered_write_answers_a_read_and_absorbs_a_write() -> None:
    requests = [*[Request("RD", 0, 1, 0, 0, i) for i in range(20)]]
    requests += [Request("WR", 0, 0, 0, 1, 1), Request("RD", 0, 0, 0, 1, 1), Request("WR", 0, 0, 0, 1, 1)]
    result = run(requests)
    counts = Counter(c.name for c in result.commands)
    assert (counts["RD"], counts["WR"]) == (20, 1)
    assert result.completed[21] == result.accepted[21] + 1


def test_full_queue_blocks_the_door_in_order() -> None:
    result = run([Request("RD", 0, 0, 0, i, 0) for i in range(40)])
    activates = [c.slot for c in result.commands if c.name == "ACT"]
    assert activates[:2] == [1, 57]
    # A request leaves the queue with its ACT; once the queue is full its place is given away in that slot.
    assert result.accepted == [*range(33), *activates[1:8]]


def test_one_outstanding_read_waits_for_its_data() -> None:
    result = run([Request("RD", 0, 0, 0, 0, i) for i in range(5)], settings=OFF._replace(max_outstanding=1))
    assert result.accepted[1:] == result.completed[:-1]


@pytest.mark.parametrize("name", ["DDR4", "LPDDR5", "HBM2"])
def test_row_conflicts_of_one_bank_cost_a_row_cycle(name: str) -> None:
    device = DEVICES[name]
    result = run([Request("RD", 0, 0, 0, i, 0) for i in range(20)], device)
    gaps = {b - a for a, b in zip(result.completed[1:], result.completed[2:], strict=False)}
    assert gaps == {max(device.timing["tRC"], device.timing["tRAS"] + device.timing["tRP"])}


@pytest.mark.parametrize("scheduler", ["frfcfs", "frfcfs-rowhit"])
@pytest.mark.parametrize("name", sorted(DEVICES))
def test_d1_legal_and_d4_every_request_answered_once(name: str, scheduler: str) -> None:
    device = DEVICES[name]
    timing = {**device.timing, "tREFI": 1500, "tRFC": 200}
    device = Device(device.family, device.geometry, timing)
    requests = random_requests(3, 100, device)
    result = run(requests, device, Settings(scheduler=scheduler))
    assert check(result.commands, timing, device.geometry, device.family, refresh=True) == []
    assert all(c > a for a, c in zip(result.accepted, result.completed, strict=True) if c != a)
    issued = Counter(c[1:6] for c in result.commands if c.name in ("RD", "WR"))
    asked = Counter(r[:5] for r in requests)
    assert set(issued) <= set(asked)
    assert all(issued[k] <= asked[k] for k in issued)
    reads = sum(c.name == "RD" for c in result.commands)
    forwarded = sum(
        r.op == "RD" and c - a == 1
        for r, a, c in zip(requests, result.accepted, result.completed, strict=True)
    )
    assert reads + forwarded == sum(r.op == "RD" for r in requests)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stream", "count", "device", "columns", "settings", "cycles", "activates"),
    [
        ("chase_rand_o1", 2048, "DDR4", 128, OFF._replace(max_outstanding=1), 114415, 2048),
        ("rand_mix33_s3", 16384, "DDR4", 128, Settings(), 115826, 16383),
        ("bank_stride_newrow", 8192, "HBM2", 32, Settings(), 36341, 8192),
        ("stride3_bgint", 8192, "DDR4", 128, Settings(), 34218, 204),
        ("stride3_bgint", 8192, "LPDDR5", 64, Settings(), 17733, 408),
        ("stride3_bgint", 8192, "HBM2", 32, Settings(), 18013, 794),
    ],
)
def test_measured_runs_of_ramulator_are_met_within_one_per_mille(
    stream: str, count: int, device: str, columns: int, settings: Settings, cycles: int, activates: int
) -> None:
    # Ramulator 2.1 c5b1c3a, FRFCFS, refresh on except in the first.
    result = run(golden(stream, count, DEVICES[device], columns), DEVICES[device], settings)
    assert max(result.completed) == pytest.approx(cycles, rel=0.001)
    assert Counter(c.name for c in result.commands)["ACT"] == pytest.approx(activates, rel=0.006)
