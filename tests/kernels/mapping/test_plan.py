"""What a phase's plan says: who runs what, and how data lies from one operator to the next."""

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.plan import Run, plan, start_of


def runs(machine: str, kernel: str, **options: object) -> list[Run]:
    (phase,) = build(kernel, **options).phases
    return plan(load_machine(machine), phase.operators)


def told(planned: list[Run]) -> list[tuple[str, str, str, str]]:
    return [
        (run.op.label, run.layout, run.deal.loop if run.deal else "-", run.after)
        for run in planned
    ]  # fmt: skip


def test_columns_of_a_small_batch_share_the_gathered_input() -> None:
    decode = told(runs("hybrid-3d", "layer", model="gpt2", context=64, stage="decode"))
    assert decode == [
        ("attn.norm", "memory", "-", "split"),
        ("attn.q_proj", "split", "n", "split"),
        ("attn.k_proj", "full", "n", "split"),
        ("attn.v_proj", "full", "n", "split"),
        ("attn.attention", "split", "-", "split"),
        ("attn.o_proj", "split", "n", "split"),
        ("attn.residual", "split", "-", "split"),
        ("mlp.norm", "split", "-", "split"),
        ("mlp.up_proj", "split", "n", "split"),
        ("mlp.act", "split", "-", "split"),
        ("mlp.down_proj", "split", "n", "split"),
        ("mlp.residual", "split", "-", "split"),
    ]


def test_rows_of_a_large_batch_stay_where_they_are_but_for_attention() -> None:
    prefill = told(runs("hybrid-3d", "layer", model="gpt2", context=1024, batch=16, stage="prefill"))
    assert prefill == [
        ("attn.norm", "memory", "-", "rows"),
        ("attn.q_proj", "rows", "m", "rows"),
        ("attn.k_proj", "rows", "m", "rows"),
        ("attn.v_proj", "rows", "m", "rows"),
        ("attn.attention", "rows", "-", "split"),
        ("attn.o_proj", "split", "m", "rows"),
        ("attn.residual", "rows", "-", "rows"),
        ("mlp.norm", "rows", "-", "rows"),
        ("mlp.up_proj", "rows", "m", "rows"),
        ("mlp.act", "rows", "-", "rows"),
        ("mlp.down_proj", "rows", "m", "rows"),
        ("mlp.residual", "rows", "-", "rows"),
    ]


def test_work_in_the_banks_leaves_its_results_at_the_hub() -> None:
    planned = runs("aim", "layer", model="gpt2", context=64, stage="decode")
    assert {run.after for run in planned if run.core.in_dram_die} == {"full"}
    assert all(run.deal is None for run in planned)
    assert {run.home.name for run in planned} == {"controller"}


def test_input_lies_where_it_can_be_written() -> None:
    machine, planned = load_machine("hbf-pnm"), runs("hbf-pnm", "gemv", m=64, k=64)
    assert planned[0].core.memory.flash is not None
    assert start_of(machine, planned) is machine.primary or start_of(machine, planned).memory.flash is None
    assert planned[0].layout == "full"
