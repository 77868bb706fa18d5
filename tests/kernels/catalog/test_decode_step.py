"""Whole decode steps: capacity, cache and published operation counts."""

import pytest

from bankside.kernels.catalog.decode_step import decode_step
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import decode
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import load, names, parameters
from bankside.kernels.operators import Attention, MatMul

BF16 = Precision(*[FORMATS["bf16"]] * 3)
INT8 = Precision(*[FORMATS["int8"]] * 3)
DECODERS = [name for name in names() if not name.startswith("bert")]


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("batch", [1, 8])
def test_all_parameters_and_the_whole_cache_are_resident(name: str, batch: int) -> None:
    model = load(name)
    kernel = decode_step(model, decode(batch, 500), BF16)
    assert kernel.resident_bytes["weights"] == 2 * parameters(model).total
    assert kernel.resident_bytes["kv"] == batch * 500 * model.kv_bytes_per_token(FORMATS["bf16"])
    assert sum(phase.count for phase in kernel.phases) == len(model.layers) + 1
    assert [op.label for op in kernel.phases[-1].operators] == ["final.norm", "head"]


@pytest.mark.parametrize("name", DECODERS)
def test_one_token_reads_the_streamed_parameters(name: str) -> None:
    model = load(name)
    counted = parameters(model)
    kernel = decode_step(model, decode(1, 500), BF16)
    assert kernel.weights_bytes == 2 * (counted.streamed - counted.biases)


# Kim et al. 2023, Figs 4-6: llm_kernel_facts-070 to -121; n tokens generated one by one, 8 bit, no head,
# scores written and read. The last two columns are the closed forms of rows -073 to -123.
@pytest.mark.parametrize(
    ("n", "gflop", "gb", "closed_gflop", "closed_gb"),
    [
        (128, 22, 11.1, 22.0, 11.05),
        (256, 45, 22.5, 44.7, 22.41),
        (512, 92, 46.2, 91.8, 46.04),
        (1024, 194, 97.3, 193.3, 96.99),
        (4096, 1012, 507.8, 1005.1, 505.72),
    ],
)
def test_gpt2_generating_n_tokens(
    n: int, gflop: float, gb: float, closed_gflop: float, closed_gb: float
) -> None:
    model = load("gpt2")
    mean = (
        decode_step(model, decode(1, (n + 1) // 2), INT8),
        decode_step(model, decode(1, (n + 2) // 2), INT8),
    )
    flops = traffic = 0.0
    for kernel in mean:  # costs are linear in the context, whose mean over the n steps is (n + 1) / 2
        for count, op in kernel.operators():
            if isinstance(op, MatMul | Attention) and op.label != "head":
                flops += count * n / 2 * (op.matmul_flops if isinstance(op, Attention) else op.flops)
                scores = 2 * op.score_bytes if isinstance(op, Attention) else 0
                traffic += count * n / 2 * (op.bytes_min + scores)
    assert flops / 1e9 == pytest.approx(gflop, rel=0.01)
    assert flops / 1e9 == pytest.approx(closed_gflop, abs=0.06)
    assert traffic / 1e9 == pytest.approx(closed_gb, abs=0.006)
    assert traffic / 1e9 == pytest.approx(gb, rel=0.006)


def test_gpt2_step_by_class() -> None:
    # llm_kernel_facts-130 to -135 (Table 11): average of 128 steps, millions
    ops = decode_step(load("gpt2"), decode(1, 64), INT8).phases[0].operators
    projections = [op for op in ops if op.label.startswith("attn.") and isinstance(op, MatMul)]
    ffn = [op for op in ops if op.label.startswith("mlp.") and isinstance(op, MatMul)]
    (attention,) = (op for op in ops if isinstance(op, Attention))
    assert 12 * sum(op.flops for op in projections) / 1e6 == pytest.approx(56.64, rel=0.01)
    assert 12 * sum(op.bytes_min for op in projections) / 1e6 == pytest.approx(28.36, rel=0.01)
    assert 12 * sum(op.flops for op in ffn) / 1e6 == pytest.approx(113.28, rel=0.01)
    assert 12 * sum(op.bytes_min for op in ffn) / 1e6 == pytest.approx(56.72, rel=0.01)
    assert 12 * attention.matmul_flops / 1e6 == pytest.approx(2.34, rel=0.02)


def test_mixtures_are_phases_of_their_own() -> None:
    kernel = decode_step(load("deepseek-v3"), decode(4, 100), BF16)
    assert [(phase.count, phase.label) for phase in kernel.phases] == [
        (3, "layers 0-2 (dense)"),
        (58, "layers 3-60 (moe)"),
        (1, "head"),
    ]
    assert sum("Routing" in note for note in kernel.notes) == 1
