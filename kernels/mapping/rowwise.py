"""How a row-wise function is dealt: where its operands lie, or in rows where they lie in memory or everywhere."""

from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import RowWise
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split


def decide(scene: Scene, op: RowWise) -> OperatorPlan:
    """Rows to nodes when there are enough of them, else a part of each row to each node.

    Operands are taken to lie as the one that was made last: what comes together in a function was made alike, or is
    small.
    """
    core, places = scene.core, scene.places
    split = Split(op.rows, op.cols, core.nodes, ("rows", "columns"))
    lies = places.latest(op.carried, core.name).placement
    dealt = lies
    if lies.in_memory or lies.whole:
        columns = (("columns", split.parts),) if split.parts > 1 else ()
        dealt = Placement(core.name, (("rows", split.grid["rows"]), *columns))
    tensors = {
        tensor.name: dealt if lies.in_memory else places.latest((tensor,), core.name).placement
        for tensor in op.carried
    }
    streamed = {tensor.name for tensor in op.carried if lies.in_memory}
    for tensor in op.inputs:
        if tensor.role != "activation":
            tensors[tensor.name] = Placement(core.name, dealt.split, core.memory.name)
            streamed.add(tensor.name)
    tensors[op.out.name] = dealt
    if scene.last or op.cached:
        streamed.add(op.out.name)
    return OperatorPlan(
        scene.key, core.name, scene.home.name, split, tensors, frozenset(streamed), store=scene.store(op)
    )
