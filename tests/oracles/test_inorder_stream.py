"""The in-order server against hand-worked timelines, the closed forms of single streams, and the checker."""

import random
from typing import Any

import pytest
from tests.oracles.devices import DEVICES, Device
from tests.oracles.dram_channel import Burst
from tests.oracles.inorder_stream import Served, serve
from tests.oracles.jedec_checker import check
from tests.oracles.jedec_rules import Geometry, PimLimits

HBM2 = DEVICES["HBM2"]


def run(bursts: list[Burst], device: Device = HBM2, **options: Any) -> Served:
    options.setdefault("refresh", False)
    return serve(bursts, device.timing, device.geometry, device.family, **options)


def steady(slots: list[int], warm: int) -> float:
    return (slots[-1] - slots[warm]) / (len(slots) - 1 - warm)


def interleaved(n: int, device: Device, op: str = "RD", columns: int = 32) -> list[Burst]:
    """Bank groups in turn, then columns, then banks, then rows (seq_*_bgint of the golden streams)."""
    g, k = device.geometry.bank_groups, device.geometry.banks_per_group
    return [Burst(op, 0, i % g, i // (g * columns) % k, i // (g * columns * k)) for i in range(n)]


def test_hand_worked_read_of_two_rows_of_one_bank() -> None:
    served = run([Burst("RD", 0, 0, 0, 7), Burst("RD", 0, 0, 0, 7), Burst("RD", 0, 0, 0, 8)])
    # ACT 0; RD tRCDRD = 14 and tCCD_L = 4 later; PRE at tRAS = 34 (RD + tRTP = 23 is earlier); ACT at 48.
    assert [(c.slot, c.name) for c in served.commands] == [
        (0, "ACT"), (14, "RD"), (18, "RD"), (34, "PRE"), (48, "ACT"), (62, "RD"),
    ]  # fmt: skip
    assert served.column_slots == [14, 18, 62]


def test_hand_worked_write_then_read_in_another_group() -> None:
    served = run([Burst("WR", 0, 0, 0, 1), Burst("RD", 0, 1, 0, 1), Burst("WR", 0, 0, 0, 2)])
    # ACT at 0 and tRRD_S = 4; WR at tRCDWR = 12; RD at 12 + tCWL 5 + burst 2 + tWTR_S 6 = 25.
    # PRE at 12 + 5 + 2 + tWR 16 = 35, ACT 49, WR at 61 (tRTW long over).
    assert served.column_slots == [12, 25, 61]
    assert [(c.slot, c.name) for c in served.commands][3:5] == [(25, "RD"), (35, "PRE")]


def test_single_bus_takes_one_command_per_slot_column_first() -> None:
    ddr4 = DEVICES["DDR4"]
    bursts = [Burst("RD", 0, i % 4, 0, 1) for i in range(8)] + [Burst("RD", 0, i % 4, 1, 1) for i in range(8)]
    served = run(bursts, ddr4)
    slots = [c.slot for c in served.commands]
    assert len(slots) == len(set(slots))
    # ACTs at 0, 4, 8, 12, then tFAW at 26, 30, 34, 38; the read due at 17 + 4 i shares no slot with them.
    assert [c.slot for c in served.commands if c.name == "ACT"] == [0, 4, 8, 12, 26, 30, 34, 38]
    assert served.column_slots[:8] == [17, 21, 25, 29, 33, 37, 41, 45]
    t = {**ddr4.timing, "tFAW": 25}
    clash = run(bursts, Device("DDR4", ddr4.geometry, t))
    assert [c.slot for c in clash.commands if c.name == "ACT"][4] == 26  # the read of slot 25 went first


def test_row_commands_look_ahead_exactly_window_bursts() -> None:
    bursts = [Burst("RD", 0, 0, 0, 1) for _ in range(40)] + [Burst("RD", 0, 1, 0, 1)]
    for window in (1, 2, 8, 32):
        served = run(bursts, window=window)
        other = next(c.slot for c in served.commands if c.name == "ACT" and c.bank_group == 1)
        # Burst 40 enters the window in the slot in which burst 40 - window has been issued.
        assert other == served.column_slots[40 - window]


@pytest.mark.parametrize("name", sorted(DEVICES))
def test_one_bank_conflicts_cost_a_row_cycle(name: str) -> None:
    device = DEVICES[name]
    t = device.timing
    served = run([Burst("RD", 0, 0, 0, i) for i in range(12)], device)
    read_cycle = t.get("tRCDRD", t.get("tRCD", 0)) + t["tRTP"] + t["tRP"]
    assert steady(served.column_slots, 1) == max(t["tRC"], t["tRAS"] + t["tRP"], read_cycle)
    written = run([Burst("WR", 0, 0, 0, i) for i in range(12)], device)
    write_cycle = t.get("tRCDWR", t.get("tRCD", 0)) + t["tCWL"] + t["burst"] + t["tWR"] + t["tRP"]
    assert steady(written.column_slots, 1) == max(t["tRC"], t["tRAS"] + t["tRP"], write_cycle)


@pytest.mark.parametrize("name", ["HBM2", "DDR4", "DDR5", "GDDR6", "LPDDR5"])
def test_row_hits_stream_at_the_column_rate(name: str) -> None:
    device = DEVICES[name]
    t = device.timing
    hits = run([Burst("RD", 0, 0, i % 4, 0) for i in range(40)], device)
    assert steady(hits.column_slots, 8) == max(t["burst"], t["tCCD_L"])
    spread = run(interleaved(96, device), device)
    assert steady(spread.column_slots, 48) == max(t["burst"], t["tCCD_S"])
    written = run(interleaved(96, device, "WR"), device)
    same_group = t.get("tCCD_L_WR", t["tCCD_L"]) / device.geometry.bank_groups
    assert steady(written.column_slots, 48) == max(t["burst"], t.get("tCCD_S_WR", t["tCCD_S"]), same_group)


@pytest.mark.parametrize("name", ["HBM2", "DDR4", "LPDDR5"])
def test_new_rows_in_turn_run_at_the_activation_rate(name: str) -> None:
    device = DEVICES[name]
    t, (g, k) = device.timing, device.geometry[:2]
    bursts = [Burst("RD", 0, i % g, i // g % k, i // (g * k)) for i in range(129)]
    slots = run(bursts, device).column_slots
    assert steady(slots, 64) == pytest.approx(
        max(t["tRRD_S"], t["tFAW"] / 4, t["burst"], t["tCCD_S"]), rel=0.02
    )


def test_refresh_closes_everything_and_comes_at_every_interval() -> None:
    t = {**HBM2.timing, "tREFI": 200, "tRFC": 50}
    device = Device("HBM", HBM2.geometry, t)
    served = run(interleaved(400, device), device, refresh=True)
    refreshes = [c.slot for c in served.commands if c.name == "REF"]
    assert len(refreshes) == max(served.column_slots) // 200
    for n, slot in enumerate(refreshes, 1):
        prea = max(c.slot for c in served.commands if c.name == "PREA" and c.slot < slot)
        assert n * 200 <= prea < n * 200 + 35
        assert slot - prea == t["tRP"]
        following = [c for c in served.commands if c.slot > slot]
        assert (following[0].name, following[0].slot) == ("ACT", slot + t["tRFC"])
    assert all(c.pc == -1 for c in served.commands if c.name in ("REF", "PREA"))


def test_refresh_of_an_idle_channel_needs_no_precharge() -> None:
    served = run([Burst("RD", 0, 0, 0, 0, arrival=4000)], refresh=True)
    assert [(c.slot, c.name) for c in served.commands] == [(3900, "REF"), (4250, "ACT"), (4264, "RD")]


def test_min_gap_and_arrival_hold_back_columns() -> None:
    served = run([Burst("RD", 0, i % 4, 0, 0, arrival=100 * (i == 5)) for i in range(8)], min_gap=9)
    assert served.column_slots[:5] == [14, 23, 32, 41, 50]
    assert served.column_slots[5:] == [100, 109, 118]


def test_pseudo_channels_share_the_command_bus_but_not_the_data_bus() -> None:
    both = [Burst("RD", i % 2, i // 2 % 4, 0, 0) for i in range(200)]
    slots = run(both).column_slots
    assert steady(slots, 100) == 1  # two buses of burst 2 fed by one column bus


def test_lock_step_macs_run_at_tccd_l_and_open_rows_under_each_limit() -> None:
    geometry = Geometry(4, 4)
    bursts = [Burst("MAC", 0, -1, -1, i // 32, banks=tuple(range(16))) for i in range(96)]
    device = Device("HBM", geometry, HBM2.timing)
    t = device.timing
    for limits, opening in (
        (PimLimits(False, False), 0),
        (PimLimits(True, False), 15 * t["tRRD_S"]),
        (PimLimits(False, True), 3 * t["tFAW"]),
        (PimLimits(True, True), 15 * t["tRRD_S"]),
    ):
        slots = run(bursts, device, limits=limits).column_slots
        assert slots[0] == opening + 14
        assert slots[31] - slots[0] == 31 * t["tCCD_L"]
        assert slots[32] - slots[31] == t["tRTP"] + t["tRP"] + opening + 14


def test_operand_broadcast_and_result_drain_cost_the_data_bus() -> None:
    everywhere = tuple(range(16))
    stream = [Burst("PIMWR", 0, -1, -1, -1)] * 4 + [Burst("MAC", 0, -1, -1, 0, banks=everywhere)] * 2
    stream += [Burst("PIMRD", 0, -1, -1, -1)] * 3
    t = HBM2.timing
    served = run(stream, Device("HBM", Geometry(4, 4), t), limits=PimLimits(False, False))
    writes, macs, reads = served.column_slots[:4], served.column_slots[4:6], served.column_slots[6:]
    assert writes == [0, 2, 4, 6]  # registers need no row; one broadcast per burst time
    assert macs == [6 + 5 + 2 + t["tWTR_S"], 6 + 5 + 2 + t["tWTR_S"] + t["tCCD_L"]]
    assert reads == [macs[1] + t["tCCD_S"] * i for i in (1, 2, 3)]


def test_power_window_bounds_lock_step_rows() -> None:
    bursts = [Burst("MAC", 0, -1, -1, i, banks=tuple(range(16))) for i in range(12)]
    device = Device("HBM", Geometry(4, 4), HBM2.timing)
    slots = run(bursts, device, limits=PimLimits(False, False), power=(1000, 64)).column_slots
    assert slots[4] - slots[0] == 1000
    assert slots[8] - slots[4] == 1000


@pytest.mark.parametrize("name", sorted(DEVICES))
@pytest.mark.parametrize("seed", range(3))
def test_d1_legal_every_command_of_random_streams_passes_the_checker(name: str, seed: int) -> None:
    device = DEVICES[name]
    draw = random.Random(seed)
    g, k, _, pcs = device.geometry
    timing = {**device.timing, "tREFI": 1500, "tRFC": 200}
    device = Device(device.family, device.geometry, timing)
    bursts = [
        Burst(
            draw.choice(["RD", "RD", "WR"]),
            draw.randrange(pcs),
            draw.randrange(g),
            draw.randrange(k),
            draw.randrange(3),
        )
        for _ in range(120)
    ]
    served = run(bursts, device, refresh=True)
    assert served.column_slots == sorted(served.column_slots)
    columns = [c for c in served.commands if c.name in ("RD", "WR")]
    assert [(c.name, c.pc, c.bank_group, c.bank, c.row) for c in columns] == [b[:5] for b in bursts]
    assert check(served.commands, timing, device.geometry, device.family, refresh=True) == []
