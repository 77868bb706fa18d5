"""Devices out of other tools' files equal the shipped ones of the same presets; what is not understood is told."""

import re
from pathlib import Path

import pytest
from tests.arch.dram.device.foreign_files import DRAMSIM3, PIM, WRONG, ini, ramulator2, shipped

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.foreign.dramsim3 import PROTOCOLS
from bankside.arch.dram.device.foreign.ramulator2 import PRESETS
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.dram.device.timing import clocks
from bankside.arch.spec import ConfigError, load

PIM_DEVICE = "pimsimulator-hbm2-2m-16b-x64"


def same(found: DeviceSpec, wanted: DeviceSpec) -> None:
    """The compiled devices, to the last field; energies apart."""
    ours, theirs = compile_standard(found), compile_standard(wanted)
    assert ours.packed.tobytes() == theirs.packed.tobytes()
    assert (ours.slot_fs, ours.channels, ours.burst_bytes) == (
        theirs.slot_fs,
        theirs.channels,
        theirs.burst_bytes,
    )


@pytest.mark.parametrize("name", DRAMSIM3)
def test_dramsim3(name: str, tmp_path: Path) -> None:
    path = tmp_path / "device.ini"
    path.write_text(ini(name))
    found = load(path, "devices", DeviceSpec).spec
    assert found.energy is None
    same(found, shipped(name))


def test_currents_give_the_energies_of_the_shipped_device(tmp_path: Path) -> None:
    name = "dramsim3-ddr4-8gb-x8-2400"
    path = tmp_path / "device.ini"
    text = (
        ini(name).replace("device_width = 64", "device_width = 8").replace("columns = 1024", "columns = 1024")
    )
    power = "VDD=1.2\nIDD0=48\nIDD2N=34\nIDD3N=43\nIDD4W=123\nIDD4R=135\nIDD5AB=250\n"
    path.write_text(f"{text}\n[power]\n{power}")
    found, wanted = load(path, "devices", DeviceSpec).spec.energy, shipped(name).energy
    assert found is not None and wanted is not None
    for field in ("activate", "refresh", "background", "background_precharged"):
        assert getattr(found, field) == pytest.approx(getattr(wanted, field), rel=1e-4), field
    for field in ("path", "path_write"):
        ours, theirs = (getattr(energy, field)["bank"]["array_to_bank"] for energy in (found, wanted))
        assert ours == pytest.approx(theirs, rel=1e-6)


def test_pimsimulator(tmp_path: Path) -> None:
    path = tmp_path / "device.ini"
    path.write_text(PIM)
    same(load(path, "devices", DeviceSpec).spec, shipped(PIM_DEVICE))


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("AL", 3, {"tRCDRD": 11, "tRCDWR": 7, "tRTP_L": 8}),
        ("tRTPL", 3, {"tRTP_L": 4}),  # never sooner than tCCDL
        ("BL", 16, {"tCCD_S": 8, "tCCD_L": 8, "tRTP_L": 9}),  # nor columns closer than bursts
        ("tCK", 0.8, {"tREFI": 4875}),
        ("tRP", 15, {"tRP": 15}),
    ],
)
def test_delays_of_pimsimulator(key: str, value: float, wanted: dict[str, int], tmp_path: Path) -> None:
    path = tmp_path / "device.ini"
    path.write_text(re.sub(f"(?m)^\\s*{key} *=.*$", f"{key}={value}", PIM))
    found, before = (clocks(spec) for spec in (load(path, "devices", DeviceSpec).spec, shipped(PIM_DEVICE)))
    assert {name: clock for name, clock in found.items() if clock != before[name]} == wanted


@pytest.mark.parametrize(("presets", "name"), PRESETS.items())
def test_ramulator2(presets: tuple[str, str], name: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(ramulator2(*presets))
    found, wanted = load(path, "devices", DeviceSpec).spec, shipped(name)
    wanted = wanted.model_copy(update={"levels": wanted.levels.model_copy(update={"channel": 1})})
    same(found, wanted)


def test_changes_beside_a_preset_hold(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "MemorySystem:\n  DRAM:\n    org: {preset: DDR4_8Gb_x8, rank: 2}\n"
        "    timing: {preset: DDR4_2400U, nRP: 30, nRRDL: 9}\n"
    )
    spec = load(path, "devices", DeviceSpec).spec
    assert (spec.levels.rank, clocks(spec)["tRP"], clocks(spec)["tRRD_L"]) == (2, 30, 9)


@pytest.mark.parametrize(("file", "text", "told"), WRONG)
def test_what_is_wrong_is_a_sentence(file: str, text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path, "devices", DeviceSpec)
    assert told in str(caught.value)


def test_every_protocol_has_a_shipped_device() -> None:
    assert set(PROTOCOLS.values()) <= set(DRAMSIM3)


@pytest.mark.parametrize(
    ("file", "text", "tool"),
    [("d.ini", ini(DRAMSIM3[0]), "DRAMsim3"), ("d.ini", PIM, "PIMSimulator")],
)
def test_values_say_where_they_were_read(file: str, text: str, tool: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.write_text(text)
    leaf = load(path, "devices", DeviceSpec).sources["timings.tRP"]
    assert (leaf.source, leaf.confidence) == (f"{path}, as {tool} reads it", "read")


@pytest.mark.parametrize("width", [0, 48, 128])
def test_devices_that_do_not_fill_a_bus_are_refused(width: int, tmp_path: Path) -> None:
    path = tmp_path / "device.ini"
    text = ini("dramsim3-ddr4-8gb-x8-2400").replace("device_width = 64", f"device_width = {width}")
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path, "devices", DeviceSpec)
    assert any(f"must divide bus_width = 64, but is {width}" in each for each in caught.value.errors)
