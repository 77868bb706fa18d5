"""Where energy becomes heat."""

import pytest

from bankside.kernels.run.places import PlaceHeat, Places, leaked


def test_parts_go_to_their_places_and_standing_power_stands() -> None:
    places = Places()
    places.add("logic", {"mac": 2.0, "sram": 1.0, "static": 0.5, "noc": 0.0}, "pe")
    places.add("logic", {"mac": 0.0, "sram": 4.0, "noc": 3.0, "clock": 5.0, "phy": 6.0})
    places.add("dram", {"activation": 7.0, "bank_to_tsv": 8.0, "refresh": 10.0})
    places.leak("logic", "pe.compute", 9.0)
    assert places.sums() == {
        ("logic", "pe.compute"): PlaceHeat(2.0, 0.5, 9.0),
        ("logic", "pe.sram"): PlaceHeat(1.0),
        ("logic", "die"): PlaceHeat(4.0, 5.0),
        ("logic", "noc"): PlaceHeat(3.0),
        ("logic", "io"): PlaceHeat(6.0),
        ("dram", "banks"): PlaceHeat(7.0, 10.0),
        ("dram", "vias"): PlaceHeat(8.0),
    }


def test_power_scales_with_the_duty_but_for_what_stands() -> None:
    heat = PlaceHeat(6.0, 3.0, 2.0)
    assert heat.power_w(2.0, 0.5) == pytest.approx(1.5 + 1.5 + 1.0)
    assert heat.power_w(2.0, 0.5, leaks=3.0) == pytest.approx(1.5 + 1.5 + 3.0)
    assert heat.power_w(0.0, 1.0) == 0.0


def test_leakage_alone_follows_the_temperature() -> None:
    places = {("a", "die"): PlaceHeat(1.0, 2.0, 3.0), ("b", "die"): PlaceHeat(1.0, 2.0, 3.0)}
    assert leaked(places, {("a", "die"): 2.0}) == {
        ("a", "die"): PlaceHeat(1.0, 2.0, 6.0),
        ("b", "die"): PlaceHeat(1.0, 2.0, 3.0),
    }
