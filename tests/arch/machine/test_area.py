"""Areas: what is on a die fits it, or the machine says where the room is from."""

import math

import pytest

from bankside.arch.machine.area import die_m2, shares
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.arch.technology.process import load_process


def test_blocks_are_units_stores_interfaces_and_routers() -> None:
    lpu = load_machine("sram-lpu")
    store = load_process("n14").sram_area_m2(lpu.memories["sram"].capacity_bytes)
    assert lpu.blocks["chip"]["sram.store"] == pytest.approx(store)
    gpu = load_machine("xpu-a100", stacks=10)
    assert gpu.blocks["gpu"]["host.interface"] == pytest.approx(2 * 110.7e-6)
    die = next(die for die in gpu.spec.dies if die.name == "gpu")
    assert die_m2(gpu, die) == pytest.approx(2 * 826e-6)
    assert shares(gpu)["gpu"] == pytest.approx(math.fsum(gpu.blocks["gpu"].values()) / (2 * 826e-6))
    assert shares(gpu) == pytest.approx(shares(load_machine("xpu-a100")))
    stack = load_machine("hybrid-3d")
    link = next(entry.network.link for entry in stack.spec.path if entry.network and entry.level == "vault")
    ports = 5 * stack.primary.nodes * link.width
    assert stack.blocks["logic"]["vault.network"] == pytest.approx(ports * load_process("n7").noc.port)


def test_units_replace_cells_in_the_proportion_of_their_area() -> None:
    machine = load_machine("attacc-bg")
    memory = machine.memories["hbm"]
    assert memory.lost == pytest.approx(shares(machine)["dram"])
    assert machine.cores["pe"].memory is memory
    whole = load_machine("attacc-buffer").memories["hbm"].capacity_bytes
    assert memory.capacity_bytes == int(whole * (1 - memory.lost)) < whole
    smaller = load_machine("attacc-bg", ["cores.pe.vector.lanes=16"]).memories["hbm"]
    assert memory.lost > smaller.lost > memory.lost / 2


def test_units_beside_the_cells_leave_the_capacity_of_the_device() -> None:
    machine = load_machine("hbm-pim")
    assert machine.memories["hbm"].lost == 0 < shares(machine)["dram"] < 1


def test_what_does_not_fit_is_refused_with_what_is_on_the_die() -> None:
    with pytest.raises(ConfigError) as error:
        load_machine("base-die", ["dies.base.area=30 mm2"])
    sentence = str(error.value)
    assert (
        "dies.base.area: A die base of 30 mm2 does not hold what is on it [mm2]: pe.matmul 28.05," in sentence
    )
    with pytest.raises(ConfigError, match=r"dies\.dram\.area: A die dram of 121 mm2 does not hold"):
        load_machine("attacc-bank", ["cores.pe.vector.lanes=128"])


def test_cores_in_a_dram_die_say_where_their_room_is_from() -> None:
    with pytest.raises(
        ConfigError, match=r"attacc-bank\.yaml:\d+ cores\.pe\.tap: .* say `area: replaces capacity`"
    ):
        load_machine("attacc-bank", ["cores.pe.area=null"])
