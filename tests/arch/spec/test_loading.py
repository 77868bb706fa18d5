import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.arch.spec.sample import DEVICE, MACHINE, Device, Machine

from bankside.arch.spec import Area, ConfigError, Spec, Time, from_dict, from_text, load


def test_json_files_are_read(tmp_path: Path) -> None:
    spec = from_text(MACHINE, Machine).spec
    path = tmp_path / "m.json"
    path.write_text(json.dumps(spec.model_dump(mode="json"), indent="\t"))
    assert load(path, "machines", Machine).spec == spec


def test_s6_a_dumped_specification_reads_back() -> None:
    loaded = from_text(MACHINE, Machine)
    again = from_dict(loaded.spec.model_dump(mode="json"), Machine)
    assert again.spec == loaded.spec and again.digest == loaded.digest


class Floats(Spec):
    time: Time
    area: Area
    plain: float


@given(
    st.floats(min_value=0, max_value=1),
    st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_s6_every_double_survives(time: float, area: float, plain: float) -> None:
    text = f"{{time: {time!r} s, area: {area!r} m2, plain: {plain!r}}}"
    spec = from_text(text, Floats).spec
    assert (spec.time, spec.area, spec.plain) == (time, area, plain)
    assert from_dict(spec.model_dump(mode="json"), Floats).spec == spec


def test_specifications_are_frozen() -> None:
    spec = from_text(MACHINE, Machine).spec
    with pytest.raises(ValueError, match="frozen"):
        spec.primary = "x"  # type: ignore[misc]


def test_the_file_lends_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(DEVICE)
    assert load(tmp_path / "mine.yaml", "devices", Device).spec.name == "mine"
    (tmp_path / "mine.yaml").write_text("name: other\n" + DEVICE)
    loaded = load(tmp_path / "mine.yaml", "devices", Device)
    assert (loaded.spec.name, loaded.name) == ("other", "mine")


def test_a_configuration_is_read_again_only_when_one_of_its_files_holds_something_else(shipped: Path) -> None:
    base, mine = shipped / "devices" / "base.yaml", shipped / "devices" / "mine.yaml"
    base.write_text(DEVICE)
    mine.write_text("extends: base\nname: x\n")
    first = load("mine", "devices", Device)
    assert load("mine", "devices", Device) is first
    assert load("mine", "devices", Device, ["timings.tRC=41"]).spec != first.spec
    assert load("mine", "devices", Device, ["timings.tRC=42"]).spec.timings["tRC"].cycles(1e9) == 42
    times = base.stat()
    base.write_text(DEVICE.replace("14", "15"))
    os.utime(base, ns=(times.st_atime_ns, times.st_mtime_ns))
    second = load("mine", "devices", Device)
    found = [each.spec.timings["tRCD"].cycles(1e9) for each in (first, second)]
    assert found == pytest.approx([14, 15])
    base.unlink()
    with pytest.raises(ConfigError, match="There is no 'base' among the devices"):
        load("mine", "devices", Device)


def test_messages_are_the_same_from_another_folder(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shipped / "devices" / "bad.yaml").write_text("clock: 1\n")
    said = []
    for folder in (Path(__file__).parent, shipped):
        monkeypatch.chdir(folder)
        with pytest.raises(ConfigError) as caught:
            load("bad", "devices", Device)
        said.append(caught.value.errors)
    assert said[0] == said[1]
    assert said[0] == [
        "configs/devices/bad.yaml:1:1 clock: expected a frequency such as '1.6 GHz', but 1 has no unit.",
        "configs/devices/bad.yaml:1:1 timings: the key 'timings' is missing.",
    ]


def test_text_and_data_may_extend_when_their_kind_is_known(shipped: Path) -> None:
    (shipped / "devices" / "base.yaml").write_text(DEVICE)
    expected = {"tRC": 40, "tRCD": 14}
    for loaded in (
        from_text("{extends: base, name: x, timings: {tRC: 40}}", Device, kind="devices"),
        from_dict({"extends": "base", "name": "x", "timings": {"tRC": 40}}, Device, kind="devices"),
    ):
        assert {key: timing.cycles(1e9) for key, timing in loaded.spec.timings.items()} == pytest.approx(
            expected
        )
    with pytest.raises(ConfigError, match="unknown key 'extends'"):
        from_text("{extends: base, name: x, clock: 1 GHz, timings: {}}", Device)
    assert from_text("name: x\n_replace: true\n" + DEVICE, Device).spec.name == "x"
