"""Exchanges among packages: over the outermost network, timed as the links say, counted once for all packages."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.noc.packet import cost
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.lower.collective import between_packages
from bankside.kernels.run.simulate import simulate

GEMV = {"m": 2048, "k": 256}


def test_packages_meet_on_the_outermost_network() -> None:
    machine = load_machine("hybrid-3d")
    assert between_packages(machine)[0] == "host"


def test_a_gathered_product_takes_the_links_time() -> None:
    machine = load_machine("base-die", [], 4)
    result = simulate(build("gemv", **GEMV), machine, parallel="tp").to_dict()
    network = between_packages(machine)[1]
    priced = cost(network, "all_gather", 4, 2048 / 4 * 2)
    (exchange,) = (op for op in result["ops"] if op["label"] == "gemv.all_gather")
    assert exchange["time_s"] == pytest.approx(priced.total_fs / 1e15)
    assert result["bandwidth"]["link"]["bytes_read"] == priced.byte_hops
    assert result["machine"]["stacks"] == 4
    assert result["kernel"]["parallel"] == "tp=4"
    held = result["links"]["network.host"]
    assert 0 < held["mean"] <= held["busiest"] < 1


def test_energy_is_of_all_packages() -> None:
    four = simulate(build("gemv", **GEMV), load_machine("base-die", [], 4), parallel="tp").to_dict()
    alone = simulate(build("gemv", m=512, k=256), load_machine("base-die")).to_dict()
    macs = [r["events"]["pe.vector"]["mac"] for r in (four, alone)]
    assert macs[0] == 4 * macs[1]


def test_numbers_of_packages_that_do_not_fit_are_told() -> None:
    with pytest.raises(ConfigError, match="asks for 3 packages, but 4 packages run"):
        simulate(build("gemv", **GEMV), load_machine("base-die", [], 4), parallel="tp=3")
