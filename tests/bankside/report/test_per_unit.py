"""What is got done with one unit of something."""

import pytest
from tests.bankside.sample import result

from bankside.report.per_unit import UNITS, per_unit


def launched() -> dict[str, object]:
    """A run of 10 us, of which launches take 2, a transfer 3 and fences 1."""
    fs = 10**9
    stack = {"launch": 2 * fs, "link_serial": fs, "link_latency": 2 * fs, "sync": fs, "dram_data": 4 * fs}
    return result(time_fs=10 * fs, stack_fs=stack)


@pytest.mark.parametrize(
    ("unit", "amount"),
    [("machine", 1), ("stack", 1), ("GBps", 1000), ("GB", 4.294967296), ("mm2", 200)],
)
def test_runs_of_a_unit(unit: str, amount: float) -> None:
    figures = per_unit(launched(), unit)
    assert figures["amount"] == pytest.approx(amount)
    assert figures["runs_per_s"] == pytest.approx(1e5 / amount)
    assert figures["device_runs_per_s"] == pytest.approx(2.5e5 / amount)


def test_a_watt_gives_a_run_a_second_for_each_joule() -> None:
    told = launched()
    assert per_unit(told, "W")["runs_per_s"] == pytest.approx(1 / (float(told["power_w"]) * 1e-5))


def test_parts_of_the_time_sum_to_it() -> None:
    figures = per_unit(launched(), "machine")
    parts = [figures[f"{part}_s"] for part in ("launch", "transfers", "waits", "device")]
    assert parts == pytest.approx([2e-6, 3e-6, 1e-6, 4e-6])


def test_of_what_is_transferred_alone_no_device_is_left() -> None:
    figures = per_unit(result(time_fs=10**9, stack_fs={"link_serial": 10**9}), "stack")
    assert figures["device_s"] == 0 and figures["device_runs_per_s"] is None


def test_what_a_machine_has_not_is_told() -> None:
    chip = result("sram-lpu")
    del chip["placement"]["pins_Bps"]
    with pytest.raises(
        ValueError, match="sram-lpu has no GB/s at the pins of its memory: --per GBps divides by it"
    ):
        per_unit(chip, "GBps")
    assert set(UNITS) == {"machine", "stack", "GBps", "GB", "W", "mm2"}
