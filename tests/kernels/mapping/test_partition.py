"""The choice among splits is by time, with all that moves; what bounds prune cannot win."""

import pytest

import bankside as bs
from bankside.arch.machine.machine import Machine, load_machine
from bankside.kernels.mapping.memo import Memo
from bankside.kernels.mapping.partition import Product, cheapest, cost_s, decided, least_s, moved_s
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.scene import Bench
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.partition import Deal, deals, problem_of
from bankside.kernels.plan.placement import Placement

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


def bench(machine: Machine) -> Bench:
    return Bench(machine, machine.primary, Memo())


def lying(machine: Machine, *split: tuple[str, int], memory: str = "") -> Placement:
    return Placement(machine.primary.name, split, memory, 1 if split else machine.primary.nodes)


def in_memory(machine: Machine) -> Placement:
    core = machine.primary
    return lying(machine, ("rows", core.nodes), memory=core.memory.name)


def time_s(machine: Machine, deal: Deal) -> float:
    """A whole run dealt in this way, with the mapping that the mapper finds for it."""
    core, op = machine.primary, deal.op
    streamed = Product(op, True).streamed(bench(machine), deal, in_memory(machine))
    mapping, _ = decided(bench(machine), problem_of(core, deal, 0, streamed), "")
    pin = PinSpec(operator="gemm", split=deal.grid, **mapping.as_dict())
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
    split = result["mapping"]["operators"][0]["split"]
    chosen = next(deal for deal in ways if deal.split.grid == split)
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
        nodes = machine.primary.nodes
        spread = (lying(machine, (axis, nodes)) for axis in ("rows", "heads", "columns"))
        for lies in (in_memory(machine), *spread, lying(machine)):
            cost = cost_s(bench(machine), deal, lies, Product(deal.op, True))
            assert least_s(machine.primary, deal) <= cost


def test_products_of_one_input_are_chosen_together() -> None:
    """Alone the first would rather fetch its weights than gather the input; four of them share what gathers it."""
    machine = load_machine("hybrid-3d")
    op = product(2048, 1024, 1024)
    on, alone = bench(machine), Product(op, False)
    one, four = (cheapest(on, [alone] * n, in_memory(machine)).loop for n in (1, 4))
    costs = {
        (deal.loop, name): cost_s(on, deal, lies, alone)
        for deal in deals(op, machine.primary)
        for name, lies in (("memory", in_memory(machine)), ("full", lying(machine)))
    }
    assert costs["m", "memory"] < costs["n", "memory"]
    assert costs["n", "memory"] + 3 * costs["n", "full"] < 4 * costs["m", "memory"]
    assert (one, four) == ("m", "n")


def test_few_columns_of_a_great_depth_are_split_by_depth() -> None:
    """Three columns keep three of sixteen nodes busy; by depth all of them read an even share of the weights."""
    machine = load_machine("hybrid-3d")
    result = bs.simulate(bs.kernel("gemm", m=2, n=3, k=50000, format="bf16"), machine).document
    (ran,) = result["mapping"]["operators"]
    assert ran["split"] == {"batch": 1, "k": 16}
    assert ran["tensors"]["gemm.a"]["split"] == {"columns": 16}
    assert ran["tensors"]["gemm.b"]["split"] == {"rows": 16}
    pins = [PinSpec(operator="gemm", split=split) for split in ({"n": 3}, {"k": 16})]
    columns, depth = (
        bs.simulate(bs.kernel("gemm", m=2, n=3, k=50000, format="bf16"), machine, mapping=[pin])
        for pin in pins
    )
    assert depth.time_s == result["time_s"] < columns.time_s


def test_depth_takes_columns_where_attention_left_them() -> None:
    """Heads are columns of the input: nothing moves before the product, and what is added up is less than the input."""
    machine = load_machine("hybrid-3d")
    op, on = product(1, 256, 32768), bench(machine)
    columns = lying(machine, ("columns", machine.primary.nodes))
    moved = {deal.loop: moved_s(on, deal, columns, False) for deal in deals(op, machine.primary)}
    assert moved["k"] < moved["n"]
    assert cheapest(on, [Product(op, False)], columns).loop == "k"


def test_depth_is_not_tried_where_it_moves_more() -> None:
    machine = load_machine("hybrid-3d")
    on, op = bench(machine), product(1, 4096, 4096)
    assert [deal.loop for deal in deals(op, machine.primary)] == ["n", "k"]
    assert [deal.loop for deal in Product(op, False).ways(on, lying(machine))] == ["n"]


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
