"""What a phase's plan says: who runs what, and how data lies from one operator to the next."""

from dataclasses import replace

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.mapping.plan import plan
from bankside.kernels.plan.operator_plan import PhasePlan, Step


def phase(machine: str, kernel: str, **options: object) -> PhasePlan:
    (only,) = plan(load_machine(machine), build(kernel, **options)).phases
    return only


def told(planned: PhasePlan) -> list[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    """Label, axes of the first input as it is used, loop that is dealt, axes of the results."""
    return [
        (
            step.op.label,
            step.plan.tensors[step.op.carried[0].name].axes,
            step.plan.split.loops[1],
            step.plan.tensors[step.op.outputs[0].name].axes,
        )
        for step in planned.steps
    ]


def test_columns_of_a_small_batch_share_the_gathered_input() -> None:
    decode = told(phase("hybrid-3d", "layer", model="gpt2", context=64, stage="decode"))
    both, columns = ("rows", "columns"), ("columns",)
    assert decode == [
        ("attn.norm", both, "columns", both),
        ("attn.q_proj", (), "n", columns),
        ("attn.k_proj", (), "n", columns),
        ("attn.v_proj", (), "n", columns),
        ("attn.attention", (), "context", ("heads",)),
        ("attn.o_proj", (), "n", columns),
        ("attn.residual", both, "columns", columns),
        ("mlp.norm", columns, "columns", columns),
        ("mlp.up_proj", (), "n", columns),
        ("mlp.act", columns, "columns", columns),
        ("mlp.down_proj", (), "n", columns),
        ("mlp.residual", columns, "columns", columns),
    ]


def test_rows_of_a_large_batch_stay_where_they_are_but_for_attention() -> None:
    planned = phase("hybrid-3d", "layer", model="gpt2", context=1024, batch=16, stage="prefill")
    assert [(label, used, made) for label, used, _, made in told(planned)] == [
        (
            label,
            ("heads",) if label == "attn.attention" else ("rows",),
            ("heads",) if label == "attn.attention" else ("rows",),
        )
        for label, *_ in told(planned)
    ]
    assert {step.plan.split.loops[1] for step in planned.steps if "_proj" in step.op.label} == {"m"}


def test_work_in_the_banks_leaves_its_results_at_the_hub() -> None:
    planned = phase("aim", "layer", model="gpt2", context=64, stage="decode")
    machine = load_machine("aim")
    inside = [step for step in planned.steps if machine.cores[step.plan.core].in_dram_die]
    assert len(inside) == 7
    assert all(step.plan.tensors[step.op.outputs[0].name].whole for step in inside)
    assert {step.plan.home for step in planned.steps} == {"controller"}


def test_input_lies_where_it_can_be_written() -> None:
    machine, planned = load_machine("hbf-pnm"), phase("hbf-pnm", "gemv", m=64, k=64)
    (step,) = planned.steps
    assert machine.cores[step.plan.core].memory.flash is not None
    assert machine.cores[planned.start.core].memory.flash is None
    assert step.plan.tensors["gemv.a"].whole
    assert step.plan.store == machine.primary.name


def used(planned: PhasePlan, label: str) -> list[Step]:
    return [step for step in planned.steps if step.op.label == label]


def test_halves_of_the_experts_keep_what_was_brought_for_each() -> None:
    """The up-projections find the rows where the gates of the same half had them brought."""
    planned = phase("hybrid-3d", "layer", model="mixtral-8x7b", context=64, batch=5, stage="decode")
    gates, ups = used(planned, "moe.experts.gate_proj"), used(planned, "moe.experts.up_proj")
    assert len(gates) == len(ups) == 2
    assert [step.op.carried for step in gates] == [step.op.carried for step in ups]
    assert [step.plan.key for step in ups] == ["moe.experts.up_proj#1", "moe.experts.up_proj#2"]
    for gate, up in zip(gates, ups, strict=True):
        name = gate.op.carried[0].name
        assert gate.plan.tensors[name] == up.plan.tensors[name]


def test_latent_projections_share_the_normed_stream() -> None:
    planned = phase("hybrid-3d", "layer", model="deepseek-v3", context=64, stage="decode", layer=0)
    (q_a,), (kv_a,) = used(planned, "attn.q_a_proj"), used(planned, "attn.kv_a_proj")
    assert q_a.op.carried == kv_a.op.carried
    assert kv_a.plan.tensors["attn.norm.out"].whole


def test_decisions_are_made_once_for_all_who_share_a_memo(monkeypatch: pytest.MonkeyPatch) -> None:
    machine, kernel, memo = load_machine("hybrid-3d"), build("gemm", m=33, n=64, k=96), Memo()
    first = plan(machine, kernel, memo=memo)
    monkeypatch.setattr("bankside.kernels.mapping.partition.choose", None)
    assert plan(machine, kernel, memo=memo) == first
    with pytest.raises(TypeError):
        plan(machine, kernel)


def test_a_plan_has_one_serial_form() -> None:
    machine, kernel = load_machine("hybrid-3d"), build("gemm", m=33, n=64, k=96)
    (entry,) = plan(machine, kernel).as_list()
    assert list(entry) == [
        "operator", "core", "nodes", "split", "cores", "tile", "order", "unit", "tiles", "tensors",
    ]  # fmt: skip
    (step,) = plan(machine, kernel).phases[0].steps
    assert replace(step.plan, store="pe").as_dict() == entry | {"store": "pe"}
