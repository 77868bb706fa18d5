from pathlib import Path

import pytest
from tests.arch.spec.sample import DEVICE, MACHINE, Device, Machine

from bankside.arch.spec import ConfigError, load


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def refusal_of(path: Path | str, kind: str = "machines") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, kind, Machine if kind == "machines" else Device)
    return caught.value.errors


def test_extends_merges_over_a_shipped_configuration(shipped: Path) -> None:
    write(shipped / "devices", base=DEVICE, fast="extends: base\ntimings: {tRC: 40}\n")
    fast = load("fast", "devices", Device)
    assert fast.spec.timings["tRC"].cycle == 40
    assert fast.spec.timings["tRCD"].s == 14e-9
    assert fast.spec.name == fast.name == "fast" and fast.origin == shipped / "devices" / "fast.yaml"
    assert fast.sources["timings.tRC"].file == "configs/devices/fast.yaml"
    assert (fast.sources["timings.tRCD"].file, fast.sources["timings.tRCD"].line) == (
        "configs/devices/base.yaml",
        2,
    )


def test_the_source_of_a_base_does_not_vouch_for_what_replaces_it(shipped: Path) -> None:
    write(shipped / "devices", base="_source: a book\n" + DEVICE, fast="extends: base\ntimings: {tRC: 40}\n")
    sources = load("fast", "devices", Device).sources
    assert sources["timings.tRCD"].source == "a book"
    assert sources["timings.tRC"].source is None


def test_errors_point_to_the_file_where_the_key_stands(shipped: Path, tmp_path: Path) -> None:
    write(shipped / "devices", base=DEVICE.replace("14 ns", "60 ns"))
    mine = write(tmp_path, mine="extends: base\ntimings:\n  tRAS: 50\n  tRP: -1\n") / "mine.yaml"
    assert refusal_of(mine, "devices") == [
        f"{mine}:4:3 timings.tRP: a timing cannot be negative, but got '-1'."
    ]
    mine.write_text("extends: base\ntimings:\n  tRAS: 50\n")
    assert refusal_of(mine, "devices") == [
        f"{mine}:3:3 timings.tRAS: tRAS is above tRC.",
        "configs/devices/base.yaml:2:20 timings.tRCD: tRCD is above tRC.",
    ]


def test_circles_are_refused(shipped: Path) -> None:
    write(shipped / "devices", a="extends: b\n", b="extends: c\n", c="extends: b\n")
    assert refusal_of("a", "devices") == [
        "configs/devices/b.yaml: extends runs in a circle: b extends c extends b."
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("extends: bas\n", "1:1: There is no 'bas' among the devices; did you mean 'base'?"),
        ("extends: [base]\n", "1:1: expected the name of one of the devices, got a list."),
        ("extends:\n", "1:1: expected the name of one of the devices, got nothing."),
        ("- a\n", "1:1: expected a block of keys, but got a list."),
        ("a\n", "1:1: expected a block of keys, but got the text 'a'."),
    ],
)
def test_wrong_references(shipped: Path, tmp_path: Path, text: str, sentence: str) -> None:
    write(shipped / "devices", base=DEVICE)
    mine = write(tmp_path, mine=text) / "mine.yaml"
    assert refusal_of(mine, "devices") == [f"{mine}:{sentence}"]


def test_paths_are_relative_to_the_file_they_stand_in(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", low=DEVICE, high="extends: ./low.yaml\ntimings: {tRC: 50}\n")
    mine = write(tmp_path, mine="extends: sub/high.yaml\n") / "mine.yaml"
    assert load(mine, "devices", Device).spec.timings["tRC"].cycle == 50


@pytest.mark.parametrize(
    "target", ["../out.yaml", "/out.yaml", "link.yaml", "no.yaml", "sub", "a" * 5000 + ".yaml"]
)
def test_paths_stay_below_the_folder_of_the_users_file(tmp_path: Path, target: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(tmp_path, out=DEVICE)
    (folder / "link.yaml").symlink_to(tmp_path / "out.yaml")
    mine = write(folder, mine=f"extends: ./{target}\n".replace(".//", "/")) / "mine.yaml"
    (error,) = refusal_of(mine, "devices")
    assert error.startswith(f"{mine}:1:1: '") and error.endswith(
        f"' is not a file below the folder {folder}."
    )


def test_references_are_put_in_place(shipped: Path) -> None:
    write(shipped / "devices", dev=DEVICE, other=DEVICE.replace("48", "50"))
    inline = "{name: dev, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}"
    write(shipped / "machines", named=MACHINE.replace(inline, "dev"), whole=MACHINE)
    named, whole = load("named", "machines", Machine), load("whole", "machines", Machine)
    assert named.spec == whole.spec and named.digest == whole.digest
    assert named.sources["memories.hbm.device.timings.tRC"].file == "configs/devices/dev.yaml"
    changed = load("named", "machines", Machine, ["memories.hbm.device.timings.tRC=49"])
    assert changed.spec.memories["hbm"].device.timings["tRC"].cycle == 49
    swapped = load("named", "machines", Machine, ["memories.hbm.device=other"])
    assert swapped.spec.memories["hbm"].device.name == "other"
    assert swapped.spec.memories["hbm"].device.timings["tRC"].cycle == 50


def test_a_reference_may_be_changed_in_place(shipped: Path) -> None:
    write(shipped / "devices", dev=DEVICE)
    inline = "{name: dev, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}"
    write(shipped / "machines", m=MACHINE.replace(inline, "{extends: dev, timings: {tRC: 47}}"))
    device = load("m", "machines", Machine).spec.memories["hbm"].device
    assert (device.name, device.timings["tRC"].cycle, device.timings["tRCD"].s) == ("dev", 47, 14e-9)


def test_unknown_references_are_errors_at_their_place(shipped: Path) -> None:
    write(shipped / "devices", hbm3=DEVICE)
    inline = "{name: dev, clock: 1 GHz, timings: {tRC: 48, tRCD: 14 ns}}"
    write(shipped / "machines", m=MACHINE.replace(inline, "hbm33").replace("rows: 32", "rows: x"), w=MACHINE)
    there_is_none = "memories.hbm.device: There is no 'hbm33' among the devices; did you mean 'hbm3'?"
    assert refusal_of("m") == [
        f"configs/machines/m.yaml:3:9 {there_is_none}",
        "configs/machines/m.yaml:13:30 cores.pe.matmul.rows: expected a whole number, but got the text 'x'.",
    ]
    with pytest.raises(ConfigError) as caught:
        load("w", "machines", Machine, ["memories.hbm.device=hbm33", "share=x"])
    assert caught.value.errors == [
        f"--set {there_is_none}".replace("device:", "device=hbm33:"),
        "--set share=x: expected a number or one of auto, but got the text 'x'.",
    ]
    with pytest.raises(ConfigError) as caught:
        load("w", "machines", Machine, ["memories.hbm.device={extends: hbm33}"])
    assert len(caught.value.errors) == 1 and "There is no 'hbm33'" in caught.value.errors[0]


def test_a_user_may_name_any_file_on_the_command_line(shipped: Path, tmp_path: Path) -> None:
    write(shipped / "machines", m=MACHINE)
    write(tmp_path, other=DEVICE.replace("48", "51"))
    spec = load("m", "machines", Machine, [f"memories.hbm.device={tmp_path}/other.yaml"]).spec
    assert spec.memories["hbm"].device.timings["tRC"].cycle == 51
