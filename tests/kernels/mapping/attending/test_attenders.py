"""Who computes attention: banks or a matrix unit at the memory of keys and values, whichever takes less time."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import names
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.attending.attenders import attender, attenders
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Attention
from bankside.kernels.run.simulate import simulate

SEVERAL = {
    "hbm-pim": ("pcu", "host"),
    "npu-pim": ("pu", "tensor"),
    "lpddr5-pim": ("pim", "npu"),
    "lp5x-pim": ("pim", "npu"),
}
"""Machines on which two cores may, banks first."""

APART = """
extends: lpddr5-pim
cores:
  npu: {nonlinear: null}
  functions: {tap: lpddr.host, per: 1, clock: 1 GHz, formats: [bf16], nonlinear: {method: exact, lanes: 16}}
primary: npu
"""

KEY = "attn.attention"
SHAPE = {"heads": 8, "kv_heads": 8, "head_dim": 64, "context": 600}


def attention(**options: Any) -> Attention:
    (_, op), *_ = build("decode-attention", **(SHAPE | options)).operators()
    assert isinstance(op, Attention)
    return op


def run(name: str, core: str | None, **options: Any) -> dict[str, Any]:
    pins = [] if core is None else [PinSpec(operator="attention", core=core)]
    return simulate(
        build("decode-attention", **(SHAPE | options)), load_machine(name), mapping=pins
    ).to_dict()


def core_of(result: dict[str, Any]) -> str:
    (plan,) = result["mapping"]["operators"]
    return str(plan["core"])


def test_those_may_that_tap_the_memory_of_keys_and_values_and_compute_it_whole() -> None:
    found = {
        name: sorted(core.name for core in attenders(load_machine(name), attention()))
        for name in names("machines")
    }
    assert {name: cores for name, cores in found.items() if len(cores) > 1} == {
        name: sorted(both) for name, both in SEVERAL.items()
    }
    assert found["attacc-gpu"] == [
        "pe"
    ]  # its machine keeps keys and values in the banks, beyond the GPU's reach


def test_where_softmax_is_elsewhere_there_is_no_choice_and_parts_are_products(tmp_path: Path) -> None:
    path = tmp_path / "apart.yaml"
    path.write_text(APART, encoding="utf-8")
    machine = load_machine(str(path))
    assert [core.name for core in attenders(machine, attention())] == ["npu"]
    cores = [
        entry["core"]
        for entry in simulate(build("decode-attention", **SHAPE), machine).to_dict()["mapping"]["operators"]
    ]
    assert len(cores) == 3 and cores[1] == "functions"


@pytest.mark.parametrize("name", SEVERAL)
def test_one_query_to_a_key_is_for_the_banks_and_many_are_for_the_matrix_unit(name: str) -> None:
    machine, (banks, unit) = load_machine(name), SEVERAL[name]
    alone, shared = attention(context=4096), attention(context=4096, heads=64, kv_heads=4)
    assert [attender(machine, op).name for op in (alone, shared)] == [banks, unit]


@settings(max_examples=12)
@given(
    st.sampled_from(sorted(SEVERAL)),
    st.sampled_from((1, 2, 8)),
    st.sampled_from((1, 2, 3, 4, 8)),
    st.integers(1, 3000),
    st.integers(1, 3),
    st.sampled_from(("bf16", "int8")),
)
def test_none_that_is_pinned_is_faster_than_what_is_chosen(
    name: str, kv_heads: int, group: int, context: int, batch: int, kept: str
) -> None:
    options = {
        "heads": kv_heads * group, "kv_heads": kv_heads, "context": context, "batch": batch, "kv_format": kept,
    }  # fmt: skip
    free = run(name, None, **options)
    both = {core: run(name, core, **options) for core in SEVERAL[name]}
    for core, result in both.items():
        assert core_of(result) == core
        assert 0 < result["bound"]["fraction"] <= 1
    # alone, results are written to memory by a core outside the banks
    assert free["time_s"] <= 1.03 * min(result["time_s"] for result in both.values()) + 0.2e-6


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("group", [1, 8])
def test_what_was_chosen_is_the_same_where_it_is_read_back(name: str, group: int) -> None:
    options = {"heads": 4 * group, "kv_heads": 4, "context": 900}
    kernel, machine = build("decode-attention", **(SHAPE | options)), load_machine(name)
    first = simulate(kernel, machine).to_dict()
    pins = [PinSpec.model_validate(entry) for entry in first["mapping"]["operators"]]
    again = simulate(kernel, machine, mapping=pins).to_dict()
    assert again == first


@pytest.mark.parametrize("core", SEVERAL["hbm-pim"])
def test_keys_and_values_lie_in_the_memory_where_a_layer_appends_them_whoever_reads(core: str) -> None:
    layer, pins = build("layer", model="llama-2-7b", context=64), [PinSpec(operator=KEY, core=core)]
    result = simulate(layer, load_machine("hbm-pim"), mapping=pins).to_dict()
    plans = {entry["operator"].rpartition("#")[0]: entry for entry in result["mapping"]["operators"]}
    assert plans[KEY]["core"] == core
    assert {plans[KEY]["tensors"][f"{KEY}.{of}"]["memory"] for of in "kv"} == {"hbm"}
    for made in ("k_proj", "v_proj"):
        appended = plans[f"attn.{made}"]
        assert appended["tensors"][f"attn.{made}.out"]["streamed"] and "store" not in appended
