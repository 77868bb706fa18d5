"""Flash devices: the shipped points, what follows from them in closed form, and what is refused."""

from itertools import pairwise

import pytest

from bankside.arch.dram.flash.device import FlashSpec, buffer_bytes, compile_flash, lifetime_s
from bankside.arch.spec import ConfigError, load, names, unsourced

DEVICES = [name for name in names("devices") if name.startswith("hbf")]


def flash(name: str, *overrides: str):  # type: ignore[no-untyped-def]
    return compile_flash(load(name, "devices", FlashSpec, overrides).spec)


@pytest.mark.parametrize("name", DEVICES)
def test_every_number_of_a_shipped_device_has_a_source(name: str) -> None:
    loaded = load(name, "devices", FlashSpec)
    assert unsourced(loaded) == []
    assert all(leaf.confidence for leaf in loaded.sources.values() if isinstance(leaf.value, int | float))


def test_the_published_latencies_and_both_energies_ship() -> None:
    read_us = {round(load(name, "devices", FlashSpec).spec.page.read * 1e6) for name in DEVICES}
    assert read_us == {1, 3, 15, 20, 28}
    per_bit = [load(n, "devices", FlashSpec).spec.energy.read / 131072 for n in ("hbf-6pj", "hbf")]  # type: ignore[union-attr]
    assert per_bit == pytest.approx([4.08e-12, 17.98e-12], rel=1e-3)


def test_peak_is_the_smaller_of_bus_and_planes() -> None:
    bus, page_s = 102.4e9, 160e-9
    for planes, read_us in ((96, 15), (96, 20), (10, 1), (1000, 28)):
        device = flash("hbf", f"die.planes={planes}", f"page.read={read_us} us")
        assert device.peak_bytes_per_s == pytest.approx(min(bus, planes * 16384 / (read_us * 1e-6)), rel=1e-9)
        single = flash("hbf", f"die.planes={planes}", f"page.read={read_us} us", "registers=1")
        slower = min(bus, planes * 16384 / (read_us * 1e-6 + page_s))
        assert single.peak_bytes_per_s == pytest.approx(slower, rel=1e-9)


def test_longer_pages_take_longer_and_never_give_more() -> None:
    devices = [flash("hbf", f"page.read={us} us") for us in (1, 5, 10, 15, 20, 28)]
    assert all(a.page_time_s < b.page_time_s for a, b in pairwise(devices))
    assert all(a.peak_bytes_per_s >= b.peak_bytes_per_s for a, b in pairwise(devices))


def test_registers_hold_the_buffer_that_hides_the_latency() -> None:
    """2 x BW x tR, when the planes are as many as the bus needs: two pages for each."""
    device = flash("hbf-1us")
    held = device.channels * device.planes * 2 * 4096
    assert held == pytest.approx(buffer_bytes(device.peak_bytes_per_s * device.channels, 1e-6), rel=1e-6)


def test_lifetime_is_capacity_times_cycles_over_what_is_written() -> None:
    endurance = load("hbf", "devices", FlashSpec).spec.endurance
    assert lifetime_s(512e9, endurance, 48e9) == pytest.approx(512e9 * 100_000 / (48e9 * 1.02))


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("page.bytes=1000", "a page of 1000 B is no whole number of bursts of 64 B"),
        ("die.planes=2000", "at most 1024 planes, not 1 x 2000"),
        ("die.capacity=1 MiB", "at least one page in each plane"),
        ("registers=0", "registers"),
        ("page.read=0 us", "page.read"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(override: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        flash("hbf", override)
