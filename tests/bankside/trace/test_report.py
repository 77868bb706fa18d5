import io
from typing import Any

from rich.console import Console

from bankside.trace.report import ReplayTable

DATA: dict[str, Any] = {
    "trace": "t.trace",
    "device": "hbm3",
    "requests": 1200,
    "reads": 1000,
    "writes": 200,
    "cycles": 4000.5,
    "time_s": 2.5e-6,
    "bandwidth_Bps": 15.36e9,
    "peak_Bps": 51.2e9,
    "utilisation": 0.3,
    "read_latency_cycles": 96.0,
    "read_latency_s": 60e-9,
    "commands": {"ACT": 30, "RD": 990, "WR": 200},
    "cycle_stack": {"sync": 1000.0, "dram_data": 3000.5, "dram_faw": 0.0},
    "forwarded": 10,
    "merged": 0,
    "coalesced": 0,
    "undrained": 0,
    "energy_j": {"activate": 3e-9, "read": 1e-9, "refresh": 0.0},
    "channels": {"0": {"requests": 1200, "cycles": 4000.5}},
}


def shown(**changes: Any) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=100).print(ReplayTable({**DATA, **changes}))
    return [" ".join(line.split()) for line in out.getvalue().splitlines() if line.strip()]


def test_figures_with_their_units() -> None:
    lines = shown()
    for line in (
        "t.trace on hbm3 value",
        "reads, writes 1,000, 200",
        "cycles 4,000.5",
        "time 2.500 us",
        "bandwidth 15.4 GB/s",
        "of 51.2 GB/s 30 %",
        "mean read latency 96.0 cycles",
        "RD commands 990",
        "forwarded 10 requests",
    ):
        assert line in lines
    assert not any("undrained" in line or "merged" in line for line in lines)


def test_shares_are_of_their_total_largest_first_and_zeros_left_out() -> None:
    lines = shown()
    assert lines.index("dram_data 3,000.5 75 %") < lines.index("sync (no request waits) 1,000 25 %")
    assert lines.index("activate 3.00 nJ 75 %") < lines.index("read 1.00 nJ 25 %")
    assert not any("dram_faw" in line or "refresh" in line for line in lines)
    assert "total 4.00 nJ" in lines


def test_a_device_without_energies_has_no_such_table() -> None:
    assert not any("energy" in line for line in shown(energy_j=None))


def test_a_trace_of_writes_has_no_read_latency() -> None:
    assert not any("latency" in line for line in shown(reads=0))
