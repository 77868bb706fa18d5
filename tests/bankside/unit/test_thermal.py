"""The unit `thermal`: cases in JSON go back with temperatures, HotSpot's files give the same, all faults at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bankside.arch.spec import ConfigError
from bankside.cli.app import app
from bankside.unit import thermal

PACKAGE = {
    "kind": "std", "s_spreader": 0.03, "t_spreader": 0.001, "s_sink": 0.06, "t_sink": 0.0069, "r_convec": 0.1,
    "c_convec": 140.4, "ambient": 318.15,
}  # fmt: skip
SPOT = {"name": "spot", "x": 0.5, "y": 0.25, "w": 0.25, "h": 0.25, "P": 10.0}
REST = {"name": "rest", "x": 0.0, "y": 0.0, "w": 0.5, "h": 1.0, "P": 5.0}


def layer(name: str, thickness: float, k: float, blocks: list[Any]) -> dict[str, Any]:
    power = sum(block["P"] for block in blocks)
    return {
        "name": name,
        "thickness_m": thickness,
        "k_W_mK": k,
        "cv_J_m3K": 1.75e6,
        "power_W": power,
        "blocks": blocks,
    }


def case(**changes: Any) -> dict[str, Any]:
    layers = [layer("DIE", 1e-4, 120.0, [SPOT, REST]), layer("TIM", 5e-5, 4.0, [])]
    steps = {
        "grid": 8,
        "initial_K": 318.15,
        "dt_s": 0.01,
        "n_steps": 20,
        "blocks": ["L0_spot"],
        "steps": [1, 20],
    }
    return {
        "side_m": 0.01,
        "grid": 16,
        "package": PACKAGE,
        "layers": layers,
        "transient_hotspot": steps,
    } | changes


def written(folder: Path, **cases: Any) -> Path:
    path = folder / "cases.json"
    path.write_text(json.dumps({"meta": {"peer": "HotSpot"}, "cases": cases}))
    return path


def test_a_file_of_cases_comes_back_with_temperatures(tmp_path: Path) -> None:
    path, out = written(tmp_path, a=case(seen={"any": 1})), tmp_path / "out.json"
    ran = CliRunner().invoke(
        app, ["unit", "thermal", "--cases", str(path), "--out", str(out), "--compat", "hotspot"]
    )
    assert ran.exit_code == 0, ran.output
    data = json.loads(out.read_text())
    assert data["meta"] == {"peer": "HotSpot"} and data["cases"]["a"]["seen"] == {"any": 1}
    model = data["cases"]["a"]["model"]
    assert [row["layer"] for row in model["layers"]] == ["DIE", "TIM", "SPREADER", "SINK"]
    die, tim = model["layers"][:2]
    assert die["max"] > die["mean"] > die["min"] > 318.15 and die["max"] > tim["max"]
    seen = model["transient"]
    assert seen["blocks"] == ["L0_spot"] and seen["time_s"] == pytest.approx([0.01, 0.2])
    assert 318.15 < seen["T_K"][0][0] < seen["T_K"][1][0] < die["max"]


def test_physical_capacities_are_slower_and_a_cut_spot_is_hotter(tmp_path: Path) -> None:
    path = written(tmp_path, a=case())
    theirs, ours = (
        thermal.run_file(path, {"compat": way})["cases"]["a"]["model"] for way in thermal.CONVENTIONS[::-1]
    )
    assert ours["layers"][0]["max"] > theirs["layers"][0]["max"] + 0.5
    reached = [
        (way["transient"]["T_K"][0][0] - 318.15) / (way["layers"][0]["max"] - 318.15)
        for way in (theirs, ours)
    ]
    assert reached[1] < reached[0]
    assert thermal.run_file(path, {"grid": "4"})["cases"]["a"]["model"]["layers"][0] != ours["layers"][0]


def test_the_files_that_are_written_give_the_same_temperatures(tmp_path: Path) -> None:
    path, folder = written(tmp_path, a=case()), tmp_path / "hotspot"
    model = thermal.run_file(path, {"compat": "hotspot", "write": str(folder)})["cases"]["a"]["model"]
    files = {"lcf": folder / "a.lcf", "config": folder / "a.config", "ptrace": folder / "a.ptrace"}
    trace = files["ptrace"].read_text().splitlines()
    files["ptrace"].write_text("\n".join([trace[0]] + [trace[1]] * 3))
    config = files["config"].read_text().replace("init_temp", "sampling_intvl\t0.01\n-init_temp")
    files["config"].write_text(config)
    given = {name: str(at) for name, at in files.items()} | {
        "compat": "hotspot",
        "ttrace": str(tmp_path / "t"),
    }
    found = thermal.run_case(given)
    assert found["layer0_max"] == pytest.approx(model["layers"][0]["max"], abs=1e-9)
    assert found["SINK_mean"] == pytest.approx(model["layers"][3]["mean"], abs=1e-9)
    names, *rows = (tmp_path / "t").read_text().splitlines()
    assert names.split()[:2] == ["spot", "rest"] and len(rows) == 3
    eighth = thermal.run_case(given | {"grid": "8"})
    assert eighth["layer0_max"] != found["layer0_max"]
    first = float((tmp_path / "t").read_text().splitlines()[1].split()[0])
    assert first == pytest.approx(model["transient"]["T_K"][0][0] - 273.15, abs=5e-3)


def test_files_that_are_read_and_written_are_the_same_files(tmp_path: Path) -> None:
    """Also where blocks of two layers have one name, and where layers have none."""
    twice = [
        layer("DIE", 1e-4, 120.0, [SPOT, REST]),
        layer("TOP", 1e-4, 110.0, [SPOT]),
        layer("TIM", 5e-5, 4.0, []),
    ]
    path, once, again = written(tmp_path, a=case(layers=twice)), tmp_path / "once", tmp_path / "again"
    thermal.run_file(path, {"write": str(once)})
    files = {name: str(once / f"a.{name}") for name in ("lcf", "config", "ptrace")}
    thermal.run_case(files | {"write": str(again)})
    texts = [{at.name: at.read_text() for at in folder.iterdir()} for folder in (once, again)]
    layers = [text.pop("a.lcf") for text in texts]
    assert texts[0] == texts[1] and len(texts[0]) == 5
    kept = [[line for line in text.splitlines() if not line.startswith("#")] for text in layers]
    assert kept[0] == kept[1]
    assert "L0_spot" in texts[0]["a.ptrace"] and "L1_spot" in texts[0]["a.ptrace"]
    assert "L0_rest" not in texts[0]["a.ptrace"]


def test_a_chip_of_one_layer_and_a_block_model_that_is_told_to_be_a_grid(tmp_path: Path) -> None:
    (tmp_path / "c.flp").write_text("# a chip\nall 0.01 0.01 0.002 0.003\n")
    (tmp_path / "c.ptrace").write_text("all\n10\n20\n")
    (tmp_path / "c.config").write_text("-model_type block\n-grid_rows 8\n-grid_cols 4\n-r_convec 0.2\n")
    given = {name: str(tmp_path / f"c.{name}") for name in ("flp", "ptrace", "config")}
    with pytest.raises(ConfigError, match=r"c.config:1: model_type is modelled as grid alone, not 'block'"):
        thermal.run_case(given)
    found = thermal.run_case(given | {"model_type": "grid"})
    # 15 W over a sink of 0.2 K/W and spreading on top of it
    assert 318.15 + 3.0 < found["SINK_mean"] < found["layer0_mean"] < 318.15 + 3.0 + 15.0


def test_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    over = {"name": "over", "x": 0.6, "y": 0.3, "w": 0.2, "h": 0.2, "P": 1.0}
    wide = {"name": "wide", "x": 0.8, "y": 0.0, "w": 0.5, "h": 0.1, "P": 1.0}
    bad = case(
        layers=[
            layer("DIE", 0.0, 120.0, [SPOT, over, wide]),
            layer("TIM", 5e-5, 4.0, []) | {"power_W": 3.0},
        ]
    )
    path = written(tmp_path, a=bad, b=case(side_m="1 cm"))
    ran = CliRunner().invoke(app, ["unit", "thermal", "--cases", str(path)])
    with pytest.raises(ConfigError) as caught:
        thermal.run_file(path, {})
    a = f"{path} cases.a"
    assert caught.value.errors == [
        f"{a}.layers[0].thickness_m: thickness_m must be above 0, not 0.",
        f"{a}.layers[0] (DIE).wide: the block wide reaches to (13, 1) mm from (8, 0) mm, beyond its die of 10 x 10 mm.",
        f"{a}.layers[0] (DIE).over: the blocks spot and over overlap over 3 mm2.",
        f"{a}.layers[1].power_W: the layer TIM has 3.0 W, but no block releases it.",
        f'{path} cases.b.side_m: side_m must be a number, not "1 cm".',
    ]
    assert ran.exit_code != 0


def test_all_faults_of_hotspots_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.flp").write_text("left 0.005 0.01 0 0\nright 0.005 0.005 0.005 0\n")
    (tmp_path / "b.flp").write_text("big 0.02 0.01 0 0\nmore 0.004 0.004 0.001 0.001\n")
    (tmp_path / "c.lcf").write_text("0\nY\nY\n1.75e6\n0.01\n0\na.flp\n\n1\nN\nN\n4e6\n0.25\n2e-5\nb.flp\n")
    (tmp_path / "c.ptrace").write_text("left right\n1 -2\n1\n")
    (tmp_path / "c.config").write_text("-s_sink 0.001\n-leakage_used 1\n-mystery 3\n")
    with pytest.raises(ConfigError) as caught:
        thermal.run_case({name: str(tmp_path / f"c.{name}") for name in ("lcf", "ptrace", "config")})
    at = tmp_path
    assert caught.value.errors == [
        f"{at}/c.config:2: leakage_used is modelled as 0 alone, not '1'.",
        f"{at}/c.config:3: there is no setting 'mystery' here; HotSpot may know it, but it is not modelled.",
        f"{at}/c.lcf:6: the thickness of a layer must be a number above 0, not '0'.",
        f"{at}/a.flp:1: the floorplan has a hole: 25 of 100 mm2 are in no block.",
        f"{at}/c.lcf:10: layers without lateral heat flow are not modelled; say Y.",
        f"{at}/b.flp:1: the block big reaches to (20, 10) mm from (0, 0) mm, beyond its die of 10 x 10 mm.",
        f"{at}/b.flp:2: the blocks big and more overlap over 16 mm2.",
        f"{at}/c.ptrace:2: the power of right must be at least 0 W, not -2.",
        f"{at}/c.ptrace:3: the line has 1 powers for 2 blocks.",
        f"{at}/c.config:1: the sink of 1 mm is smaller than the spreader under it.",
    ]


def test_a_slip_in_a_key_is_told_and_results_beside_a_case_are_not(tmp_path: Path) -> None:
    path = written(
        tmp_path, a=case(trasient={}, steady_hotspot=[]), b=case(package=PACKAGE | {"ambeint": 3.0})
    )
    with pytest.raises(ConfigError) as caught:
        thermal.run_file(path, {})
    assert caught.value.errors == [
        f"{path} cases.a.trasient: there is no such key of a case; did you mean 'transient'?",
        f"{path} cases.b.package.ambeint: there is no such parameter of a package here.",
    ]


def test_power_on_a_missing_die_is_told_beside_what_is_wrong_with_the_others(tmp_path: Path) -> None:
    (tmp_path / "c.flp").write_text("core 0.005 0.01 0 0\ncache 0.006 0.005 0.004 0\n")
    (tmp_path / "c.ptrace").write_text("core ghost\n1 2\n")
    with pytest.raises(ConfigError) as caught:
        thermal.run_case({name: str(tmp_path / f"c.{name}") for name in ("flp", "ptrace")})
    assert caught.value.errors == [
        f"{tmp_path}/c.flp:2: the blocks core and cache overlap over 5 mm2.",
        f"{tmp_path}/c.ptrace:1: there is no block ghost in a layer that dissipates power.",
        f"{tmp_path}/c.ptrace:1: the block cache of layer 0 has no power.",
    ]


def test_power_on_a_missing_die_and_blocks_without_any(tmp_path: Path) -> None:
    (tmp_path / "c.flp").write_text("all 0.01 0.01 0 0\n")
    (tmp_path / "c.ptrace").write_text("core\n1\n")
    with pytest.raises(ConfigError) as caught:
        thermal.run_case({name: str(tmp_path / f"c.{name}") for name in ("flp", "ptrace")})
    assert caught.value.errors == [
        f"{tmp_path}/c.ptrace:1: there is no block core in a layer that dissipates power.",
        f"{tmp_path}/c.ptrace:1: the block all of layer 0 has no power.",
    ]


def test_columns_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, a=case())
    with pytest.raises(ConfigError) as caught:
        thermal.run_file(path, {"flp": "x", "compat": "hotspot", "slice_um": "5"})
    assert caught.value.errors == [
        "--flp is of HotSpot's files, not of cases in JSON.",
        "slice_um has no meaning with HotSpot's layers of one node each.",
    ]
    with pytest.raises(ConfigError, match="ptrace is missing"):
        thermal.run_case({"flp": "x"})
