"""The choice among splits is by time, with all that moves; what bounds prune cannot win."""

import pytest

import bankside as bs
from bankside.arch.machine.machine import Machine, load_machine
from bankside.kernels.lower.matmul import mapping_of, problem_of
from bankside.kernels.mapping.partition import cheapest, cost_s, least_s
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.trial import alone
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, deals

MACHINES = ("axdimm", "hmc-vault", "hybrid-3d", "attacc-buffer")
SHAPES = (
    (16384, 64, 64), (1009, 77, 333), (7, 1000, 333), (2, 3, 5000), (3000, 1, 700), (300, 300, 300),
    (512, 4096, 512),
)  # fmt: skip
TRIAL = 1.02  # a trial runs a product alone, the result with what launches it and its input's gather


def product(m: int, n: int, k: int) -> MatMul:
    (_, op), *_ = bs.kernel("gemm", m=m, n=n, k=k, format="bf16").operators()
    assert isinstance(op, MatMul)
    return op


def time_s(machine: Machine, deal: Deal) -> float:
    """A whole run dealt in this way, with the mapping that the mapper finds for it."""
    core, op = machine.primary, deal.op
    problem = problem_of(core, deal, 0, "memory", last=True)
    mapping, _ = mapping_of(alone(machine, core), core, problem)
    pin = PinSpec(label="gemm", split=deal.grid, **mapping.as_dict(problem))
    return bs.simulate(
        bs.kernel("gemm", m=op.m, n=op.n, k=op.k, format="bf16"), machine, mapping=[pin]
    ).time_s


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_split_that_runs_is_the_cheapest_there_is(name: str, shape: tuple[int, int, int]) -> None:
    machine = load_machine(name)
    kernel = bs.kernel("gemm", m=shape[0], n=shape[1], k=shape[2], format="bf16")
    result = bs.simulate(kernel, machine).document
    ways = deals(product(*shape), machine.primary)
    times = {deal.loop: time_s(machine, deal) for deal in ways}
    chosen = next(deal for deal in ways if deal.grid == result["mapping"]["operators"][0]["split"])
    assert result["time_s"] == times[chosen.loop] <= TRIAL * min(times.values()), times
    assert result["bound"]["fraction"] <= 1


@pytest.mark.parametrize(
    ("name", "stacks", "shape"),
    [
        ("tpu-like", 4, (100, 2, 19)),
        ("tpu-like", 4, (127, 101, 32)),
        ("hybrid-3d", 1, (2, 23, 4)),
        ("base-die", 3, (10, 96, 25)),
    ],
)
def test_a_short_product_hides_its_first_weights_behind_what_moves(
    name: str, stacks: int, shape: tuple[int, int, int]
) -> None:
    machine = load_machine(name, (), stacks)
    times = [time_s(machine, deal) for deal in deals(product(*shape), machine.primary)]
    kernel = bs.kernel("gemm", m=shape[0], n=shape[1], k=shape[2], format="bf16")
    assert bs.simulate(kernel, machine).time_s == min(times)


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_prunes_is_less_than_what_a_way_costs(name: str, shape: tuple[int, int, int]) -> None:
    machine = load_machine(name)
    for deal in deals(product(*shape), machine.primary):
        for layout in ("memory", "rows", "split", "full"):
            cost = cost_s(machine, machine.primary, deal, layout, True)
            assert least_s(machine.primary, deal) <= cost


def test_products_of_one_input_are_chosen_together() -> None:
    """Alone the first would rather fetch its weights than gather the input; four of them share what gathers it."""
    machine = load_machine("hybrid-3d")
    op = product(2048, 1024, 1024)
    one, four = (cheapest(machine, machine.primary, [(op, False)] * n, "memory").loop for n in (1, 4))
    costs = {
        (deal.loop, layout): cost_s(machine, machine.primary, deal, layout, False)
        for deal in deals(op, machine.primary)
        for layout in ("memory", "full")
    }
    assert costs["m", "memory"] < costs["n", "memory"]
    assert costs["n", "memory"] + 3 * costs["n", "full"] < 4 * costs["m", "memory"]
    assert (one, four) == ("m", "n")


def test_a_tall_and_thin_product_takes_about_as_long_as_its_traffic() -> None:
    machine = load_machine("hybrid-3d")
    kernel = bs.kernel("gemm", m=65536, n=64, k=64, format="bf16")
    result = bs.simulate(kernel, machine).document
    traffic_s = kernel.bytes_min / result["bandwidth"]["dram"]["peak_Bps"]
    assert traffic_s < result["time_s"] < 1.5 * traffic_s
    assert result["cycle_stack"]["noc_serial"] < 0.05 * result["cycles"]["count"]


@pytest.mark.parametrize("name", ["hybrid-3d", "axdimm"])
@pytest.mark.parametrize("shape", [(1009, 40, 64), (7, 3, 50), (31, 1, 2000)])
@pytest.mark.parametrize("stacks", [1, 2])
def test_t7_folding_changes_no_number_of_ragged_rows(
    name: str, shape: tuple[int, int, int], stacks: int
) -> None:
    machine = load_machine(name, (), stacks * load_machine(name).stacks)
    kernel = bs.kernel("gemm", m=shape[0], n=shape[1], k=shape[2], format="bf16")
    folded, single = (bs.simulate(kernel, machine, fold=fold).document for fold in (True, False))
    assert {**folded, "provenance": 0} == {**single, "provenance": 0}
