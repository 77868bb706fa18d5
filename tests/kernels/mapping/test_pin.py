"""Pin files: read strictly, by label, in the form of a result's mapping block."""

import json
from pathlib import Path

import pytest

import bankside as bs
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.pin import load_pins

GOOD = "operators:\n  - {label: gemm, cores: {batch: 1, m: 1, n: 1}, tile: {m: 8, n: 32, k: 64}, order: kn}\n"


def written(folder: Path, text: str) -> Path:
    (path := folder / "pins.yaml").write_text(text)
    return path


def test_a_file_pins_the_mapping_that_runs(tmp_path: Path) -> None:
    kernel = bs.kernel("gemm", m=20, n=1000, k=300, format="bf16")
    result = bs.simulate(kernel, load_machine("hybrid-3d"), mapping=load_pins(written(tmp_path, GOOD)))
    (ran,) = result.document["mapping"]["operators"]
    assert (ran["tile"], ran["order"], ran["unit"]) == ({"m": 8, "n": 32, "k": 64}, "kn", "matrix")
    assert ran["tiles"] == 3 * 2 * 5


def test_a_layer_s_mapping_block_pins_every_product_and_names_what_runs_else(tmp_path: Path) -> None:
    kernel = bs.kernel("layer", model="gpt2", context=64, stage="decode")
    machine = load_machine("hybrid-3d")
    result = bs.simulate(kernel, machine)
    path = tmp_path / "pins.json"
    path.write_text(json.dumps(result.document["mapping"]))
    again = bs.simulate(kernel, machine, mapping=load_pins(path))
    assert again.document["time_fs"] == result.document["time_fs"]
    assert again.document["mapping"] == result.document["mapping"]
    changed = json.loads(path.read_text())
    attention = next(each for each in changed["operators"] if "order" not in each)
    attention["tile"]["tokens"] += 1
    path.write_text(json.dumps(changed))
    with pytest.raises(ConfigError, match=f"The mapping of {attention['label']} cannot be pinned"):
        bs.simulate(kernel, machine, mapping=load_pins(path))


def test_a_whole_result_pins_its_mapping(tmp_path: Path) -> None:
    kernel = bs.kernel("gemm", m=20, n=1000, k=300, format="bf16")
    machine = load_machine("hybrid-3d")
    first = bs.simulate(kernel, machine, mapping=load_pins(written(tmp_path, GOOD)))
    path = tmp_path / "result.json"
    path.write_text(first.to_json())
    again = bs.simulate(kernel, machine, mapping=load_pins(path))
    assert again.document["mapping"] == first.document["mapping"]
    document = json.loads(path.read_text())
    document["mapping"]["operators"][0]["tile"]["k"] = 0
    path.write_text(json.dumps(document, indent=1))
    with pytest.raises(ConfigError) as caught:
        load_pins(path)
    (fault,) = caught.value.errors
    assert "mapping.operators.0.tile.k: must be at least 1, but is 0." in fault


def test_faults_of_a_file_come_all_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("order: kn", "order: knm, color: red").replace("k: 64", "k: 0")
    with pytest.raises(ConfigError) as caught:
        load_pins(written(tmp_path, bad))
    assert len(caught.value.errors) == 3
    with pytest.raises(ConfigError, match="there is no such file"):
        load_pins(tmp_path / "none.yaml")


def test_several_entries_of_a_label_have_to_be_as_many_as_its_products(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD + GOOD.split("\n")[1] + "\n")
    with pytest.raises(ConfigError, match="pins 'gemm' 2 times, but kernel gemm has 1 products"):
        bs.simulate(bs.kernel("gemm", m=4, n=64, k=64), load_machine("hybrid-3d"), mapping=load_pins(path))
