"""A new kind of operator, defined here alone, runs on every shipped machine; one that lacks a rule is refused."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pytest

import bankside as bs
from bankside.arch.causes import NONLINEAR
from bankside.arch.machine.machine import Core, Machine, load_machine
from bankside.arch.spec import ConfigError, names
from bankside.kernels.extend import LAYERS, register
from bankside.kernels.formats import FORMATS
from bankside.kernels.formats.computed import Taken
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.moves import bring_tensor
from bankside.kernels.lower.turning import unit_of
from bankside.kernels.mapping.cores import nearest_function
from bankside.kernels.mapping.scene import Mapper, Scene
from bankside.kernels.operators import Attention, Kernel, MatMul, Operator, Phase, RowWise, Tensor
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split
from bankside.kernels.reference import compute
from bankside.kernels.run.roofline import Need

BF16, INT32 = FORMATS["bf16"], FORMATS["int32"]


@dataclass(frozen=True, slots=True)
class TopK(Operator):
    """The `k` largest of every row, and where they stand; one pass over the row for each."""

    label: str
    k: int
    x: Tensor
    values: Tensor
    indices: Tensor

    @property
    def rows(self) -> int:
        return self.x.elements // self.x.columns

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        return (self.x,)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        return self.values, self.indices

    @property
    def macs(self) -> int:
        return 0

    @property
    def flops(self) -> int:
        return self.k * self.x.elements

    def computed_in(self, taken: Taken) -> Self:
        return self


def top_k(x: Tensor, k: int) -> TopK:
    shape = (x.elements // x.columns, k)
    return TopK("top-k", k, x, Tensor("best", shape, x.format), Tensor("where", shape, INT32))


def tile(elements: int) -> Any:
    """Elements that are compared with the best so far."""
    return np.array([[1], [elements], [2]], dtype=np.int64)


def decide(scene: Scene, op: TopK) -> OperatorPlan:
    """Whole rows to nodes."""
    core = scene.core
    split = Split(op.rows, 1, core.nodes, ("rows", "columns"))
    rows = Placement(core.name, (("rows", split.grid["rows"]),))
    lying = dict.fromkeys((op.x.name, op.values.name, op.indices.name), rows)
    streamed = {tensor.name for tensor in op.outputs} if scene.last else set()
    return OperatorPlan(
        scene.key, core.name, scene.home.name, split, lying, frozenset(streamed), store=scene.store(op)
    )


def emit(low: Lowering, plan: OperatorPlan, op: TopK, label: int) -> None:
    """Rows to the nodes that have them, the passes, results to memory."""
    core = low.machine.cores[plan.core]
    slot, unit = unit_of(core, "add")
    bring_tensor(low, core, op.x, plan.tensors[op.x.name], label)
    for node in low.groups[core.name]:
        rows = plan.split.share(node.first).items
        if rows == 0:
            continue
        node.tail = [
            low.builder.fixed(node.units[slot], label, [(NONLINEAR, passes(core, op, rows))], node.tail)
        ]
        low.count_unit(core, slot, unit.events(tile(rows * op.x.columns), work="add"), op.k * node.count)
        if plan.streamed:
            tape = Tape(low, core, node, label, write=True)
            node.tail = tape.move(op.out_bytes * rows / op.rows, node.tail) or node.tail


def passes(core: Core, op: TopK, rows: int) -> int:
    """Cycles of all passes over the rows of a node."""
    _, unit = unit_of(core, "add")
    busiest = -(-rows * op.x.columns // core.cores)
    return op.k * int(unit.cycles(tile(busiest), work="add").interval[0])


def need(core: Core, op: TopK) -> Need:
    _, unit = unit_of(core, "add")
    return Need(0.0, op.flops / (core.count * unit.peak(work="add") * core.spec.clock), 0)


def reference(op: TopK, arrays: Any) -> dict[str, Any]:
    x = arrays[op.x.name].reshape(op.rows, -1)
    where = np.argsort(-x, axis=1, kind="stable")[:, : op.k]
    return {op.values.name: np.take_along_axis(x, where, 1), op.indices.name: where}


def core_of(machine: Machine, op: TopK) -> Core:
    return nearest_function(machine, op.label, "add")


RULES: dict[str, Any] = {
    "mapping": Mapper(core_of, decide), "lower": emit, "roofline": need, "reference": reference,
}  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def registered() -> None:
    register(TopK, **RULES)


@pytest.mark.parametrize("name", names("machines"))
def test_3b_a_new_operator_runs_on_every_machine_behind_one_that_is_known(name: str) -> None:
    machine = load_machine(name)
    kind = machine.primary.spec.formats[0]
    product = MatMul.of("router", (1, 6, 160, 64), "weights", (FORMATS[kind],) * 3)
    chosen = top_k(product.out, 3)
    kernel = Kernel("routing", {"batch": 6}, FORMATS[kind], (Phase(2, (product, chosen)),))
    result = bs.simulate(kernel, machine).document
    alone = bs.simulate(Kernel("router", {}, FORMATS[kind], (Phase(2, (product,)),)), machine).document
    assert [op["label"] for op in result["ops"]] == ["router", "top-k"]
    assert result["work"]["flops"] == 2 * (product.flops + 3 * 6 * 160)
    core = core_of(machine, chosen)
    spent_fs = result["stack_fs"]["nonlinear"] - alone["stack_fs"]["nonlinear"]
    assert spent_fs == 2 * passes(core, chosen, -(-6 // core.nodes)) * core.period_fs
    assert result["bound"]["fraction"] <= 1
    (ran,) = (entry for entry in result["mapping"]["operators"] if entry["operator"] == "top-k#1")
    assert ran["core"] == core.name
    assert set(ran["tensors"]) == {"router.out", "best", "where"}
    assert {**result, "provenance": 0} == {
        **bs.simulate(kernel, machine, fold=False).document,
        "provenance": 0,
    }


def test_its_reference_is_found_by_its_class() -> None:
    op = top_k(Tensor("x", (2, 4), BF16), 2)
    made = compute(op, {"x": np.array([[1.0, 4.0, 2.0, 3.0], [9.0, 0.0, 9.0, 1.0]])})
    assert made["best"].tolist() == [[4.0, 3.0], [9.0, 9.0]]
    assert made["where"].tolist() == [[1, 3], [0, 2]]


@pytest.mark.parametrize("missing", RULES)
def test_an_operator_that_a_layer_does_not_know_is_refused(missing: str) -> None:
    class Other(TopK):
        pass

    rules = {layer: rule for layer, rule in RULES.items() if layer != missing}
    with pytest.raises(ConfigError, match=f"Operator Other has no rule for {missing}."):
        register(Other, **rules)
    assert not any(Other in table for table in LAYERS)


def test_an_operator_that_is_none_or_says_too_little_or_twice_is_refused() -> None:
    class Mute(Operator):
        label = "mute"

    with pytest.raises(ConfigError, match=r"does not say computed_in, flops, inputs, macs, outputs\."):
        register(Mute, **RULES)
    with pytest.raises(ConfigError, match="Operator int must be a subclass"):
        register(int, **RULES)  # type: ignore[type-var]
    with pytest.raises(ConfigError, match=r"Operator TopK is registered already\."):
        register(TopK, **RULES)


def test_every_layer_knows_the_same_operators() -> None:
    assert all(table.kinds() == LAYERS[0].kinds() >= {MatMul, Attention, RowWise} for table in LAYERS)


def test_an_unknown_operator_is_told_where_to_register() -> None:
    class Stranger(TopK):
        pass

    op = Stranger("s", 1, *(Tensor(name, (1, 1), BF16) for name in "xyz"))
    with pytest.raises(TypeError, match=r"Stranger has no rule in mapping: see bankside\.kernels\.extend"):
        bs.simulate(Kernel("k", {}, BF16, (Phase(1, (op,)),)), load_machine("hybrid-3d"))
