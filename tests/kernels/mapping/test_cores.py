"""Who multiplies: banks or a matrix unit at the same memory, whichever takes less time."""

from pathlib import Path
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.cores import multipliers
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import MatMul
from bankside.kernels.run.simulate import simulate

MACHINES = {"hbm-pim": ("pcu", "host", "fp16"), "npu-pim": ("pu", "tensor", "bf16")}


def product(rows: int, format: str) -> MatMul:
    (_, op), *_ = build("gemm", m=rows, n=2048, k=2048, format=format).operators()
    assert isinstance(op, MatMul)
    return op


@pytest.mark.parametrize("name", MACHINES)
def test_a_single_row_is_for_the_banks_and_a_batch_for_the_matrix_unit(name: str) -> None:
    banks, unit, format = MACHINES[name]
    machine = load_machine(name)
    chosen = [multipliers(machine, product(rows, format))[0].name for rows in (1, 2, 3, 4, 5, 8, 64)]
    assert chosen[0] == banks and chosen[-1] == unit
    assert chosen == sorted(chosen, key=(banks, unit).index)  # one crossover


def test_machines_with_one_multiplier_at_a_memory_leave_no_choice() -> None:
    for name in ("aim", "attacc-bank", "base-die", "upmem", "xpu-h100"):
        machine = load_machine(name)
        assert [core.name for core in multipliers(machine, product(64, "bf16"))] == [machine.primary.name]


def run(name: str, rows: int, core: str | None) -> dict[str, Any]:
    pins = [] if core is None else [PinSpec(operator="gemm", core=core)]
    kernel = build("gemm", m=rows, n=2048, k=2048, format=MACHINES[name][2])
    return simulate(kernel, load_machine(name), mapping=pins).to_dict()


@pytest.mark.parametrize("rows", [1, 2, 4, 16])
def test_what_is_chosen_is_about_as_fast_as_the_other_that_is_pinned(rows: int) -> None:
    free = run("hbm-pim", rows, None)
    both = {core: run("hbm-pim", rows, core) for core in ("pcu", "host")}
    for core, result in both.items():
        assert result["mapping"]["operators"][0]["core"] == core
        assert 0 < result["bound"]["fraction"] <= 1
    assert free["time_s"] <= 1.2 * min(result["time_s"] for result in both.values())


def test_attention_beside_a_gpu_is_in_the_banks_and_products_are_not() -> None:
    model = str(Path(__file__).parents[3] / "validation" / "attacc" / "models" / "gpt-175b.json")
    done = simulate(build("layer", model=model, context=256, batch=1), load_machine("attacc-gpu")).to_dict()
    cores = {entry["operator"].rpartition("#")[0]: entry["core"] for entry in done["mapping"]["operators"]}
    assert cores["attn.attention"] == "pe"
    assert {cores[name] for name in cores if name.endswith("_proj")} == {"sm"}
