"""Streams end where a slot-by-slot server of the same bursts, written by another hand, ends them."""

import random

import pytest
from tests.oracles.inorder_stream import Burst, serve
from tests.oracles.jedec_rules import Geometry

NAMES = ("burst", "tCL", "tCWL", "tRP", "tRAS", "tRC", "tRTP", "tWR", "tWTR_S", "tWTR_L", "tRRD_S", "tRRD_L")
DEVICES = {"ddr4-2400": ("DDR4", ()), "hbm2": ("HBM", ("command_cycles.ACT=1",)), "hybrid-vault": ("HBM", ())}


def oracle_timing(standard):
    spec, table = standard.spec, dict(standard.timings_ck)
    table["burst"] = int(spec.burst.cycles)
    extra = 1 if "hybrid" in spec.family else 2
    table["tRTW"] = table["tCL"] + table["burst"] + extra - table["tCWL"]
    keep = (*NAMES, "tRCD", "tRCDRD", "tRCDWR", "tCCD_S", "tCCD_L", "tFAW", "tRTW")
    return {name: table[name] for name in keep if name in table}


def bursts_of(standard, channel, numbers, write):
    from bankside.arch.dram.device.address import decode

    found = []
    for number in numbers:
        bank, row, _ = decode(channel.address, number)
        pc, rest = divmod(bank, standard.bank_groups * standard.banks_per_group)
        group, inner = divmod(rest, standard.banks_per_group)
        found.append(Burst("WR" if write else "RD", pc, group, inner, row))
    return found


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize(
    ("stride", "first"), [(1, 0), (1, 93), (3, 5), (17, 1), (64, 0), (257, 11), (1024, 3)]
)
@pytest.mark.parametrize("write", [False, True])
def test_a_stream_ends_where_the_slow_server_ends_it(name, stride, first, write, device, channel):
    family, overrides = DEVICES[name]
    overrides = ("refresh.mode=off", *overrides)
    standard = device(name, *overrides)
    order = ("channel", "rank", "row", "bank", "column", "bank_group", "pseudo_channel")
    for count in (1, 5, 33, 70):
        one = channel(name, *overrides, order=order)
        numbers = [first + stride * i for i in range(count)]
        geometry = Geometry(
            standard.bank_groups, standard.banks_per_group, standard.rows, standard.pseudo_channels
        )
        served = serve(
            bursts_of(standard, one, numbers, write), oracle_timing(standard), geometry, family, refresh=False
        )
        timing = oracle_timing(standard)
        latency = (timing["tCWL"] if write else timing["tCL"]) + timing["burst"]
        assert one.run(count, int(write), first, stride) == max(served.column_slots) + latency


@pytest.mark.parametrize("name", DEVICES)
def test_streams_after_each_other_are_one_stream_to_the_slow_server(name, device, channel):
    family, overrides = DEVICES[name]
    overrides = ("refresh.mode=off", *overrides)
    standard = device(name, *overrides)
    one = channel(name, *overrides)
    rng = random.Random(3)
    bursts, end = [], 0
    for _ in range(6):
        first, stride, count, write = (
            rng.randrange(4096),
            rng.choice((1, 5, 129)),
            rng.choice((3, 20)),
            rng.random() < 0.5,
        )
        bursts += bursts_of(standard, one, [first + stride * i for i in range(count)], write)
        end = one.run(count, int(write), first, stride)
    geometry = Geometry(
        standard.bank_groups, standard.banks_per_group, standard.rows, standard.pseudo_channels
    )
    served = serve(bursts, oracle_timing(standard), geometry, family, refresh=False)
    timing = oracle_timing(standard)
    ends = [
        slot + (timing["tCWL"] if burst.op == "WR" else timing["tCL"]) + timing["burst"]
        for slot, burst in zip(served.column_slots, bursts, strict=True)
    ]
    # a slow server sees all bursts at once; single streams know the next only when it is called
    assert max(ends) <= end <= max(ends) * 1.05
