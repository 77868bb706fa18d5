"""Pin files: read strictly, by label, in the form of a result's mapping block."""

import json
from pathlib import Path

import pytest

import bankside as bs
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.pin import PinSpec, load_pins

GOOD = (
    "operators:\n  - {operator: gemm, cores: {batch: 1, m: 1, n: 1}, tile: {m: 8, n: 32, k: 64}, order: kn}\n"
)


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
    attention = next(each for each in changed["operators"] if each["operator"] == "attn.attention#1")
    attention["tile"]["tokens"] -= 1
    path.write_text(json.dumps(changed))
    (ran,) = [
        each
        for each in bs.simulate(kernel, machine, mapping=load_pins(path)).document["mapping"]["operators"]
        if each["operator"] == "attn.attention#1"
    ]
    assert ran["tile"] == attention["tile"]
    attention["tile"]["tokens"] = 10**6
    path.write_text(json.dumps(changed))
    with pytest.raises(
        ConfigError, match=r"The pinned tile of attn\.attention does not fit the SRAM of core pe in 3 buffers"
    ):
        bs.simulate(kernel, machine, mapping=load_pins(path))


def test_what_is_no_choice_has_to_be_what_runs(tmp_path: Path) -> None:
    machine, kernel = load_machine("hybrid-3d"), bs.kernel("layer", model="gpt2", context=64, stage="decode")
    for said, sentence in (
        ("{operator: mlp.act, core: pe}", None),
        ("{operator: 'mlp.act#1', tensors: {mlp.act.out: {split: {columns: 16}}}}", None),
        (
            "{operator: mlp.act, core: host}",
            "The mapping of mlp.act#1 says core = 'host', but what runs has 'pe'",
        ),
        (
            "{operator: mlp.act, tensors: {mlp.act.out: {split: {rows: 16}}}}",
            "says tensors.mlp.act.out.split.rows = 16, but what runs has none",
        ),
        ("{operator: mlp.act, tile: {m: 4}}", "says tile = {'m': 4}, but what runs has none"),
        ("{operator: 'mlp.act#2'}", "The mapping pins 'mlp.act#2', but kernel layer has 1 of mlp.act."),
    ):
        pins = load_pins(written(tmp_path, f"operators:\n  - {said}\n"))
        if sentence is None:
            bs.simulate(kernel, machine, mapping=pins)
            continue
        with pytest.raises(ConfigError) as caught:
            bs.simulate(kernel, machine, mapping=pins)
        assert sentence in str(caught.value)


@pytest.mark.parametrize("name", ["aim", "attacc-buffer", "hbf-pnm", "upmem", "xpu-h100"])
def test_every_plan_is_a_pin_of_itself(name: str) -> None:
    machine, kernel = (
        load_machine(name),
        bs.kernel("layer", model="gpt2", context=64, stage="decode", format="bf16"),
    )
    first = bs.simulate(kernel, machine).document
    pins = [PinSpec(**each) for each in first["mapping"]["operators"]]
    assert {**bs.simulate(kernel, machine, mapping=pins).document, "provenance": first["provenance"]} == first


def test_a_deal_to_processors_is_compared_with_what_runs(tmp_path: Path) -> None:
    kernel, machine = bs.kernel("gemv", m=4096, k=512, format="int16"), load_machine("upmem")
    first = bs.simulate(kernel, machine)
    (path := tmp_path / "result.json").write_text(first.to_json())
    again = bs.simulate(kernel, machine, mapping=load_pins(path))
    assert {**again.document, "provenance": first.document["provenance"]} == first.document
    document = json.loads(path.read_text())
    document["mapping"]["operators"][0]["processors"] += 1
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="The mapping of gemv#1 says processors = "):
        bs.simulate(kernel, machine, mapping=load_pins(path))


def test_a_part_of_a_tiling_leaves_the_rest_to_the_mapper(tmp_path: Path) -> None:
    machine, kernel = load_machine("hybrid-3d"), bs.kernel("gemm", m=20, n=1000, k=300, format="bf16")
    free = bs.simulate(kernel, machine)
    for said, block, value in (
        ("tile: {k: 60}", "tile", {"k": 60}),
        ("order: kn, tile: {n: 16}", "tile", {"n": 16}),
        ("unit: vector", "unit", "vector"),
    ):
        pins = load_pins(written(tmp_path, f"operators: [{{operator: gemm, {said}}}]\n"))
        result = bs.simulate(kernel, machine, mapping=pins)
        (ran,) = result.document["mapping"]["operators"]
        assert ran[block] == value if block == "unit" else value.items() <= ran[block].items()
        assert result.time_s >= 0.99 * free.time_s


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


def test_an_operator_is_pinned_once(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD + GOOD.split("\n")[1] + "\n")
    with pytest.raises(ConfigError, match="The mapping pins 'gemm' more than once"):
        bs.simulate(bs.kernel("gemm", m=4, n=64, k=64), load_machine("hybrid-3d"), mapping=load_pins(path))
